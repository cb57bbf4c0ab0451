"""The same facts under two packs: who wins, who loses, what it costs, who crosses the line."""

from policy.facts import PersonFacts
from policy.loader import PACKS, load_pack, parse_pack
from policy.pack import Pack
from policy.whatif import compare
from tests.builders import a_person, a_stay, yuan

OLD = load_pack("lixin-2023")


def dearer() -> Pack:
    """Return the pack with level 2 at 70 % instead of 80 %, and assistance of the poor at 85 %."""
    text = (PACKS / "lixin-2023" / "pack.yaml").read_text(encoding="utf-8")
    text = text.replace(
        'deductible: "500.00"\n        segments: [{ratio: 80%}]\n        source: {document: 皖',
        'deductible: "500.00"\n        segments: [{ratio: 70%}]\n        source: {document: 皖',
    )
    return parse_pack(text.replace("segments: [{ratio: 75%}]\n        source: {document: 利辛", "segments: [{ratio: 85%}]\n        source: {document: 利辛"), "draft.yaml")  # fmt: skip


def test_an_ordinary_patient_loses_and_a_poor_one_nearly_not() -> None:
    """Ordinary: 2,400 becomes 3,350; low-income: 600 becomes 15 % of 3,350 = 502.50."""
    county = [a_person(a_stay()), a_person(a_stay(), category="SUBSISTENCE")]

    found = compare(OLD, dearer(), county)

    assert (found.claims, found.everybody.people) == (2, 2)
    assert (found.everybody.losers, found.everybody.lost) == (1, yuan("950.00"))
    assert (found.everybody.winners, found.everybody.won) == (1, yuan("97.50"))
    assert found.categories["NONE"].lost == yuan("950.00")
    assert found.funds == {
        "bmi": (yuan("15200.00"), yuan("13300.00")),
        "medical_assistance": (yuan("1800.00"), yuan("2847.50")),
    }
    assert found.burden == (yuan("3000.00"), yuan("3852.50"))
    assert found.changes == {0: yuan("950.00"), 1: -yuan("97.50")}


def test_a_person_pushed_over_the_line_is_counted_and_one_on_it_is_not() -> None:
    """Pays 9,400 before and 13,850 after; with 601 outside the catalogue already 10,001 before."""
    over = a_person(a_stay(in_scope="45000.00"))
    already = a_person(a_stay(in_scope="45000.00", beyond="601.00"))
    under = a_person(a_stay(in_scope="30000.00"))

    found = compare(OLD, dearer(), [over, already, under])
    back = compare(dearer(), OLD, [over, already, under])

    assert (found.over_line, found.off_line) == (1, 0)
    assert (back.over_line, back.off_line) == (0, 1)


def test_the_same_pack_changes_nobody() -> None:
    """No winner, no loser."""
    found = compare(OLD, OLD, [a_person(a_stay())])

    assert (found.everybody.winners, found.everybody.losers, found.changes) == (0, 0, {})


def test_packs_of_different_years_are_compared_by_moving_the_facts() -> None:
    """The stay of 2023 is settled as if it had been in 2020; 29 February becomes the 28th."""
    stays = [a_stay("c1"), a_stay("c2", on="2023-06-01")]

    found = compare(OLD, load_pack("wenshang-2020"), [a_person(*stays)])

    assert found.years_moved == -3
    # 80 % of 9,500 twice; 75 % of 9,600 and of 9,800
    assert found.funds["bmi"] == (yuan("15200.00"), yuan("14550.00"))


def test_a_claim_that_one_pack_cannot_settle_is_counted_and_not_compared() -> None:
    """A level that the other county does not know."""
    county = [a_person(a_stay("c1", level="L3_CITY"), a_stay("c2"))]

    found = compare(OLD, load_pack("kaifeng-2017"), county)

    assert found.uncompared == {"unknown_level": 2}
    assert found.claims == 0


def test_nobody_is_nothing() -> None:
    """An empty county compares to nothing."""
    assert compare(OLD, OLD, [PersonFacts(claims=[])]).everybody.people == 0
