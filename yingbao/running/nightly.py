"""What the platform does by itself once a night: door, services and books are held against each other."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from yingbao.running.reconciling import reconcile

HOUR = 3
"""From this hour on, China's time: hospitals have closed their day, and nobody waits for the database."""
SHOWN = 20


@dataclass(slots=True)
class Nightly:
    """Runs the comparison once a night and says what differs; a quiet night says that too."""

    database_url: Callable[[], str]
    say: Callable[[str], None]
    last: date | None = None
    note: Callable[[int], None] = lambda _: None

    def look(self, now: datetime) -> None:
        """Run it if it is due. One that could not be run is said, and tried in the next night."""
        if now.hour < HOUR or self.last == now.date():
            return
        try:
            found = asyncio.run(reconcile(self.database_url()))
        except Exception as error:  # noqa: BLE001  whatever it is, the supervisor goes on
            self.say(f"nightly audit could not run: {type(error).__name__}")
        else:
            for one in found[:SHOWN]:
                self.say(f"nightly audit: {one}")
            self.say(f"nightly audit: {len(found)} differences")
            self.note(len(found))
        self.last = now.date()
