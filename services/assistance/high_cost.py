"""Whose own payments of a year are above the monitoring line (高额费用监测, S4). Pure.

A person is announced above the line and whenever the amount grows, with the month of the newest bill, and
taken back once a correction brings the year to the line or below. Whoever is told decides how often a month.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.settlement import ClaimSettled
from contracts.reach import EVER
from policy.high_cost import line_of, own_part
from policy.pack import HighCostLine, Pack
from services.assistance.rules import Facts, GrantChange

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Alert:
    """What was last announced of a person's year. ``self_paid``: in fen; ``month``: such as 2023-04."""

    revision: int = 0
    above: bool = False
    self_paid: int = 0
    month: str = ""


NOTHING = Alert()


@dataclass(frozen=True, slots=True)
class AlertChange:
    """What is new about a person's year; an amount that fell and is above the line yet is no news."""

    year: int
    after: Alert
    event: HighCostAlerted | HighCostRetracted | None


def years_of(
    facts: Facts, changes: Iterable[GrantChange], announced: Mapping[int, Alert]
) -> list[int]:
    """Return the benefit years to look at: those in which a bill changed, or all that hang together."""
    changed = {one.year for one in changes} - {EVER}
    every = facts.years | announced.keys()
    return sorted(every if facts.several or not changed else changed)


def lowest_line(packs: Sequence[Pack]) -> int | None:
    """Return the lowest line of all (fen), None if there is none: with lower fees nothing is added up."""
    return min((line.threshold for pack in packs for line in pack.high_cost), default=None)


def decide(
    packs: Sequence[Pack], facts: Facts, years: Iterable[int], announced: Mapping[int, Alert]
) -> list[AlertChange]:
    """Add up a person's years and return what differs from what was announced."""
    lowest, found = lowest_line(packs), []
    for year in years:
        before = announced.get(year, NOTHING)
        if before.above or (lowest is not None and facts.fees_in(year) >= lowest):
            found.append(change_of(packs, facts, year, before))
    return [one for one in found if one is not None]


def change_of(packs: Sequence[Pack], facts: Facts, year: int, before: Alert) -> AlertChange | None:
    """Compare a year's own payments with what stands; None if there is nothing to say."""
    bills = sorted(facts.settled_in(year), key=_known)
    last = bills[-1] if bills else None
    line = line_of(packs, last.discharge, last.provider) if last else None
    decisions = facts.decisions(packs)
    own = sum(_own(line, one, decisions[one.claim].pays) for one in bills) if line else 0
    said: dict[str, Any] = {"benefit_year": year, "revision": before.revision + 1, "self_paid": own}
    if last is not None and line is not None and line.is_reached(own):
        month = f"{_known(last).astimezone(CHINA):%Y-%m}"
        if before.above and own <= before.self_paid:
            fell = replace(before, self_paid=own)
            return None if fell == before else AlertChange(year, fell, None)
        alerted = HighCostAlerted.model_construct(
            **said, person=last.person, threshold=line.threshold, as_of=_known(last)
        )
        return AlertChange(
            year, Alert(alerted.revision, above=True, self_paid=own, month=month), alerted
        )
    if not before.above:
        return None
    person = next(iter(facts.outcomes.values())).person
    retracted = HighCostRetracted.model_construct(**said, person=person)
    return AlertChange(
        year, Alert(retracted.revision, self_paid=own, month=before.month), retracted
    )


def _own(line: HighCostLine, bill: ClaimSettled, grants: Mapping[str, int]) -> int:
    pays = {"bmi": bill.bmi, "cii": bill.cii, **grants}
    return own_part(line, bill.total_fee, bill.in_scope, pays)


def _known(bill: ClaimSettled) -> datetime:
    """Return when a bill was settled at the hospital; where that is not said, the day of discharge."""
    return bill.settled or datetime.combine(bill.discharge, time(), UTC)
