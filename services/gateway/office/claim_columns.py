"""How the sheets of bills read: S0's sheets 4, 6, 7 and 8. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from contracts.bill_sheets import AdjustmentLine, ClaimLine, ManualLine
from contracts.funds import ASSISTANCE_FUNDS, FUND_ZH
from contracts.money import format_yuan, parse_yuan
from contracts.vocabulary import KIND_ZH, OUTCOME_ZH

YES, NO = "是", "否"


class OfPerson(Protocol):
    """A line about somebody: whose it is."""

    person: str


Line = TypeVar("Line", bound=OfPerson)


@dataclass(frozen=True, slots=True)
class LineSheet(Generic[Line]):
    """A sheet: its title, its columns after those of people, and how a line reads."""

    title: str
    columns: tuple[str, ...]
    columns_of: Callable[[Line], tuple[str, ...]]


def _assistance(line: ClaimLine) -> str:
    return format_yuan(sum(parse_yuan(line.pays.get(fund, "0.00")) for fund in ASSISTANCE_FUNDS))


def _stay(line: ClaimLine) -> tuple[str, ...]:
    return (
        line.provider, line.level, "" if line.admit is None else line.admit.isoformat(),
        line.discharge.isoformat(), *_settled(line, line.total_fee, line.in_scope),
        line.pays.get("bmi", "0.00"), line.pays.get("cii", "0.00"), _assistance(line),
        line.personal_burden, *_since(line),
    )  # fmt: skip


def _settled(line: ClaimLine, *amounts: str) -> tuple[str, ...]:
    """Return amounts of a bill that is settled: in a column's total stands what funds and families paid."""
    return amounts if line.outcome == "settled" else ("",) * len(amounts)


def _since(line: ClaimLine) -> tuple[str, ...]:
    """Return what all funds paid when it was settled first, what was re-decided since, and the state."""
    return line.first, line.difference, OUTCOME_ZH.get(line.outcome, line.outcome)


def _major(line: ClaimLine) -> tuple[str, ...]:
    return (line.disease, *_stay(line))


def _one_stop(line: ClaimLine) -> tuple[str, ...]:
    return (
        line.claim, KIND_ZH[line.kind], line.discharge.isoformat(), YES if line.one_stop else NO,
        line.why_not, YES if line.statement else NO, *_settled(line, line.total_fee),
        *(line.pays.get(fund, "0.00") for fund in FUND_ZH), line.personal_burden, *_since(line),
    )  # fmt: skip


SINCE = ("首次结算报销救助（元）", "重新核定差额（元）", "状态")
STAY = (
    "医疗机构", "级别", "入院日期", "出院日期", "总费用（元）", "政策范围内费用（元）", "基本医保（元）",
    "大病保险（元）", "医疗救助（元）", "个人负担（元）", *SINCE,
)  # fmt: skip
BILL_SHEETS: Mapping[str, LineSheet[ClaimLine]] = {
    "inpatient_claim": LineSheet("住院报销台账", STAY, _stay),
    "one_stop": LineSheet(
        "一站式、一单清台账",
        (
            "结算单号", "医疗类别", "出院（就诊）日期", "是否一站式", "未一站式原因", "是否出具一单清",
            "总费用（元）",
            *(f"{name}（元）" for name in FUND_ZH.values()), "个人负担（元）", *SINCE,
        ),
        _one_stop,
    ),
    "major_disease": LineSheet("重大疾病住院台账", ("病种", *STAY), _major),
}  # fmt: skip


def adjustment_columns(line: AdjustmentLine) -> tuple[str, ...]:
    """Return a layer's line: what is to be paid and what reclaimed stand apart, never netted (C13)."""
    due = line.delta if line.direction == "due" else ""
    back = line.delta.removeprefix("-") if line.direction == "refundable" else ""
    steps = "；".join(f"{one.before}→{one.after}（{one.why}）" for one in line.steps)
    return (
        line.claim, line.provider, line.discharge.isoformat(), FUND_ZH[line.fund], line.first,
        line.now, due, back, line.steps[-1].why, steps,
    )  # fmt: skip


def manual_columns(line: ManualLine) -> tuple[str, ...]:
    """Return a bill's line."""
    return (
        line.claim, line.discharge.isoformat(), line.why, line.due, line.paid, line.left,
        line.card_last4, "" if line.paid_on is None else line.paid_on.isoformat(),
        YES if line.signed else NO,
    )  # fmt: skip


ADJUSTMENT: LineSheet[AdjustmentLine] = LineSheet(
    "应补应退台账",
    (
        "结算单号", "医疗机构", "出院（就诊）日期", "资金渠道", "首次结算（元）", "现核定（元）",
        "应补（元）", "应退（元）", "原因", "变动经过",
    ),
    adjustment_columns,
)  # fmt: skip
MANUAL: LineSheet[ManualLine] = LineSheet(
    "医疗救助手工发放台账",
    (
        "结算单号", "出院日期", "发放原因", "应发金额（元）", "已发金额（元）", "未发金额（元）",
        "社保卡后四位", "发放日期", "是否签字",
    ),
    manual_columns,
)  # fmt: skip
