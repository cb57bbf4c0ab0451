"""What assistance owes outside the one-stop settlement, and what was paid of it by hand (S1, C13). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import ClaimSettled
from services.assistance.rules import Facts


@dataclass(frozen=True, slots=True)
class Under:
    """What is known of a bill under one of the numbers that its person had.

    ``since``: when its first outcome came. ``first``, ``granted``: the assistance granted first under
    this number, and as it now stands, in fen.
    """

    person: str
    since: datetime
    facts: Facts
    first: int = 0
    granted: int = 0


@dataclass(frozen=True, slots=True)
class ByHand:
    """A bill's assistance that goes by hand, in fen; negative: paid too much, to be reclaimed.

    ``one_stop``: the hospital carried what was granted first, ``first``; ``granted``: as it now stands.
    ``withdrawn``: the hospital took the bill back, and what it had carried with it.
    """

    person: str
    claim: str
    discharge: date
    one_stop: bool
    first: int
    granted: int
    payments: tuple[ManualAssistancePaid, ...]
    withdrawn: bool = False

    @property
    def due(self) -> int:
        """What the one-stop settlement did not carry: all of it, or what was corrected since."""
        if self.withdrawn:
            return 0
        return self.granted - self.first if self.one_stop else self.granted

    @property
    def paid(self) -> int:
        """What was paid by hand so far."""
        return sum(one.amount for one in self.payments)


def by_hand(claim: str, numbers: Iterable[Under]) -> ByHand | None:
    """Return what a bill owes or was paid by hand, over all numbers of its person; None: nothing was settled.

    A bill that is held or refused since keeps what was carried and paid while it was settled.
    """
    known = sorted(
        (one for one in numbers if claim in one.facts.outcomes),
        key=lambda one: (one.since, one.person),
    )
    settled = [one for one in known if claim in one.facts.settled]
    if not settled:
        return None
    carried = first_under(claim, settled)
    here = next((one for one in reversed(known) if not _has_left(claim, one)), known[-1])
    bill = (here if here in settled else settled[-1]).facts.settled[claim]
    return ByHand(
        person=here.person, claim=claim, discharge=bill.discharge, one_stop=bill.one_stop,
        first=carried.first, granted=sum(one.granted for one in known),
        payments=payments_of(claim, known), withdrawn=any(_taken_back(claim, one) for one in known),
    )  # fmt: skip


def first_under(claim: str, settled: Sequence[Under]) -> Under:
    """Return under which number the hospital carried what was granted: where the bill was issued first.

    A settlement says whether the bill had been issued under an earlier number (``moved``).
    """
    fresh = [one for one in settled if not one.facts.opened[claim].moved]
    return fresh[-1] if fresh else settled[0]


def payments_of(claim: str, numbers: Sequence[Under]) -> tuple[ManualAssistancePaid, ...]:
    """Return the payments that stand; one told under two numbers is one, and the last word about it holds."""
    said = sorted(
        (
            (one.received, one.fingerprint(), key, one)
            for under in numbers
            for key, one in under.facts.paid.items()
            if one.claim == claim
        ),
        key=lambda it: it[:2],
    )
    standing = {key: one for _, _, key, one in said}
    paid = (one for one in standing.values() if one.action == "paid")
    return tuple(sorted(paid, key=lambda one: (one.paid_on, one.fingerprint())))


def _has_left(claim: str, one: Under) -> bool:
    """Tell whether a bill stands under another number since."""
    last = one.facts.outcomes[claim]
    return isinstance(last, ClaimSettled) and last.outcome == "reversed" and last.moved


def _taken_back(claim: str, one: Under) -> bool:
    last = one.facts.outcomes[claim]
    return isinstance(last, ClaimSettled) and last.outcome == "reversed" and not last.moved
