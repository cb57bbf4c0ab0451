"""Notify, pure: what happened to a person → which messages ought to exist → which are new."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from contracts.envelope import event_id
from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.base import Event
from contracts.events.enrollment import PersonRegistered, StatusChanged
from contracts.events.partner import ChronicAssessmentReported
from contracts.events.settlement import BillIssued
from contracts.funds import grouped
from contracts.money import format_yuan
from contracts.reach import EVERY_YEAR, TIMELESS, Reach
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH
from policy.pack import Pack
from services.notify.occasions import Occasions, occasion_id
from services.notify.templates import TEMPLATES
from services.notify.visits import (
    HighCosts,
    cost_id,
    cost_key,
    screening_key,
    to_screen,
    visit_costly,
    years_to_screen,
)
from services.notify.wishes import FAMILY, OFFICER, Wish


@dataclass(slots=True)
class Contact:
    """Where a person lives and can be reached; the phone stays sealed until a message goes out.

    ``sealed_for``: the person key for which it was sealed, an earlier one if the number was corrected.
    """

    revision: int = 0
    township: str = ""
    village: str = ""
    contact_sealed: str = ""
    sealed_for: str = ""


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case PersonRegistered():
            return event.person, f"contact/{event.revision}"
        case StatusChanged():
            return event.person, f"status/{event.revision}"
        case BillIssued():
            return event.person, f"bill/{event.claim}/{event.bill_revision}"
        case HighCostAlerted() | HighCostRetracted():
            return event.person, cost_id(event)
        case _:
            return occasion_id(event)


def reach_of(event: Event) -> Reach:
    """Return which benefit years a fact is about: a message about a bill hangs on that bill alone."""
    if isinstance(event, PersonRegistered | ChronicAssessmentReported):
        return EVERY_YEAR  # visits of each year wait for a home, and are over once somebody looked
    if not isinstance(event, BillIssued):
        return TIMELESS
    year = event.discharge.year
    return Reach(year, frozenset({year}), kin=(f"bill/{event.claim}",))


class Facts:
    """What notify knows about a person: the last contact, each status change, each standing bill.

    ``several``: a bill was issued with days in several years, which hang together then.
    """

    def __init__(self) -> None:
        self.person = ""
        self.contact = Contact()
        self.several = False
        self._messages: dict[str, StatusChanged | BillIssued] = {}
        self._occasions = Occasions()
        self._costs = HighCosts()
        self._screens = False
        self._ill: set[int] = set()
        self._status = 0
        self._died = False
        self._bills: dict[str, BillIssued] = {}

    def add(self, event: Event, _: str = "") -> None:
        """Take a fact in. Adding it again, or in another order, ends in the same set."""
        self.person = getattr(event, "person", self.person)
        match event:
            case PersonRegistered() if event.revision > self.contact.revision:
                self.contact = Contact(
                    event.revision, event.township, event.village, event.contact_sealed,
                    event.contact_of or event.person,
                )  # fmt: skip
            case StatusChanged():
                self._add_status(event)
            case BillIssued():
                self._add_bill(event)
            case HighCostAlerted() | HighCostRetracted():
                self._costs.add(event)
            case _:
                self._occasions.add(event)

    def _add_status(self, event: StatusChanged) -> None:
        if event.revision > self._status:
            self._status, self._died = event.revision, event.died is not None
        if event.raised or event.stopped:
            self._messages[event_id("status", event.person, event.revision)] = event
            # Nobody writes to the dead, nor to the family of flags that end with a death.
            if event.died is None:
                self._messages[family_key(event)] = event

    def _add_bill(self, bill: BillIssued) -> None:
        known = self._bills.get(bill.claim)
        if known is not None and known.discharge.year != bill.discharge.year:
            self.several = True
        if known is not None and bill.bill_revision <= known.bill_revision:
            return
        if known is not None:
            self._messages.pop(bill_key(known), None)
        self._bills[bill.claim] = bill
        if not (bill.moved and bill.outcome != "settled"):
            self._messages[bill_key(bill)] = bill

    @property
    def voided(self) -> list[str]:
        """Return what is not to be said any more: of bills that are not this person's, of what is over."""
        return [
            *self._occasions.voided(self.contact.township),
            *self._voided_bills(),
            *self._costs.over(),
            *self._not_to_visit(),
        ]

    def _not_to_visit(self) -> list[str]:
        """Return the visits of the years known here that nobody is to make any more."""
        years = {one.discharge.year for one in self._bills.values()} if self._screens else set()
        found = [screening_key(self.person, year) for year in years - self._ill]
        if self._died:
            found += [cost_key(one) for one in self._costs.standing()]
        return found

    def _voided_bills(self) -> list[str]:
        return [
            event_id("bill", bill.person, bill.claim, number)
            for bill in self._bills.values()
            if bill.moved and bill.outcome != "settled"
            for number in range(1, bill.bill_revision + 1)
        ]

    @property
    def linked_years(self) -> set[int] | None:
        """Return the years that are read whatever is touched; None: all hang together."""
        return None if self.several else set()

    def wishes(self, requested: Collection[str]) -> list[Wish]:
        """Return the messages that ought to exist and are not yet requested."""
        found = [
            _of_status(key, event) if isinstance(event, StatusChanged) else _to_family(key, event)
            for key, event in self._messages.items()
            if key not in requested
        ]
        found += self._occasions.wishes(requested, self.contact.township)
        return found + [one for one in self._visits() if one.key not in requested]

    def _visits(self) -> Iterator[Wish]:
        """Return whom an officer is to visit; nobody can before it is known where the family lives."""
        home = self.contact.township, self.contact.village
        if not home[0] or self._died:
            return
        yield from (visit_costly(one, *home) for one in self._costs.standing())
        for year in sorted(self._ill):
            yield to_screen(self.person, year, *home)

    def settle(self, packs: Sequence[Pack]) -> "Facts":
        """Work out by the policies in force who is to be screened; returns itself."""
        self._screens = bool(packs)
        if packs:
            assessed = self._died or self._occasions.was_assessed(self.contact.township)
            self._ill = set() if assessed else years_to_screen(packs, self._bills.values())
        return self


def family_key(event: StatusChanged) -> str:
    """Return the key of what a family is told of a change: it follows from the officer's, in SQL as well."""
    officers = event_id("status", event.person, event.revision)
    return hashlib.md5(f"status-family/{officers}".encode(), usedforsecurity=False).hexdigest()


def bill_key(bill: BillIssued) -> str:
    """Return the key of the message about this revision of a bill."""
    return event_id("bill", bill.person, bill.claim, bill.bill_revision)


def _of_status(key: str, event: StatusChanged) -> Wish:
    changes = [f"新增{CATEGORY_ZH[flag]}" for flag in event.raised]
    changes += [f"退出{CATEGORY_ZH[flag]}" for flag in event.stopped]
    family = key == family_key(event)
    return Wish(
        key=key,
        audience=FAMILY if family else OFFICER,
        template="status_family" if family else "status_changed",
        township="" if family else event.township,
        words={"village": event.village, "changes": "、".join(changes)},
        batch=event.batch,
        undoes=event.undoes,
    )


def _to_family(key: str, bill: BillIssued) -> Wish:
    first = bill.bill_revision == 1 and not bill.moved
    template = "bill_issued" if first else "bill_corrected"
    if bill.outcome != "settled":
        template = "bill_withdrawn"
    shares = [
        (name, sum(getattr(bill, fund) for fund in funds))
        for name, funds in grouped("share").items()
    ]
    words = {
        "discharge": f"{bill.discharge.month}月{bill.discharge.day}日",
        "kind": KIND_ZH[bill.kind],
        "total": format_yuan(bill.total_fee),
        "layers": "".join(f"{name}{format_yuan(fen)}元，" for name, fen in shares if fen),
        "burden": format_yuan(bill.personal_burden),
    }
    earlier = [
        event_id("bill", bill.person, bill.claim, number) for number in range(1, bill.bill_revision)
    ]
    return Wish(
        key, FAMILY, template, "", words, year=bill.discharge.year, instead_of=tuple(earlier)
    )


def render(template: str, words: dict[str, str], surname: str) -> str:
    """Write the text of a message; the gateway adds the registered signature."""
    return TEMPLATES[template].render(words | {"surname": surname})


def parts_of(text: str, signature: str) -> int:
    """Return how many SMS a text takes: 70 characters in one, else 67 a part (§12)."""
    units = len(f"【{signature}】{text}".encode("utf-16-le")) // 2
    return 1 if units <= 70 else -(-units // 67)
