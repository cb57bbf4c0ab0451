"""The same facts under two packs: who wins, who loses, what it costs, who crosses the line."""

from dataclasses import replace
from datetime import date

from policy.facts import PersonFacts
from policy.loader import PACKS, load_pack, parse_pack
from policy.pack import Pack
from policy.whatif import compare
from tests.builders import a_person, a_stay, yuan
from tests.policy.folding import changed

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


def moved(person: PersonFacts, to: Pack) -> tuple[int, str, int]:
    """Return the years a person was moved, why the bill was not compared, and how many were."""
    found = compare(OLD, to, [person])
    return found.years_moved, next(iter(found.uncompared), ""), found.claims


def test_everything_about_a_person_moves_with_the_years() -> None:
    """Identity from and to, admission and death: the same person three years earlier."""
    poor = load_pack("wenshang-2020")
    identity = a_person(category="SUBSISTENCE", since="2023-05-18", until="2023-05-18").identities
    on_the_day = PersonFacts([a_stay("c1", admit=date(2023, 5, 1))], identities=identity)
    after = PersonFacts([a_stay("c1", on="2023-05-19")], identities=identity)
    dead = PersonFacts([a_stay("c1", on="2023-05-19")], died=date(2023, 5, 18))
    begun = PersonFacts(
        [a_stay("c1", on="2023-05-20", admit=date(2023, 5, 10))], died=date(2023, 5, 18)
    )

    assert set(compare(OLD, poor, [on_the_day]).categories) == {"SUBSISTENCE"}
    assert set(compare(OLD, poor, [after]).categories) == {"NONE"}
    assert moved(dead, poor) == (-3, "after_death", 0)
    assert moved(begun, poor) == (-3, "", 1)


def test_a_leap_day_moves_to_the_twenty_eighth() -> None:
    """29 February 2020 is 28 February 2023, still in the year; the 28th stays where it is."""
    stay = a_stay("c1", on="2020-02-29")

    found = compare(
        load_pack("wenshang-2020"), OLD, [a_person(stay, a_stay("c2", on="2020-02-28"))]
    )

    assert (found.years_moved, found.claims) == (3, 2)


def test_only_the_29th_of_february_moves() -> None:
    """29 March and 28 February keep their day."""
    identity = a_person(category="SUBSISTENCE", since="2023-03-29", until="2023-03-29").identities
    person = PersonFacts([a_stay("c1", on="2023-03-29")], identities=identity)

    assert set(compare(OLD, load_pack("wenshang-2020"), [person]).categories) == {"SUBSISTENCE"}


def test_what_is_not_in_scope_counts_for_the_line_only_if_the_line_says_so() -> None:
    """Left 9,400 in scope and 601 besides: above 10,000 by the whole burden, not in scope alone."""
    (line,) = OLD.high_cost
    person = a_person(a_stay(in_scope="45000.00", beyond="601.00"))
    free = changed("lixin-2023", ("deductible: \"500.00\"\n        segments: [{ratio: 80%}]", "deductible: \"0.00\"\n        segments: [{ratio: 100%}]"))  # fmt: skip

    def brought_back(**other: bool) -> int:
        return compare(OLD, free, [person], replace(line, **other)).off_line

    assert brought_back() == 1
    assert brought_back(in_scope_only=True) == 0


def test_a_line_that_counts_at_itself_counts_one_who_stands_on_it() -> None:
    """Left exactly 10,000: above no, at or above yes."""
    (line,) = OLD.high_cost
    person = a_person(a_stay(in_scope="45000.00", beyond="600.00"))
    free = changed("lixin-2023", ("deductible: \"500.00\"\n        segments: [{ratio: 80%}]", "deductible: \"0.00\"\n        segments: [{ratio: 100%}]"))  # fmt: skip

    assert compare(OLD, free, [person]).off_line == 0
    assert compare(OLD, free, [person], replace(line, at_line=True)).off_line == 1


def test_two_people_and_two_bills_add_up() -> None:
    """Sums, not the last one."""
    county = [a_person(a_stay("c1"), a_stay("c2", on="2023-06-01")), a_person(a_stay("c1"))]

    found = compare(OLD, dearer(), county)

    assert (found.everybody.people, found.everybody.losers) == (2, 2)
    assert found.everybody.lost == yuan("2850.00")
    assert found.funds["bmi"] == (yuan("22800.00"), yuan("19950.00"))
    back = compare(dearer(), OLD, county)
    assert (back.everybody.winners, back.everybody.won) == (2, yuan("2850.00"))
    assert (back.everybody.losers, back.everybody.lost) == (0, 0)
    assert back.changes == {0: -yuan("1900.00"), 1: -yuan("950.00")}


def test_packs_that_share_a_day_are_compared_without_moving() -> None:
    """A draft for the same year, or one that begins on the other's last day."""
    assert compare(OLD, dearer(), []).years_moved == 0
    later = changed("lixin-2023", ("to: 2023-12-31\n\nlevels", "to: 2024-12-31\n\nlevels"))
    assert compare(OLD, replace_from(later, date(2023, 12, 31)), []).years_moved == 0
    assert compare(replace_from(later, date(2023, 12, 31)), OLD, []).years_moved == 0
    assert compare(OLD, replace_from(later, date(2024, 1, 1)), []).years_moved == 1


def replace_from(pack: Pack, day: date) -> Pack:
    """Return the pack with another first day."""
    return replace(pack, valid_from=day)


def test_an_identity_without_an_end_written_as_the_year_9999_can_be_moved() -> None:
    """Departments write 9999-12-31 for open."""
    person = a_person(a_stay("c1", on="2020-05-18"), category="SUBSISTENCE", since="2020-01-01", until="9999-12-31")  # fmt: skip

    assert compare(load_pack("wenshang-2020"), OLD, [person]).claims == 1


def test_who_was_insured_is_insured_in_the_years_that_the_facts_are_moved_to() -> None:
    """Years and days of coverage move with the bills: otherwise a whole county is compared as uninsured."""
    stay = a_stay("c1", on="2023-06-01")
    spans = ((date(2023, 3, 1), date(2023, 12, 31)),)
    insured = replace(a_person(stay), covered_years=frozenset({2023}), covered_spans=spans)
    before = replace(a_person(a_stay("c2", on="2023-02-01")), covered_years=frozenset({2023}))
    outside = replace(before, covered_spans=spans)

    found = compare(OLD, load_pack("wenshang-2020"), [insured, before, outside])

    assert (found.claims, dict(found.uncompared)) == (2, {"outside_coverage": 1})
