"""What assistance owes outside the one-stop settlement, and what was paid of it by hand (S1, C13). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import ClaimSettled
from services.assistance.domain import Facts


@dataclass(frozen=True, slots=True)
class ByHand:
    """A bill's assistance that goes by hand, in fen; negative: paid too much, to be reclaimed.

    ``first``: granted at once; ``granted``: as it now stands. ``carried``: whether the one-stop
    settlement carried what was granted first, under this number. ``withdrawn``: the hospital took the
    bill back, and what it had carried with it, under whatever number.
    """

    claim: str
    discharge: date
    carried: bool
    first: int
    granted: int
    payments: tuple[ManualAssistancePaid, ...]
    withdrawn: bool = False

    @property
    def due(self) -> int:
        """What the one-stop settlement did not carry: all of it, or what was corrected since."""
        if self.withdrawn:
            return 0
        return self.granted - self.first if self.carried else self.granted

    @property
    def paid(self) -> int:
        """What was paid by hand so far."""
        return sum(one.amount for one in self.payments)


def by_hand(facts: Facts, booked: Mapping[str, tuple[int, int]], year: int) -> Iterable[ByHand]:
    """Yield the bills of a year that owe or were paid something by hand.

    ``booked``: claim → (assistance granted first, assistance as it now stands), from the ledger.
    """
    paid: dict[str, list[ManualAssistancePaid]] = {}
    for payment in sorted(facts.paid.values(), key=lambda one: (one.paid_on, one.fingerprint())):
        if payment.action == "paid":
            paid.setdefault(payment.claim, []).append(payment)
    for claim, last in sorted(facts.outcomes.items()):
        # A bill that is held or refused since keeps what was carried and paid while it was settled.
        outcome = last if isinstance(last, ClaimSettled) else facts.settled.get(claim)
        if outcome is None or outcome.discharge.year != year:
            continue
        first, granted = booked.get(claim, (0, 0))
        reversed_ = outcome.outcome == "reversed"
        found = ByHand(
            claim, outcome.discharge, outcome.one_stop and (reversed_ or not outcome.moved), first,
            granted, tuple(paid.get(claim, ())), reversed_ and not outcome.moved,
        )  # fmt: skip
        if found.due or found.paid or found.withdrawn:
            yield found
