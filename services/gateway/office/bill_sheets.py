"""The one-page bill (一单清) as it is printed: one page whatever is on it, and how a copy is verified."""

import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.privacy import word_index
from contracts.bill_questions import ClaimAnswer
from contracts.funds import AMOUNTS, FUND_ZH
from contracts.money import format_yuan, grouped_yuan, parse_yuan
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH
from services.gateway.office.answers import PrintedBill
from services.gateway.office.printing import clipped

TEMPLATE = "bill.typ"
NOTHING = "0.00"
HOW_MOST, BASIS_MOST, ADDED_MOST, AGAIN_MOST = 150, 300, 40, 6
SIZES, SMALLEST = ((700, 8.5), (1_500, 7.0)), 6.0
"""Up to so many characters of explanation in that size: a page stays one, and no sentence is cut short."""
ROOM = 2_400
"""A clause for which there is no room any more, on a page such as no pack makes, is left to the screen."""
DENIED, DOUBT = "按规定不予", "未核实"
DIRECTION_ZH = {"due": "应补", "refundable": "应退", "even": "已相抵"}
COSTS = {
    "total_fee": "医疗总费用", "in_scope": "政策范围内", "class_b_prepay": "乙类先行自付",
    "over_limit_self_pay": "超限价自费", "full_self_pay": "全自费",
}  # fmt: skip
CODE_DIGITS, GROUP = 12, 4


@dataclass(frozen=True, slots=True)
class Told:
    """What stands on a bill beside its amounts: in words, for whoever holds it.

    ``family``: a sentence a layer; ``basis``: the same with clauses; ``added``: what the category added;
    ``adjustments``: layers decided again.
    """

    name: str
    last4: str
    hospital: str
    level: str
    unit: str
    day: date
    family: Sequence[str]
    added: Sequence[str]
    basis: Sequence[str]
    adjustments: Sequence[Mapping[str, Any]]


def printed(
    claim: str, answer: ClaimAnswer, bill: Mapping[str, Any], told: Told, code: str
) -> PrintedBill:
    """Return what stands on the page; amounts in yuan, as the door's answer has them."""
    paid = {name: bill[fund] != NOTHING for fund, name in FUND_ZH.items()}
    how, why = _by_layer(told.family, paid), _by_layer(told.basis, paid)
    layers = [
        (name, bill[fund], clipped(how.get(name, ""), HOW_MOST))
        for fund, name in FUND_ZH.items()
        if paid[name] or how.get(name, f"{NOTHING}元") != f"{NOTHING}元"
    ]
    return PrintedBill(
        title="医疗费用结算单（一单清）", claim=claim, revision=bill["bill_revision"], code=code,
        unit=told.unit, day=told.day, who=_who(answer, bill, told), costs=_costs(answer, bill),
        layers=layers, covered=covered_by(bill), burden=bill["personal_burden"],
        counter=_at_the_counter(bill), added=[clipped(one, ADDED_MOST) for one in told.added],
        again=[_again(one) for one in told.adjustments[:AGAIN_MOST] if one["steps"]],
        basis=[clipped(f"{name}：{why[name]}", BASIS_MOST) for name, _, _ in layers if name in why],
    )  # fmt: skip


def covered_by(bill: Mapping[str, Any]) -> str:
    """Return what all funds pay together."""
    return format_yuan(sum(parse_yuan(bill[fund]) for fund in FUND_ZH))


def in_groups(page: PrintedBill) -> dict[str, Any]:
    """Return the page as a family gets it: amounts with commas, and only clauses that a notice has."""
    said = [*(how for _, _, how in page.layers), *page.added, *page.again]
    length, basis = sum(map(len, said)), list[str]()
    for line in page.basis:
        if DOUBT not in line and length + len(line) <= ROOM:
            basis, length = [*basis, line], length + len(line)
    return page.model_dump(mode="json") | {
        "costs": [(name, _grouped(amount)) for name, amount in page.costs],
        "layers": [(name, _grouped(amount), how) for name, amount, how in page.layers],
        "covered": _grouped(page.covered), "burden": _grouped(page.burden), "basis": basis,
        "size": next((size for most, size in SIZES if length <= most), SMALLEST),
    }  # fmt: skip


def _grouped(amount: str) -> str:
    return grouped_yuan(parse_yuan(amount))


def _by_layer(lines: Sequence[str], paid: Mapping[str, bool]) -> dict[str, str]:
    """Return fund → what an explanation says of it; of several layers of one fund, those that decided."""
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _, said = line.partition("：")
        if not (paid.get(name) and said.startswith(DENIED)):
            found.setdefault(name, []).append(said)
    return {name: "；".join(said) for name, said in found.items()}


def _who(answer: ClaimAnswer, bill: Mapping[str, Any], told: Told) -> list[tuple[str, str]]:
    sent = answer.submitted
    admit = "" if sent is None or sent.admit is None else f"{sent.admit} 至 "
    return [
        ("姓名", clipped(told.name, 16)), ("证号后四位", told.last4),
        ("人员类别", clipped(CATEGORY_ZH.get(bill["category"], bill["category"]), 20)),
        ("医疗机构", clipped(told.hospital, 30)), ("级别", clipped(told.level, 16)),
        ("类别和日期", f"{KIND_ZH.get(bill['kind'], bill['kind'])} {admit}{bill['discharge']}"),
    ]  # fmt: skip


def _costs(answer: ClaimAnswer, bill: Mapping[str, Any]) -> list[tuple[str, str]]:
    sent = answer.submitted
    if sent is None:
        return [(COSTS["total_fee"], bill["total_fee"])]
    return [(said, format_yuan(getattr(sent, field))) for field, said in COSTS.items()]


def _at_the_counter(bill: Mapping[str, Any]) -> str:
    """Say what the family paid at the hospital and what comes later, where that differs."""
    now, later, back = (
        bill.get(one) for one in ("family_pays_now", "paid_by_hand_later", "to_be_returned")
    )
    said = [f"在医院支付{_grouped(now)}元"] if now and now != bill["personal_burden"] else []
    said += [f"以后发放到社会保障卡{_grouped(later)}元"] if later and later != NOTHING else []
    said += [f"应退回{_grouped(back)}元"] if back and back != NOTHING else []
    return "，".join(said)


def _again(one: Mapping[str, Any]) -> str:
    why = one["steps"][-1]["why"]
    amount = _grouped(one["delta"].removeprefix("-"))
    name, direction = FUND_ZH.get(one["fund"], one["fund"]), DIRECTION_ZH[one["direction"]]
    said = f"{name}由{_grouped(one['first'])}元改为{_grouped(one['now'])}元，{direction}{amount}元：{why}"
    return clipped(said, HOW_MOST)


def code_of(key: str, claim: str, bill: Mapping[str, Any]) -> str:
    """Return the code by which a copy is verified: over number, revision, total, each fund, own part."""
    said = [claim, str(bill["bill_revision"]), bill["outcome"], *(bill[one] for one in AMOUNTS)]
    digits = word_index(key, "bill sheet", "|".join(said))[:CODE_DIGITS].upper()
    return "-".join(digits[at : at + GROUP] for at in range(0, CODE_DIGITS, GROUP))


def is_verified(keys: str, claim: str, bill: Mapping[str, Any], code: str) -> bool:
    """Tell whether a code is that of the bill as it stands; ``keys``: the present one and former ones."""
    bare = "".join(one for one in unicodedata.normalize("NFKC", code).upper() if one.isalnum())
    return any(
        hmac.compare_digest(code_of(key, claim, bill).replace("-", "").encode(), bare.encode())
        for key in keys.split(",")
    )
