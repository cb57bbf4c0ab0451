"""The funds: one table, from which names, columns, mappings, shares in messages and stages follow.

A fund's code is also its field in events and bills and its account in the books.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Stage = Literal["settlement", "assistance", "given"]


class Fund(StrEnum):
    """Who pays a part of a bill, in the order in which a bill names them."""

    BMI = "bmi"
    CII = "cii"
    SUPPLEMENT = "supplement"
    MEDICAL_ASSISTANCE = "medical_assistance"
    HOSPITAL_REDUCTION = "hospital_reduction"
    COMMERCIAL_SUPPLEMENT = "commercial_supplement"
    REASSISTANCE = "reassistance"
    TILTED_ASSISTANCE = "tilted_assistance"
    HOSPITAL_BORNE = "hospital_borne"


@dataclass(frozen=True, slots=True)
class FundRow:
    """A fund: its Chinese name, who decides on it, and what it is called elsewhere.

    ``stage``: the service that decides and books it; ``given``: stated on the bill by who gives it (C11).
    ``national``: the field of the national settlement interface that it adds to. ``share``: under which
    name a message to the family adds it up. ``verb``: what it does, in an explanation.
    """

    fund: Fund
    zh: str
    stage: Stage
    national: str
    share: str
    verb: str = "支付"


FUNDS = (
    FundRow(Fund.BMI, "基本医疗保险", "settlement", "hifp_pay", "基本医保", "报销"),
    FundRow(Fund.CII, "大病保险", "settlement", "hifmi_pay", "大病保险", "报销"),
    FundRow(Fund.SUPPLEMENT, "困难群众大病补充保险", "settlement", "oth_pay", "大病保险", "报销"),
    FundRow(Fund.MEDICAL_ASSISTANCE, "医疗救助", "assistance", "maf_pay", "医疗救助", "救助"),
    FundRow(Fund.HOSPITAL_REDUCTION, "医疗机构减免", "given", "hosp_part_amt", "减免和商业补充"),
    FundRow(Fund.COMMERCIAL_SUPPLEMENT, "医疗商业补充保险", "given", "oth_pay", "减免和商业补充"),
    FundRow(Fund.REASSISTANCE, "再救助", "assistance", "maf_pay", "医疗救助", "救助"),
    FundRow(Fund.TILTED_ASSISTANCE, "倾斜救助", "assistance", "maf_pay", "医疗救助", "救助"),
    FundRow(Fund.HOSPITAL_BORNE, "医院负担", "settlement", "hosp_part_amt", "医院负担"),
)
FUND_ZH = {one.fund.value: one.zh for one in FUNDS}


def decided_by(stage: Stage) -> tuple[str, ...]:
    """Return the funds that a stage decides, in the order of a bill."""
    return tuple(one.fund.value for one in FUNDS if one.stage == stage)


INSURANCE_FUNDS = decided_by("settlement")
ASSISTANCE_FUNDS = decided_by("assistance")
GIVEN_FUNDS = decided_by("given")
AMOUNTS = ("total_fee", *FUND_ZH, "personal_burden")
"""The amounts of a bill: all funds and the family's share sum to the total."""


def grouped(by: Literal["national", "share"]) -> dict[str, tuple[str, ...]]:
    """Return what is shown as one amount → the funds that it adds up, in the order of a bill."""
    found: dict[str, tuple[str, ...]] = {}
    for one in FUNDS:
        name: str = getattr(one, by)
        found[name] = (*found.get(name, ()), one.fund.value)
    return found
