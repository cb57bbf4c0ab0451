"""Reasons for not being enrolled: each needs its evidence, and evidence expires."""

from datetime import date

import pytest

from contracts.vocabulary import Justification
from policy.reading import PackError
from policy.reasons import REASONS, parse_reasons
from services.enrollment.person.justifications import EVIDENCE, fold_justifications
from tests.builders import (
    a_grant,
    a_reason,
    insured_elsewhere,
)
from tests.unit.enrollment.desk.test_problems import problems


@pytest.mark.parametrize("reason", sorted(EVIDENCE))
def test_every_reason_needs_its_evidence(reason: Justification) -> None:
    """Without a paper it does not count, whatever it is."""
    (without,) = fold_justifications([a_reason(reason.value, evidence="")], [])
    (with_it,) = fold_justifications([a_reason(reason.value)], [])

    assert without.why_not(date(2023, 6, 1)) == "evidence_missing"
    assert with_it.why_not(date(2023, 1, 1)) == ""
    assert with_it.why_not(date(2022, 12, 31)) == "ended"


@pytest.mark.parametrize(
    ("reason", "last_good", "first_bad"),
    [
        ("OTHER_AREA_RESIDENT", "2023-07-02", "2023-07-03"), ("LOCAL_EMPLOYEE", "2023-07-02", "2023-07-03"),
        ("NEWLY_ADDED", "2023-03-02", "2023-03-03"), ("NEWBORN", "2023-04-01", "2023-04-02"),
        ("MISSING", "2023-12-01", "2023-12-02"),
    ],
)  # fmt: skip
def test_evidence_that_is_not_looked_at_again_expires(
    reason: str, last_good: str, first_bad: str
) -> None:
    """Monthly for other insurers, half-yearly for the missing, 60 days for the newly added."""
    (claimed,) = fold_justifications([a_reason(reason)], [])

    assert claimed.why_not(date.fromisoformat(last_good)) == ""
    assert claimed.why_not(date.fromisoformat(first_bad)) == "evidence_expired"


def test_prison_and_army_are_reasons_until_they_end() -> None:
    """特殊保障状态 verified one by one."""
    served = a_reason("PRISON", until="2023-06-14")

    assert problems(a_grant(), served, on=date(2023, 6, 14)) == []
    assert problems(a_grant(), served, on=date(2023, 6, 15)) == ["not_enrolled"]


def test_of_two_reports_of_one_reason_the_proved_one_counts_whichever_comes_again() -> None:
    """The village re-sends its note without a paper: the equation does not flip (§14: 16)."""
    proved, bare = a_reason("WAIVED"), a_reason("WAIVED", evidence="", minute=5)
    sent_again = a_reason("WAIVED", evidence="", seen=date(2023, 6, 10), minute=9)

    assert problems(a_grant(), proved, bare) == []
    assert problems(a_grant(), sent_again, bare, proved) == []


def test_a_reason_is_taken_back_by_a_report_that_says_so() -> None:
    """The officer mistook the person; said again afterwards it counts again."""
    said = a_reason("WAIVED")
    back = a_reason("WAIVED", evidence="", minute=5).model_copy(update={"action": "revoked"})

    assert problems(a_grant(), back, said) == ["not_enrolled"]
    assert problems(a_grant(), said, back, a_reason("WAIVED", minute=9)) == []


def test_of_one_stay_with_an_employer_the_insurers_own_end_holds() -> None:
    """The village noted no end, the insurer does: no contradiction in ledger 3 afterwards."""
    ended = insured_elsewhere("2022-07-01", "2023-03-31")
    noted = a_reason("LOCAL_EMPLOYEE", since="2022-07-01", minute=9)

    assert problems(a_grant("DESTITUTE", "2022-01-01"), ended, noted) == []


def test_what_a_township_office_says_counts_for_its_own_people_only() -> None:
    """An office cannot excuse somebody of another township; the county can."""
    waiver = a_reason("MARRIED_OUT")

    assert problems(a_grant(), waiver.model_copy(update={"office": "城关镇"})) == []
    assert problems(a_grant(), waiver.model_copy(update={"office": "阚疃镇"})) == ["not_enrolled"]
    assert problems(a_grant(), waiver) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("reason: ARMY", "reason: HOLIDAY", "unknown reason"),
        ("reason: ARMY", "reason: DEATH", "stands twice"),
        ("recheck_days: 183", "recheck_days: 半年", "not a number of days"),
        ("evidence: 部队证明, ", "", "key 'evidence' is missing"),
    ],
)
def test_a_mistake_in_the_rules_of_evidence_is_named_with_its_line(
    old: str, new: str, complaint: str
) -> None:
    """An officer edits the file, and is told what is wrong."""
    text = REASONS.read_text(encoding="utf-8").replace(old, new, 1)

    with pytest.raises(PackError, match=rf"reasons.yaml:\d+: .*{complaint}"):
        parse_reasons(text, "reasons.yaml")
