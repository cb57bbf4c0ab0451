"""A wrong identity number is corrected, and the person loses nothing; two people are taken apart again."""

from datetime import date

from contracts.vocabulary import Source
from services.enrollment.person import fold_person
from services.enrollment.timelines import known_on
from tests.builders import (
    MORNING,
    PERSON,
    RIGHT,
    a_bill,
    a_correction,
    a_death,
    a_grant,
    a_premium,
    a_reversal,
    a_row,
    names,
    yuan,
)
from tests.county import PACKS, County


def test_a_corrected_number_keeps_what_the_year_has_accumulated() -> None:
    """Two stays under the wrong number, one under the right one: the three make one year."""
    stays = (("H1:c1", "90000.00", "2023-02-01"), ("H1:c2", "90000.00", "2023-05-01"))
    one_number = County().tell(
        a_premium(person=RIGHT), a_grant(person=RIGHT),
        *(a_bill(claim, fen, on=on, person=RIGHT) for claim, fen, on in stays),
        a_bill("H1:c3", "90000.00", on="2023-09-01", person=RIGHT),
    )  # fmt: skip
    two_numbers = County().tell(
        a_premium(), a_grant(), *(a_bill(claim, fen, on=on) for claim, fen, on in stays)
    )

    two_numbers.tell(a_bill("H1:c3", "90000.00", on="2023-09-01", person=RIGHT), a_correction())

    for claim in ("H1:c1", "H1:c2", "H1:c3"):
        right, expected = two_numbers.bills[claim], one_number.bills[claim]
        assert (right.person, right.cii, right.medical_assistance, right.personal_burden) == (
            RIGHT, expected.cii, expected.medical_assistance, expected.personal_burden,
        )  # fmt: skip
    assert two_numbers.bills["H1:c3"].cii > 0
    assert two_numbers.paid(PERSON) == {}


def test_a_bill_that_still_comes_under_the_wrong_number_is_settled_under_the_right_one() -> None:
    """The hospital has not heard of the correction yet."""
    county = County().tell(a_premium(), a_grant(), a_correction())

    county.tell(a_bill())

    assert county.bills["H1:c1"].person == RIGHT
    assert county.bills["H1:c1"].category == "SUBSISTENCE"


def test_a_reversal_under_the_wrong_number_reverses_the_bill_under_the_right_one() -> None:
    """The books end at nothing under both numbers."""
    county = County().tell(a_premium(), a_bill(), a_correction())

    county.tell(a_reversal())

    assert county.balance() == {}


def test_taking_a_correction_back_gives_each_number_its_own_again() -> None:
    """It was somebody else after all: as if nothing had been said."""
    facts = (a_premium(), a_grant(), a_bill(), a_premium(person=RIGHT),
             a_bill("H1:c9", person=RIGHT))  # fmt: skip
    apart = County().tell(*facts)
    together = County().tell(*facts, a_correction())

    together.tell(a_correction(action="revoked", minute=5))

    assert together.paid(PERSON) == apart.paid(PERSON)
    assert together.paid(RIGHT) == apart.paid(RIGHT)
    for person in (PERSON, RIGHT):
        assert together.standing[person].flags == apart.standing[person].flags
        assert together.standing[person].coverage == apart.standing[person].coverage


def test_a_number_corrected_twice_leads_to_the_last_one() -> None:
    """Wrong, still wrong, right: all of it stands under the third number."""
    third = "p" + "c" * 26
    county = County().tell(
        a_premium(), a_grant(), a_bill(), a_correction(), a_correction(RIGHT, third, minute=1)
    )

    assert county.bills["H1:c1"].person == third
    assert county.standing[third].flags == ("SUBSISTENCE",)
    assert county.standing[third].file["numbers"] == [PERSON, RIGHT]


def test_corrections_in_a_circle_leave_the_person_where_the_last_word_says() -> None:
    """First A was wrong, then B: nobody falls through between the two."""
    county = County().tell(
        a_premium(), a_grant(), a_bill(), a_correction(PERSON, RIGHT),
        a_correction(RIGHT, PERSON, minute=9),
    )  # fmt: skip

    assert county.bills["H1:c1"].person == PERSON
    assert county.standing[PERSON].flags == ("SUBSISTENCE",)
    assert county.standing[RIGHT].flags == ()


def test_a_list_with_the_right_number_does_not_remove_the_person_under_the_wrong_one() -> None:
    """June names the wrong number, July the right one: absent and present are one person."""
    absent = a_row("2023-07").model_copy(update={"action": "removed"})
    county = County().tell(
        a_premium(), a_row("2023-06"), absent, a_row("2023-07", RIGHT), a_correction()
    )

    found = fold_person(PACKS, RIGHT, county.enrollment[RIGHT].events)

    assert [(one.valid_from, one.valid_to) for one in found.identities] == [
        (date(2023, 6, 1), None)
    ]


def test_nobody_is_told_that_an_identity_was_lost_or_gained_by_a_correction() -> None:
    """The township officer hears of real changes only."""
    county = County().tell(a_premium(), a_grant())
    before = len(county.announced)

    county.tell(a_correction())

    news = [one for one in county.announced[before:] if one.NAME == "StatusChanged"]
    assert {one.person for one in news} == {PERSON, RIGHT}
    assert [(one.raised, one.stopped) for one in news] == [((), ()), ((), ())]


def test_a_death_known_under_two_numbers_is_one_death() -> None:
    """The roster owner says it of the wrong number, the funeral home of the right one."""
    county = County().tell(
        a_premium(), a_grant(), a_death(Source.CIVIL_AFFAIRS), a_correction(),
        a_death(Source.FUNERAL_HOME, person=RIGHT),
    )  # fmt: skip

    assert fold_person(PACKS, RIGHT, county.enrollment[RIGHT].events).died == date(2023, 5, 20)


def test_what_was_known_before_the_correction_can_still_be_asked() -> None:
    """On the day before it, the right number had nobody."""
    late = a_correction().model_copy(update={"received": MORNING.replace(day=20)})
    events = County().tell(a_premium(), a_grant(), late).enrollment[RIGHT].events

    then = fold_person(PACKS, RIGHT, known_on(events, date(2023, 6, 19)))
    now = fold_person(PACKS, RIGHT, known_on(events, date(2023, 6, 20)))

    assert then.identities == ()
    assert [one.category.value for one in now.identities] == ["SUBSISTENCE"]


def test_the_family_gets_one_message_about_a_bill_that_moved() -> None:
    """Withdrawn under the wrong number and issued under the right one is no withdrawal to them."""
    from services.notify import domain as notify

    county = County().tell(a_premium(), a_bill(), a_correction())
    facts = {PERSON: notify.Facts(), RIGHT: notify.Facts()}
    for event in county.announced:
        if notify.fact_id(event) is not None:
            facts[event.person].add(event)  # type: ignore[attr-defined]

    wishes = [wish.template for one in facts.values() for wish in one.wishes(set())]

    assert names([county.bills["H1:c1"]]) == ["BillIssued"]
    assert wishes == ["bill_corrected"]
    assert county.bills["H1:c1"].total_fee == yuan("10000.00")
