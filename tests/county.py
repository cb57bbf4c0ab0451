"""A county in memory: the pure folds of all services, joined by a bus that may do its worst.

Messages are delivered in any order and any number of times; each service keeps its set of facts and
announces differences, exactly as in production, but without a disk or a clock.
"""

import random
from collections.abc import Sequence
from typing import Any

from chassis.ledger import Posting, postings
from contracts.events.base import Event
from contracts.money import format_yuan
from policy.loader import load_pack
from services.assistance import domain as assistance
from services.enrollment import domain as enrollment
from services.settlement import domain as settlement

PACKS = [load_pack("lixin-2023")]


class County:
    """One person's facts in three services, and the events still on their way."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng
        self.bus: list[Event] = []
        self.enrollment = enrollment.Facts()
        self.settlement = settlement.Facts()
        self.assistance = assistance.Facts()
        self._seen: dict[str, set[str]] = {
            "enrollment": set(),
            "settlement": set(),
            "assistance": set(),
        }
        self._standing: dict[str, enrollment.Standing] = {}
        self._settled: dict[str, settlement.Position] = {}
        self._assisted: dict[str, assistance.Position] = {}
        self.bills: dict[str, Any] = {}
        self.books: list[Posting] = []
        self.announced: list[Event] = []

    def tell(self, *events: Event) -> "County":
        """Put facts on the bus and let everything run until nothing is on its way."""
        self.bus.extend(events)
        while self.bus:
            event = self.bus.pop(self._pick())
            if self._rng is not None and self._rng.random() < 0.1:
                self.bus.append(event)
            self._deliver(event)
        return self

    def _pick(self) -> int:
        return 0 if self._rng is None else self._rng.randrange(len(self.bus))

    def _deliver(self, event: Event) -> None:
        if self._take(enrollment.fact_id(event), event, "enrollment", self.enrollment):
            self._enroll(event)
        if self._take(settlement.fact_id(event), event, "settlement", self.settlement):
            self._settle()
        if self._take(assistance.fact_id(event), event, "assistance", self.assistance):
            self._assist()

    def _take(self, fact: tuple[str, str] | None, event: Event, service: str, facts: Any) -> bool:
        """Add to the set; False if the fact is not for this service. A repeat changes nothing."""
        if fact is None:
            return False
        if fact[1] not in self._seen[service]:
            self._seen[service].add(fact[1])
            facts.add(event)
        return True

    def _say(self, event: Event) -> None:
        self.bus.append(event)
        self.announced.append(event)

    def _enroll(self, event: Any) -> None:
        before = self._standing.get(event.person) or enrollment.Standing()
        change = enrollment.decide(PACKS, event.person, self.enrollment.events, before)
        if change is not None:
            self._standing[event.person] = change.after
            for said in change.events:
                self._say(said)

    def _settle(self) -> None:
        for change in settlement.decide(PACKS, self.settlement, self._settled):
            self._settled[change.claim] = change.after
            self.books += postings(
                change.claim,
                change.after.revision,
                change.before.pays,
                change.after.pays,
                "provider",
            )
            for said in (change.event, change.bill):
                if said is not None:
                    self._say(said)
            if change.bill is not None:
                self.bills[change.claim] = change.bill

    def _assist(self) -> None:
        for change in assistance.decide(PACKS, self.assistance, self._assisted):
            self._assisted[change.claim] = change.after
            self._say(change.event)

    def ledger(self) -> list[str]:
        """Return where every claim stands, in words, in a fixed order: what must not depend on luck."""
        lines = [
            f"{person} {one.registered.split('|')[:2]} {one.status} {one.coverage} {one.file}"
            for person, one in sorted(self._standing.items())
        ]
        for claim in sorted(self._settled):
            position = self._settled[claim]
            bill = self.bills.get(claim)
            stands = bill is not None and bill.outcome == "settled"
            amounts = {
                name: format_yuan(value)
                for name, value in (bill.__dict__.items() if stands else ())
                if isinstance(value, int) and not name.endswith("revision")
            }
            lines.append(f"{claim} {position.decided} {amounts}")
        return lines

    def balance(self) -> dict[tuple[str, str], int]:
        """Return what each account has paid for each claim, from the postings alone."""
        found: dict[tuple[str, str], int] = {}
        for one in self.books:
            account, sign = (one.debit, 1) if one.credit == "provider" else (one.credit, -1)
            found[one.claim, account] = found.get((one.claim, account), 0) + sign * one.amount
        return {key: value for key, value in found.items() if value}


def ledger_of(facts: Sequence[Event], rng: random.Random | None = None) -> list[str]:
    """Tell a fresh county all facts and return its ledger."""
    return County(rng).tell(*facts).ledger()
