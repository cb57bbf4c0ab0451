"""What settlement knows about a person: bills and reversals, identities, coverage, assistance. Pure.

A set: adding knows no order, and of what another service announced the highest revision holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.events.enrollment import CoverageChanged, Filing, FilingsChanged, StatusChanged
from contracts.events.forwarding import CarriedFact
from contracts.events.settlement import ClaimsForwarded
from contracts.subjects import BY_NAME
from policy.engine import Decision, refuse_wrong_inputs
from policy.facts import HeldIdentity, PersonFacts, as_claim
from policy.pack import Pack
from services.settlement.bill_years import BillYears
from services.settlement.part import Copies, Decided, first_accepted
from services.settlement.repeats import POSSIBLE_DUPLICATE

FromHospital = ClaimSubmitted | ClaimReversed | DuplicateDismissed
"""What is said about bills under a number; a corrected number forwards it."""

MOVED = "number_corrected"
"""Why a claim pays nothing under a number that was wrong: it is settled under the right one."""


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case ClaimSubmitted():
            said = f"claim/{event.claim}/{event.fingerprint()}"
        case AssistanceDecision():
            said = f"assistance/{event.claim}/{event.revision}"
        case ClaimReversed():
            said = f"reversal/{event.claim}/{event.fingerprint()}"
        case DuplicateDismissed():
            said = f"dismissed/{event.claim}"
        case StatusChanged():
            said = f"status/{event.revision}"
        case CoverageChanged():
            said = f"coverage/{event.revision}"
        case FilingsChanged():
            said = f"filings/{event.revision}"
        case ClaimsForwarded():
            said = f"forwarded/{event.formerly}/{event.revision}"
        case _:
            return None
    return event.person, said


class Facts:
    """A person's facts as a set: adding knows no order, and of an announcement the last word holds."""

    def __init__(self) -> None:
        self.whose = ""
        self.assistance: dict[str, AssistanceDecision] = {}
        self._own: dict[str, FromHospital] = {}
        self._forwarded: dict[str, ClaimsForwarded] = {}
        self._ever_forwarded: dict[str, list[ClaimSubmitted]] = {}
        self._years = BillYears()
        self._reversed: set[str] = set()
        self._dismissed: set[str] = set()
        self._status: StatusChanged | None = None
        self._coverage: CoverageChanged | None = None
        self._filed: FilingsChanged | None = None
        self._right_numbers: set[str] = set()

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
                self._years.all_anew()
            case CoverageChanged() if (
                self._coverage is None or event.revision > self._coverage.revision
            ):
                self._coverage = event
                self._years.all_anew()
            case FilingsChanged() if self._filed is None or event.revision > self._filed.revision:
                self._filed = event
                self._years.all_anew()
            case _:
                return
        self.whose = event.person

    def _take(self, event: "FromHospital") -> None:
        if isinstance(event, ClaimSubmitted):
            self._years.add(event)
            return
        known = self._reversed if isinstance(event, ClaimReversed) else self._dismissed
        known.add(event.claim)
        self._years.anew(event.claim)

    def _add_status(self, event: StatusChanged) -> None:
        if event.merged_into is not None:
            self._right_numbers.add(event.merged_into)
        if self._status is None or event.revision > self._status.revision:
            self._status = event

    def _add_forwarded(self, event: ClaimsForwarded) -> None:
        """Take what an earlier number forwards; a later word of it replaces the one before."""
        for bill in carried_by(event):
            if isinstance(bill, ClaimSubmitted):
                self._ever_forwarded.setdefault(bill.claim, []).append(bill)
        known = self._forwarded.get(event.formerly)
        if known is not None and event.revision <= known.revision:
            return
        self._forwarded[event.formerly] = event
        for kept in (self._reversed, self._dismissed):
            kept.clear()
        self._years = BillYears()
        for one in (*self._own.values(), *self._carried()):
            self._take(one)

    def _carried(self) -> list["FromHospital"]:
        return [one for _, event in sorted(self._forwarded.items()) for one in carried_by(event)]

    @property
    def linked_years(self) -> set[int] | None:
        """Return the years that a stay over New Year makes one; None: all hang together."""
        return None if self._whole or self._years.several else self._years.linked

    @property
    def _whole(self) -> bool:
        """Tell whether the number was corrected, or is the right one of another."""
        return bool(self._forwarded or self._right_numbers)

    @property
    def moved(self) -> bool:
        """Tell whether the number was a wrong one, so that nothing is settled under it."""
        return self._status is not None and self._status.merged_into is not None

    @property
    def filings(self) -> tuple[Filing, ...]:
        """Return the days on which treatment elsewhere is filed."""
        return () if self._filed is None else self._filed.filings

    @property
    def billed_before(self) -> frozenset[str]:
        """Return the claims whose bill was issued under an earlier number."""
        return frozenset(claim for one in self._forwarded.values() for claim in one.billed)

    def may_be_another(self, claim: str) -> bool:
        """Tell whether more than one bill came under a number."""
        return bool(self._forwarded) or len(self._years.copies.get(claim, ())) > 1

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
                for one in (*(own for _, own in sorted(self._own.items())), *self._carried())
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
        """Return what the engine reads about the person, without bills."""
        status, coverage = self._status, self._coverage
        return PersonFacts(
            claims=[],
            identities=() if status is None else identities_of(status),
            died=None if status is None else status.died,
            covered_years=frozenset(() if coverage is None else coverage.years),
            covered_spans=None if coverage is None else spans_of(coverage),
        )

    def decide(self, packs: Sequence[Pack]) -> Decided:
        """Fold the insurance layers of the years in which something is new.

        Under a number that was wrong, and of a bill that is forwarded no longer, nothing is paid.
        """
        if self.moved:
            return _elsewhere({**self._ever_forwarded, **self._years.copies})
        here = self._years.decided or self._years.decide(
            packs, self.person(), self._reversed, self._dismissed, self.filings, whole=self._whole
        )
        gone = self._ever_forwarded.keys() - self._years.copies.keys()
        if gone:
            here.replace(_elsewhere({claim: self._ever_forwarded[claim] for claim in sorted(gone)}))
        return here

    def counted(self, packs: Sequence[Pack]) -> PersonFacts:
        """Return what the engine reads, with the bills that count: to write every step down."""
        decided = self.decide(packs)
        bills = [
            as_claim(decided.bills[claim])
            for claim, one in decided.decisions.items()
            if one.reason not in {MOVED, POSSIBLE_DUPLICATE}
        ]
        facts = replace(self.person(), claims=bills, reversed_claims=frozenset(self._reversed))
        return refuse_wrong_inputs(packs, facts)


def _elsewhere(copies: Copies) -> Decided:
    """Return that bills pay nothing under this number."""
    return Decided(
        {claim: first_accepted(of) for claim, of in copies.items()},
        {claim: Decision(claim, "reversed", MOVED) for claim in copies},
    )


def carried_by(forwarded: ClaimsForwarded) -> list["FromHospital"]:
    """Return the bills, and what was said about them, that one number forwards to another."""
    found = [BY_NAME[fact.event].model_validate_json(fact.body) for fact in forwarded.facts]
    return [one for one in found if isinstance(one, FromHospital)]


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
