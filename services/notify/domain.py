"""Notify, pure: what happened to a person → which messages ought to exist → which are new."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.enrollment import PersonRegistered, StatusChanged
from contracts.events.settlement import BillIssued
from contracts.money import format_yuan
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH

FAMILY: Literal["family"] = "family"
OFFICER: Literal["officer"] = "officer"

TEMPLATES = {
    "status_changed": "您辖区{village}{surname}**户人员身份有变化：{changes}。请入户核对参保和待遇落实情况。",
    "bill_issued": (
        "{surname}**您好：{discharge}{kind}费用已结算，总费用{total}元，{layers}个人负担{burden}元。"
        "如有疑问请咨询当地医保办。"
    ),
    "bill_corrected": (
        "{surname}**您好：{discharge}{kind}费用已重新结算，总费用{total}元，{layers}"
        "个人负担{burden}元。差额由医保部门另行办理。"
    ),
    "bill_withdrawn": "{surname}**您好：{discharge}{kind}费用结算已撤销，以医院重新结算为准。",
}


@dataclass(slots=True)
class Wish:
    """A message that ought to exist: its key, whom it is for, the words that go into it."""

    key: str
    audience: Literal["family", "officer"]
    template: str
    township: str
    words: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Contact:
    """Where a person lives and can be reached; the phone stays sealed until a message goes out."""

    revision: int = 0
    township: str = ""
    village: str = ""
    contact_sealed: str = ""


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case PersonRegistered():
            return event.person, f"contact/{event.revision}"
        case StatusChanged():
            return event.person, f"status/{event.revision}"
        case BillIssued():
            return event.person, f"bill/{event.claim}/{event.bill_revision}"
        case _:
            return None


def fold_contact(events: Sequence[Event]) -> Contact:
    """Return the last known contact."""
    last = max(
        (event for event in events if isinstance(event, PersonRegistered)),
        key=lambda event: event.revision,
        default=None,
    )
    if last is None:
        return Contact()
    return Contact(last.revision, last.township, last.village, last.contact_sealed)


def wishes(events: Sequence[Event]) -> list[Wish]:
    """Return every message that the facts call for: one a status change, one a standing bill."""
    found = []
    standing: dict[str, BillIssued] = {}
    for event in events:
        if isinstance(event, StatusChanged) and (event.raised or event.stopped):
            found.append(_to_officer(event))
        elif isinstance(event, BillIssued):
            known = standing.get(event.claim)
            if known is None or event.bill_revision > known.bill_revision:
                standing[event.claim] = event
    found += [_to_family(bill) for bill in standing.values()]
    return found


def new_wishes(events: Sequence[Event], requested: Collection[str]) -> list[Wish]:
    """Return the messages that are not yet requested."""
    return [wish for wish in wishes(events) if wish.key not in requested]


def _to_officer(event: StatusChanged) -> Wish:
    changes = [f"新增{CATEGORY_ZH[flag]}" for flag in event.raised]
    changes += [f"退出{CATEGORY_ZH[flag]}" for flag in event.stopped]
    return Wish(
        key=event_id("status", event.person, event.revision),
        audience=OFFICER,
        template="status_changed",
        township=event.township,
        words={"village": event.village, "changes": "、".join(changes)},
    )


def _to_family(bill: BillIssued) -> Wish:
    template = "bill_issued" if bill.bill_revision == 1 else "bill_corrected"
    if bill.outcome != "settled":
        template = "bill_withdrawn"
    shares = (
        ("基本医保", bill.bmi),
        ("大病保险", bill.cii + bill.supplement),
        ("医疗救助", bill.medical_assistance + bill.reassistance + bill.tilted_assistance),
        ("减免和商业补充", bill.hospital_reduction + bill.commercial_supplement),
        ("医院负担", bill.hospital_borne),
    )
    words = {
        "discharge": f"{bill.discharge.month}月{bill.discharge.day}日",
        "kind": KIND_ZH[bill.kind],
        "total": format_yuan(bill.total_fee),
        "layers": "".join(f"{name}{format_yuan(fen)}元，" for name, fen in shares if fen),
        "burden": format_yuan(bill.personal_burden),
    }
    key = event_id("bill", bill.person, bill.claim, bill.bill_revision)
    return Wish(key, FAMILY, template, "", words)


def render(template: str, words: dict[str, str], surname: str) -> str:
    """Write the text of a message; the gateway adds the registered signature."""
    return TEMPLATES[template].format(surname=surname, **words)


def parts_of(text: str, signature: str) -> int:
    """Return how many SMS a text takes: 70 characters in one, else 67 a part (§12)."""
    units = len(f"【{signature}】{text}".encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)
