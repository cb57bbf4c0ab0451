"""Applications for a flag of the next year: filed by a township, decided by the county (S1). Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from contracts.events.enrollment import Identity
from contracts.events.partner import FlagApplied, FlagDecided
from contracts.vocabulary import Category

State = Literal["pending", "approved", "refused"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it stands. Filed until 31 December, the flag is of the year after."""

    category: str
    flag_year: int
    state: State
    filed_on: date
    decided_on: date | None
    reason: str

    @property
    def identity(self) -> Identity | None:
        """Return the flag: the whole of its year, once approved."""
        if self.state != "approved":
            return None
        first, last = date(self.flag_year, 1, 1), date(self.flag_year, 12, 31)
        return Identity(category=Category(self.category), valid_from=first, valid_to=last)


def fold_applications(
    filed: Sequence[FlagApplied],
    decided: Sequence[FlagDecided],
    may_speak: Callable[[str], bool],
) -> tuple[Application, ...]:
    """Return the applications, one a category and year; the last word of the county holds.

    A decision without an application counts for nothing: nobody asked. An office that may not speak of the
    person has applied for nobody, unless the county decided on it: moving away takes that from nobody.
    """
    looked_at = {(one.category, one.flag_year) for one in decided}
    filed = [
        one for one in filed
        if may_speak(one.office) or (one.category, one.filed_on.year + 1) in looked_at
    ]  # fmt: skip
    first: dict[tuple[str, int], date] = {}
    for one in filed:
        key = (one.category.value, one.filed_on.year + 1)
        first[key] = min(one.filed_on, first.get(key, one.filed_on))
    last: dict[tuple[str, int], FlagDecided] = {}
    for decision in decided:
        key = (decision.category.value, decision.flag_year)
        last[key] = max(
            decision, last.get(key, decision), key=lambda one: (one.received, one.fingerprint())
        )
    return tuple(
        Application(
            category, year, last[category, year].decision if (category, year) in last else "pending",
            day, last[category, year].decided_on if (category, year) in last else None,
            last[category, year].reason if (category, year) in last else "",
        )
        for (category, year), day in sorted(first.items())
    )  # fmt: skip
