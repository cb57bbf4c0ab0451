"""A thousand random lives against domain §8, §9 and §14 written a second time, day by day."""

import os
import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.events.base import Event
from policy.loader import load_pack
from services.enrollment.desk.cases import justified_on
from services.enrollment.desk.ranks import rank_of
from services.enrollment.person.file import ResidentFile
from services.enrollment.person.fold import Person, fold_person
from services.enrollment.person.rules import Standing, decide
from services.enrollment.sheets.moves import moves_of
from tests.builders import PERSON, case_from
from tests.lives import Teller
from tests.plain_rules import LIXIN, WENSHANG, Rules, Verdict, days_of, judge

LIVES = int(os.environ.get("YINGBAO_LIVES", "1000"))
PARTS = 20
PACKS = {LIXIN.year: [load_pack("lixin-2023")], WENSHANG.year: [load_pack("wenshang-2020")]}


def folded(person: Person, file: ResidentFile, rules: Rules) -> Verdict:
    """Return what the folds make of a year."""
    last = date(rules.year, 12, 31)
    standing = next((one for one in person.premiums if one.year == rules.year), None)
    moves = moves_of(
        file, person.died, lambda year: rank_of(PACKS[rules.year], rules.year), {}, last
    )
    return Verdict(
        owed=standing.owed if standing else 0,
        subsidy=standing.subsidy if standing else 0,
        exempt=bool(standing and standing.exempt),
        enrolled=bool(standing and standing.enrolled),
        refund_due=standing.refund_due if standing else 0,
        covered=[
            day for first, end in person.covered_spans for day in days_of(first, end)
            if day.year == rules.year
        ],
        lines=[
            (one.change, f"{one.effective:%Y-%m}", one.before, one.after)
            for one in moves if one.effective.year == rules.year
        ],
        side=side_of(person, last),
    )  # fmt: skip


def side_of(person: Person, day: date) -> str:
    """Return on which side of the equation a person stands."""
    case = case_from(person, day)
    if not case.must_enrol:
        return "off"
    reason = justified_on(case, day)
    if case.enrolled:
        return "overlap" if reason else "enrolled"
    return "DEATH" if reason == "DEATH" else "justified" if reason else "missing"


def in_turns(rng: random.Random, facts: list[Event], rules: Rules) -> Standing:
    """Tell the facts in any order, some of them together; return what then stands."""
    told = rng.sample(facts, k=len(facts))
    before, known = Standing(), 0
    while known < len(told):
        known += rng.randint(1, len(told) - known)
        change = decide(PACKS[rules.year], PERSON, told[:known], before)
        before = change.after if change is not None else before
    return before


@pytest.mark.parametrize("part", range(PARTS))
def test_random_lives_are_judged_as_the_plain_rules_judge_them(part: int) -> None:
    """Coverage days, exemption, subsidy, refund, ledger 2, both sides of the equation; any order, any batch."""
    for number in range(part, LIVES, PARTS):
        rng = random.Random(number)
        rules = rng.choice([LIXIN, WENSHANG])
        life, facts = Teller(rng, rules).tell()

        stands = in_turns(rng, facts, rules)
        person = fold_person(PACKS[rules.year], PERSON, facts)
        found, expected = folded(person, stands.file, rules), judge(life, rules)

        assert replace(found, covered=_spans(found)) == replace(expected, covered=_spans(expected)), (
            number, life,
        )  # fmt: skip


def _spans(verdict: Verdict) -> list[date]:
    """Return first and last days of the covered spans, which a person can read."""
    days = set(verdict.covered)
    one = timedelta(days=1)
    return [day for day in verdict.covered if day - one not in days or day + one not in days]
