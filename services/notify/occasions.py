"""What a family or an officer hears of besides status and bills: problems, refunds, payments, results. Pure.

Each kind of occasion says which of its messages stand, and which are not to be said any more.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from contracts.envelope import event_id
from contracts.events.assistance import HighCostAlerted
from contracts.events.base import Event
from contracts.events.enrollment import DiscrepancyClosed, DiscrepancyOpened, RefundDue
from contracts.events.partner import ChronicAssessmentReported, ManualAssistancePaid
from contracts.money import format_yuan
from contracts.vocabulary import PROBLEM_ZH
from services.notify.wishes import FAMILY, OFFICER, Wish, day_zh

TOLD_FAMILIES = frozenset({"refund_due", "bill_held", "possible_duplicate", "overlapping_stays"})
"""Problems that no officer visits anybody for: the family hears of a refund, the bureau looks at bills."""
Place = tuple[str, str]
"""Township and village where the person lives, as far as notify knows."""


@dataclass(slots=True)
class Occasions:
    """What was told of a person, as a set: the order in which it came is forgotten."""

    opened: dict[tuple[str, date], DiscrepancyOpened] = field(default_factory=dict)
    closed: dict[str, date] = field(default_factory=dict)
    refunds: dict[int, dict[int, RefundDue]] = field(default_factory=dict)
    paid: dict[tuple[str, int, date], dict[str, ManualAssistancePaid]] = field(default_factory=dict)
    assessed: dict[tuple[str, datetime], ChronicAssessmentReported] = field(default_factory=dict)
    high_cost: dict[int, HighCostAlerted] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take a fact in."""
        match event:
            case DiscrepancyOpened():
                self.opened[event.discrepancy, event.opened] = event
            case DiscrepancyClosed():
                known = self.closed.get(event.discrepancy, event.closed)
                self.closed[event.discrepancy] = max(known, event.closed)
            case RefundDue():
                self.refunds.setdefault(event.coverage_year, {})[event.revision] = event
            case ManualAssistancePaid():
                one = self.paid.setdefault((event.claim, event.amount, event.paid_on), {})
                one[event.action] = event
            case ChronicAssessmentReported():
                self.assessed[event.disease, event.received] = event
            case HighCostAlerted():
                # Of several words about a year the smallest sum is the first that passed the line.
                known_alert = self.high_cost.get(event.benefit_year, event)
                first = min(event, known_alert, key=lambda one: (one.self_paid, one.threshold))
                self.high_cost[event.benefit_year] = first
            case _:
                pass

    def wishes(self, requested: Collection[str], place: Place) -> list[Wish]:
        """Return the messages that ought to exist and are not yet requested."""
        return [make() for key, make in self._standing(place) if key not in requested]

    def voided(self) -> Iterator[str]:
        """Return what is not to be said any more, if it was not said yet."""
        yield from (problem_key(one) for one in self.opened.values() if not self._is_open(one))
        for of_year in self.refunds.values():
            last = max(of_year)
            yield from (
                refund_key(one) for one in of_year.values() if one.revision < last or not one.amount
            )
        for of_payment in self.paid.values():
            yield from (paid_key(one) for one in of_payment.values() if "revoked" in of_payment)
        yield from (
            assessed_key(one)
            for (disease, at), one in self.assessed.items()
            if any(other == disease and later > at for other, later in self.assessed)
        )

    def _standing(self, place: Place) -> Iterator[tuple[str, Callable[[], Wish]]]:
        gone = set(self.voided())
        found: list[tuple[str, Callable[[], Wish]]] = [
            (problem_key(one), partial(_problem, one))
            for one in self.opened.values()
            if one.discrepancy not in TOLD_FAMILIES
        ]
        found += [
            (refund_key(one), partial(_refund, one))
            for of_year in self.refunds.values()
            for one in of_year.values()
        ]
        found += [
            (paid_key(one), partial(_paid, one))
            for of_payment in self.paid.values()
            for one in of_payment.values()
        ]
        found += [
            (assessed_key(one), partial(_assessed, one))
            for one in self.assessed.values()
            # An office speaks of its own people only.
            if one.result != "not_applied" and one.office in {"", place[0]}
        ]
        found += [
            (high_cost_key(one), partial(_high_cost, one, place)) for one in self.high_cost.values()
        ]
        return (one for one in found if one[0] not in gone)

    def _is_open(self, one: DiscrepancyOpened) -> bool:
        closed = self.closed.get(one.discrepancy)
        return closed is None or one.opened > closed


def occasion_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an occasion is and what makes it that fact."""
    match event:
        case DiscrepancyOpened():
            said = f"problem/{event.discrepancy}/{event.opened}"
        case DiscrepancyClosed():
            said = f"closed/{event.discrepancy}/{event.closed}"
        case RefundDue():
            said = f"refund/{event.coverage_year}/{event.revision}"
        case ManualAssistancePaid() | ChronicAssessmentReported():
            said = f"{event.NAME}/{event.fingerprint()}"
        case HighCostAlerted():
            said = f"high_cost/{event.benefit_year}/{event.self_paid}"
        case _:
            return None
    return event.person, said


def problem_key(one: DiscrepancyOpened) -> str:
    """Return the key of the message about a problem."""
    return event_id("problem", one.person, one.discrepancy, one.opened)


def refund_key(one: RefundDue) -> str:
    """Return the key of the message about a refund."""
    return event_id("refund", one.person, one.coverage_year, one.revision)


def paid_key(one: ManualAssistancePaid) -> str:
    """Return the key of the message about a payment."""
    return event_id("paid", one.person, one.claim, one.amount, one.paid_on)


def assessed_key(one: ChronicAssessmentReported) -> str:
    """Return the key of the message about an assessment."""
    return event_id("assessed", one.person, one.disease, one.received)


def high_cost_key(one: HighCostAlerted) -> str:
    """Return the key of the message about a year's costs: one a year."""
    return event_id("high_cost", one.person, one.benefit_year)


def _problem(one: DiscrepancyOpened) -> Wish:
    words = {"village": one.village, "changes": PROBLEM_ZH.get(one.discrepancy, "其他问题")}
    return Wish(problem_key(one), OFFICER, "problem_opened", one.township, words)


def _refund(one: RefundDue) -> Wish:
    words = {"year": str(one.coverage_year), "amount": format_yuan(one.amount)}
    return Wish(refund_key(one), FAMILY, "refund_due", "", words)


def _paid(one: ManualAssistancePaid) -> Wish:
    words = {"day": day_zh(one.paid_on), "amount": format_yuan(one.amount)}
    template = "assistance_paid" if one.signed else "assistance_to_sign"
    return Wish(paid_key(one), FAMILY, template, "", words)


def _assessed(one: ChronicAssessmentReported) -> Wish:
    """Say the result and not of what: a neighbour may read it (S4)."""
    if one.result == "granted":
        since = day_zh(one.valid_from) if one.valid_from else "认定之日"
        return Wish(assessed_key(one), FAMILY, "chronic_granted", "", {"since": since})
    words = {"reason": NOT_GRANTED_ZH.get(one.reason, "不符合认定标准")}
    return Wish(assessed_key(one), FAMILY, "chronic_refused", "", words)


def _high_cost(one: HighCostAlerted, place: Place) -> Wish:
    words = {"village": place[1], "changes": HIGH_COST_ZH}
    return Wish(high_cost_key(one), OFFICER, "high_cost", place[0], words)


HIGH_COST_ZH = "医疗费用负担较重"
NOT_GRANTED_ZH: Mapping[str, str] = {
    "no_chronic_disease": "未达到病种认定标准", "assessment_failed": "未达到病种认定标准",
    "disease_not_covered": "不在认定病种范围", "no_need": "暂无需要",
}  # fmt: skip
