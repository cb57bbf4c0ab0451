"""A person's three timelines, made of what was reported: identities, premiums, days of coverage. Pure.

Who the person is does not matter here. A list brings the same thing about thousands of people, so what
was worked out once for a history is kept for everybody whose history reads the same.
"""

from calendar import monthrange
from collections import OrderedDict, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.events.enrollment import Filing, Identity
from contracts.events.partner import (
    ChronicAssessmentReported,
    CoverageElsewhereReported,
    DeathReported,
    FlagApplied,
    FlagDecided,
    JustificationReported,
    OutOfAreaFiled,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from policy.pack import Pack
from services.enrollment.person.applications import Application, fold_applications
from services.enrollment.person.chronic import Chronic, fold_chronic
from services.enrollment.person.coverage import Span, covered_days
from services.enrollment.person.elsewhere import away_in, fold_elsewhere
from services.enrollment.person.filings import fold_filings
from services.enrollment.person.homes import Residence
from services.enrollment.person.justifications import Claimed, fold_justifications
from services.enrollment.person.links import Reported
from services.enrollment.person.premiums import PremiumStanding, premium_standing, subsidised_years
from services.enrollment.person.timelines import (
    Stay,
    ToldDead,
    deaths_told,
    fold_death,
    fold_standing,
    in_known_order,
)

Said = defaultdict[type, list[Any]]
"""What was reported, by kind."""
WHO = frozenset({
    "person", "name_tag", "household", "holds", "identity_sealed", "contact_sealed", "township",
    "village",
})  # fmt: skip
"""Fields that say who somebody is, or where, and move no timeline."""
OF_OFFICES = (JustificationReported, FlagApplied, ChronicAssessmentReported)
"""What township offices report: it counts as far as the person is one of their own."""
KEPT = 4_096


@dataclass(frozen=True, slots=True)
class ThreeTimelines:
    """What follows of the facts, whoever they are about; the fields are those of ``Person``."""

    identities: tuple[Identity, ...]
    listed: tuple[str, ...]
    rosters: tuple[Stay, ...]
    died: date | None
    deaths: tuple[ToldDead, ...]
    premiums: tuple[PremiumStanding, ...]
    covered_years: tuple[int, ...]
    covered_spans: tuple[Span, ...]
    justified: tuple[Claimed, ...]
    applications: tuple[Application, ...]
    chronic: tuple[Chronic, ...]
    filings: tuple[Filing, ...]
    sub_levels: tuple[tuple[str, str], ...]


_known: OrderedDict[Hashable, ThreeTimelines] = OrderedDict()


def by_kind(facts: Iterable[Reported]) -> Said:
    """Return facts by their kind."""
    kinds: Said = defaultdict(list)
    for fact in facts:
        kinds[type(fact)].append(fact)
    return kinds


def timelines(
    packs: Sequence[Pack],
    facts: Sequence[Reported],
    said: Said,
    home: Residence,
    born: date | None,
    confirmed: frozenset[int],
) -> ThreeTimelines:
    """Return a person's timelines, from memory where a history reads the same.

    ``said``: the facts by kind; ``home``: where the person lives; ``born``: of infants;
    ``confirmed``: years of the register.
    """
    shape = _shape(facts)
    if shape is None:
        return fold_timelines(packs, said, home, born, confirmed)
    versions = tuple([pack.version for pack in packs])
    key = (
        versions,
        shape,
        home if any(said[kind] for kind in OF_OFFICES) else None,
        born,
        confirmed,
    )
    found = _known.get(key)
    if found is None:
        found = _known[key] = fold_timelines(packs, said, home, born, confirmed)
        if len(_known) > KEPT:
            _known.popitem(last=False)
    return found


def _shape(facts: Sequence[Reported]) -> Hashable:
    """Return all that facts say but about whom; None where two came at one moment.

    Which of the two was said last then hangs on their fingerprints, so on the person.
    """
    numbers: dict[str, int] = {}
    moments = set()
    shape = []
    for fact in facts:
        fields = fact.__dict__
        moments.add(fields["received"])
        whose = numbers.setdefault(fields["person"], len(numbers))
        shape.append((
            type(fact), whose, *[value for name, value in fields.items() if name not in WHO]
        ))  # fmt: skip
    return frozenset(shape) if len(moments) == len(shape) else None


def fold_timelines(
    packs: Sequence[Pack],
    said: Said,
    home: Residence,
    born: date | None,
    confirmed: frozenset[int],
) -> ThreeTimelines:
    """Work the timelines out. The three are never mixed: flag, premium, days on which benefits are paid."""
    reports: Sequence[StatusReported] = in_known_order(said[StatusReported])
    paid: list[PremiumPaid] = said[PremiumPaid]
    refunds: list[PremiumRefunded] = said[PremiumRefunded]
    elsewhere: list[CoverageElsewhereReported] = said[CoverageElsewhereReported]
    applications = fold_applications(
        in_known_order(said[FlagApplied]), said[FlagDecided], home.answers_to
    )
    rostered, rosters = fold_standing(reports)
    flagged = [one.identity for one in applications if one.identity is not None]
    told = (*rostered, *(one for one in flagged if one not in rostered))
    died = fold_death(packs, said[DeathReported])
    identities = until_death(told, died)
    years = {one.coverage_year for one in paid} | {one.coverage_year for one in refunds}
    years |= subsidised_years(packs, identities)
    justified = fold_justifications(said[JustificationReported], elsewhere, home.township)
    not_owed = fold_elsewhere(elsewhere, justified)
    premiums = tuple(
        premium_standing(packs, year, identities, paid, refunds, not_owed) for year in sorted(years)
    )
    # What is known of a premium says more than the register does.
    confirmed = confirmed - {one.year for one in premiums if one.enrolled or one.refunded}
    away = [one for one in (*years, *confirmed) if away_in(not_owed, refunds, one)]
    enrolled = sorted({one.year for one in premiums if one.enrolled} | confirmed)
    return ThreeTimelines(
        identities=identities,
        listed=tuple(sorted({one.category.value for one in told if one.valid_to is None})),
        rosters=rosters,
        died=died,
        deaths=tuple(
            ToldDead(one.value, day) for one, day in deaths_told(said[DeathReported]).items()
        ),
        premiums=premiums,
        covered_years=tuple(year for year in enrolled if not died or year <= died.year),
        covered_spans=covered_days(
            packs, premiums, identities, paid, not_owed, born, died, confirmed, away
        ),
        justified=justified,
        applications=applications,
        chronic=fold_chronic(said[ChronicAssessmentReported], home.answers_to),
        filings=fold_filings(packs, said[OutOfAreaFiled]),
        sub_levels=_sub_levels(reports),
    )


def _sub_levels(reports: Sequence[StatusReported]) -> tuple[tuple[str, str], ...]:
    """Return (category, class) as said last, such as 低保 A类; ``reports`` in known order."""
    said = {one.category.value: one.sub_level for one in reports if one.sub_level}
    return tuple(sorted(said.items()))


def until_death(identities: tuple[Identity, ...], died: date | None) -> tuple[Identity, ...]:
    """Stop every flag at the end of the month of death; what was before stays (S1)."""
    if died is None:
        return identities
    last = date(died.year, died.month, monthrange(died.year, died.month)[1])
    return tuple(
        one if one.valid_to is not None and one.valid_to <= last
        else one.model_copy(update={"valid_to": last})
        for one in identities
        if one.valid_from <= last
    )  # fmt: skip
