"""The sheets (台账) of S0 and S3 that enrollment keeps: whose row, which columns, what words. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.money import format_yuan
from contracts.vocabulary import (
    CATEGORY_ZH,
    CHRONIC_REASON_ZH,
    CHRONIC_RESULT_ZH,
    JUSTIFICATION_ZH,
    SOURCE_ZH,
)
from services.enrollment.desk.cases import Case, justified_on
from services.enrollment.desk.rules import FOLLOW_UP_ZH, problems_of
from services.enrollment.opened import Opened
from services.enrollment.sheets.moves import Move

YES, NO = "是", "否"
CHANGE_ZH = {"ADDED": "新增", "REMOVED": "取消", "CHANGED": "变更"}


@dataclass(frozen=True, slots=True)
class Resident:
    """A person as a sheet shows one; number, name, head of household and phone come from the vault."""

    opened: Opened
    township: str
    village: str
    case: Case
    batch: str = ""
    updated: date | None = None
    year: int = 0

    @property
    def remark(self) -> str:
        """Say that the person has died, on every ledger of the year of death and later ones."""
        died = self.case.died
        return f"{died}死亡" if died is not None and died.year <= self.year else ""


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A sheet: its title, its own columns after the common ones, and how a resident's row reads."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[Resident, int, date], Sequence[tuple[str, ...]]]


COMMON = (
    "身份证号", "姓名", "户主", "乡镇", "村（社区）", "人员类别", "联系电话", "备注", "来源批次", "更新日期",
)  # fmt: skip
CHANGES_TITLE = "动态参保台账（新增和退出）"
CHANGES_COLUMNS = ("变动类型", "生效月份", "变动前", "变动后", "来源单位")


def common(one: Resident, categories: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that every ledger has; what no list said stays empty to be filled in."""
    who, day = one.opened, "" if one.updated is None else one.updated.isoformat()
    return (
        who.id_number, who.name, who.head, one.township, one.village,
        in_words(categories, one.case.sub_levels),
        who.phone, one.remark, one.batch, day,
    )  # fmt: skip


def in_words(categories: Sequence[str], sub_levels: Mapping[str, str] | None = None) -> str:
    """Write categories in Chinese, with their class where a list said one: 低保对象（A类）."""
    classes = sub_levels or {}
    return "、".join(
        CATEGORY_ZH.get(one, one) + (f"（{classes[one]}）" if one in classes else "")
        for one in categories
    )


Rows = Sequence[tuple[str, ...]]


def _roster(one: Resident, year: int, day: date) -> Rows:
    if not one.case.listed:
        return ()
    reason = justified_on(one.case, day)
    counted = YES if one.case.must_enrol else NO
    return [
        (YES if one.case.enrolled else NO, JUSTIFICATION_ZH.get(reason, ""), str(year), counted)
    ]


def _enrolment(one: Resident, year: int, _: date) -> Rows:
    case = one.case
    if not case.listed or not case.enrolled:
        return ()
    premium = case.premium
    return [(
        "城乡居民基本医疗保险", str(year), format_yuan(premium.kept), format_yuan(premium.subsidy),
        CATEGORY_ZH.get(premium.category, ""), YES if premium.exempt else NO,
        YES if case.must_enrol else NO,
    )]  # fmt: skip


def _justified(one: Resident, _: int, day: date) -> Rows:
    if not one.case.listed or one.case.enrolled:
        return ()
    if one.case.died is not None and one.case.died <= day:
        return [(JUSTIFICATION_ZH["DEATH"], "死亡登记比对", one.case.died.isoformat(), "", "")]
    for claimed in one.case.justified:
        if claimed.counts_on(day):
            return [(
                JUSTIFICATION_ZH[claimed.reason.value], claimed.evidence,
                claimed.valid_from.isoformat(), _day(claimed.valid_to), claimed.checked.isoformat(),
            )]  # fmt: skip
    return ()


def _premium(one: Resident, year: int, _: date) -> Rows:
    premium = one.case.premium
    if not (premium.paid or premium.subsidy):
        return ()
    return [(
        str(year), format_yuan(premium.full), format_yuan(premium.subsidy),
        CATEGORY_ZH.get(premium.category, ""), format_yuan(premium.paid),
        format_yuan(premium.refunded), format_yuan(premium.refund_due), premium.rule,
        YES if premium.exempt else NO,
    )]  # fmt: skip


def _chronic(one: Resident, year: int, _: date) -> Rows:
    return [
        (
            held.disease, held.applied_on.isoformat(), CHRONIC_RESULT_ZH[held.result],
            held.certificate_no, _day(held.valid_from), _day(held.valid_to),
            CHRONIC_REASON_ZH[held.reason],
        )
        for held in one.case.chronic
        if held.applied_on.year <= year and (held.valid_to is None or held.valid_to.year >= year)
    ]  # fmt: skip


def _missing(one: Resident, _: int, day: date) -> Rows:
    case = one.case
    if not case.must_enrol or case.enrolled or justified_on(case, day):
        return ()
    return [("、".join(FOLLOW_UP_ZH[found.kind] for found in problems_of(case, day)),)]


def _overlap(one: Resident, _: int, day: date) -> Rows:
    reason = justified_on(one.case, day)
    if not one.case.must_enrol or not one.case.enrolled or not reason:
        return ()
    return [(JUSTIFICATION_ZH[reason],)]


def _duplicate(one: Resident, _: int, __: date) -> Rows:
    if not one.case.must_enrol or len(one.case.sources) < 2:
        return ()
    stands = (
        f"{SOURCE_ZH[source]}（{CATEGORY_ZH[category]}）" for source, category in one.case.rosters
    )
    return [("、".join(stands),)]


def _not_on_roster(one: Resident, _: int, __: date) -> Rows:
    case = one.case
    if not case.off_roster:
        return ()
    why = "年内退出名册，保留当年资助"
    if case.died is not None:
        why = f"{case.died}死亡"
    return [(CATEGORY_ZH.get(case.premium.category, ""), format_yuan(case.premium.subsidy), why)]


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


SHEETS: Mapping[str, PeopleSheet] = {
    "roster": PeopleSheet("名册", ("是否参保", "合理化未参保原因", "参保年度", "应保尽保对象"), _roster),
    "enrolment": PeopleSheet(
        "参保台账（含参保资助目录）",
        ("参保险种", "参保年度", "个人缴费（元）", "资助金额（元）", "资助类别", "是否免缴费",
         "应保尽保对象"),
        _enrolment,
    ),
    "justified_non_enrolment": PeopleSheet(
        "合理化未参保台账", ("原因", "佐证", "起始日期", "终止日期", "核实日期"), _justified
    ),
    "premium": PeopleSheet(
        "参保缴费台账",
        ("参保年度", "缴费标准（元）", "资助金额（元）", "资助类别", "已缴费（元）", "已退费（元）",
         "应退未退（元）", "退费依据", "是否免缴费"),
        _premium,
    ),
    "chronic": PeopleSheet(
        "慢性病办理台账",
        ("病种", "申请日期", "办理结果", "证号", "起始日期", "终止日期", "未办理原因"),
        _chronic,
    ),
    "missing": PeopleSheet("应参未参人员名单", ("原因及整改要求",), _missing),
    "overlap": PeopleSheet("既参保又列合理化人员名单", ("合理化原因",), _overlap),
    "duplicate": PeopleSheet("跨部门重复在册人员名单", ("在册部门及类别",), _duplicate),
    "not_on_roster": PeopleSheet(
        "已资助不在册人员名单", ("资助类别", "资助金额（元）", "不在册原因"), _not_on_roster
    ),
}  # fmt: skip
"""By name, as in domain §9; ``enrolment_change`` is folded from the days of the rosters."""


def rows_of(sheet: PeopleSheet, one: Resident, year: int, day: date) -> Rows:
    """Return a resident's whole rows, none if the sheet is not about the resident."""
    categories = one.case.listed or (
        (one.case.premium.category,) if one.case.premium.category else ()
    )
    return [(*common(one, categories), *own) for own in sheet.rows(one, year, day)]


def change_rows(one: Resident, moves: Iterable[Move]) -> Rows:
    """Return a resident's lines of the dynamic sheet."""
    found = []
    for move in moves:
        own = (
            CHANGE_ZH[move.change], f"{move.effective:%Y-%m}", CATEGORY_ZH.get(move.before, ""),
            CATEGORY_ZH.get(move.after, ""), SOURCE_ZH.get(move.source, ""),
        )  # fmt: skip
        found.append((*common(one, [move.after or move.before]), *own))
    return found
