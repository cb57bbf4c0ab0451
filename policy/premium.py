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
class PremiumRules:
    """Dated premiums, subsidies by category and refund rules of a pack. Amounts in fen."""

    full: tuple[Amount, ...] = ()
    subsidies: tuple[Amount, ...] = ()
    refunds: tuple[Refund, ...] = ()

    def of_year(self, year: int) -> int | None:
        """Return what a resident pays for a coverage year; None if the pack does not say."""
        return _value(self.full, year, "")

    def subsidy(self, year: int, category: str) -> int:
        """Return what is paid for a category in a coverage year; nothing said is nothing paid."""
        return _value(self.subsidies, year, category) or 0

    def refund_rule(self, year: int, category: str, recognised: date) -> Refund | None:
        """Return the rule for a paid premium of a category recognised on a day; None: no rule."""
        found = (rule for rule in self.refunds if rule.concerns(year, category, recognised))
        return next(found, None)


def _value(amounts: Iterable[Amount], year: int, category: str) -> int | None:
    context = {"category": category}
    return next((a.value for a in amounts if a.applies(date(year, 1, 1), context)), None)
