"""Who pays a coverage year, whose premium goes back, and what an exit or a death changes (domain §8)."""

from datetime import date

from contracts.events.base import Event
from contracts.vocabulary import Source
from policy.loader import load_pack
from services.enrollment.person.fold import Person, fold_person
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.rules import Standing, decide
from services.enrollment.person.timelines import ToldDead
from tests.builders import (
    PERSON,
    a_death,
    a_grant,
    a_premium,
    a_reason,
    a_refund,
    insured_elsewhere,
    names,
    yuan,
)

WS = [load_pack("wenshang-2020")]
LX = [load_pack("lixin-2023")]


def person(*facts: Event) -> Person:
    """Return a person of 汶上 2020."""
    return fold_person(WS, PERSON, facts)


def standing(*facts: Event) -> PremiumStanding:
    """Return the standing of 2020."""
    return next(one for one in person(*facts).premiums if one.year == 2020)


def paid() -> Event:
    """250 for 2020."""
    return a_premium(2020, amount="250.00")


def test_a_registered_poor_person_who_paid_gets_it_back_whenever_recognised() -> None:
    """对精准扶贫人员，全部予以退费."""
    for recognised in ("2018-03-01", "2020-06-01"):
        found = standing(a_grant("REGISTERED_POOR", recognised), paid())

        assert found.refund_due == yuan("250.00")
        assert found.rule == "对精准扶贫人员，按照相关要求全部予以退费"
        assert found.enrolled
        assert not found.exempt


def test_a_low_income_person_recognised_by_the_end_of_2019_who_paid_gets_it_back() -> None:
    """2019年12月31日前认定的，均予以退费."""
    assert standing(a_grant("SUBSISTENCE", "2019-12-31"), paid()).refund_due == yuan("250.00")
    assert standing(a_grant("DESTITUTE", "2019-12-31"), paid()).refund_due == yuan("250.00")


def test_a_low_income_person_recognised_in_2020_who_paid_keeps_it_paid() -> None:
    """2020年1月1日后认定的，缴费人员不再退费: covered by the payment, not exempt."""
    found = standing(a_grant("SUBSISTENCE", "2020-01-01"), paid())

    assert (found.refund_due, found.exempt, found.enrolled) == (0, False, True)


def test_a_low_income_person_recognised_in_2020_who_had_not_paid_is_exempt() -> None:
    """未参保的人员进行免缴费认定."""
    found = standing(a_grant("SUBSISTENCE", "2020-05-01"))

    assert found.exempt
    assert found.enrolled
    assert person(a_grant("SUBSISTENCE", "2020-05-01")).covered_years == (2020,)


def test_after_the_refund_the_person_is_exempt() -> None:
    """Refunded and exempt belong together; the other order is the seed's own finding."""
    found = standing(a_grant("REGISTERED_POOR", "2018-03-01"), paid(), a_refund())

    assert (found.refund_due, found.kept) == (0, 0)
    assert found.exempt


def test_refunded_but_no_longer_on_the_roster_of_that_year_is_neither_exempt_nor_enrolled() -> None:
    """Refunded ∧ ¬exempt: the identity was withdrawn from before the year."""
    found = standing(
        a_grant("REGISTERED_POOR", "2018-03-01"),
        a_grant("REGISTERED_POOR", "2019-06-01", action="removed", minute=1),
        paid(),
        a_refund(),
    )

    assert (found.exempt, found.enrolled) == (False, False)


def test_a_partial_refund_leaves_the_rest_due() -> None:
    """100 of 250 went back."""
    found = standing(a_grant("REGISTERED_POOR", "2018-03-01"), paid(), a_refund("100.00"))

    assert found.refund_due == yuan("150.00")


def test_an_ordinary_person_who_paid_has_nothing_to_get_back() -> None:
    """No rule, no refund."""
    found = fold_person(WS, PERSON, [paid()]).premiums[0]

    assert (found.refund_due, found.enrolled) == (0, True)


def test_an_exit_in_mid_year_stops_the_flag_and_keeps_the_exemption() -> None:
    """脱贫不享受：标识中断，但是免缴费认定保留."""
    facts = [
        a_grant("REGISTERED_POOR", "2018-03-01"),
        a_grant("REGISTERED_POOR", "2020-07-01", action="removed", minute=1),
    ]

    found = person(*facts)

    assert [one.valid_to for one in found.identities] == [date(2020, 6, 30)]
    assert found.covered_years == (2020,)
    assert standing(*facts).exempt


def test_of_several_identities_the_highest_subsidy_is_paid_once() -> None:
    """利辛: low-income 315 and monitored 175 at once: 315, by the one."""
    facts = [
        a_grant("MARGINAL_AT_RISK", source=Source.RURAL_REVITALISATION),
        a_grant("SUBSISTENCE"),
    ]

    own_share = a_premium(amount="35.00", on="2023-02-01")

    (found,) = fold_person(LX, PERSON, [*facts, own_share]).premiums

    assert (found.category, found.subsidy) == ("SUBSISTENCE", yuan("315.00"))


def test_who_is_not_enrolled_shows_no_subsidy_but_is_owed_one() -> None:
    """315 of 350 are owed to a low-income person; paid they are once the own 35 are."""
    (found,) = fold_person(LX, PERSON, [a_grant("SUBSISTENCE")]).premiums

    assert (found.owed, found.subsidy, found.enrolled) == (yuan("315.00"), 0, False)


def test_payment_and_subsidy_together_are_one_premium_and_more_is_looked_at() -> None:
    """Of low income and paid the whole 350: one premium stands, and somebody looks at the 315."""
    facts = [a_grant("SUBSISTENCE"), a_premium(amount="350.00", on="2023-02-01")]

    (found,) = fold_person(LX, PERSON, facts).premiums

    assert (found.subsidy, found.overpaid) == (0, yuan("315.00"))


def test_recognised_in_2020_and_paid_afterwards_one_payment_of_the_standard_stands() -> None:
    """WS rule 3, paid after the recognition: no refund, no subsidy, nothing to look at (§14: 13)."""
    late = a_premium(2020, amount="250.00", on="2020-02-10")

    found = standing(a_grant("SUBSISTENCE", "2020-01-15"), late)

    assert (found.subsidy, found.refund_due, found.overpaid, found.kept) == (0, 0, 0, 25_000)


def test_a_second_payment_for_the_same_year_is_looked_at() -> None:
    """Two payments of an ordinary resident on two days: one too many."""
    second = a_premium(2020, amount="250.00", on="2020-02-01")

    assert standing(paid(), second).overpaid == yuan("250.00")


def test_a_refund_told_with_and_without_its_receipt_is_one() -> None:
    """The bureau notes it, the tax office sends the receipt: nobody loses the year by it."""
    twice = [paid(), a_premium(2020, amount="250.00", on="2020-02-01")]
    noted, receipted = (a_refund().model_copy(update={"receipt": one}) for one in ("", "R1"))

    found = standing(*twice, noted, receipted)

    assert (found.refunded, found.kept, found.enrolled) == (25_000, 25_000, True)


def test_nothing_is_granted_while_somebody_is_an_employee_and_nothing_taken_back_later() -> None:
    """Employed when recognised and until December: no exemption; employed from June on: it stands."""
    poor = a_grant("DESTITUTE", "2020-03-01")

    assert standing(poor, insured_elsewhere("2019-07-01", "2020-12-31")).owed == 0
    begun = standing(poor, insured_elsewhere("2020-06-01"))
    assert (begun.exempt, begun.category) == (True, "DESTITUTE")
    ended = standing(poor, insured_elsewhere("2019-07-01", "2020-05-31"))
    assert ended.exempt


def test_nobody_is_owed_a_subsidy_in_army_or_prison_or_after_a_waiver() -> None:
    """Domain §14: 18, told as reasons with evidence."""
    poor = a_grant("DESTITUTE", "2018-01-01")

    for reason in ("ARMY", "PRISON", "WAIVED"):
        assert standing(poor, a_reason(reason, since="2019-12-01")).owed == 0


def test_a_death_stops_flag_and_later_years_and_keeps_the_year_of_death() -> None:
    """自死亡当月中断参保和标识; what was paid before stays."""
    facts = [
        a_grant("DESTITUTE", "2020-01-01"),
        a_premium(2021, amount="280.00"),
        a_death(Source.CIVIL_AFFAIRS, "2020-05-20"),
        a_death(Source.FUNERAL_HOME, "2020-05-20"),
    ]

    found = person(*facts)

    assert [one.valid_to for one in found.identities] == [date(2020, 5, 31)]
    assert found.covered_years == (2020,)
    assert found.listed == ("DESTITUTE",)


def test_a_revoked_death_restores_flag_and_coverage() -> None:
    """As if it had never been said."""
    alive = [a_grant("DESTITUTE", "2020-01-01")]
    revived = [
        *alive,
        a_death(Source.CIVIL_AFFAIRS, "2020-05-20", minute=1),
        a_death(Source.FUNERAL_HOME, "2020-05-20", minute=2),
        a_death(Source.FUNERAL_HOME, "2020-05-20", action="revoked", minute=3),
        a_death(Source.CIVIL_AFFAIRS, "2020-05-20", action="revoked", minute=4),
    ]

    assert person(*revived) == person(*alive)
    half = person(*revived[:-1])
    assert (half.died, half.identities) == (None, person(*alive).identities)
    assert half.deaths == (ToldDead("civil_affairs", date(2020, 5, 20)),)


def test_exemption_and_refund_are_announced_once_and_taken_back_when_gone() -> None:
    """The difference goes out: granted, due, no longer due."""
    facts = [a_grant("REGISTERED_POOR", "2018-03-01")]
    first = decide(WS, PERSON, facts, Standing())
    assert first is not None
    second = decide(WS, PERSON, [*facts, paid()], first.after)
    assert second is not None
    third = decide(WS, PERSON, [*facts, paid(), a_refund()], second.after)
    assert third is not None

    assert "ExemptionGranted" in names(first.events)
    assert [e.amount for e in second.events if e.NAME == "RefundDue"] == [yuan("250.00")]  # type: ignore[union-attr]
    assert [e.amount for e in third.events if e.NAME == "RefundDue"] == [0]  # type: ignore[union-attr]
    assert "ExemptionGranted" in names(third.events)
    assert decide(WS, PERSON, [a_refund(), paid(), *facts], third.after) is None


def test_a_premium_told_twice_is_one_premium() -> None:
    """The tax office sends its list again next month: nobody gets back what was never paid."""
    told = [paid(), a_premium(2020, amount="250.00", minute=600)]

    found = standing(a_grant("REGISTERED_POOR", "2018-03-01"), *told)

    assert (found.paid, found.refund_due) == (yuan("250.00"), yuan("250.00"))
    back = standing(a_grant("REGISTERED_POOR", "2018-03-01"), *told, a_refund(), a_refund(minute=9))
    assert (back.refunded, back.exempt) == (yuan("250.00"), True)


def test_whoever_is_an_employee_the_whole_year_is_not_subsidised_here() -> None:
    """Domain §8: no subsidy for a person enrolled as an employee; a part of the year is another thing."""
    poor = a_grant("REGISTERED_POOR", "2018-03-01")
    all_year, until_may = (
        insured_elsewhere("2019-01-01"),
        insured_elsewhere("2019-01-01").model_copy(update={"valid_to": date(2020, 5, 31)}),
    )

    assert standing(poor, all_year).subsidy == 0
    assert person(poor, all_year).covered_years == ()
    assert standing(poor, until_may).exempt


def test_an_identity_gained_after_the_payment_pays_no_subsidy_for_it() -> None:
    """The highest identity valid when paid; what comes later is a matter of the refund rules."""
    found = standing(a_grant("SUBSISTENCE", "2020-06-01"), paid())

    assert (found.subsidy, found.refund_due, found.enrolled) == (0, 0, True)
