"""A county in memory: the pure folds of all services, joined by a bus that may do its worst.

Messages are delivered in any order and any number of times; each service keeps its set of facts and
announces differences, exactly as in production, but without a disk or a clock.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chassis.book import Posting, postings
from contracts.events.base import Event
from contracts.money import format_yuan
from policy.loader import load_pack
from services.assistance import rules as assistance
from services.enrollment.person import rules as enrollment
from services.settlement import rules as settlement

PACKS = [load_pack("lixin-2023")]
NOBODY = "||None"
"""The standing of a number to which something was forwarded for a while, and taken back."""


class County:
    """People's facts in three services, and the events still on their way."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng
        self.bus: list[Event] = []
        self.enrollment: defaultdict[str, enrollment.Facts] = defaultdict(enrollment.Facts)
        self.settlement: defaultdict[str, settlement.Facts] = defaultdict(settlement.Facts)
        self.assistance: defaultdict[str, assistance.Facts] = defaultdict(assistance.Facts)
        self._seen: set[tuple[str, str, str]] = set()
        self.standing: dict[str, enrollment.Standing] = {}
        self.settled: defaultdict[str, dict[str, settlement.Position]] = defaultdict(dict)
        self._sent: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._assisted: defaultdict[str, dict[str, assistance.Position]] = defaultdict(dict)
        self._firsts: dict[tuple[str, str], int] = {}
        self._bills: dict[tuple[str, str], Any] = {}
        self.books: list[tuple[str, Posting]] = []
        self.book_times: list[int] = []
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
            self._enroll(event.person)
        if self._take(settlement.fact_id(event), event, "settlement", self.settlement):
            self._settle(event.person)
        if self._take(assistance.fact_id(event), event, "assistance", self.assistance):
            self._assist(event.person)

    def _take(self, fact: tuple[str, str] | None, event: Event, service: str, facts: Any) -> bool:
        """Add to the set; False if the fact is not for this service. A repeat changes nothing."""
        if fact is None:
            return False
        if (service, *fact) not in self._seen:
            self._seen.add((service, *fact))
            facts[fact[0]].add(event, fact[1])
        return True

    def _say(self, event: Event) -> None:
        self.bus.append(event)
        self.announced.append(event)

    def _enroll(self, person: str) -> None:
        before = self.standing.get(person) or enrollment.Standing()
        change = enrollment.decide(PACKS, person, self.enrollment[person].events, before)
        if change is not None:
            self.standing[person] = change.after
            for said in change.events:
                self._say(said)

    def _settle(self, person: str) -> None:
        settled, facts = self.settled[person], self.settlement[person]
        billed = [claim for claim, one in settled.items() if one.bill_revision]
        for change in settlement.decide(PACKS, facts, settled):
            settled[change.claim] = change.after
            self.books += [
                (person, one)
                for one in postings(
                    change.claim, change.after.revision, change.before.pays, change.after.pays,
                    "provider",
                )
            ]  # fmt: skip
            missing = len(self.books) - len(self.book_times)
            self.book_times += [len(self.announced)] * missing
            for said in (change.event, change.bill):
                if said is not None:
                    self._say(said)
            if change.bill is not None:
                self._bills[person, change.claim] = change.bill
        for sent in facts.forwarding(self._sent[person], billed):
            self._sent[person][sent.person] = settlement.content_of(sent)
            self._say(sent)

    def _assist(self, person: str) -> None:
        assisted = self._assisted[person]
        for change in assistance.decide(PACKS, self.assistance[person], assisted):
            assisted[change.claim] = change.after
            self._firsts.setdefault((person, change.claim), sum(change.after.pays.values()))
            self._say(change.event)

    def ledger(self) -> list[str]:
        """Return where every claim stands, in words, in a fixed order: what must not depend on luck."""
        lines = [
            f"{person} {one.registered.split('|')[:2]} {one.status} {one.coverage} "
            f"{one.file.model_dump(exclude={'forwarded'})}"
            for person, one in sorted(self.standing.items())
            if one.status != NOBODY
        ]
        for person, settled in sorted(self.settled.items()):
            for claim, position in sorted(settled.items()):
                if settlement.MOVED in position.decided:
                    continue  # it stands under the right number; when it left is a matter of luck
                bill = self._bills.get((person, claim))
                stands = bill is not None and bill.outcome == "settled"
                amounts = {
                    name: format_yuan(value)
                    for name, value in (bill.__dict__.items() if stands else ())
                    if type(value) is int and not name.endswith("revision")
                }
                lines.append(f"{person} {claim} {position.decided} {amounts}")
        return lines

    @property
    def bills(self) -> dict[str, Any]:
        """Return the last bill of each claim, under whichever number it stands."""
        ordered = sorted(self._bills.items(), key=lambda one: one[1].outcome == "settled")
        return {claim: bill for (_, claim), bill in ordered}

    def paid(self, person: str) -> dict[str, int]:
        """Return what the insurance layers and the person pay for each claim that stands."""
        return {
            claim: sum(position.pays.values())
            for claim, position in self.settled[person].items()
            if position.pays
        }

    def booked(self, person: str) -> dict[str, tuple[int, int]]:
        """Return a person's assistance by claim: (granted first, as it now stands), in fen."""
        return {
            claim: (self._firsts[person, claim], sum(position.pays.values()))
            for claim, position in self._assisted[person].items()
        }

    def granted(self, person: str) -> int:
        """Return a person's assistance as it now stands, in fen."""
        return sum(now for _, now in self.booked(person).values())

    def balance(self) -> dict[tuple[str, str, str], int]:
        """Return what each account has paid for each person's claims, from the postings alone."""
        found: dict[tuple[str, str, str], int] = {}
        for person, one in self.books:
            account, sign = (one.debit, 1) if one.credit == "provider" else (one.credit, -1)
            key = (person, one.claim, account)
            found[key] = found.get(key, 0) + sign * one.amount
        return {key: value for key, value in found.items() if value}


def ledger_of(facts: Sequence[Event], rng: random.Random | None = None) -> list[str]:
    """Tell a fresh county all facts and return its ledger."""
    return County(rng).tell(*facts).ledger()
