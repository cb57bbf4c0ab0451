"""What was settled at once, and what was re-decided since: per claim and layer, step by step. Pure (C13).

A step up is to be paid by hand (应补), a step down is to be reclaimed (应退); they are never netted.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from contracts.events.assistance import AssistanceDecision
from contracts.funds import ASSISTANCE_FUNDS
from contracts.vocabulary import CATEGORY_ZH

WHY_NOTHING_ZH = {
    "held": "参保或待遇期变化，结算暂缓",
    "refused": "不再符合支付条件",
    "reversed": "医院撤销",
}


@dataclass(frozen=True, slots=True)
class Booking:
    """What one revision of a claim moved in one account: fen, more or less than before."""

    revision: int
    account: str
    fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """A decision of assistance, with the moment at which it came."""

    decision: AssistanceDecision
    at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """A later decision on a layer: from what to what, when and why. Amounts in fen."""

    at: datetime
    fund: str
    before: int
    after: int
    why: str


def first_pays(bookings: Sequence[Booking], known: Sequence[Known]) -> dict[str, int]:
    """Return what each fund paid when the claim was settled first, in fen."""
    first = min((one.revision for one in bookings), default=0)
    pays = {one.account: one.fen for one in bookings if one.revision == first}
    granted = min((one.decision for one in known), key=lambda one: one.revision, default=None)
    pays |= {} if granted is None else _assisted(granted)
    return {fund: fen for fund, fen in pays.items() if fen}


def steps_of(bookings: Sequence[Booking], known: Sequence[Known], outcome: str) -> list[Step]:
    """Return what was re-decided after the first settlement; ``outcome``: how the claim stands now."""
    told = sorted(known, key=lambda one: one.decision.revision)
    return sorted(
        [*_insurance(bookings, _categories(told), outcome), *_assistance(told, outcome)],
        key=lambda one: (one.at, one.fund),
    )


def _categories(told: Sequence[Known]) -> Callable[[int], str]:
    """Return how the category of a settlement revision is found: assistance may answer a later one."""
    by_revision = {one.decision.settlement_revision: one.decision.category for one in told}

    def of(revision: int) -> str:
        later = [one for one in sorted(by_revision) if one >= revision]
        return by_revision[later[0]] if later else ""

    return of


def _insurance(
    bookings: Sequence[Booking], category: Callable[[int], str], outcome: str
) -> Iterable[Step]:
    standing: dict[str, int] = {}
    last, paid = 0, False
    for revision in sorted({one.revision for one in bookings}):
        moved = sorted((one for one in bookings if one.revision == revision), key=_account)
        before = dict(standing)
        for one in moved:
            standing[one.account] = standing.get(one.account, 0) + one.fen
        pays = any(standing.values())
        why = _why(category(last) if paid else "", category(revision) if pays else "", outcome)
        for entry in moved:
            if last:
                was = before.get(entry.account, 0)
                yield Step(entry.at, entry.account, was, was + entry.fen, why)
        last, paid = revision, pays


def _account(one: Booking) -> str:
    return one.account


def _assistance(told: Sequence[Known], outcome: str) -> Iterable[Step]:
    for earlier, later in pairwise(told):
        was, now = _assisted(earlier.decision), _assisted(later.decision)
        gone = later is told[-1] and outcome != "settled" and not any(now.values())
        why = _why(earlier.decision.category, "" if gone else later.decision.category, outcome)
        for fund in ASSISTANCE_FUNDS:
            if was[fund] != now[fund]:
                yield Step(later.at, fund, was[fund], now[fund], why)


def _assisted(decision: AssistanceDecision) -> dict[str, int]:
    return {fund: getattr(decision, fund) for fund in ASSISTANCE_FUNDS}


def _why(before: str, after: str, outcome: str) -> str:
    """Say why a claim was decided again, as far as its own decisions show it."""
    if not after:
        return WHY_NOTHING_ZH.get(outcome, "参保、待遇期变化或撤销")
    if not before:
        return "参保或待遇期变化，恢复结算"
    if before != after:
        was, now = (CATEGORY_ZH.get(one, "普通居民") for one in (before, after))
        return f"人员类别由{was}变为{now}"
    return "同年度其他结算单补报、撤销或重新结算，累计额变化"
