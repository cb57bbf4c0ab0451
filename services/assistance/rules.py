"""Assistance, pure: settled claims → what assistance pays → what is new.

Facts: the outcomes that settlement announced. A settled claim carries the category that decided,
so both services always speak of the same one. Every revision of a settled claim gets an answer,
also zero: the bill waits for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.events.assistance import AssistanceAdjusted, AssistanceGranted
from contracts.events.base import Event
from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import ClaimHeld, ClaimRefused, ClaimSettled
from contracts.funds import ASSISTANCE_FUNDS
from contracts.reach import EVER, TIMELESS, Reach
from policy.continued import Continued
from policy.engine import ASSISTANCE, Decision
from policy.facts import Claim, PersonFacts
from policy.pack import Pack

Outcome = ClaimSettled | ClaimHeld | ClaimRefused
"""What settlement says about a claim."""
WITHDRAWN = "NONE||"
"""The standing of a claim that was decided on and then taken back or refused."""


@dataclass(slots=True)
class Position:
    """What was last announced about a claim. ``ground``: what it was last compared with, in memory."""

    revision: int = 0
    settlement_revision: int = 0
    decided: str = ""
    pays: dict[str, int] = field(default_factory=dict)
    ground: tuple[Outcome, Decision | None] | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class GrantChange:
    """What is new about one claim."""

    claim: str
    before: Position
    after: Position
    year: int
    category: str
    pack: str
    event: AssistanceGranted | AssistanceAdjusted


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    if isinstance(event, Outcome):
        return event.person, f"outcome/{event.claim}/{event.revision}"
    if isinstance(event, ManualAssistancePaid):
        return event.person, f"paid/{event.claim}/{event.fingerprint()}"
    return None


def reach_of(event: Event) -> Reach:
    """Return which benefit years a fact is about; a payment by hand decides nothing.

    A bill may be settled again with a day in another year: what was decided in the first hangs on it.
    """
    if not isinstance(event, Outcome):
        return TIMELESS
    kin, year = (f"outcome/{event.claim}",), _kept(event)
    return Reach(kin=kin) if year == EVER else Reach(year, frozenset({year}), kin=kin)


def _kept(outcome: Outcome) -> int:
    return EVER if outcome.discharge is None else outcome.discharge.year


class Year:
    """The settled claims of a benefit year, folded again where something is new. ``fees``: in fen."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self.fees = 0
        self._fold = Continued(ASSISTANCE)
        self._decisions: dict[str, Decision] | None = None

    def put(self, claim: Claim) -> None:
        """Take a settled claim in, in place of what was known of it."""
        self.remove(claim.claim)
        self._claims[claim.claim] = claim
        self.fees += claim.total_fee

    def remove(self, claim: str) -> None:
        """Leave a claim out that is settled no longer, or in another way."""
        known = self._claims.pop(claim, None)
        self.fees -= known.total_fee if known else 0
        self._decisions = None

    def claims(self) -> list[Claim]:
        """Return the claims."""
        return list(self._claims.values())

    def decisions(self, packs: Sequence[Pack]) -> dict[str, Decision]:
        """Fold the assistance layers."""
        if self._decisions is None:
            self._decisions = self._fold.fold(packs, PersonFacts(claims=self.claims()))
        return self._decisions


class Facts:
    """The standing outcome of each claim: of several revisions the highest, in whatever order.

    ``settled``: the last one that was a settlement, also if the claim is held or refused since;
    ``opened``: the first one.

    ``several``: a claim was decided with days in several years, which hang together then.

    ``paid``: what was paid by hand, told once or often; of a claim, day and amount the last word holds.
    """

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.settled: dict[str, ClaimSettled] = {}
        self.opened: dict[str, ClaimSettled] = {}
        self.paid: dict[str, ManualAssistancePaid] = {}
        self.several = False
        self._years: defaultdict[int, Year] = defaultdict(Year)

    def add(self, event: Event, _: str = "") -> None:
        """Take a fact in. Adding it again, or in another order, ends in the same set."""
        if isinstance(event, ManualAssistancePaid):
            self._add_payment(event)
        if not isinstance(event, Outcome):
            return
        if isinstance(event, ClaimSettled) and event.outcome == "settled":
            before = self.settled.get(event.claim)
            if before is None or event.revision > before.revision:
                self.settled[event.claim] = event
            first = self.opened.get(event.claim)
            if first is None or event.revision < first.revision:
                self.opened[event.claim] = event
        known = self.outcomes.get(event.claim)
        if known is not None:
            self.several |= _kept(known) != _kept(event)
            if event.revision <= known.revision:
                return
        self.outcomes[event.claim] = event
        if isinstance(known, ClaimSettled):
            self._years[known.discharge.year].remove(event.claim)
        if isinstance(event, ClaimSettled) and event.outcome == "settled":
            self._years[event.discharge.year].put(claim_of(event))

    def _add_payment(self, event: ManualAssistancePaid) -> None:
        key = f"{event.claim}|{event.paid_on}|{event.amount}|{event.card_last4}"
        known = self.paid.get(key)
        if known is None or _said(event) > _said(known):
            self.paid[key] = event

    @property
    def years(self) -> set[int]:
        """Return the benefit years of which settled claims are known here."""
        return set(self._years)

    def fees_in(self, year: int) -> int:
        """Return the fees of a benefit year's settled claims (fen): nobody pays more than these."""
        found = self._years.get(year)
        return found.fees if found else 0

    def settled_in(self, year: int) -> list[ClaimSettled]:
        """Return the claims of a benefit year that stand as settled."""
        found = self._years.get(year)
        told = (self.outcomes[one.claim] for one in found.claims()) if found else ()
        return [one for one in told if isinstance(one, ClaimSettled)]

    @property
    def linked_years(self) -> set[int] | None:
        """Return the years that are read whatever is touched; None: all hang together."""
        return None if self.several else set()

    def person(self) -> PersonFacts:
        """Return what the engine reads."""
        return PersonFacts(claims=[one for year in self._years.values() for one in year.claims()])

    def year_of(self, claim: str) -> int:
        """Return the benefit year of a claim: that of the last day that was told of it."""
        told = (self.outcomes[claim], self.settled.get(claim))
        return next((one.discharge.year for one in told if one and one.discharge), EVER)

    def decisions(self, packs: Sequence[Pack]) -> dict[str, Decision]:
        """Return what the assistance layers give on each settled claim."""
        found: dict[str, Decision] = {}
        for year in self._years.values():
            found |= year.decisions(packs)
        return found


def _said(event: ManualAssistancePaid) -> tuple[datetime, str]:
    return event.received, event.fingerprint()


def collect(events: Iterable[Event]) -> Facts:
    """Return the set of all these facts."""
    facts = Facts()
    for event in events:
        facts.add(event)
    return facts


def claim_of(settled: ClaimSettled) -> Claim:
    """Turn a settled claim into the engine's, with what the insurance layers paid."""
    return Claim(
        claim=settled.claim,
        kind=settled.kind.value,
        discharge=settled.discharge,
        total_fee=settled.total_fee,
        in_scope=settled.in_scope,
        full_self_pay=settled.total_fee - settled.in_scope,
        hospital_reduction=settled.hospital_reduction,
        commercial_supplement=settled.commercial_supplement,
        settled="" if settled.settled is None else settled.settled.isoformat(),
        level=settled.level,
        area=settled.area,
        compliant=settled.compliant,
        referred=settled.referred,
        paid={"insurance": insured_of(settled)},
        provider=settled.provider,
        category=settled.category,
    )


def insured_of(settled: ClaimSettled) -> int:
    """Return what the insurance layers took off the in-scope part, in fen.

    Before that was said, the funds of the packs were the three that pay in-scope costs.
    """
    if settled.in_scope_paid is not None:
        return settled.in_scope_paid
    return settled.bmi + settled.cii + settled.supplement


def decide(
    packs: Sequence[Pack], facts: Facts, announced: Mapping[str, Position]
) -> list[GrantChange]:
    """Fold all facts of a person and return what differs from what was announced."""
    changes = []
    decisions = facts.decisions(packs)
    for claim, outcome in facts.outcomes.items():
        decision = decisions.get(claim)
        before = announced.get(claim)
        if decision is None and (before is None or before.decided == WITHDRAWN):
            continue
        before = before or Position()
        known = before.ground
        if known and known[0] is outcome and known[1] is decision:
            continue
        year = facts.year_of(claim)
        change = change_of(outcome, decision or Decision(claim, "reversed"), before, year)
        if change is not None:
            changes.append(change)
        (before if change is None else change.after).ground = (outcome, decision)
    return changes


def change_of(
    outcome: Outcome, decision: Decision, before: Position, year: int
) -> GrantChange | None:
    """Compare one decision with what stands; None if nothing is new."""
    pays = {fund: decision.pays[fund] for fund in ASSISTANCE_FUNDS if decision.pays.get(fund)}
    shares = ",".join(f"{fund}={pays[fund]}" for fund in sorted(pays))
    decided = f"{decision.category}|{decision.pack}|{shares}"
    if decided == before.decided and outcome.revision == before.settlement_revision:
        return None
    after = Position(before.revision + 1, outcome.revision, decided, pays)
    event = announcement(outcome, decision, before, after, year)
    return GrantChange(outcome.claim, before, after, year, decision.category, decision.pack, event)


def announcement(
    outcome: Outcome, decision: Decision, before: Position, after: Position, year: int
) -> AssistanceGranted | AssistanceAdjusted:
    """Say a decision in the words of the contract."""
    said: dict[str, Any] = {
        "claim": outcome.claim,
        "person": outcome.person,
        "revision": after.revision,
        "settlement_revision": outcome.revision,
        "benefit_year": year or None,
        "category": decision.category,
        "pack": decision.pack,
        **{fund: after.pays.get(fund, 0) for fund in ASSISTANCE_FUNDS},
    }
    if before.revision == 0:
        return AssistanceGranted.model_construct(**said)
    delta = sum(after.pays.values()) - sum(before.pays.values())
    return AssistanceAdjusted.model_construct(**said, delta=delta)
