"""Bills that seem sent twice, and stays that overlap: what somebody has to look at. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from contracts.events.claims import ClaimSubmitted
from contracts.vocabulary import Kind

POSSIBLE_DUPLICATE = "possible_duplicate"
OVERLAPPING_STAY = "overlapping_stay"


def possible_duplicates(
    bills: Iterable[ClaimSubmitted], dismissed: Collection[str]
) -> dict[str, str]:
    """Return claim → the claim known before that it seems to repeat.

    After a lost receipt a hospital sends a stay again under a new number: same hospital, days and
    amounts. The one known first stands; the others wait until one is reversed, or the bureau says
    that it is a stay of its own. ``dismissed``: claims of which it has said so.
    """
    first: dict[tuple[object, ...], str] = {}
    found: dict[str, str] = {}
    for bill in sorted(_stays(bills), key=lambda one: (one.received, one.claim)):
        known = first.setdefault(bill.stay(), bill.claim)
        if known != bill.claim and bill.claim not in dismissed:
            found[bill.claim] = known
    return found


def overlapping_stays(bills: Iterable[ClaimSubmitted]) -> dict[str, str]:
    """Return claim → an earlier stay that goes on while this one has begun; nobody lies in two beds.

    The day of a transfer belongs to both.
    """
    found: dict[str, str] = {}
    longest: ClaimSubmitted | None = None
    stays = [one for one in _stays(bills) if one.admit is not None]
    for bill in sorted(stays, key=lambda one: (one.admit, one.discharge, one.claim)):
        if longest is not None and bill.admit is not None and bill.admit < longest.discharge:
            found[bill.claim] = longest.claim
        if longest is None or bill.discharge > longest.discharge:
            longest = bill
    return found


def _stays(bills: Iterable[ClaimSubmitted]) -> Iterator[ClaimSubmitted]:
    return (one for one in bills if one.kind is Kind.INPATIENT)


def questions_of(
    outcomes: Mapping[str, tuple[str, str]], repeats: Mapping[str, str], overlaps: Mapping[str, str]
) -> dict[str, str]:
    """Return claim → what somebody has to look at, with the other claim where there is one.

    ``outcomes``: claim → (outcome, reason).
    """
    found: dict[str, str] = {}
    for claim, (outcome, reason) in outcomes.items():
        if claim in repeats:
            found[claim] = f"{POSSIBLE_DUPLICATE}|{repeats[claim]}"
        elif outcome == "held" or (outcome == "refused" and reason == "after_death"):
            found[claim] = f"{reason}|"
        elif outcome == "settled" and claim in overlaps:
            found[claim] = f"{OVERLAPPING_STAY}|{overlaps[claim]}"
    return found
