"""The household sheet (连心袋) as PDF: one page a household, its fonts embedded, numbers half hidden."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from contracts.bill_sheets import ClaimLine
from contracts.funds import ASSISTANCE_FUNDS
from contracts.money import format_yuan, parse_yuan
from contracts.sheets import Household, Member
from contracts.vocabulary import KIND_ZH
from services.gateway.office.printing import clipped, pdf, pictures

TEMPLATE = "household.typ"
MEMBERS_SHOWN, BILLS_SHOWN, CHRONIC_SHOWN = 8, 9, 5
NAME_MOST, TEXT_MOST = 12, 26
POLICY = (
    "符合条件的困难群众参加城乡居民基本医疗保险，由财政按规定全额或定额资助个人缴费部分。",
    "在定点医疗机构住院，基本医疗保险、大病保险、医疗救助“一站式”结算，出院时只付个人负担部分，并取得“一单清”。",
    "未能“一站式”结算的医疗救助资金，由医保部门发放到本人社会保障卡，本人签字确认。",
    "患慢特病的可向乡镇医保办申请鉴定，鉴定未通过的书面告知原因。",
    "身份、联系电话、住址有变化，或对报销有疑问，请联系乡镇医保办。",
)


def pdf_of(
    homes: Sequence[Household], bills: Mapping[str, Sequence[ClaimLine]], year: int, day: date
) -> bytes:
    """Return the sheets; ``bills``: person key → bills of the year."""
    return pdf(TEMPLATE, _given(homes, bills, year, day))


def pages_of(
    homes: Sequence[Household], bills: Mapping[str, Sequence[ClaimLine]], year: int, day: date
) -> list[bytes]:
    """Return the sheets as pictures (PNG), one a page: to be looked at."""
    return pictures(TEMPLATE, _given(homes, bills, year, day))


def _given(
    homes: Sequence[Household], bills: Mapping[str, Sequence[ClaimLine]], year: int, day: date
) -> dict[str, Any]:
    ordered = sorted(homes, key=lambda one: (one.township, one.village, one.head))
    return {
        "title": f"医疗保障明白卡（{year}年度）",
        "office": "县医疗保障局",
        "year": str(year),
        "day": day.isoformat(),
        "policy": POLICY,
        "homes": [_home(one, bills) for one in ordered],
    }


def _home(home: Household, bills: Mapping[str, Sequence[ClaimLine]]) -> dict[str, Any]:
    names = {one.person: one.name for one in home.members}
    lines = [(names[person], bill) for person in names for bill in bills.get(person, ())]
    lines.sort(key=lambda one: one[1].discharge, reverse=True)
    chronic = [f"{one.name}：{'、'.join(one.chronic)}" for one in home.members if one.chronic]
    every = [bill for _, bill in lines]
    return {
        "head": clipped(home.head, NAME_MOST), "phone": clipped(home.phone, NAME_MOST),
        "township": clipped(home.township, NAME_MOST), "village": clipped(home.village, NAME_MOST),
        "members": [_member(one) for one in home.members[:MEMBERS_SHOWN]],
        "more_members": max(0, len(home.members) - MEMBERS_SHOWN),
        "chronic": [clipped(text, 40) for text in chronic[:CHRONIC_SHOWN]],
        "bills": [_bill(name, bill) for name, bill in lines[:BILLS_SHOWN]],
        "bill_count": len(lines), "more_bills": max(0, len(lines) - BILLS_SHOWN),
        "total": _sum(bill.total_fee for bill in every),
        "bmi": _sum(bill.pays.get("bmi", "0.00") for bill in every),
        "cii": _sum(bill.pays.get("cii", "0.00") for bill in every),
        "assistance": _sum(_assistance(bill) for bill in every),
        "burden": _sum(bill.personal_burden or "0.00" for bill in every),
    }  # fmt: skip


def _member(one: Member) -> dict[str, str]:
    note = "免缴费" if one.exempt else "" if one.enrolled else one.reason or "请尽快办理参保"
    return {
        "name": clipped(one.name, NAME_MOST), "number": half_hidden(one.id_number),
        "categories": clipped(one.categories, TEXT_MOST),
        "enrolled": "是" if one.enrolled else "否", "paid": one.paid, "subsidy": one.subsidy,
        "note": clipped(note, 18),
    }  # fmt: skip


def half_hidden(number: str) -> str:
    """Hide the day of birth: visitors see the sheet too."""
    return f"{number[:6]}********{number[14:]}" if len(number) == 18 else number


def _bill(name: str, bill: ClaimLine) -> dict[str, str]:
    return {
        "name": clipped(name, 6), "day": bill.discharge.isoformat(), "kind": KIND_ZH[bill.kind],
        "total": bill.total_fee, "bmi": bill.pays.get("bmi", "0.00"),
        "cii": bill.pays.get("cii", "0.00"), "assistance": _assistance(bill),
        "burden": bill.personal_burden,
    }  # fmt: skip


def _assistance(bill: ClaimLine) -> str:
    return _sum(bill.pays.get(fund, "0.00") for fund in ASSISTANCE_FUNDS)


def _sum(amounts: Any) -> str:
    return format_yuan(sum(parse_yuan(one) for one in amounts))
