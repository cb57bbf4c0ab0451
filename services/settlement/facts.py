"""What settlement knows about a person: bills and reversals, identities, coverage, assistance. Pure.

A set: adding knows no order, and of what another service announced the highest revision holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.events.enrollment import CoverageChanged, StatusChanged
from contracts.events.forwarding import CarriedFact
from contracts.events.settlement import ClaimsForwarded
from contracts.subjects import BY_NAME
from policy.engine import SETTLEMENT, Decision, fold, refuse_wrong_inputs
from policy.facts import Claim, HeldIdentity, PersonFacts, as_claim
from policy.pack import Pack
from services.settlement.repeats import (
    POSSIBLE_DUPLICATE,
    overlapping_stays,
    possible_duplicates,
    questions_of,
)

FromHospital = ClaimSubmitted | ClaimReversed | DuplicateDismissed
"""What is said about bills under a number; a corrected number forwards it."""

MOVED = "number_corrected"
"""Why a claim pays nothing under a number that was wrong: it is settled under the right one."""


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case ClaimSubmitted():
            said = f"claim/{event.claim}/{event.fingerprint()}"
        case ClaimReversed():
            said = f"reversal/{event.claim}/{event.fingerprint()}"
        case DuplicateDismissed():
            said = f"dismissed/{event.claim}"
        case StatusChanged():
            said = f"status/{event.revision}"
        case CoverageChanged():
            said = f"coverage/{event.revision}"
        case ClaimsForwarded():
            said = f"forwarded/{event.formerly}/{event.revision}"
        case AssistanceDecision():
            said = f"assistance/{event.claim}/{event.revision}"
        case _:
            return None
    return event.person, said


class Facts:
    """A person's facts as a set: adding knows no order, and of an announcement the last word holds."""

    def __init__(self) -> None:
        self.whose = ""
        self.submitted: dict[str, ClaimSubmitted] = {}
        self.content: dict[str, str] = {}
        self.assistance: dict[str, AssistanceDecision] = {}
        self.repeats: dict[str, str] = {}
        self._own: dict[str, FromHospital] = {}
        self._forwarded: dict[str, ClaimsForwarded] = {}
        self._copies: dict[str, list[ClaimSubmitted]] = {}
        self._claims: dict[str, Claim] = {}
        self._reversed: set[str] = set()
        self._dismissed: set[str] = set()
        self._status: StatusChanged | None = None
        self._coverage: CoverageChanged | None = None
        self._right_numbers: set[str] = set()
        self._decisions: dict[str, Decision] | None = None

    def add(self, event: Event, fact: str) -> None:
        """Take a fact in. Adding it again, or in another order, ends in the same set."""
        match event:
            case AssistanceDecision():
                known = self.assistance.get(event.claim)
                if known is None or event.revision > known.revision:
                    self.assistance[event.claim] = event
                return
            case ClaimSubmitted() | ClaimReversed() | DuplicateDismissed():
                if fact in self._own:
                    return
                self._own[fact] = event
                self._take(event)
            case ClaimsForwarded():
                self._add_forwarded(event)
            case StatusChanged():
                self._add_status(event)
            case CoverageChanged() if (
                self._coverage is None or event.revision > self._coverage.revision
            ):
                self._coverage = event
            case _:
                return
        self.whose = event.person
        self._decisions = None

    def _take(self, event: "FromHospital") -> None:
        if isinstance(event, ClaimReversed):
            self._reversed.add(event.claim)
        elif isinstance(event, DuplicateDismissed):
            self._dismissed.add(event.claim)
        else:
            copies = self._copies.setdefault(event.claim, [])
            copies.append(event)
            self._choose(event.claim, first_accepted(copies))

    def _choose(self, claim: str, bill: ClaimSubmitted) -> None:
        """Let one of the copies under a number be the bill."""
        self.submitted[claim] = bill
        self.content[claim] = bill.fingerprint("received")
        self._claims[claim] = as_claim(bill)

    def _add_status(self, event: StatusChanged) -> None:
        if event.merged_into is not None:
            self._right_numbers.add(event.merged_into)
        if self._status is None or event.revision > self._status.revision:
            self._status = event

    def _add_forwarded(self, event: ClaimsForwarded) -> None:
        """Take what an earlier number forwards; a later word of it replaces the one before."""
        known = self._forwarded.get(event.formerly)
        if known is not None and event.revision <= known.revision:
            return
        self._forwarded[event.formerly] = event
        for kept in (self._copies, self._claims, self._reversed, self._dismissed):
            kept.clear()
        for one in (*self._own.values(), *self._carried()):
            self._take(one)

    def _carried(self) -> list["FromHospital"]:
        found = [
            BY_NAME[fact.event].model_validate_json(fact.body)
            for _, forwarded in sorted(self._forwarded.items())
            for fact in forwarded.facts
        ]
        return [one for one in found if isinstance(one, FromHospital)]

    @property
    def moved(self) -> bool:
        """Tell whether the number was a wrong one, so that nothing is settled under it."""
        return self._status is not None and self._status.merged_into is not None

    @property
    def billed_before(self) -> frozenset[str]:
        """Return the claims whose bill was issued under an earlier number."""
        return frozenset(claim for one in self._forwarded.values() for claim in one.billed)

    def forwarding(
        self, before: Mapping[str, str], billed: Iterable[str] = ()
    ) -> list[ClaimsForwarded]:
        """Return what goes to the right number, and nothing to one that was right before.

        ``before``: right number's key → the content that it was sent last, empty once it was taken
        back. ``billed``: claims whose bill was issued under this number.
        """
        if self._status is None or not self._right_numbers:
            return []
        # Each is a count that only grows with the set, so a later set has a higher revision.
        revision = len(self._own) + self._status.revision
        revision += sum(one.revision for one in self._forwarded.values())
        issued = tuple(sorted({*billed} | self.billed_before))
        sent = []
        for target in sorted(self._right_numbers):
            here = target == self._status.merged_into
            facts = [
                one
                for one in (*self._own.values(), *self._carried())
                if here and one.person != target
            ]
            carried = [CarriedFact(event=one.NAME, body=one.model_dump_json()) for one in facts]
            event = ClaimsForwarded(
                person=target, formerly=self.whose, revision=revision, facts=tuple(carried),
                billed=issued if facts else (),
            )  # fmt: skip
            if before.get(target, "") != content_of(event):
                sent.append(event)
        return sent

    def person(self) -> PersonFacts:
        """Return what the engine reads."""
        status, coverage = self._status, self._coverage
        return PersonFacts(
            claims=list(self._claims.values()),
            reversed_claims=frozenset(self._reversed),
            identities=() if status is None else identities_of(status),
            died=None if status is None else status.died,
            covered_years=frozenset(() if coverage is None else coverage.years),
            covered_spans=None if coverage is None else spans_of(coverage),
        )

    def decisions(self, packs: Sequence[Pack]) -> dict[str, Decision]:
        """Fold the insurance layers. An assistance decision changes none of what is read here."""
        if self._decisions is None:
            elsewhere = (
                self.submitted if self.moved else self.submitted.keys() - self._claims.keys()
            )
            self.repeats = {}
            self._decisions = {claim: Decision(claim, "reversed", MOVED) for claim in elsewhere}
            if not self.moved:
                self._decisions |= self._settled(packs)
        return self._decisions

    def _settled(self, packs: Sequence[Pack]) -> dict[str, Decision]:
        """Fold the bills. A refused one does not use up its number: the next copy under it is tried.

        Bills that seem sent twice are left out and held, so that they move no accumulator.
        """
        later = {
            claim: _in_order(copies) for claim, copies in self._copies.items() if len(copies) > 1
        }
        for claim, copies in later.items():
            self._choose(claim, copies.pop(0))
        while True:
            standing = (
                bill for claim, bill in self.submitted.items()
                if claim in self._claims and claim not in self._reversed
            )  # fmt: skip
            self.repeats = possible_duplicates(standing, self._dismissed)
            person = self.person()
            person.claims = [one for one in person.claims if one.claim not in self.repeats]
            decisions = fold(packs, refuse_wrong_inputs(packs, person), SETTLEMENT)
            again = [
                claim for claim, copies in later.items()
                if copies and claim in decisions and decisions[claim].outcome == "refused"
            ]  # fmt: skip
            if not again:
                break
            for claim in again:
                self._choose(claim, later[claim].pop(0))
        held = {one: Decision(one, "held", POSSIBLE_DUPLICATE) for one in self.repeats}
        return decisions | held

    def questions(self, packs: Sequence[Pack]) -> dict[str, str]:
        """Return claim → what somebody has to look at."""
        decisions = self.decisions(packs)
        outcomes = {claim: (one.outcome, one.reason) for claim, one in decisions.items()}
        settled = [
            self.submitted[claim]
            for claim, one in decisions.items()
            if one.outcome == "settled" and claim not in self._dismissed
        ]
        return questions_of(outcomes, self.repeats, overlapping_stays(settled))


def content_of(sent: ClaimsForwarded) -> str:
    """Return what was sent as one comparable text; empty if it was taken back."""
    return sent.fingerprint("revision") if sent.facts else ""


def collect(events: Iterable[Event]) -> Facts:
    """Return the set of all these facts."""
    facts = Facts()
    for event in events:
        known = fact_id(event)
        if known is not None:
            facts.add(event, known[1])
    return facts


def first_accepted(copies: Sequence[ClaimSubmitted]) -> ClaimSubmitted:
    """Return the bill known first under an id, whichever of the copies arrives here first (C19).

    Equal copies are one bill; the door refuses a later one with other amounts, and one that
    reaches the stream all the same counts for nothing.
    """
    if len(copies) == 1:
        return copies[0]
    return min(copies, key=lambda bill: (bill.received, bill.fingerprint()))


def _in_order(copies: Sequence[ClaimSubmitted]) -> list[ClaimSubmitted]:
    """Return the copies of a bill that differ, in the order in which they became known."""
    first: dict[str, ClaimSubmitted] = {}
    for bill in sorted(copies, key=lambda one: (one.received, one.fingerprint())):
        first.setdefault(bill.fingerprint("received"), bill)
    return list(first.values())


def identities_of(status: StatusChanged) -> tuple[HeldIdentity, ...]:
    """Turn announced identities into the engine's."""
    return tuple(
        HeldIdentity(one.category.value, one.valid_from, one.valid_to) for one in status.identities
    )


def spans_of(coverage: CoverageChanged) -> tuple[tuple[date, date], ...] | None:
    """Turn announced days of coverage into the engine's; None if only years were announced."""
    if coverage.spans is None:
        return None
    return tuple((one.first, one.last) for one in coverage.spans)
