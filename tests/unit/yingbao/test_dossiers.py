"""What the lines of a file mean: one claim once, the rest refused or held by name."""

import json
from typing import Any

import pytest

from policy.loader import load_pack
from yingbao.commands.adjudicate import adjudicate

CLAIM = {
    "type": "claim", "person": "p1", "claim": "c1", "kind": "inpatient", "discharge": "2020-02-14",
    "level": "L2", "total_fee": "10000.00", "in_scope": "10000.00",
}  # fmt: skip


def answers(*lines: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (claim, what was paid by basic insurance or why not) for each answer."""
    pack = load_pack("wenshang-2020")
    found = adjudicate(pack, [json.dumps(line) for line in lines])
    return [
        (one["claim"], one.get("refused") or one.get("held") or one.get("bmi") or "reversed")
        for one in found
    ]


def test_the_same_claim_again_is_one_claim() -> None:
    """C19: the same id with the same amounts counts once, also when resent at another time."""
    assert answers(CLAIM, CLAIM, CLAIM | {"settled": "2020-02-15T10:00"}) == [("c1", "7200.00")]


def test_the_same_id_with_other_amounts_is_refused_and_the_first_holds() -> None:
    """Of two lines without a settlement time the one that stands first is the claim."""
    other = CLAIM | {"total_fee": "900.00", "in_scope": "900.00"}

    found = answers(CLAIM, other, other)

    assert found == [("c1", "conflicting_resubmission"), ("c1", "7200.00")]


def test_of_two_settlement_times_the_earlier_holds_in_any_order() -> None:
    """Arrival order means nothing where the facts tell the order themselves."""
    early = CLAIM | {"settled": "2020-02-14T09:00"}
    late = CLAIM | {"settled": "2020-02-14T10:00", "total_fee": "900.00", "in_scope": "900.00"}

    assert answers(early, late) == answers(late, early)
    assert answers(late, early)[1] == ("c1", "7200.00")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"discharge": None}, "missing_field"),
        ({"discharge": "2020-W10-1"}, "bad_date"),
        ({"discharge": 20200214}, "bad_date"),
        ({"discharge": "2020-02-30"}, "bad_date"),
        ({"admit": "yesterday"}, "bad_date"),
        ({"total_fee": 10000}, "not_an_amount"),
        ({"total_fee": "1e4"}, "not_an_amount"),
        ({"in_scope": "10000.001"}, "too_many_decimals"),
        ({"class_b_prepay": "-1.00"}, "negative_amount"),
        ({"compliant": "false"}, "not_true_or_false"),
        ({"age": "old"}, "bad_age"),
        ({"level": 2}, "unknown_level"),
        ({"kind": 7}, "unknown_kind"),
        ({"area": ["local"]}, "unknown_area"),
    ],
)
def test_a_field_that_cannot_be_read_refuses_its_claim_alone(
    change: dict[str, Any], reason: str
) -> None:
    """The neighbour of the same person is settled as if the wrong line were not there."""
    found = answers(CLAIM | change, CLAIM | change, CLAIM | {"claim": "c2"})

    assert sorted(found) == [("c1", reason), ("c2", "7200.00")]


def test_an_age_written_as_text_is_read() -> None:
    """Exports write numbers as text."""
    assert answers(CLAIM | {"age": "14"}) == [("c1", "7200.00")]


def test_a_person_of_an_unknown_category_is_held_not_paid_too_little() -> None:
    """Nobody is settled as an ordinary person because of a word the county does not know."""
    word = {"type": "identity", "person": "p1", "category": "监测对象", "valid_from": "2020-01-01"}

    found = answers(word, CLAIM, CLAIM | {"claim": "c2", "person": "p2"})

    assert found == [("c1", "unknown_category"), ("c2", "7200.00")]


def test_a_reduction_that_an_earlier_wrong_one_made_too_large_is_not_refused() -> None:
    """Only the first wrong bill is refused; without it the second is the first admission."""
    wrong = CLAIM | {"level": "L1", "total_fee": "1000.00", "in_scope": "1000.00"}
    first = wrong | {"claim": "a", "hospital_reduction": "500.00"}
    second = wrong | {"claim": "b", "discharge": "2020-03-14", "hospital_reduction": "220.00"}

    assert answers(first, second) == [("a", "reduction_above_remainder"), ("b", "722.50")]


def test_what_the_poverty_rules_gave_is_added_when_asked_for() -> None:
    """Five parts beside the amounts; without asking, the contract's fields only."""
    poor = {
        "type": "identity", "person": "p1", "category": "SUBSISTENCE", "valid_from": "2020-01-01",
    }  # fmt: skip
    lines, pack = [json.dumps(poor), json.dumps(CLAIM)], load_pack("wenshang-2020")

    (plain,) = adjudicate(pack, lines)
    (asked,) = adjudicate(pack, lines, with_tilt=True)

    assert "tilt" not in plain
    assert asked["tilt"]["bmi_ratio"] == "980.00"
