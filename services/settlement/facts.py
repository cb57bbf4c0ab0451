"""What settlement knows about a person: bills and reversals, identities, coverage, assistance. Pure.

A set: adding knows no order, and of what another service announced the highest revision holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.events.enrollment import CoverageChanged, StatusChanged
from contracts.events.forwarding import CarriedFact
from contracts.events.settlement import ClaimsForwarded
from contracts.subjects import BY_NAME
from policy.engine import SETTLEMENT, Decision, fold, refuse_wrong_inputs
from policy.facts import Claim, HeldIdentity, PersonFacts, as_claim
from policy.pack import Pack

MOVED = "number_corrected"
"""Why a claim pays nothing under a number that was wrong: it is settled under the right one."""


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case ClaimSubmitted():
            said = f"claim/{event.claim}/{event.fingerprint()}"
        case ClaimReversed():
            said = f"reversal/{event.claim}/{event.fingerprint()}"
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
        self._own: list[ClaimSubmitted | ClaimReversed] = []
        self._forwarded: dict[str, ClaimsForwarded] = {}
        self._copies: dict[str, list[ClaimSubmitted]] = {}
        self._claims: dict[str, Claim] = {}
        self._reversed: set[str] = set()
        self._status: StatusChanged | None = None
        self._coverage: CoverageChanged | None = None
        self._right_numbers: set[str] = set()
        self._decisions: dict[str, Decision] | None = None

    def add(self, event: Event) -> None:
        """Take a fact in. Adding it again, or in another order, ends in the same set."""
        match event:
            case AssistanceDecision():
                known = self.assistance.get(event.claim)
                if known is None or event.revision > known.revision:
                    self.assistance[event.claim] = event
                return
            case ClaimSubmitted() | ClaimReversed():
                self._own.append(event)
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

    def _take(self, event: ClaimSubmitted | ClaimReversed) -> None:
        if isinstance(event, ClaimReversed):
            self._reversed.add(event.claim)
            return
        copies = self._copies.setdefault(event.claim, [])
        copies.append(event)
        bill = first_accepted(copies)
        self.submitted[event.claim] = bill
        self.content[event.claim] = bill.fingerprint("received")
        self._claims[event.claim] = as_claim(bill)

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
        for kept in (self._copies, self._claims, self._reversed):
            kept.clear()
        for one in (*self._own, *self._carried()):
            self._take(one)

    def _carried(self) -> list[ClaimSubmitted | ClaimReversed]:
        found = [
            BY_NAME[fact.event].model_validate_json(fact.body)
            for _, forwarded in sorted(self._forwarded.items())
            for fact in forwarded.facts
        ]
        return [one for one in found if isinstance(one, ClaimSubmitted | ClaimReversed)]

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
            facts = [one for one in (*self._own, *self._carried()) if here and one.person != target]
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
            self._decisions = {claim: Decision(claim, "reversed", MOVED) for claim in elsewhere}
            if not self.moved:
                facts = refuse_wrong_inputs(packs, self.person())
                self._decisions |= fold(packs, facts, SETTLEMENT)
        return self._decisions


def content_of(sent: ClaimsForwarded) -> str:
    """Return what was sent as one comparable text; empty if it was taken back."""
    return sent.fingerprint("revision") if sent.facts else ""


def collect(events: Iterable[Event]) -> Facts:
    """Return the set of all these facts."""
    facts = Facts()
    for event in events:
        facts.add(event)
    return facts


def first_accepted(copies: Sequence[ClaimSubmitted]) -> ClaimSubmitted:
    """Return the bill known first under an id, whichever of the copies arrives here first (C19).

    Equal copies are one bill; the door refuses a later one with other amounts, and one that
    reaches the stream all the same counts for nothing.
    """
    if len(copies) == 1:
        return copies[0]
    return min(copies, key=lambda bill: (bill.received, bill.fingerprint()))


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
