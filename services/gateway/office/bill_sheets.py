"""The one-page bill (一单清) as it is printed: one page whatever is on it, and how a copy is verified."""

import hmac
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
LINE_MOST, ADDED_MOST, BASIS_MOST, BASES_MOST, AGAIN_MOST = 96, 36, 130, 6, 4
ROOMY, USUAL, SMALL = 900, 8.5, 6.2
"""With more characters of explanation than this a page is printed small, so that it stays one and whole."""
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
    how, why = _by_layer(told.family), _by_layer(told.basis)
    paid = [(fund, name) for fund, name in FUND_ZH.items() if _is_shown(bill[fund], how.get(name))]
    return PrintedBill(
        title="医疗费用结算单（一单清）", claim=claim, revision=bill["bill_revision"],
        state="已撤销" if answer.outcome == "reversed" else "", code=code, unit=told.unit,
        day=told.day, who=_who(answer, bill, told), costs=_costs(answer, bill),
        layers=[
            (name, bill[fund], clipped(how.get(name, ""), LINE_MOST)) for fund, name in paid
        ],
        covered=format_yuan(sum(parse_yuan(bill[fund]) for fund in FUND_ZH)),
        burden=bill["personal_burden"], counter=_at_the_counter(bill),
        added=[clipped(one, ADDED_MOST) for one in told.added],
        again=[_again(one) for one in told.adjustments[:AGAIN_MOST] if one["steps"]],
        basis=[
            clipped(f"{name}：{why[name]}", BASIS_MOST) for _, name in paid[:BASES_MOST] if name in why
        ],
    )  # fmt: skip


def _is_shown(amount: str, how: str | None) -> bool:
    """Tell whether a layer stands on the page: it paid, or there is a reason why it did not."""
    return amount != NOTHING or how not in {None, f"{NOTHING}元"}


def in_groups(page: PrintedBill) -> dict[str, Any]:
    """Return the page as the template prints it: amounts with commas, as on a bank's paper."""
    grouped = {
        "costs": [(name, _grouped(amount)) for name, amount in page.costs],
        "layers": [(name, _grouped(amount), how) for name, amount, how in page.layers],
        "covered": _grouped(page.covered), "burden": _grouped(page.burden),
        "size": SMALL if _length(page) > ROOMY else USUAL,
    }  # fmt: skip
    return page.model_dump(mode="json") | grouped


def _length(page: PrintedBill) -> int:
    said = [*(how for _, _, how in page.layers), *page.added, *page.again, *page.basis]
    return sum(map(len, said))


def _grouped(amount: str) -> str:
    return grouped_yuan(parse_yuan(amount))


def _by_layer(lines: Sequence[str]) -> dict[str, str]:
    """Return layer → what an explanation says of it."""
    return {name: said for name, _, said in (line.partition("：") for line in lines)}


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
    said = [f"在医院支付{now}元"] if now and now != bill["personal_burden"] else []
    said += [f"以后发放到社会保障卡{later}元"] if later and later != "0.00" else []
    said += [f"应退回{back}元"] if back and back != "0.00" else []
    return "，".join(said)


def _again(one: Mapping[str, Any]) -> str:
    why = one["steps"][-1]["why"]
    amount = one["delta"].removeprefix("-")
    name, direction = FUND_ZH.get(one["fund"], one["fund"]), DIRECTION_ZH[one["direction"]]
    said = f"{name}由{one['first']}元改为{one['now']}元，{direction}{amount}元：{why}"
    return clipped(said, LINE_MOST)


def code_of(key: str, claim: str, bill: Mapping[str, Any]) -> str:
    """Return the code by which a printed copy is verified: over everything it says in figures."""
    said = [claim, str(bill["bill_revision"]), bill["outcome"], *(bill[one] for one in AMOUNTS)]
    digits = word_index(key, "bill sheet", "|".join(said))[:CODE_DIGITS].upper()
    return "-".join(digits[at : at + GROUP] for at in range(0, CODE_DIGITS, GROUP))


def is_verified(keys: str, claim: str, bill: Mapping[str, Any], code: str) -> bool:
    """Tell whether a code is that of the bill as it stands; ``keys``: the present one and former ones."""
    bare = "".join(one for one in code.upper() if one.isalnum())
    return any(
        hmac.compare_digest(code_of(key, claim, bill).replace("-", "").encode(), bare.encode())
        for key in keys.split(",")
    )
