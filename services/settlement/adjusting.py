"""What was settled at once, and what was re-decided since: per claim and layer, step by step. Pure (C13).

A step up is to be paid by hand (应补), a step down is to be reclaimed (应退); they are never netted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from contracts.events.assistance import AssistanceDecision
from contracts.vocabulary import CATEGORY_ZH

ASSISTANCE_FUNDS = ("medical_assistance", "reassistance", "tilted_assistance")
OUTCOME_ZH = {
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
    categories = {one.decision.settlement_revision: one.decision.category for one in told}
    return sorted(
        [*_insurance(bookings, categories, outcome), *_assistance(told, outcome)],
        key=lambda one: (one.at, one.fund),
    )


def _insurance(
    bookings: Sequence[Booking], categories: Mapping[int, str], outcome: str
) -> Iterable[Step]:
    standing: dict[str, int] = {}
    last = 0
    for revision in sorted({one.revision for one in bookings}):
        why = _why(categories.get(last, ""), categories.get(revision, ""), outcome)
        for one in sorted(bookings, key=lambda one: one.account):
            if one.revision != revision:
                continue
            before = standing.get(one.account, 0)
            standing[one.account] = before + one.fen
            if last:
                yield Step(one.at, one.account, before, before + one.fen, why)
        last = revision


def _assistance(told: Sequence[Known], outcome: str) -> Iterable[Step]:
    for earlier, one in pairwise(told):
        was, now = _assisted(earlier.decision), _assisted(one.decision)
        why = _why(earlier.decision.category, one.decision.category, outcome)
        for fund in ASSISTANCE_FUNDS:
            if was[fund] != now[fund]:
                yield Step(one.at, fund, was[fund], now[fund], why)


def _assisted(decision: AssistanceDecision) -> dict[str, int]:
    return {fund: getattr(decision, fund) for fund in ASSISTANCE_FUNDS}


def _why(before: str, after: str, outcome: str) -> str:
    """Say why a claim was decided again, as far as its own decisions show it."""
    if not after:
        return OUTCOME_ZH.get(outcome, "参保、待遇期变化或撤销")
    if not before:
        return "参保或待遇期变化，恢复结算"
    if before != after:
        was, now = (CATEGORY_ZH.get(one, "普通居民") for one in (before, after))
        return f"人员类别由{was}变为{now}"
    return "同年度其他结算单补报、撤销或重新结算，累计额变化"
