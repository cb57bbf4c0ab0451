"""A person as the check of a year sees one, as of a day: from the file that is kept of everybody. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

from contracts.vocabulary import Justification, Source
from services.enrollment.person.chronic import Chronic
from services.enrollment.person.elsewhere import NOT_OWED, RESIDENT_ELSEWHERE
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.timelines import Stay

MUST_ENROL = frozenset({
    "DESTITUTE", "ORPHAN", "DE_FACTO_ORPHAN", "SUBSISTENCE", "BACK_TO_POVERTY",
    "UNSTABLE_OUT_OF_POVERTY", "MARGINAL_AT_RISK", "SUDDEN_HARDSHIP", "REGISTERED_POOR",
})  # fmt: skip
"""The groups that must be enrolled (应保尽保人群): S4's six classes, S0's registered poor, orphans."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether the insurance system's lists of the exempt and the flagged have a name; None: no list came."""

    exempt: bool | None = None
    flagged: bool | None = None


NO_LISTS = Listed()


@dataclass(frozen=True, slots=True)
class Case:
    """A person as the check of a year sees one.

    ``listed``: categories that a roster gives as of the day, or gave until the person died in the year;
    ``still_named``: one gives as of the day; ``named_in_year``: one did on any day of the year;
    ``was_listed``: one ever did. ``rosters``: (source, category)
    of each; ``chronic``: assessed diseases. ``names_agree``: every list that carries the number carries
    the same name. ``deaths``: who says that the person died, and when.
    """

    listed: tuple[str, ...]
    died: date | None
    premium: PremiumStanding
    justified: Sequence[Claimed] = ()
    names_agree: bool = True
    enrolled: bool = False
    was_listed: bool = True
    rosters: Sequence[tuple[str, str]] = ()
    chronic: Sequence[Chronic] = ()
    still_named: bool = True
    named_in_year: bool = True
    system: Listed = NO_LISTS
    deaths: Sequence[tuple[str, date]] = ()
    sub_levels: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the departments on whose rosters the person stands."""
        return tuple(sorted({source for source, _ in self.rosters}))

    @property
    def must_enrol(self) -> bool:
        """Tell whether a roster names the person with a category that must be enrolled (应保尽保)."""
        return not MUST_ENROL.isdisjoint(self.listed)

    @property
    def off_roster(self) -> bool:
        """Tell whether the year is paid for from a subsidy although no roster names the person now."""
        return not self.listed and self.premium.subsidy > 0

    def owed_on(self, day: date) -> bool:
        """Tell whether a subsidy is owed for the person: not to who is dead, insured elsewhere, away."""
        reason = justified_on(self, day)
        away = reason in NOT_OWED and (not self.enrolled or reason == RESIDENT_ELSEWHERE)
        dead = self.died is not None and self.died <= day
        return (self.premium.owed > 0 or self.premium.refund_due > 0) and not (dead or away)

    @property
    def subsidised(self) -> bool:
        """Tell whether what is owed was paid: with nothing still to go back."""
        return self.premium.subsidy > 0 and not self.premium.refund_due


def reason_on(justified: Sequence[Claimed], day: date) -> Justification | None:
    """Return the first reason that counts on a day, in a fixed order."""
    return next((one.reason for one in justified if one.counts_on(day)), None)


def justified_on(case: Case, day: date) -> str:
    """Return why a person need not be enrolled here on a day, or an empty string."""
    if case.died is not None and case.died <= day:
        return Justification.DEATH.value
    reason = reason_on(case.justified, day)
    return "" if reason is None else reason.value


def case_on(
    file: Mapping[str, Any],
    died: date | None,
    year: int,
    day: date,
    *,
    enrolled: bool,
    register_tag: str = "",
    system: Listed = NO_LISTS,
) -> Case:
    """Return a person as of a day of a coverage year (domain §14: 11).

    Whoever died in the year belongs to its rosters, as dead. ``enrolled``: a premium, an exemption or
    the register says so; ``register_tag``: how the register writes the name; ``system``: what the
    insurance system's own lists say.
    """
    stays = stays_of(file)
    flags = flags_of(file)
    named = [one for one in stays if one.on(day)]
    dead = died is not None and died <= day
    if died is not None and dead and died.year == year:
        before = died.replace(day=1) - timedelta(days=1)
        named += [one for one in stays if one not in named and (one.on(died) or one.on(before))]
    standing = next((one for one in file.get("premiums", ()) if one[0] == year), None)
    tags = {file.get("name_tag"), register_tag} - {"", None}
    return Case(
        listed=tuple(sorted({one.category for one in named})),
        died=died,
        premium=PremiumStanding(*standing) if standing else PremiumStanding(year),
        justified=[_claimed(one) for one in file.get("justified", ())],
        names_agree=file.get("names_agree", True) and len(tags) <= 1,
        enrolled=enrolled and not dead,
        was_listed=file.get("was_listed", True),
        rosters=sorted({(one.source, one.category) for one in named}),
        still_named=any(one.on(day) for one in (*stays, *flags)),
        named_in_year=any(_in_year(one, year) for one in (*stays, *flags)),
        system=system,
        chronic=[_chronic(one) for one in file.get("chronic", ())],
        sub_levels=file.get("sub_levels", {}),
        deaths=[(source, date.fromisoformat(told)) for source, told in file.get("deaths", ())],
    )


def stays_of(file: Mapping[str, Any]) -> list[Stay]:
    """Return how long each roster named a person, as kept; an earlier version kept no days."""
    return [_stay(one) for one in file.get("rosters", ()) if len(one) == len(fields(Stay))]


def _in_year(one: Stay, year: int) -> bool:
    ended = one.valid_to is not None and one.valid_to < date(year, 1, 1)
    return one.valid_from <= date(year, 12, 31) and not ended


def flags_of(file: Mapping[str, Any]) -> list[Stay]:
    """Return the flags that were applied for and approved: the bureau's own word, for a year each."""
    return [
        Stay(Source.BUREAU.value, category, date(year, 1, 1), date(year, 12, 31))
        for category, year, state, *_ in file.get("applications", ())
        if state == "approved"
    ]


def _stay(row: Sequence[Any]) -> Stay:
    source, category, start, end, listed = row
    return Stay(source, category, date.fromisoformat(start), _day(end), _day(listed))


def _chronic(row: Sequence[Any]) -> Chronic:
    disease, applied, result, reason, certificate, start, end = row
    return Chronic(
        disease, date.fromisoformat(applied), result, reason, certificate, _day(start), _day(end)
    )


def _claimed(row: Sequence[Any]) -> Claimed:
    reason, evidence, start, end, checked = row
    return Claimed(
        Justification(reason), evidence, date.fromisoformat(start), _day(end),
        date.fromisoformat(checked),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
