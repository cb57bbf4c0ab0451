"""What a coverage year costs a resident, what is paid for whom, and when a payment goes back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from policy.dated import Amount, Dated


@dataclass(frozen=True, slots=True)
class Refund(Dated):
    """Whether a premium that a person paid goes back, by when the identity was recognised (S1).

    ``recognised_from`` and ``recognised_to`` are days, both included; None is open.
    """

    refund: bool
    recognised_from: date | None
    recognised_to: date | None

    def concerns(self, year: int, category: str, recognised: date) -> bool:
        """Tell whether the rule is about a category recognised on a day, in a coverage year."""
        early = self.recognised_from is not None and recognised < self.recognised_from
        late = self.recognised_to is not None and recognised > self.recognised_to
        return self.applies(date(year, 1, 1), {"category": category}) and not (early or late)


@dataclass(frozen=True, slots=True)
class EnrolmentTerm(Dated):
    """One of the terms by which a payment begins to cover; ``value`` in days or months, or a day (MMDD)."""

    term: str
    value: int


TERMS = ("collection_closes", "waiting_days", "newborn_days", "after_employee_months")
"""The last day on which a payment covers the whole coverage year; how long a later one waits; by which
age a newborn's enrolment covers from birth; how long after employee insurance nobody waits (C15)."""


@dataclass(frozen=True, slots=True)
class PremiumRules:
    """Dated premiums, subsidies by category and refund rules of a pack. Amounts in fen."""

    full: tuple[Amount, ...] = ()
    subsidies: tuple[Amount, ...] = ()
    refunds: tuple[Refund, ...] = ()
    terms: tuple[EnrolmentTerm, ...] = ()

    def of_year(self, year: int) -> int | None:
        """Return what a resident pays for a coverage year; None if the pack does not say."""
        return _value(self.full, year, "")

    def subsidy(self, year: int, category: str) -> int:
        """Return what is paid for a category in a coverage year; nothing said is nothing paid."""
        return _value(self.subsidies, year, category) or 0

    def term(self, year: int, name: str) -> int | None:
        """Return a term of a coverage year; None if the pack does not say."""
        day = date(year, 1, 1)
        return next((t.value for t in self.terms if t.term == name and t.applies(day, {})), None)

    def closes(self, year: int) -> date | None:
        """Return the last day on which a payment covers the whole year; None: any day does."""
        month_and_day = self.term(year, "collection_closes")
        return None if month_and_day is None else date(year, *divmod(month_and_day, 100))

    def refund_rule(self, year: int, category: str, recognised: date) -> Refund | None:
        """Return the rule for a paid premium of a category recognised on a day; None: no rule."""
        found = (rule for rule in self.refunds if rule.concerns(year, category, recognised))
        return next(found, None)


def _value(amounts: Iterable[Amount], year: int, category: str) -> int | None:
    context = {"category": category}
    return next((a.value for a in amounts if a.applies(date(year, 1, 1), context)), None)
