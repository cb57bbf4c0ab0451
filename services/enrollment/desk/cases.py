"""A person as the check of a year sees one, as of a day: from the file that is kept of everybody. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.vocabulary import Justification, Source
from services.enrollment.person.elsewhere import NOT_OWED, RESIDENT_ELSEWHERE
from services.enrollment.person.file import (
    Chronic,
    Claimed,
    PremiumStanding,
    ResidentFile,
    Stay,
    ToldDead,
)


@dataclass(frozen=True, slots=True)
class Listed:
    """Whether the insurance system's lists of the exempt and the flagged have a name; None: no list came."""

    exempt: bool | None = None
    flagged: bool | None = None


NO_LISTS = Listed()


@dataclass(frozen=True, slots=True)
class AsOf:
    """How a check looks at people: in which coverage year, as of which day, and who must be enrolled."""

    year: int
    day: date
    must: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """A person as the check of a year sees one.

    ``listed``: categories that a roster gives as of the day, or gave until the person died in the year;
    ``still_named``: one gives as of the day; ``named_in_year``: one did on any day of the year;
    ``was_listed``: one ever did. ``rosters``: (source, category) of each; ``must_enrol``: one of the
    categories must be enrolled (应保尽保). ``chronic``: assessed diseases. ``names_agree``: every list that
    carries the number carries the same name. ``deaths``: who says that the person died, and when.
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
    deaths: Sequence[ToldDead] = ()
    sub_levels: Mapping[str, str] = field(default_factory=dict)
    must_enrol: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the departments on whose rosters the person stands."""
        return tuple(sorted({source for source, _ in self.rosters}))

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
    kept: Mapping[str, object] | ResidentFile,
    died: date | None,
    as_of: AsOf,
    *,
    enrolled: bool,
    register_tag: str = "",
    system: Listed = NO_LISTS,
) -> Case:
    """Return a person as of a day of a coverage year (domain §14: 11).

    Whoever died in the year belongs to its rosters, as dead. ``enrolled``: a premium, an exemption or
    the register says so; ``kept``: the person's file; ``register_tag``: how the register writes the name;
    ``system``: what the insurance system's own lists say.
    """
    file, year, day = ResidentFile.model_validate(kept), as_of.year, as_of.day
    stays, flags = file.rosters, flags_of(file)
    named = [one for one in stays if one.on(day)]
    dead = died is not None and died <= day
    # Rosters strike a name in the month of death: the last month in which it stood counts too.
    if died is not None and dead and died.year == year:
        before = died.replace(day=1) - timedelta(days=1)
        named += [one for one in stays if one not in named and (one.on(died) or one.on(before))]
    tags = {file.name_tag, register_tag} - {""}
    return Case(
        listed=tuple(sorted({one.category for one in named})),
        must_enrol=any(one.category in as_of.must for one in named),
        died=died,
        premium=file.premium(year) or PremiumStanding(year),
        justified=file.justified,
        names_agree=file.names_agree and len(tags) <= 1,
        enrolled=enrolled and not dead,
        was_listed=file.was_listed,
        rosters=sorted({(one.source, one.category) for one in named}),
        still_named=any(one.on(day) for one in (*stays, *flags)),
        named_in_year=any(_in_year(one, year) for one in (*stays, *flags)),
        system=system,
        chronic=file.chronic,
        sub_levels=file.sub_levels,
        deaths=file.deaths,
    )


def _in_year(one: Stay, year: int) -> bool:
    ended = one.valid_to is not None and one.valid_to < date(year, 1, 1)
    return one.valid_from <= date(year, 12, 31) and not ended


def flags_of(file: ResidentFile) -> list[Stay]:
    """Return the flags that were applied for and approved: the bureau's own word, for a year each."""
    return [
        Stay(
            Source.BUREAU.value, one.category, date(one.flag_year, 1, 1),
            date(one.flag_year, 12, 31),
        )
        for one in file.applications
        if one.state == "approved"
    ]  # fmt: skip
