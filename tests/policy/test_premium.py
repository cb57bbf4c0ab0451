"""What a year costs, who is subsidised, and whose payment goes back (domain §8, rules of S1)."""

from dataclasses import replace
from datetime import date

import pytest

from policy.loader import load_pack
from policy.premium import PremiumRules
from tests.builders import yuan

WS, CJ, KF, LX = (
    load_pack(name).premiums
    for name in ("wenshang-2020", "congjiang-2020", "kaifeng-2017", "lixin-2023")
)


@pytest.mark.parametrize(
    ("rules", "year", "category", "full", "subsidy"),
    [
        (WS, 2020, "REGISTERED_POOR", "250.00", "250.00"), (WS, 2020, "SUBSISTENCE", "250.00", "250.00"),
        (WS, 2020, "DESTITUTE", "250.00", "250.00"), (WS, 2020, "NONE", "250.00", "0.00"),
        (CJ, 2020, "DESTITUTE", "250.00", "250.00"), (CJ, 2020, "REGISTERED_POOR", "250.00", "120.00"),
        (CJ, 2020, "SUBSISTENCE", "250.00", "120.00"), (KF, 2017, "DESTITUTE", "150.00", "150.00"),
        (KF, 2017, "SUBSISTENCE", "150.00", "30.00"), (KF, 2017, "REGISTERED_POOR", "150.00", "30.00"),
        (KF, 2017, "CHILD_IN_DIFFICULTY", "150.00", "0.00"), (LX, 2023, "DESTITUTE", "350.00", "350.00"),
        (LX, 2023, "ORPHAN", "350.00", "350.00"), (LX, 2023, "SUBSISTENCE", "350.00", "315.00"),
        (LX, 2023, "BACK_TO_POVERTY", "350.00", "280.00"), (LX, 2023, "MARGINAL_AT_RISK", "350.00", "175.00"),
        (LX, 2023, "SUDDEN_HARDSHIP", "350.00", "175.00"), (LX, 2023, "SUBSISTENCE_MARGIN", "350.00", "0.00"),
    ],
)  # fmt: skip
def test_premium_and_subsidy_of_a_category(
    rules: PremiumRules, year: int, category: str, full: str, subsidy: str
) -> None:
    """What a resident pays, and what is paid for whom."""
    assert rules.of_year(year) == yuan(full)
    assert rules.subsidy(year, category) == yuan(subsidy)


def test_a_year_that_the_pack_does_not_cover_has_no_premium() -> None:
    """Nothing is known of the year before, nor of the year after."""
    assert WS.of_year(2021) is None
    assert WS.of_year(2019) is None


@pytest.mark.parametrize(
    ("category", "recognised", "refund"),
    [
        ("REGISTERED_POOR", date(2018, 5, 1), True), ("REGISTERED_POOR", date(2020, 6, 1), True),
        ("SUBSISTENCE", date(2019, 12, 31), True), ("SUBSISTENCE", date(2020, 1, 1), False),
        ("DESTITUTE", date(2019, 12, 31), True), ("DESTITUTE", date(2020, 1, 1), False),
        ("ORPHAN", date(2020, 1, 2), False),
    ],
)  # fmt: skip
def test_whose_paid_premium_goes_back_in_wenshang(
    category: str, recognised: date, refund: bool
) -> None:
    """Registered poor always; low-income and destitute only if recognised by the end of 2019."""
    rule = WS.refund_rule(2020, category, recognised)

    assert rule is not None
    assert rule.refund is refund


def test_a_rule_for_those_recognised_later_does_not_concern_earlier_ones() -> None:
    """Each rule by itself, whichever stands first in the pack."""
    always, until_2019, since_2020 = WS.refunds

    assert until_2019.concerns(2020, "SUBSISTENCE", date(2019, 12, 31))
    assert not until_2019.concerns(2020, "SUBSISTENCE", date(2020, 1, 1))
    assert since_2020.concerns(2020, "SUBSISTENCE", date(2020, 1, 1))
    assert not since_2020.concerns(2020, "SUBSISTENCE", date(2019, 12, 31))
    assert not always.concerns(2020, "SUBSISTENCE", date(2019, 12, 31))


def test_what_holds_on_the_first_of_january_is_the_years_premium() -> None:
    """A value that ends on 1 January was still the year's."""
    (full,) = WS.full
    brief = replace(full, valid_to=date(2020, 1, 1))

    assert PremiumRules(full=(brief,)).of_year(2020) == yuan("250.00")
    assert not replace(WS.refunds[0], valid_to=date(2019, 12, 31)).concerns(
        2020, "REGISTERED_POOR", date(2019, 1, 1)
    )
    assert replace(WS.refunds[0], valid_to=date(2020, 1, 1)).concerns(
        2020, "REGISTERED_POOR", date(2019, 1, 1)
    )


def test_where_the_notice_says_nothing_there_is_no_rule() -> None:
    """An ordinary person, another year, another county: somebody has to ask."""
    assert WS.refund_rule(2020, "NONE", date(2019, 1, 1)) is None
    assert WS.refund_rule(2019, "REGISTERED_POOR", date(2018, 1, 1)) is None
    assert LX.refund_rule(2023, "SUBSISTENCE", date(2022, 1, 1)) is None
