"""When a process that ended is started again: at once, and ever later if it cannot stay up. Pure."""

from dataclasses import dataclass, field

STEADY_SECONDS = 60.0
"""Whoever ran so long is taken for well again."""
FIRST_SECONDS, MOST_SECONDS = 0.5, 30.0
KILLED_SECONDS = 2.0
"""A process that was killed has done nothing wrong: it does not wait long."""


@dataclass(slots=True)
class _Past:
    started: float = 0.0
    ended: bool = False
    ends: int = 0
    due: float = 0.0


@dataclass(slots=True)
class Restarts:
    """Remembers starts and ends by name; moments are of one monotonic clock."""

    _past: dict[str, _Past] = field(default_factory=dict)

    def started(self, name: str, now: float) -> None:
        """Note a start."""
        past = self._past.setdefault(name, _Past())
        past.started, past.ended = now, False

    def ended(self, name: str, code: int, now: float) -> float | None:
        """Note an end, once; returns after how many seconds it is due again. ``code``: below 0 if killed."""
        past = self._past.setdefault(name, _Past(started=now))
        if past.ended:
            return None
        past.ended = True
        past.ends = 1 if now - past.started >= STEADY_SECONDS else past.ends + 1
        wait = min(FIRST_SECONDS * 2.0 ** min(past.ends - 1, 10), MOST_SECONDS)
        wait = min(wait, KILLED_SECONDS) if code < 0 else wait
        past.due = now + wait
        return wait

    def due(self, name: str, now: float) -> bool:
        """Tell whether it is time to start it again."""
        return now >= self._past.setdefault(name, _Past()).due
