"""A wrong identity number is corrected, and the person loses nothing; two people are taken apart again."""

from collections import defaultdict
from datetime import date

from contracts.events.enrollment import RefundDue
from contracts.events.settlement import BillIssued
from contracts.vocabulary import Source
from policy.loader import load_pack
from services.enrollment.person.fold import fold_person
from services.enrollment.person.rules import Standing, decide
from services.enrollment.person.timelines import known_on
from services.notify import rules as notify
from services.settlement import rules as settlement
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
    a_status,
    tell,
    yuan,
)
from tests.county import PACKS, County
from tests.unit.assistance.test_by_hand import owed_by_hand


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
    assert county.standing[third].file.formerly == (PERSON, RIGHT)


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


def messages(county: County) -> list[str]:
    """Return the templates of the messages about bills that the family gets."""
    facts: defaultdict[str, notify.Facts] = defaultdict(notify.Facts)
    for event in county.announced:
        if isinstance(event, BillIssued):
            facts[event.person].add(event)
    return [wish.template for one in facts.values() for wish in one.wishes(set())]


def test_the_family_gets_one_message_about_a_bill_that_moved() -> None:
    """Withdrawn under the wrong number and issued under the right one is no withdrawal to them."""
    county = County().tell(a_premium(), a_bill()).tell(a_correction())

    assert messages(county) == ["bill_corrected"]


def test_the_first_bill_that_comes_under_the_wrong_number_later_is_a_first_bill() -> None:
    """Nothing was issued before: no word of a correction, and nothing to pay by hand."""
    county = County().tell(a_premium(), a_grant()).tell(a_correction()).tell(a_bill())

    assert messages(county) == ["bill_issued"]
    assert owed_by_hand(county).due == 0


def test_by_hand_goes_what_the_right_number_is_owed_beyond_what_was_carried() -> None:
    """The status stands under the right number only: assistance is found, and paid by hand."""
    county = County().tell(a_premium(), a_grant(person=RIGHT)).tell(a_bill())

    county.tell(a_correction())

    assert owed_by_hand(county).due == county.granted(RIGHT) > 0


def test_a_bill_that_the_hospital_took_back_is_not_reclaimed_from_the_family() -> None:
    """Under one number, and after a correction."""
    plain = County().tell(a_premium(), a_grant()).tell(a_bill()).tell(a_reversal())
    moved = County().tell(a_premium(), a_grant()).tell(a_bill()).tell(a_correction())

    moved.tell(a_reversal(person=RIGHT))

    assert owed_by_hand(plain).due == owed_by_hand(moved).due == 0


def test_removing_the_wrong_number_and_adding_the_right_one_in_one_list_keeps_the_benefit() -> None:
    """As the feedback sheet asks the roster owner to do."""
    batch = {"batch": "changes of July"}
    gone = a_grant(on="2023-07-01", action="removed").model_copy(update=batch)
    come = a_grant(on="2023-07-01", person=RIGHT).model_copy(update=batch)
    county = County().tell(a_grant(), a_correction(), gone, come)

    found = fold_person(PACKS, RIGHT, county.enrollment[RIGHT].events)

    assert [one.valid_to for one in found.identities] == [None]


def test_the_birth_date_in_a_mistyped_number_counts_for_nobody() -> None:
    """An adult whose wrong number looked like an infant's stays covered all year."""
    infant = a_premium(born="2023-03-01")
    county = County().tell(infant, a_premium(person=RIGHT), a_correction())

    found = fold_person(PACKS, RIGHT, county.enrollment[RIGHT].events)

    assert found.covered_spans == ((date(2023, 1, 1), date(2023, 12, 31)),)


def test_a_refund_that_was_due_under_the_wrong_number_is_due_once() -> None:
    """Taken back there, due here."""
    packs = [load_pack("wenshang-2020")]
    facts = [a_grant("REGISTERED_POOR", "2018-01-01"), a_premium(2020, amount="250.00")]
    first = decide(packs, PERSON, facts, Standing())
    assert first is not None

    second = decide(packs, PERSON, [*facts, a_correction()], first.after)

    assert second is not None
    due = [one.amount for one in (*first.events, *second.events) if isinstance(one, RefundDue)]
    assert due == [yuan("250.00"), 0]


def test_two_numbers_merged_into_each_other_do_not_talk_for_ever() -> None:
    """Settlement hears both corrections before enrollment has resolved them."""
    facts = {PERSON: settlement.Facts(), RIGHT: settlement.Facts()}
    tell(facts[PERSON], a_bill())
    for person, other in ((PERSON, RIGHT), (RIGHT, PERSON)):
        tell(facts[person], a_status(person=person).model_copy(update={"merged_into": other}))
    sent: defaultdict[str, dict[str, str]] = defaultdict(dict)
    said = 0

    for _ in range(50):
        for person in (PERSON, RIGHT):
            for one in facts[person].forwarding(sent[person]):
                sent[person][one.person] = settlement.content_of(one)
                tell(facts[one.person], one)
                said += 1

    assert said < 5
