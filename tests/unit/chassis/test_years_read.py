"""Which years of a person are read, from tables that answer as the database does."""

from collections.abc import Iterable
from typing import Any

from chassis.factset import Known
from chassis.years import Years
from contracts.reach import EVER, EVERY_YEAR, TIMELESS, WITH_ITS_KIN, Reach
from tests.unit.chassis.fact_tables import Facts, Set

OF_2023, OF_2024 = Reach(2023, frozenset({2023})), Reach(2024, frozenset({2024}))


def ids(known: Known[Facts, Any]) -> set[str]:
    """Return which facts are known."""
    return set(known.facts.ids)


def of_years(years: Iterable[Years]) -> list[Years]:
    """Return what was read, without reads of nothing."""
    return [one for one in years if one != set()]


def test_of_a_new_person_nothing_has_to_be_read() -> None:
    """What is added is the whole set."""
    one = Set()

    known = one.hear(("bill", OF_2023))

    assert one.tables.read == []
    assert known.years is None


def test_after_a_restart_only_the_touched_year_is_read() -> None:
    """And what is about no year."""
    one = Set(identity=EVER, old=2022, older=2021, here=2023)

    known = one.hear(("bill", OF_2023))

    assert of_years(one.tables.read) == [{EVER, 2023}]
    assert ids(known) == {"bill", "identity", "here"}
    assert known.years == {EVER, 2023}


def test_a_year_that_was_read_is_not_read_again() -> None:
    """The next bill of the year finds it in memory; one of another year adds that year."""
    one = Set(old=2022, here=2023)
    one.hear(("bill", OF_2023))
    one.tables.read.clear()

    one.hear(("next", OF_2023))
    assert of_years(one.tables.read) == []

    known = one.hear(("other", Reach(2022, frozenset({2022}))))
    assert of_years(one.tables.read) == [{2022}]
    assert ids(known) == {"bill", "next", "other", "old", "here"}


def test_what_is_about_the_person_reads_every_year() -> None:
    """A death is not about one bill."""
    one = Set(old=2022, here=2023)

    known = one.hear(("death", EVERY_YEAR))

    assert known.years is None
    assert ids(known) == {"death", "old", "here"}


def test_years_that_hang_together_are_read_together() -> None:
    """A stay over New Year is among what is read always, and says so."""
    one = Set(stay_linked=EVER, old=2022, here=2023, other=2021)

    known = one.hear(("bill", OF_2023))

    assert known.years == {EVER, 2022, 2023}
    assert "other" not in ids(known)


def test_once_all_years_hang_together_they_always_do() -> None:
    """It is written beside the person, so that a restart does not forget it."""
    one = Set(number_whole=EVER, old=2022)
    known = one.hear(("bill", OF_2023))
    assert (known.whole, known.years, one.tables.whole) == (True, None, True)

    one.forget()
    one.tables.read.clear()
    one.hear(("next", OF_2023))

    assert one.tables.read[0] is None


def test_kin_in_another_year_makes_both_be_read() -> None:
    """Another copy of the bill lies in 2022: nobody may decide about one without the other."""
    one = Set(claim__c1__first=2022, here=2023, other=2021)

    known = one.hear(("claim/c1/second", Reach(2023, frozenset({2023}), kin=("claim/c1",))))

    assert known.years is None
    assert ids(known) >= {"claim/c1/first", "claim/c1/second", "here"}


def test_kin_in_the_same_year_reads_nothing_more() -> None:
    """The usual copy."""
    one = Set(claim__c1__first=2023, other=2021)

    known = one.hear(("claim/c1/second", Reach(2023, frozenset({2023}), kin=("claim/c1",))))

    assert known.years == {EVER, 2023}
    assert "other" not in ids(known)


def test_what_names_no_year_finds_it_by_its_kin() -> None:
    """A reversal names the bill alone."""
    one = Set(claim__c1__first=2022, here=2023)

    known = one.hear(("reversal/c1", Reach(kin=("claim/c1",))))

    assert known.years == {EVER, 2022}
    assert "claim/c1/first" in ids(known)


def test_what_is_read_with_its_kin_only_is_left_alone_until_then() -> None:
    """A bill's year is read without what the bills of the year rest on already."""
    one = Set(assistance__c1__1=WITH_ITS_KIN, here=2023)
    assert "assistance/c1/1" not in ids(one.hear(("bill", OF_2023)))

    later = Reach(WITH_ITS_KIN, frozenset({2023}), kin=("assistance/c1",))
    known = one.hear(("assistance/c1/2", later))

    assert ids(known) >= {"assistance/c1/1", "assistance/c1/2"}


def test_a_fact_told_again_adds_nothing() -> None:
    """Its years are looked at all the same: what was decided of them is compared."""
    one = Set(bill=2023)
    version = one.tables.version

    known = one.hear(("bill", OF_2023))

    assert (known.facts.ids, known.years) == (["bill"], {EVER, 2023})
    assert one.tables.version == version + 1


def test_under_other_rules_every_year_is_decided_anew() -> None:
    """A pack arrived, or was corrected: a bill that waited for it in another year is settled now."""
    one = Set(old=2022, here=2023)
    one.rules = "rules of 2024"
    one.forget()

    known = one.hear(("bill", OF_2023))

    assert (known.years, one.tables.folded) == (None, "rules of 2024")
    one.forget()
    one.tables.read.clear()
    one.hear(("next", OF_2023))
    assert of_years(one.tables.read) == [{EVER, 2023}]


def test_a_fact_told_again_relates_to_its_kin_too() -> None:
    """Its fold failed, was mended, and the operator sent it back: it is not new any more."""
    one = Set(assistance__c1__1=WITH_ITS_KIN, here=2023)

    known = one.hear(
        ("assistance/c1/1", Reach(WITH_ITS_KIN, frozenset({2023}), kin=("assistance/c1",)))
    )

    assert "assistance/c1/1" in ids(known)


def test_memory_that_is_out_of_date_is_not_believed() -> None:
    """Another process changed the person in between."""
    one = Set(here=2023)
    one.hear(("bill", OF_2023))
    one.tables.facts["theirs"] = 2023
    one.tables.version += 1

    assert "theirs" in ids(one.hear(("next", OF_2023)))


def test_deciding_again_reads_everything() -> None:
    """The rules have changed: no year is left out."""
    one = Set(old=2022, here=2023, assistance__c1__1=WITH_ITS_KIN)

    known = one.again()

    assert known.years is None
    assert ids(known) == {"old", "here", "assistance/c1/1"}


def test_a_room_without_years_reads_what_is_always_read() -> None:
    """Everything it keeps is about no year."""
    one = Set(first=EVER, second=EVER)

    known = one.hear(("third", TIMELESS))

    assert ids(known) == {"first", "second", "third"}
    assert OF_2024.touches == {2024}
