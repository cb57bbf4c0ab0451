"""The sheets (台账) of S0 and S3 that enrollment keeps: whose row, which columns, what words. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.county_files import VocabularyError
from contracts.vocabulary import (
    CATEGORY_ZH,
    CHRONIC_REASON_ZH,
    CHRONIC_RESULT_ZH,
    PEOPLE_SHEETS,
    SOURCE_ZH,
)
from contracts.vocabulary_files import SheetEntry
from services.enrollment.desk.cases import Case
from services.enrollment.sheets.columns import (
    CODES,
    COLUMNS,
    CONDITIONS,
    ONE_OF,
    Resident,
    day_text,
)
from services.enrollment.sheets.moves import Move

CHANGE_ZH = {"ADDED": "新增", "REMOVED": "取消", "CHANGED": "变更"}


@dataclass(frozen=True, slots=True)
class PeopleSheet:
    """A sheet: its title, its own columns after the common ones, and how a resident's row reads."""

    title: str
    columns: tuple[str, ...]
    rows: Callable[[Resident, int, date], Sequence[tuple[str, ...]]]


COMMON = (
    "身份证号", "姓名", "户主", "乡镇", "村（社区）", "人员类别", "联系电话", "备注", "名册来源", "更新日期",
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


def _chronic(one: Resident, year: int, _: date) -> Rows:
    return [
        (
            held.disease, held.applied_on.isoformat(), CHRONIC_RESULT_ZH[held.result],
            held.certificate_no, day_text(held.valid_from), day_text(held.valid_to),
            CHRONIC_REASON_ZH[held.reason],
        )
        for held in one.case.chronic
        if held.applied_on.year <= year and (held.valid_to is None or held.valid_to.year >= year)
    ]  # fmt: skip


def sheet_of(name: str, entry: SheetEntry) -> PeopleSheet:
    """Make a sheet of what its file says. Raises VocabularyError for a name that nothing is known of."""
    chosen = [one if isinstance(one, dict) else {one: ""} for one in entry.columns]
    named = [(column, heading) for one in chosen for column, heading in one.items()]
    unknown = {column for column, _ in named} - COLUMNS.keys()
    for key, wanted in entry.where.items():
        if key not in (CONDITIONS if isinstance(wanted, bool) else ONE_OF):
            unknown.add(key)
        elif not isinstance(wanted, bool):
            unknown |= {code for code in wanted if code not in CODES[key]}
    if unknown:
        raise VocabularyError(
            f"sheets/{name}.yaml: nothing is known as {', '.join(sorted(unknown))}"
        )

    def rows(one: Resident, year: int, day: date) -> Rows:
        if not _stands_in(entry.where, one.case, day):
            return ()
        return [tuple(COLUMNS[column][1](one, year, day) for column, _ in named)]

    headings = tuple(heading or COLUMNS[column][0] for column, heading in named)
    return PeopleSheet(entry.title, headings, rows)


def _stands_in(where: Mapping[str, bool | tuple[str, ...]], case: Case, day: date) -> bool:
    return all(
        CONDITIONS[key](case, day) is wanted
        if isinstance(wanted, bool)
        else not set(wanted).isdisjoint(ONE_OF[key](case))
        for key, wanted in where.items()
    )


SHEETS: Mapping[str, PeopleSheet] = {
    **{name: sheet_of(name, entry) for name, entry in PEOPLE_SHEETS.items()},
    "chronic": PeopleSheet(
        "慢性病办理台账",
        ("病种", "申请日期", "办理结果", "证号", "起始日期", "终止日期", "未办理原因"),
        _chronic,
    ),
}
"""By name, as in domain §9, and those that a county adds; ``enrolment_change`` is folded from the days of
the rosters."""


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
