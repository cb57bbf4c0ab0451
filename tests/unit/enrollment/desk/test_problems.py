"""What is wrong with a person's enrolment, and that it is mended when it is (S1's seven classes)."""

from dataclasses import replace
from datetime import date

from contracts.events.base import Event
from contracts.events.partner import CoverageElsewhereReported, FlagApplied, FlagDecided
from contracts.vocabulary import Category, ProblemKind, Source
from policy.loader import load_pack
from services.enrollment.desk.cases import Listed, justified_on
from services.enrollment.desk.rules import FOLLOW_UP_ZH, problems_of
from services.enrollment.person.fold import fold_person
from tests.builders import (
    MORNING,
    PERSON,
    a_death,
    a_grant,
    a_premium,
    a_reason,
    a_refund,
    case_from,
    insured_elsewhere,
)

LX, WS = [load_pack("lixin-2023")], [load_pack("wenshang-2020")]
JUNE = date(2023, 6, 15)


def problems(*facts: Event, on: date = JUNE, packs: object = LX) -> list[str]:
    """Return the kinds of problems a person has on a day, in that day's year."""
    case = case_from(fold_person(packs, PERSON, facts), on)  # type: ignore[arg-type]
    return [one.kind.value for one in problems_of(case, on)]


def elsewhere(reason: str, since: str = "2023-01-01", until: str | None = None) -> Event:
    """Return what another insurer says."""
    return CoverageElsewhereReported(
        source=Source.OTHER_AREA, received=MORNING, person=PERSON, reason=reason,  # type: ignore[arg-type]
        valid_from=date.fromisoformat(since),
        valid_to=None if until is None else date.fromisoformat(until),
    )  # fmt: skip


def test_neither_paid_nor_exempt_nor_justified_is_found_and_gone_once_paid() -> None:
    """既无缴费也无免缴费: find out why."""
    assert problems(a_grant()) == ["not_enrolled"]
    assert problems(a_grant(), a_premium()) == []
    assert problems(a_grant("DESTITUTE")) == []


def test_a_person_on_no_roster_is_nobodys_problem() -> None:
    """Ordinary residents are not chased by this check."""
    assert problems() == []
    assert problems(a_grant(), a_grant(on="2023-05-01", action="removed", minute=1)) == []


def test_insured_in_another_county_stays_open_until_a_waiver_is_signed_or_the_person_returns() -> (
    None
):
    """愿意回来的先退费再免缴费; 不愿回来的签自愿放弃承诺书."""
    away = elsewhere("OTHER_AREA_RESIDENT")

    assert problems(a_grant(), away) == ["insured_elsewhere"]
    assert problems(a_grant(), away, a_reason("WAIVED")) == []
    assert problems(a_grant(), away, a_reason("WAIVED", evidence="")) == ["insured_elsewhere"]
    back = elsewhere("OTHER_AREA_RESIDENT", until="2023-05-31")
    assert problems(a_grant(), back, a_premium()) == []


def test_an_employee_is_watched_and_enrolled_as_soon_as_the_insurance_lapses() -> None:
    """职工参保: justified while it lasts, a problem the day after."""
    employed = elsewhere("LOCAL_EMPLOYEE", until="2023-06-10")

    assert problems(a_grant(), employed, on=date(2023, 6, 10)) == []
    assert problems(a_grant(), employed, on=date(2023, 6, 11)) == ["employee_lapsed"]
    assert problems(a_grant(), employed, a_premium(), on=date(2023, 6, 11)) == []


def test_whoever_paid_though_exempt_waits_for_the_refund() -> None:
    """个人缴费的予以退费."""
    poor = a_grant("REGISTERED_POOR", "2018-03-01")
    paid = a_premium(2020, amount="250.00")
    on = date(2020, 3, 1)

    assert problems(poor, paid, on=on, packs=WS) == ["refund_due"]
    assert problems(poor, paid, a_refund(), on=on, packs=WS) == []


def test_refunded_and_not_exempt_is_found_also_off_the_roster() -> None:
    """The seed's own finding of its second pass."""
    left = [
        a_grant("REGISTERED_POOR", "2018-03-01"),
        a_grant("REGISTERED_POOR", "2019-06-01", action="removed", minute=1),
        a_premium(2020, amount="250.00"),
        a_refund(),
    ]

    assert problems(*left, on=date(2020, 6, 1), packs=WS) == ["refunded_not_exempt"]


def test_a_dead_person_who_still_stands_on_a_roster_goes_back_to_its_owner() -> None:
    """死亡: enrolment and flag are stopped here; the owner must strike the name."""
    dead = [a_grant(), a_death(Source.CIVIL_AFFAIRS), a_death(Source.FUNERAL_HOME, minute=1)]

    assert problems(*dead) == ["dead_on_roster"]
    assert problems(*dead, a_grant(on="2023-06-01", action="removed", minute=9)) == []
    assert problems(*dead[:2]) == ["death_unconfirmed", "not_enrolled"]


def test_two_registrars_without_the_roster_owner_are_chased_also_for_who_is_on_no_roster() -> None:
    """殡仪馆 and 公安 say so, 民政 does not: somebody asks, until it says so too or they take it back."""
    told = [a_death(Source.FUNERAL_HOME), a_death(Source.POLICE, minute=1)]

    assert problems(*told) == ["death_unconfirmed"]
    assert problems(*told, a_death(Source.CIVIL_AFFAIRS, minute=2)) == []
    revoked = [
        a_death(source, action="revoked", minute=9)
        for source in (Source.FUNERAL_HOME, Source.POLICE)
    ]
    assert problems(*told, *revoked) == []


def test_a_payment_beside_a_subsidy_is_looked_at() -> None:
    """Exempt, and the family paid all the same; 利辛 has no rule that gives it back."""
    assert problems(a_grant("DESTITUTE"), a_premium(on="2023-02-01")) == ["paid_twice"]


def test_the_roster_of_a_past_year_is_that_years() -> None:
    """Granted in February 2024 is not missing in 2023; removed then and unpaid in 2023 is (§14: 11)."""
    year_end = date(2023, 12, 31)
    came = a_grant(on="2024-02-05")
    went = [a_grant(on="2022-03-01"), a_grant(on="2024-02-17", action="removed", minute=1)]

    assert problems(came, on=year_end) == []
    assert problems(*went, on=year_end) == ["not_enrolled"]
    assert problems(*went, on=date(2024, 3, 1)) == []


def test_whoever_died_in_the_year_belongs_to_its_roster_as_dead_whenever_it_was_struck() -> None:
    """Ledger 3 DEATH: neither enrolled nor an overlap, and nothing to chase once the name is struck."""
    facts = [
        a_grant("DESTITUTE"), a_death(Source.CIVIL_AFFAIRS), a_death(Source.FUNERAL_HOME, minute=1),
        a_grant("DESTITUTE", "2023-06-01", action="removed", minute=2),
    ]  # fmt: skip

    case = case_from(fold_person(LX, PERSON, facts), date(2023, 12, 31))

    assert (case.listed, case.enrolled) == (("DESTITUTE",), False)
    assert justified_on(case, date(2023, 12, 31)) == "DEATH"
    assert not case.owed_on(date(2023, 12, 31))
    assert list(problems_of(case, date(2023, 12, 31))) == []


def test_a_name_that_two_lists_write_differently_goes_back_to_the_roster_owner() -> None:
    """身份信息错误: the township confirms which is right."""
    roster = a_grant().model_copy(update={"name_tag": "aaaa"})
    right = a_premium().model_copy(update={"name_tag": "aaaa"})
    wrong = a_premium().model_copy(update={"name_tag": "bbbb"})

    assert problems(roster, wrong) == ["identity_wrong"]
    assert problems(roster, right) == []


def test_a_missing_person_whose_family_is_searching_is_justified_for_half_a_year() -> None:
    """失联: with a note of police or village, looked at again each half year."""
    note = a_reason("MISSING", seen=date(2023, 1, 10))

    assert problems(a_grant(), note, on=date(2023, 7, 12)) == []
    assert problems(a_grant(), note, on=date(2023, 7, 13)) == ["lost_contact"]
    assert problems(a_grant(), a_reason("MISSING", evidence="")) == ["lost_contact"]
    again = a_reason("MISSING", seen=date(2023, 7, 13))
    assert problems(a_grant(), note, again, on=date(2023, 7, 13)) == []


def test_a_missing_person_who_is_enrolled_keeps_everything() -> None:
    """Benefits stay, and that is no contradiction."""
    assert problems(a_grant("DESTITUTE"), a_reason("MISSING")) == []


def test_insured_here_and_rightly_not_insured_here_is_a_contradiction() -> None:
    """One of the two is wrong."""
    assert problems(a_grant(), a_premium(), insured_elsewhere("2023-01-01")) == ["doubly_counted"]


def kinds_with(system: Listed, *facts: Event) -> list[str]:
    """Return the kinds of problems beside what the insurance system's lists say."""
    case = replace(case_from(fold_person(LX, PERSON, facts), JUNE), system=system)
    return [one.kind.value for one in problems_of(case, JUNE)]


def test_the_systems_list_of_the_exempt_is_compared_with_the_roster() -> None:
    """第二步: refunded and not exempt, exempt by right and not in the system, exempt and on no roster."""
    destitute = a_grant("DESTITUTE", "2022-01-01")
    refunded = [destitute, a_premium(), a_refund("350.00", 2023)]
    absent, there = Listed(exempt=False), Listed(exempt=True)

    assert kinds_with(absent, *refunded) == ["refunded_not_exempt"]
    assert kinds_with(there, *refunded) == []
    assert kinds_with(absent, destitute) == ["exemption_missing"]
    assert kinds_with(there, a_grant("DESTITUTE", "2024-05-01")) == ["exempt_off_roster"]
    gone_in_march = a_grant("DESTITUTE", "2023-03-01", action="removed", minute=1)
    assert kinds_with(there, destitute, gone_in_march) == []
    assert kinds_with(Listed(), destitute) == []


def test_the_systems_list_of_the_flagged_is_compared_with_the_roster() -> None:
    """脱贫不享受、死亡: the flag is stopped, the exemption stays; whoever is on a roster has one."""
    destitute = a_grant("DESTITUTE", "2022-01-01")
    gone = a_grant("DESTITUTE", "2023-03-01", action="removed", minute=1)

    assert kinds_with(Listed(flagged=False), destitute) == ["flag_missing"]
    assert kinds_with(Listed(flagged=True), destitute) == []
    assert kinds_with(Listed(flagged=True), destitute, gone) == ["flag_not_stopped"]
    assert kinds_with(Listed(flagged=False), destitute, gone) == []


def test_nobody_is_told_to_exempt_who_is_insured_elsewhere_or_dead() -> None:
    """Refunded because an employer insures, or after a death; the system's own list settles it, too."""
    poor = a_grant("REGISTERED_POOR", "2018-01-01")
    refunded = [poor, a_premium(2020, amount="250.00"), a_refund()]
    employed = insured_elsewhere("2019-01-01")

    found = problems(*refunded, employed, on=date(2020, 6, 1), packs=WS)

    assert "refunded_not_exempt" not in found


def test_a_check_of_a_past_year_does_not_know_of_a_later_death_or_employment() -> None:
    """Died in 2024, employed from 2024: in 2023 the flag was right and nothing had lapsed."""
    destitute = a_grant("DESTITUTE", "2022-01-01")
    dead = [
        a_death(source, "2024-03-03", minute=minute)
        for minute, source in enumerate((Source.CIVIL_AFFAIRS, Source.FUNERAL_HOME))
    ]
    case = case_from(fold_person(LX, PERSON, [destitute, *dead]), date(2023, 12, 31))
    later = insured_elsewhere("2024-02-01")

    flagged = replace(case, system=Listed(flagged=True))

    assert list(problems_of(flagged, date(2023, 12, 31))) == []
    assert problems(a_grant(), later, on=date(2023, 12, 31)) == ["not_enrolled"]


def test_an_approved_flag_is_no_flag_off_the_roster() -> None:
    """Applied for and approved: exempt and flagged in its year, although no roster names the person."""
    applied = FlagApplied(
        source=Source.TOWNSHIP_OFFICE, received=MORNING, person=PERSON, township="城关镇",
        category=Category("DESTITUTE"), filed_on=date(2022, 11, 1),
    )  # fmt: skip
    approved = FlagDecided(
        source=Source.BUREAU, received=MORNING, person=PERSON, category=Category("DESTITUTE"),
        flag_year=2023, decision="approved", decided_on=date(2022, 12, 1),
    )  # fmt: skip

    assert kinds_with(Listed(True, True), applied, approved) == []


def test_every_problem_says_what_to_do() -> None:
    """An officer is never left with a code."""
    assert set(FOLLOW_UP_ZH) == set(ProblemKind)


def test_a_name_that_the_source_corrected_is_no_problem_any_longer() -> None:
    """The latest spelling of each list is what is compared."""
    roster = a_grant().model_copy(update={"name_tag": "aaaa"})
    wrong, right = (
        a_premium(minute=minute).model_copy(update={"name_tag": tag})
        for minute, tag in ((1, "bbbb"), (2, "aaaa"))
    )

    assert problems(roster, wrong) == ["identity_wrong"]
    assert problems(roster, wrong, right) == []


def test_an_ordinary_person_whose_premium_went_back_is_not_chased() -> None:
    """Somebody who joined an employer: never on a roster."""
    assert (
        problems(a_premium(2020, amount="250.00"), a_refund(), on=date(2020, 6, 1), packs=WS) == []
    )
