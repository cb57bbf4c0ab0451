"""The ledgers (台账) of S0 and S3 that enrollment keeps: whose row, which columns, what words. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.money import format_yuan
from contracts.vocabulary import CATEGORY_ZH, JUSTIFICATION_ZH
from services.enrollment.problems import Case, justified_on

YES, NO = "是", "否"
CHANGE_ZH = {"ADDED": "新增", "REMOVED": "取消", "CHANGED": "变更"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What the vault holds of a person; what no list said is empty."""

    id_number: str = ""
    name: str = ""
    phone: str = ""
    head: str = ""


@dataclass(frozen=True, slots=True)
class Resident:
    """A person as a ledger shows one; number, name, head of household and phone come from the vault."""

    opened: "Opened"
    township: str
    village: str
    case: Case
    batch: str = ""
    updated: date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a person's flags, for the dynamic ledger."""

    opened: "Opened"
    township: str
    village: str
    change: str
    effective: date | None
    before: Sequence[str]
    after: Sequence[str]
    batch: str = ""
    updated: date | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger: its title, its own columns after the common ones, and how a resident's row reads."""

    title: str
    columns: tuple[str, ...]
    row: Callable[[Resident, int, date], tuple[str, ...] | None]


COMMON = (
    "身份证号", "姓名", "户主", "乡镇", "村（社区）", "人员类别", "联系电话", "备注", "来源批次", "更新日期",
)  # fmt: skip
CHANGES_TITLE = "动态参保台账（新增和退出）"
CHANGES_COLUMNS = ("变动类型", "生效月份", "变动前", "变动后")


def common(one: Resident | Move, categories: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that every ledger has; what no list said stays empty to be filled in."""
    who, day = one.opened, "" if one.updated is None else one.updated.isoformat()
    return (
        who.id_number, who.name, who.head, one.township, one.village, in_words(categories),
        who.phone, "", one.batch, day,
    )  # fmt: skip


def in_words(categories: Sequence[str]) -> str:
    """Write categories in Chinese."""
    return "、".join(CATEGORY_ZH.get(one, one) for one in categories)


def _roster(one: Resident, year: int, day: date) -> tuple[str, ...] | None:
    if not one.case.listed:
        return None
    reason = justified_on(one.case, day)
    return (YES if one.case.enrolled else NO, JUSTIFICATION_ZH.get(reason, ""), str(year))


def _enrolment(one: Resident, year: int, _: date) -> tuple[str, ...] | None:
    case = one.case
    if not case.listed or not case.enrolled:
        return None
    premium = case.premium
    return (
        "城乡居民基本医疗保险", str(year), format_yuan(premium.kept), format_yuan(premium.subsidy),
        CATEGORY_ZH.get(premium.category, ""), YES if premium.exempt else NO,
    )  # fmt: skip


def _justified(one: Resident, _: int, day: date) -> tuple[str, ...] | None:
    if not one.case.listed or one.case.enrolled:
        return None
    if one.case.died is not None and one.case.died <= day:
        return (JUSTIFICATION_ZH["DEATH"], "死亡登记比对", one.case.died.isoformat(), "", "")
    for claimed in one.case.justified:
        if claimed.counts_on(day):
            end = "" if claimed.valid_to is None else claimed.valid_to.isoformat()
            return (
                JUSTIFICATION_ZH[claimed.reason.value], claimed.evidence,
                claimed.valid_from.isoformat(), end, claimed.checked.isoformat(),
            )  # fmt: skip
    return None


def _premium(one: Resident, year: int, _: date) -> tuple[str, ...] | None:
    premium = one.case.premium
    if not (premium.paid or premium.subsidy):
        return None
    return (
        str(year), format_yuan(premium.full), format_yuan(premium.subsidy),
        CATEGORY_ZH.get(premium.category, ""), format_yuan(premium.paid),
        format_yuan(premium.refunded), format_yuan(premium.refund_due), premium.rule,
        YES if premium.exempt else NO,
    )  # fmt: skip


LEDGERS: Mapping[str, Ledger] = {
    "roster": Ledger("名册", ("是否参保", "合理化未参保原因", "参保年度"), _roster),
    "enrolment": Ledger(
        "参保台账（含参保资助目录）",
        ("参保险种", "参保年度", "个人缴费（元）", "资助金额（元）", "资助类别", "是否免缴费"),
        _enrolment,
    ),
    "justified_non_enrolment": Ledger(
        "合理化未参保台账", ("原因", "佐证", "起始日期", "终止日期", "核实日期"), _justified
    ),
    "premium": Ledger(
        "参保缴费台账",
        ("参保年度", "缴费标准（元）", "资助金额（元）", "资助类别", "已缴费（元）", "已退费（元）",
         "应退未退（元）", "退费依据", "是否免缴费"),
        _premium,
    ),
}  # fmt: skip
"""By name, as in domain §9; ``enrolment_change`` is made from the history of changes."""


def row_of(ledger: Ledger, one: Resident, year: int, day: date) -> tuple[str, ...] | None:
    """Return a resident's whole row, or None if the ledger is not about the resident."""
    own = ledger.row(one, year, day)
    return None if own is None else (*common(one, one.case.listed), *own)


def change_row(one: Move) -> tuple[str, ...]:
    """Return a line of the dynamic ledger."""
    month = "" if one.effective is None else f"{one.effective:%Y-%m}"
    own = (CHANGE_ZH[one.change], month, in_words(one.before), in_words(one.after))
    return (*common(one, one.after or one.before), *own)
