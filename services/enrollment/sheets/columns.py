"""What a sheet can say of a person, by name: columns, and conditions on who stands in it. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.money import format_yuan
from contracts.vocabulary import CATEGORIES, CATEGORY_ZH, JUSTIFICATION_ZH, PARTNERS, SOURCE_ZH
from services.enrollment.desk.cases import AsOf, Case, case_on, justified_on
from services.enrollment.desk.rules import FOLLOW_UP_ZH, problems_of
from services.enrollment.opened import Opened
from services.enrollment.person.justifications import Claimed

YES, NO = "是", "否"


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


def in_general(row: Any, opened: Opened, year: int) -> tuple[Resident, str]:
    """Return a resident's row as lists of any kind show one, and by which category the premium was paid."""
    over = AsOf(year, date(year, 12, 31))
    paid_by = case_on(row.file, None, over, enrolled=False).premium.category
    case = case_on({}, row.died, over, enrolled=False)
    source = in_words_of(row.batch)
    return Resident(opened, row.township, row.village, case, source, row.updated, year), paid_by


Value = Callable[[Resident, int, date], str]
"""What stands in a cell, in a year, as of a day."""


def in_words_of(batch: str) -> str:
    """Write the source of a list, whose own number says nothing to a clerk: ``民政局``."""
    source, _, _ = batch.partition("/")
    return SOURCE_ZH.get(source, source)


def _yes(said: object) -> str:
    return YES if said else NO


def day_text(day: date | None) -> str:
    """Write a day; nothing for none."""
    return "" if day is None else day.isoformat()


def _reason(one: Resident, _: int, day: date) -> str:
    return JUSTIFICATION_ZH.get(justified_on(one.case, day), "")


def _claimed(one: Resident, day: date) -> Claimed | None:
    return next((claim for claim in one.case.justified if claim.counts_on(day)), None)


def _is_dead(one: Resident, day: date) -> bool:
    return one.case.died is not None and one.case.died <= day


def _evidence(one: Resident, _: int, day: date) -> str:
    if _is_dead(one, day):
        return "死亡登记比对"
    claimed = _claimed(one, day)
    return "" if claimed is None else claimed.evidence


def _since(one: Resident, _: int, day: date) -> str:
    if _is_dead(one, day):
        return day_text(one.case.died)
    claimed = _claimed(one, day)
    return "" if claimed is None else day_text(claimed.valid_from)


def _until(one: Resident, _: int, day: date) -> str:
    claimed = None if _is_dead(one, day) else _claimed(one, day)
    return "" if claimed is None else day_text(claimed.valid_to)


def _checked(one: Resident, _: int, day: date) -> str:
    claimed = None if _is_dead(one, day) else _claimed(one, day)
    return "" if claimed is None else day_text(claimed.checked)


def _to_mend(one: Resident, _: int, day: date) -> str:
    return "、".join(FOLLOW_UP_ZH[found.kind] for found in problems_of(one.case, day))


def _rosters(one: Resident, _: int, __: date) -> str:
    return "、".join(
        f"{SOURCE_ZH.get(source, source)}（{CATEGORY_ZH.get(category, category)}）"
        for source, category in one.case.rosters
    )


def _why_off_roster(one: Resident, _: int, __: date) -> str:
    died = one.case.died
    return "年内退出名册，保留当年资助" if died is None else f"{died}死亡"


COLUMNS: Mapping[str, tuple[str, Value]] = {
    "enrolled": ("是否参保", lambda one, *_: _yes(one.case.enrolled)),
    "must_enrol": ("应保尽保对象", lambda one, *_: _yes(one.case.must_enrol)),
    "year": ("参保年度", lambda _, year, __: str(year)),
    "insurance": ("参保险种", lambda *_: "城乡居民基本医疗保险"),
    "reason": ("合理化未参保原因", _reason),
    "evidence": ("佐证", _evidence),
    "since": ("起始日期", _since),
    "until": ("终止日期", _until),
    "checked": ("核实日期", _checked),
    "full": ("缴费标准（元）", lambda one, *_: format_yuan(one.case.premium.full)),
    "kept": ("个人缴费（元）", lambda one, *_: format_yuan(one.case.premium.kept)),
    "paid": ("已缴费（元）", lambda one, *_: format_yuan(one.case.premium.paid)),
    "refunded": ("已退费（元）", lambda one, *_: format_yuan(one.case.premium.refunded)),
    "refund_due": ("应退未退（元）", lambda one, *_: format_yuan(one.case.premium.refund_due)),
    "rule": ("退费依据", lambda one, *_: one.case.premium.rule),
    "subsidy": ("资助金额（元）", lambda one, *_: format_yuan(one.case.premium.subsidy)),
    "subsidised_as": ("资助类别", lambda one, *_: CATEGORY_ZH.get(one.case.premium.category, "")),
    "exempt": ("是否免缴费", lambda one, *_: _yes(one.case.premium.exempt)),
    "rosters": ("在册部门及类别", _rosters),
    "why_off_roster": ("不在册原因", _why_off_roster),
    "to_mend": ("原因及整改要求", _to_mend),
}
"""Name → (heading, what stands in it). Amounts in yuan."""

Holds = Callable[[Case, date], bool]
CONDITIONS: Mapping[str, Holds] = {
    "on_roster": lambda case, _: bool(case.listed),
    "off_roster": lambda case, _: case.off_roster,
    "several_rosters": lambda case, _: len(case.sources) > 1,
    "enrolled": lambda case, _: case.enrolled,
    "must_enrol": lambda case, _: case.must_enrol,
    "justified": lambda case, day: bool(justified_on(case, day)),
    "paid_or_subsidised": lambda case, _: bool(case.premium.paid or case.premium.subsidy),
    "exempt": lambda case, _: case.premium.exempt,
    "refund_due": lambda case, _: case.premium.refund_due > 0,
    "dead": lambda case, day: case.died is not None and case.died <= day,
}
"""Name → what must hold, or must not."""

ONE_OF: Mapping[str, Callable[[Case], Sequence[str]]] = {
    "categories": lambda case: case.listed,
    "departments": lambda case: case.sources,
}
"""Name → codes of which one must be among those that a sheet names."""
CODES: Mapping[str, Collection[str]] = {"categories": CATEGORIES, "departments": PARTNERS}
"""Which codes there are: a slip of the pen would be an empty sheet that looks like good news."""
