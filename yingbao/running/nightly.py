"""What the platform does by itself once a night: door, services and books are held against each other."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chassis.clock import CHINA
from yingbao.running.private_files import read_private, write_private
from yingbao.running.reconciling import reconcile

HOUR = 3
"""From this hour on, China's time: hospitals have closed their day, and nobody waits for the database."""
BREATH = timedelta(minutes=10)
SHOWN = 20
AUDITED = "audited.json"
"""When the last audit was, and what it found: a start does not forget it."""


@dataclass(frozen=True, slots=True)
class Audited:
    """When door, services and books were held against each other last, and how many things differed."""

    at: datetime
    differences: int


def last_audit(directory: Path) -> Audited | None:
    """Return the last audit of a data directory; None if there was none, or it cannot be read."""
    try:
        said = read_private(directory / AUDITED)
        return (
            Audited(datetime.fromisoformat(said["at"]), int(said["differences"])) if said else None
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note_audit(directory: Path, at: datetime, differences: int) -> None:
    """Keep that an audit was run, by night or by command."""
    if directory.is_dir():
        write_private(directory / AUDITED, {"at": at.isoformat(), "differences": differences})


@dataclass(slots=True)
class Nightly:
    """Runs the comparison once a night and says what differs; a quiet night says that too."""

    directory: Path
    database_url: Callable[[], str]
    say: Callable[[str], None]
    started: datetime
    tried: datetime | None = None

    def look(self, now: datetime) -> None:
        """Run it if it is due. One that could not be run is said, and tried in the next night.

        After a start everything first gets its breath; one that starts every night is audited all the same.
        """
        last = last_audit(self.directory)
        if now.hour < HOUR or now - self.started < BREATH or _same_day(now, self.tried):
            return
        if last is not None and _same_day(now, last.at):
            return
        self.tried = now
        try:
            found = asyncio.run(reconcile(self.database_url()))
        except Exception as error:  # noqa: BLE001  whatever it is, the supervisor goes on
            self.say(f"nightly audit could not run: {type(error).__name__}")
        else:
            for one in found[:SHOWN]:
                self.say(f"nightly audit: {one}")
            self.say(f"nightly audit: {len(found)} differences")
            note_audit(self.directory, now, len(found))


def _same_day(now: datetime, then: datetime | None) -> bool:
    return then is not None and then.astimezone(CHINA).date() == now.astimezone(CHINA).date()
