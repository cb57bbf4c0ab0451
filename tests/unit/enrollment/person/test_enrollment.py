"""Who a person is, as departments report it."""

from datetime import date

from contracts.vocabulary import Source
from services.enrollment.desk.equation import RosterMember, equation
from services.enrollment.opened import Opened
from services.enrollment.person.fold import fold_person
from services.enrollment.person.rules import Standing, decide
from services.enrollment.person.timelines import fold_death, fold_identities
from services.enrollment.sheets.columns import Resident
from services.enrollment.sheets.rules import COMMON, SHEETS, in_words, rows_of
from tests.builders import (
    PERSON,
    a_death,
    a_grant,
    a_premium,
    case_from,
    insured_elsewhere,
    names,
)
from tests.county import PACKS


def test_a_grant_opens_and_the_next_removal_closes() -> None:
    """The removal's day is the first without the identity."""
    found = fold_identities([a_grant(on="2023-01-01"), a_grant(on="2023-07-01", action="removed")])

    assert [(one.valid_from, one.valid_to) for one in found] == [
        (date(2023, 1, 1), date(2023, 6, 30))
    ]


def test_a_removal_that_arrives_first_still_closes() -> None:
    """Arrival order means nothing."""
    grant, removal = a_grant(on="2023-01-01"), a_grant(on="2023-07-01", action="removed")

    assert fold_identities([removal, grant]) == fold_identities([grant, removal])


def test_one_department_cannot_remove_what_another_granted() -> None:
    """Each source owns its own list."""
    found = fold_identities(
        [
            a_grant(on="2023-01-01"),
            a_grant(on="2023-03-01", action="removed", source=Source.RURAL_REVITALISATION),
        ]
    )

    assert [one.valid_to for one in found] == [None]


def test_an_identity_granted_again_has_two_intervals() -> None:
    """The gap between them stays a gap."""
    found = fold_identities(
        [
            a_grant(on="2023-01-01"),
            a_grant(on="2023-03-01", action="removed"),
            a_grant(on="2023-05-01"),
        ]
    )

    assert [one.valid_from for one in found] == [date(2023, 1, 1), date(2023, 5, 1)]


def test_a_death_needs_a_roster_owner_and_a_registrar() -> None:
    """One source alone stops nobody's benefits (S1: cross-check)."""
    alone = [a_death(Source.FUNERAL_HOME)]

    assert fold_death([], alone) is None
    assert fold_death([], [*alone, a_death(Source.CIVIL_AFFAIRS)]) == date(2023, 5, 20)


def test_a_revoked_death_restores_the_person_entirely() -> None:
    """Of each source the last word counts."""
    told = [
        a_death(Source.FUNERAL_HOME, minute=1),
        a_death(Source.CIVIL_AFFAIRS, minute=2),
        a_death(Source.FUNERAL_HOME, action="revoked", minute=3),
    ]

    assert fold_death([], told) is None


def test_whoever_paid_is_covered_and_the_destitute_need_not_pay() -> None:
    """Coverage comes from a premium, or from a full subsidy."""
    assert fold_person(PACKS, PERSON, [a_premium()]).covered_years == (2023,)
    assert fold_person(PACKS, PERSON, [a_grant("DESTITUTE")]).covered_years == (2023,)
    assert fold_person(PACKS, PERSON, [a_grant("SUBSISTENCE")]).covered_years == ()


def test_a_list_that_says_nothing_new_announces_nothing() -> None:
    """The same list next month is silence."""
    first = decide(PACKS, PERSON, [a_grant()], Standing())
    assert first is not None
    assert names(first.events) == ["PersonRegistered", "StatusChanged"]

    again = decide(PACKS, PERSON, [a_grant(), a_grant(minute=9)], first.after)

    assert again is None or names(again.events) == ["PersonRegistered"]


def test_the_announcement_names_the_flags_that_rose_and_fell() -> None:
    """The township officer is told what changed, not what is."""
    first = decide(PACKS, PERSON, [a_grant("SUBSISTENCE")], Standing())
    assert first is not None

    then = decide(
        PACKS,
        PERSON,
        [
            a_grant("SUBSISTENCE"),
            a_grant("SUBSISTENCE", "2023-07-01", action="removed"),
            a_grant("DESTITUTE", "2023-07-01"),
        ],
        first.after,
    )

    assert then is not None
    status = next(event for event in then.events if event.NAME == "StatusChanged")
    assert (list(status.raised), list(status.stopped)) == (["DESTITUTE"], ["SUBSISTENCE"])


def test_equal_counts_of_different_people_do_not_balance() -> None:
    """The equation is about sets: one missing and one doubled is two problems, not zero."""
    town = equation(
        [
            RosterMember("p1", "城关镇", enrolled=True, justified_reason="LOCAL_EMPLOYEE"),
            RosterMember("p2", "城关镇", enrolled=False),
        ]
    )["城关镇", ""]

    assert len(town.enrolled) + len(town.reasons) == len(town.roster)
    assert not town.balanced
    assert town.justified == {}
    assert (town.missing, town.overlap) == ({"p2"}, {"p1"})


def test_completion_is_counted_to_the_hundredth_of_a_percent() -> None:
    """(3 - 1) of 3 is 66.67 %."""
    members = [RosterMember(f"p{n}", "镇", enrolled=n > 0) for n in range(3)]

    assert equation(members)["镇", ""].completion_bp == 6_667


def test_of_what_one_department_says_about_one_day_the_last_word_holds() -> None:
    """A mistaken grant can be taken back on its own day."""
    grant, back = a_grant(minute=1), a_grant(action="removed", minute=2)

    assert fold_identities([back, grant]) == ()
    assert len(fold_identities([grant, back, a_grant(minute=3)])) == 1


def test_being_insured_elsewhere_is_news_whenever_it_is_told() -> None:
    """The equation must see it, although nothing is announced."""
    first = decide(PACKS, PERSON, [a_grant()], Standing())
    assert first is not None

    then = decide(PACKS, PERSON, [a_grant(), insured_elsewhere()], first.after)

    assert then is not None
    assert then.events == []
    assert [one.reason for one in then.now.justified] == ["LOCAL_EMPLOYEE"]


def test_the_equation_is_drawn_up_for_village_township_and_county() -> None:
    """The same people, finer or coarser; whoever is missing in a village is missing in the county."""
    members = [
        RosterMember("p1", "城关镇", enrolled=True, village="东村", owed=True, subsidised=True),
        RosterMember("p2", "城关镇", enrolled=False, village="西村", owed=True),
        RosterMember("p3", "阚疃镇", enrolled=True, village="东村"),
    ]

    villages, county = equation(members, "village"), equation(members, "county")

    assert {area for area, one in villages.items() if one.missing} == {("城关镇", "西村")}
    assert [one.missing for one in county.values()] == [{"p2"}]
    assert county["", ""].fulfilment_bp == 5_000
    assert villages["阚疃镇", "东村"].fulfilment_bp == 10_000


def test_a_death_of_the_year_is_written_on_every_sheet_and_one_of_a_later_year_on_none() -> None:
    """In the remark, whatever the sheet is about."""
    dead = [
        a_death(source, minute=minute)
        for minute, source in enumerate((Source.CIVIL_AFFAIRS, Source.FUNERAL_HOME))
    ]
    case = case_from(fold_person(PACKS, PERSON, [a_grant(), *dead]), date(2023, 12, 31))

    shown = {
        year: Resident(Opened(), "城关镇", "东村", case, year=year).remark for year in (2022, 2023)
    }

    assert shown == {2022: "", 2023: "2023-05-20死亡"}
    remark = COMMON.index("备注")
    resident = Resident(Opened(), "城关镇", "东村", case, year=2023)
    (roster,) = rows_of(SHEETS["roster"], resident, 2023, date(2023, 12, 31))
    (reason,) = rows_of(SHEETS["justified_non_enrolment"], resident, 2023, date(2023, 12, 31))
    assert roster[remark] == reason[remark] == "2023-05-20死亡"


def test_the_class_of_a_category_is_kept_as_said_last() -> None:
    """低保对象（A类）, later B类; a list without a class says nothing about it."""
    first, later = (
        a_grant(minute=minute).model_copy(update={"sub_level": level})
        for minute, level in ((1, "A类"), (2, "B类"))
    )
    silent = a_grant(minute=3)

    person = fold_person(PACKS, PERSON, [silent, later, first])

    assert person.sub_levels == (("SUBSISTENCE", "B类"),)
    assert in_words(["SUBSISTENCE"], dict(person.sub_levels)) == "低保对象（B类）"
