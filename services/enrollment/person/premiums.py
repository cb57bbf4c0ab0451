"""A person's premium of a coverage year: who pays, what is exempt, what goes back (S1). Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events.enrollment import Identity
from contracts.events.partner import PremiumPaid, PremiumRefunded
from contracts.vocabulary import Source
from policy.pack import Pack
from policy.premium import PremiumRules, Refund
from services.enrollment.person.elsewhere import DAY, Elsewhere, away_in, first_owed


@dataclass(frozen=True, slots=True)
class PremiumStanding:
    """Where a person's premium of a year stands. Amounts in fen.

    ``category`` is the one by which the subsidy is paid; an exit in mid-year keeps it (S1).
    ``owed``: what is to be paid for the person; ``subsidy``: the same, once the person is enrolled.
    ``refund_due``: what the person paid and gets back; ``rule``: the clause that says so.
    ``overpaid``: what the person paid beyond the own share, and no rule gives back: somebody looks.
    """

    year: int
    full: int = 0
    category: str = ""
    owed: int = 0
    paid: int = 0
    refunded: int = 0
    refund_due: int = 0
    rule: str = ""
    overpaid: int = 0

    @property
    def kept(self) -> int:
        """What the person paid and did not get back."""
        return max(0, self.paid - self.refunded)

    @property
    def exempt(self) -> bool:
        """Tell whether nothing is to be paid (免缴费): subsidised in full, and nothing kept."""
        return bool(self.owed) and self.owed >= self.full and not self.kept

    @property
    def enrolled(self) -> bool:
        """Tell whether the year is covered: exempt, or paid, also while a refund is on its way."""
        return self.exempt or self.kept > 0

    @property
    def subsidy(self) -> int:
        """What is paid for the person: nothing for somebody who is not enrolled."""
        return self.owed if self.enrolled else 0


def premium_standing(
    packs: Sequence[Pack],
    year: int,
    identities: Sequence[Identity],
    paid: Sequence[PremiumPaid],
    refunds: Sequence[PremiumRefunded],
    elsewhere: Sequence[Elsewhere] = (),
) -> PremiumStanding:
    """Return the standing of a coverage year. Payments and refunds of other years are left aside.

    A payment is known by its day and amount, a refund also by its receipt: told twice, by whichever
    list, it is one. What another area refunds was never paid here. ``elsewhere``: why nothing is owed
    here for a time (domain §8 and §14: 12, 18). Payment and subsidy together are one premium, not more.
    """
    payments = {(one.paid_on, one.amount) for one in paid if one.coverage_year == year}
    paid_fen = sum(amount for _, amount in payments)
    refunded = _refunded(refunds, year)
    rules = next((p.premiums for p in packs if p.premiums.of_year(year) is not None), None)
    if rules is None:
        return PremiumStanding(year, paid=paid_fen, refunded=refunded)
    full = rules.of_year(year) or 0
    kept = max(0, paid_fen - refunded)
    held = [one for one in identities if _touches(one, year)]
    days = sorted(day for day, _ in payments) if kept else []
    away = away_in(elsewhere, refunds, year)
    before = () if away or not days else exempt_before(rules, year, held, days[0], elsewhere)
    granted = () if away else before or _granted(held, year, days, elsewhere)
    best = max(
        granted, key=lambda one: (rules.subsidy(year, one.category), -_day(one)), default=None
    )
    share = 0 if best is None else rules.subsidy(year, best.category)
    due = _refund_rule(rules, year, held) if kept else None
    stands = best is not None and _stands(rules, year, best)
    # What was paid by the time of the grant takes its place; what was paid later takes nothing back.
    with_it = kept if stands or best is None else _paid_until(payments, best, kept, before)
    owed = min(share, full - min(with_it, full))
    beyond = max(0, kept - full + (0 if stands else share))
    return PremiumStanding(
        year, full, best.category.value if best is not None and owed else "", owed, paid_fen,
        refunded, kept if due is not None else 0, due.source.clause if due is not None else "",
        0 if due is not None else beyond,
    )  # fmt: skip


def exempt_before(
    rules: PremiumRules, year: int, held: Sequence[Identity], paid_on: date, elsewhere: Sequence[Elsewhere]
) -> list[Identity]:  # fmt: skip
    """Return the identities by which a year was exempt before anything was paid for it."""
    first, last = date(year, 1, 1), min(date(year, 12, 31), paid_on - DAY)
    full = rules.of_year(year) or 0
    return [
        one for one in held
        if rules.subsidy(year, one.category) >= full
        and first_owed(max(first, one.valid_from), min(last, one.valid_to or last), elsewhere)
    ]  # fmt: skip


def _paid_until(
    payments: Collection[tuple[date, int]], best: Identity, kept: int, before: Sequence[Identity]
) -> int:
    """Return what was paid and kept by the day on which an identity granted something."""
    if before or not kept:
        return 0
    day = min(day for day, _ in payments if _held_on(best, day))
    return min(kept, sum(amount for when, amount in payments if when <= day))


def _refunded(refunds: Sequence[PremiumRefunded], year: int) -> int:
    """Add refunds up; one told without its receipt is the one of that day and amount that has one."""
    receipts: dict[tuple[date, int], set[str]] = {}
    for refund in refunds:
        if refund.coverage_year == year and refund.source is not Source.OTHER_AREA:
            told = receipts.setdefault((refund.refunded_on, refund.amount), set())
            told |= {refund.receipt} - {""}
    return sum(amount * max(1, len(told)) for (_, amount), told in receipts.items())


def _granted(
    held: Sequence[Identity], year: int, paid_on: Sequence[date], elsewhere: Sequence[Elsewhere]
) -> list[Identity]:
    """Return the identities by which something can be granted in a year.

    Whoever paid is subsidised by what was valid when paid; nobody on days on which nothing is owed. What
    begins after the grant takes nothing back (S1).
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    if not paid_on:
        return [
            one for one in held
            if first_owed(max(first, one.valid_from), min(last, one.valid_to or last), elsewhere)
        ]  # fmt: skip
    if first_owed(max(first, paid_on[0]), last, elsewhere) is None:
        return []
    return [one for one in held if any(_held_on(one, day) for day in paid_on)]


def _refund_rule(rules: PremiumRules, year: int, held: Sequence[Identity]) -> Refund | None:
    """Return the rule by which a payment goes back, of several identities the last that has one."""
    found = [rules.refund_rule(year, one.category, one.valid_from) for one in held]
    return next((rule for rule in reversed(found) if rule is not None and rule.refund), None)


def _stands(rules: PremiumRules, year: int, best: Identity) -> bool:
    """Tell whether a rule says that the payment stands as it is."""
    rule = rules.refund_rule(year, best.category, best.valid_from)
    return rule is not None and not rule.refund


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


def _day(identity: Identity) -> int:
    return identity.valid_from.toordinal()
