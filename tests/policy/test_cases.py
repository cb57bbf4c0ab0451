"""The worked cases beside each pack: what a caseworker computed by hand is what comes out."""

from collections import Counter

import pytest

from policy.cases import Case, differences, load_cases, parse_cases
from policy.loader import load_pack, pack_names
from policy.pack import Pack
from policy.reading import PackError

NAMED = ("congjiang-2020", "kaifeng-2017", "lixin-2023", "wenshang-2020")
ALL = [
    pytest.param(pack, case, id=f"{pack.name}: {case.sentence}")
    for pack in map(load_pack, pack_names())
    for case in load_cases(pack, pack.name)
]


@pytest.mark.parametrize(("pack", "case"), ALL)
def test_a_case_comes_out_as_computed_by_hand(pack: Pack, case: Case) -> None:
    """To the fen, every fund, and the reason where nothing is paid."""
    assert list(differences(pack, case)) == []


def test_every_pack_has_at_least_twenty_five_cases() -> None:
    """A pack without worked cases is an opinion."""
    counted = Counter(param.values[0].name for param in ALL)  # type: ignore[attr-defined]

    assert {name: counted[name] for name in NAMED if counted[name] < 25} == {}


def test_a_wrong_case_is_found() -> None:
    """The runner can fail: a fen too many in any fund is named with line and sentence."""
    text = 'cases:\n  - case: one fen off\n    claims:\n      - {in_scope: "10000.00", pays: {bmi: "7600.01"}}\n'
    (case,) = parse_cases(load_pack("lixin-2023"), text, "cases.yaml")

    found = list(differences(load_pack("lixin-2023"), case))

    assert found == ["line 2, 'one fen off', c1: bmi 7600.00, not 7600.01"]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ('{in_scope: "1.00"}', "one outcome"),
        ('{in_scope: "1.00", pays: {}, refused: x}', "one outcome"),
        ('{in_scope: 1.00, pays: {}}', "not an amount"),
        ('{in_scope: "1.00", pays: {}, colour: red}', "unknown key 'colour'"),
    ],
)  # fmt: skip
def test_a_case_that_says_nothing_clear_is_refused(claim: str, message: str) -> None:
    """A case must name one outcome for each bill."""
    with pytest.raises(PackError, match=message):
        parse_cases(
            load_pack("lixin-2023"),
            f"cases:\n  - case: x\n    claims:\n      - {claim}\n",
            "cases.yaml",
        )
