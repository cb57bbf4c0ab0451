"""A person's premium of a coverage year: who pays, what is exempt, what goes back (S1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events.enrollment import Identity
from contracts.events.partner import PremiumPaid, PremiumRefunded
from policy.pack import Pack

Span = tuple[date, date | None]
"""Days from and to, both included; None is open."""


@dataclass(frozen=True, slots=True)
class PremiumStanding:
    """Where a person's premium of a year stands. Amounts in fen.

    ``category`` is the one by which the subsidy is paid; an exit in mid-year keeps it (S1).
    ``refund_due``: what the person paid and gets back; ``rule``: the clause that says so.
    """

    year: int
    full: int = 0
    category: str = ""
    subsidy: int = 0
    paid: int = 0
    refunded: int = 0
    refund_due: int = 0
    rule: str = ""

    @property
    def kept(self) -> int:
        """What the person paid and did not get back."""
        return max(0, self.paid - self.refunded)

    @property
    def exempt(self) -> bool:
        """Tell whether nothing is to be paid (免缴费): subsidised in full, and nothing kept."""
        return bool(self.subsidy) and self.subsidy >= self.full and not self.kept

    @property
    def enrolled(self) -> bool:
        """Tell whether the year is covered: exempt, or paid, also while a refund is on its way."""
        return self.exempt or self.kept > 0


def premium_standing(
    packs: Sequence[Pack],
    year: int,
    identities: Sequence[Identity],
    paid: Sequence[PremiumPaid],
    refunds: Sequence[PremiumRefunded],
    elsewhere: Sequence[Span] = (),
) -> PremiumStanding:
    """Return the standing of a coverage year. Payments and refunds of other years are left aside.

    A payment is known by its day and amount, a refund also by its receipt: told twice, by whichever
    list, it is one. ``elsewhere``: when the person was insured as an employee or in another area;
    whoever is so the whole year is not subsidised here (domain §8).
    """
    payments = {(one.paid_on, one.amount) for one in paid if one.coverage_year == year}
    paid_fen = sum(amount for _, amount in payments)
    refunded = sum(
        amount
        for _, amount, _ in {
            (one.refunded_on, one.amount, one.receipt)
            for one in refunds
            if one.coverage_year == year
        }
    )
    rules = next((p.premiums for p in packs if p.premiums.of_year(year) is not None), None)
    if rules is None:
        return PremiumStanding(year, paid=paid_fen, refunded=refunded)
    full = rules.of_year(year) or 0
    held = [one for one in identities if _touches(one, year)]
    subsidised = [] if _all_year(elsewhere, year) else held
    if paid_fen > refunded:
        days = [day for day, _ in payments]
        subsidised = [one for one in subsidised if any(_held_on(one, day) for day in days)]
    best = max(
        subsidised, key=lambda one: (rules.subsidy(year, one.category), -_day(one)), default=None
    )
    subsidy = 0 if best is None else rules.subsidy(year, best.category)
    category = best.category.value if best is not None and subsidy else ""
    refund_due, clause = 0, ""
    for one in held:
        rule = rules.refund_rule(year, one.category, one.valid_from)
        if rule is not None and rule.refund and paid_fen > refunded:
            refund_due, clause = paid_fen - refunded, rule.source.clause
    return PremiumStanding(year, full, category, subsidy, paid_fen, refunded, refund_due, clause)


def subsidised_years(packs: Sequence[Pack], identities: Sequence[Identity]) -> set[int]:
    """Return the coverage years in which an identity could be subsidised under the packs."""
    return {
        year
        for pack in packs
        for year in range(pack.valid_from.year, pack.valid_to.year + 1)
        if any(_touches(one, year) for one in identities)
    }


def _touches(identity: Identity, year: int) -> bool:
    """An identity held on any day of the year keeps the year's exemption, also after its end (S1)."""
    ended = identity.valid_to is not None and identity.valid_to < date(year, 1, 1)
    return identity.valid_from <= date(year, 12, 31) and not ended


def _held_on(identity: Identity, day: date) -> bool:
    return identity.valid_from <= day and (identity.valid_to is None or day <= identity.valid_to)


def _all_year(spans: Sequence[Span], year: int) -> bool:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return any(start <= first and (end is None or end >= last) for start, end in spans)


def _day(identity: Identity) -> int:
    return identity.valid_from.toordinal()
