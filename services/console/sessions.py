"""Who is signed in: in memory only. A session ends unused, after a working day, and with the process."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from chassis.clock import monotonic


@dataclass(slots=True)
class Session:
    """Somebody who is signed in. ``key``: at the door; ``form``: what every form of theirs carries (CSRF).

    ``purpose``: what persons are looked at for; it is written down with each reading. ``year``: the benefit
    year that is worked on. ``looked``: who was looked for last, and who was found.
    """

    login: str
    name: str
    holder: str
    key: str
    begun: float
    last: float
    purpose: str = ""
    year: int = 0
    looked: dict[str, Any] = field(default_factory=dict)
    form: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def office(self) -> str:
        """Return ``bureau``, ``auditor`` or ``township_office``."""
        return self.holder.partition("/")[0]

    @property
    def only_reads(self) -> bool:
        """Tell whether this is an auditor: the door lets them look, and do nothing."""
        return self.office == "auditor"

    @property
    def area(self) -> str:
        """Return the township of a township's office; empty for the bureau."""
        return self.holder.split("/")[1] if self.office == "township_office" else ""


class Sessions:
    """The sessions of this process."""

    def __init__(self, idle_seconds: float, day_seconds: float) -> None:
        self._idle, self._day = idle_seconds, day_seconds
        self._open: dict[str, Session] = {}

    def enter(self, login: str, name: str, holder: str, key: str) -> str:
        """Return the id of a new session."""
        now = monotonic()
        self._open = {id_: one for id_, one in self._open.items() if self._stands(one, now)}
        id_ = secrets.token_urlsafe(32)
        self._open[id_] = Session(login, name, holder, key, now, now)
        return id_

    def of(self, id_: str, *, used: bool = True) -> Session | None:
        """Return a session that stands; ``used``: somebody sits there, and it goes on."""
        found, now = self._open.get(id_), monotonic()
        if found is None or not self._stands(found, now):
            self._open.pop(id_, None)
            return None
        if used:
            found.last = now
        return found

    def end(self, id_: str) -> None:
        """Sign out."""
        self._open.pop(id_, None)

    def _stands(self, one: Session, now: float) -> bool:
        return now - one.last < self._idle and now - one.begun < self._day
