"""What a family or an officer hears of besides status and bills: problems, refunds, payments, results. Pure.

Each kind of occasion says which of its messages stand, and which are not to be said any more.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial

from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.enrollment import DiscrepancyClosed, DiscrepancyOpened, RefundDue
from contracts.events.partner import ChronicAssessmentReported, ManualAssistancePaid
from contracts.money import format_yuan
from contracts.vocabulary import PROBLEM_ZH
from services.notify.wishes import CHINA, FAMILY, OFFICER, Wish, day_zh

TOLD_FAMILIES = frozenset({"refund_due", "bill_held", "possible_duplicate", "overlapping_stays"})
"""Problems that no officer visits anybody for: the family hears of a refund, the bureau looks at bills."""


Problem = tuple[str, int | None]
"""What is wrong, of which year's check."""
Order = tuple[datetime, str]
"""When something became known, and its fingerprint: whichever comes first, the same is last."""


@dataclass(slots=True)
class Occasions:
    """What was told of a person, as a set: the order in which it came is forgotten."""

    opened: dict[tuple[Problem, int, date], DiscrepancyOpened] = field(default_factory=dict)
    closed: dict[Problem, tuple[int, date]] = field(default_factory=dict)
    refunds: dict[int, dict[int, RefundDue]] = field(default_factory=dict)
    paid: dict[tuple[str, int, date], dict[Order, ManualAssistancePaid]] = field(
        default_factory=dict
    )
    assessed: dict[str, dict[Order, ChronicAssessmentReported]] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take a fact in."""
        match event:
            case DiscrepancyOpened():
                of = event.discrepancy, event.year
                self.opened[of, event.times, event.opened] = event
            case DiscrepancyClosed():
                of, last = (event.discrepancy, event.year), (event.times, event.closed)
                self.closed[of] = max(self.closed.get(of, last), last)
            case RefundDue():
                self.refunds.setdefault(event.coverage_year, {})[event.revision] = event
            case ManualAssistancePaid():
                payment = event.claim, event.amount, event.paid_on
                self.paid.setdefault(payment, {})[event.received, event.fingerprint()] = event
            case ChronicAssessmentReported():
                said = event.received, event.fingerprint()
                self.assessed.setdefault(event.disease, {})[said] = event
            case _:
                pass

    def wishes(self, requested: Collection[str], place: str) -> list[Wish]:
        """Return the messages that ought to exist and are not yet requested; ``place``: the township."""
        return [
            make() for key, make in self._standing(place).items() if make and key not in requested
        ]

    def was_assessed(self, place: str) -> bool:
        """Tell whether the person's illness was looked at, whatever came of it."""
        for said in self.assessed.values():
            own = [said[order] for order in sorted(said) if said[order].office in {"", place}]
            if own and own[-1].result != "not_applied":
                return True
        return False

    def voided(self, place: str) -> list[str]:
        """Return what is not to be said any more, if it was not said yet."""
        return [key for key, make in self._standing(place).items() if make is None]

    def _standing(self, place: str) -> dict[str, Callable[[], Wish] | None]:
        """Return each message's key, and how it is written if it stands."""
        found: dict[str, Callable[[], Wish] | None] = {}
        for problem in self.opened.values():
            if problem.discrepancy not in TOLD_FAMILIES:
                is_open = self._is_open(problem)
                found[problem_key(problem)] = partial(_problem, problem) if is_open else None
        for refunds in self.refunds.values():
            last = max(refunds)
            for revision, refund in refunds.items():
                due = revision == last and refund.amount
                found[refund_key(refund)] = partial(_refund, refund) if due else None
        for said in self.paid.values():
            found |= _payments([said[order] for order in sorted(said)])
        for told in self.assessed.values():
            # An office speaks of its own people only.
            own = [told[order] for order in sorted(told) if told[order].office in {"", place}]
            for number, one in enumerate(own, start=1):
                last_word = number == len(own) and one.result != "not_applied"
                found[assessed_key(one)] = partial(_assessed, one) if last_word else None
        return found

    def _is_open(self, one: DiscrepancyOpened) -> bool:
        """Tell whether an opening stands: by how often it was opened, or where that is not said by days."""
        if (
            one.year is None and not one.times
        ):  # one of the version before: any closing of its kind may be meant
            days = [day for (kind, _), (_, day) in self.closed.items() if kind == one.discrepancy]
            return one.opened > max(days, default=date.min)
        times, day = self.closed.get((one.discrepancy, one.year), (0, date.min))
        return one.times > times if one.times or times else one.opened > day


def _payments(said: list[ManualAssistancePaid]) -> dict[str, Callable[[], Wish] | None]:
    """Return the messages about one payment: paid, taken back and paid again are told apart."""
    found: dict[str, Callable[[], Wish] | None] = {}
    revoked = 0
    for one in said:
        if one.action == "revoked":
            found = dict.fromkeys(found)
            revoked += 1
        else:  # said again, such as once it was signed for, it is the same payment
            found[paid_key(one, revoked)] = partial(_paid, one, revoked)
    return found


def occasion_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an occasion is and what makes it that fact."""
    match event:
        case DiscrepancyOpened():
            said = f"problem/{event.discrepancy}/{event.year}/{event.times}/{event.opened}"
        case DiscrepancyClosed():
            said = f"closed/{event.discrepancy}/{event.year}/{event.times}/{event.closed}"
        case RefundDue():
            said = f"refund/{event.coverage_year}/{event.revision}"
        case ManualAssistancePaid() | ChronicAssessmentReported():
            said = f"{event.NAME}/{event.fingerprint()}"
        case _:
            return None
    return event.person, said


def problem_key(one: DiscrepancyOpened) -> str:
    """Return the key of the message about a problem."""
    return event_id("problem", one.person, one.discrepancy, one.year, one.times, one.opened)


def refund_key(one: RefundDue) -> str:
    """Return the key of the message about a refund."""
    return event_id("refund", one.person, one.coverage_year, one.revision)


def paid_key(one: ManualAssistancePaid, revoked: int) -> str:
    """Return the key of the message about a payment; ``revoked``: how often it was taken back before."""
    return event_id("paid", one.person, one.claim, one.amount, one.paid_on, revoked)


def assessed_key(one: ChronicAssessmentReported) -> str:
    """Return the key of the message about an assessment."""
    return event_id("assessed", one.person, one.disease, one.received)


def _problem(one: DiscrepancyOpened) -> Wish:
    words = {"village": one.village, "changes": PROBLEM_ZH.get(one.discrepancy, "其他问题")}
    return Wish(
        problem_key(one), OFFICER, "problem_opened", one.township, words,
        known=one.found or _morning(one.opened),
    )  # fmt: skip


def _refund(one: RefundDue) -> Wish:
    words = {"year": str(one.coverage_year), "amount": format_yuan(one.amount)}
    return Wish(refund_key(one), FAMILY, "refund_due", "", words)


def _paid(one: ManualAssistancePaid, revoked: int) -> Wish:
    words = {"day": day_zh(one.paid_on), "amount": format_yuan(one.amount)}
    template = "assistance_paid" if one.signed else "assistance_to_sign"
    return Wish(paid_key(one, revoked), FAMILY, template, "", words, known=one.received)


def _assessed(one: ChronicAssessmentReported) -> Wish:
    """Say the result and not of what: a neighbour may read it (S4)."""
    if one.result == "granted":
        since = day_zh(one.valid_from) if one.valid_from else "认定之日"
        words = {"since": since}
        return Wish(assessed_key(one), FAMILY, "chronic_granted", "", words, known=one.received)
    words = {"reason": NOT_GRANTED_ZH.get(one.reason, "不符合认定标准")}
    return Wish(assessed_key(one), FAMILY, "chronic_refused", "", words, known=one.received)


NOT_GRANTED_ZH: Mapping[str, str] = {
    "no_chronic_disease": "未达到病种认定标准", "assessment_failed": "未达到病种认定标准",
    "disease_not_covered": "不在认定病种范围", "no_need": "暂无需要",
}  # fmt: skip


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
