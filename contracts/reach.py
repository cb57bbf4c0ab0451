"""Which benefit years a fact is about: what is about no year, or about more than one, is read always."""

from dataclasses import dataclass

EVER = 0
"""The year of a fact that is about no single year."""
WITH_ITS_KIN = -1
"""The year of a fact that says nothing new until another one about the same thing comes."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a fact is about.

    ``year``: what it is kept under. ``touches``: the years whose decisions it may change.
    ``kin``: facts about the same thing, by the beginnings of their ids up to a slash: their years are
    touched too, and if there are several, what holds in one hangs on another.
    """

    year: int = EVER
    touches: frozenset[int] | None = frozenset()
    kin: tuple[str, ...] = ()


TIMELESS = Reach()
"""About no year: read always, and the only kind in a room that knows no years."""
EVERY_YEAR = Reach(touches=None)
