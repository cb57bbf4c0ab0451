"""Bills that are decided together: those of a benefit year, or of years that hang together. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from contracts.events.claims import ClaimSubmitted
from contracts.events.enrollment import Filing
from policy.continued import Continued
from policy.engine import SETTLEMENT, Decision, refuse_wrong_inputs
from policy.facts import Claim, PersonFacts, as_claim
from policy.filing import filed_area
from policy.pack import Pack
from services.settlement.repeats import (
    POSSIBLE_DUPLICATE,
    overlapping_stays,
    possible_duplicates,
    questions_of,
)

Copies = Mapping[str, Sequence[ClaimSubmitted]]
"""Claim → the bills that came under its number."""


@dataclass(slots=True)
class Decided:
    """What is decided: of the copies under a number the bill that counts, and what is asked about it.

    A bill whose treatment was filed stands here in the area of a filed one, and in ``filed``.
    """

    bills: dict[str, ClaimSubmitted] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    filed: set[str] = field(default_factory=set)

    def replace(self, newer: "Decided") -> None:
        """Take what is decided anew about some of the bills."""
        self.bills |= newer.bills
        self.decisions |= newer.decisions
        if self.filed or newer.filed:
            self.filed = (self.filed - newer.decisions.keys()) | newer.filed
        for claim in newer.decisions:
            self.questions.pop(claim, None)
        self.questions |= newer.questions


class Part:
    """Decides some of a person's bills; remembers where it ended, so that the next bill goes on there.

    ``filings``: days on which treatment elsewhere is filed; with other ones another part decides.
    """

    def __init__(self, filings: Collection[Filing] = ()) -> None:
        self._filings = filings
        self._filed: dict[int, tuple[ClaimSubmitted, ClaimSubmitted]] = {}
        self._fold = Continued(SETTLEMENT)
        self._claims: dict[str, tuple[ClaimSubmitted, Claim]] = {}

    def decide(
        self, packs: Sequence[Pack], person: PersonFacts, copies: Copies, dismissed: Collection[str]
    ) -> Decided:
        """Fold the bills. A refused one does not use up its number: the next copy under it is tried.

        Bills that seem sent twice are left out and held, so that they move no accumulator.
        """
        if self._filings:
            copies = {
                name: [self._as_filed(packs, one) for one in of] for name, of in copies.items()
            }
        bills = {claim: first_accepted(of) for claim, of in copies.items()}
        later = {claim: _in_order(of)[1:] for claim, of in copies.items() if len(of) > 1}
        while True:
            standing = (one for one in bills.values() if one.claim not in person.reversed_claims)
            repeats = possible_duplicates(standing, dismissed)
            person.claims = [self._claim(one) for one in bills.values() if one.claim not in repeats]
            right = refuse_wrong_inputs(packs, person)
            decisions = self._fold.fold(packs, right)
            again = [
                claim for claim, of in later.items()
                if of and claim in decisions and decisions[claim].outcome == "refused"
            ]  # fmt: skip
            if not again:
                break
            for claim in again:
                bills[claim] = later[claim].pop(0)
        decisions |= {one: Decision(one, "held", POSSIBLE_DUPLICATE) for one in repeats}
        questions = _questions(bills, decisions, repeats, dismissed)
        return Decided(bills, decisions, questions, self._filed_of(bills))

    def _filed_of(self, bills: Mapping[str, ClaimSubmitted]) -> set[str]:
        """Return which bills stand in the area of a filed one."""
        if not self._filed:
            return set()
        changed = {id(one) for _, one in self._filed.values()}
        return {claim for claim, bill in bills.items() if id(bill) in changed}

    def _as_filed(self, packs: Sequence[Pack], bill: ClaimSubmitted) -> ClaimSubmitted:
        """Return the bill in the area by which it is settled: the same one each time, or itself."""
        known = self._filed.get(id(bill))
        if known is not None:
            return known[1]
        area = filed_area(packs, self._filings, bill)
        if area == bill.area:
            return bill
        found = bill.model_copy(update={"area": area})
        self._filed[id(bill)] = (bill, found)
        return found

    def _claim(self, bill: ClaimSubmitted) -> Claim:
        """Return the same claim for the same bill: the fold goes on behind claims that it knows."""
        known = self._claims.get(bill.claim)
        if known is None or known[0] is not bill:
            known = self._claims[bill.claim] = (bill, as_claim(bill))
        return known[1]


def _questions(
    bills: Mapping[str, ClaimSubmitted], decisions: Mapping[str, Decision],
    repeats: Mapping[str, str], dismissed: Collection[str],
) -> dict[str, str]:  # fmt: skip
    outcomes = {claim: (one.outcome, one.reason) for claim, one in decisions.items()}
    settled = (
        bills[claim]
        for claim, one in decisions.items()
        if one.outcome == "settled" and claim not in dismissed
    )
    return questions_of(outcomes, repeats, overlapping_stays(settled))


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
