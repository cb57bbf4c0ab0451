"""Payments by hand: each is held against its bill, whose it is, and what is left to pay of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from weakref import WeakValueDictionary

from nats.aio.client import Client

from chassis.language import tr
from contracts.bill_questions import SETTLEMENT_CLAIMS, AboutClaims, ClaimAnswer
from contracts.bill_sheets import ASSISTANCE_MANUAL_PAGE, ManualLine, ManualPage, PaidByHand
from contracts.events.base import Event
from contracts.events.partner import ManualAssistancePaid
from contracts.money import format_yuan, parse_yuan
from services.gateway.approvals import Also
from services.gateway.asking import ask
from services.gateway.intake.vetting import right_number
from services.gateway.refusals import RefusedError

Publish = Callable[[Sequence[tuple[str, Event]], Also | None], Awaitable[None]]
KNOWN_SECONDS, LOOK_SECONDS = 5.0, 0.05


class Payments:
    """Takes the payments of a bill one after another: the next is held against the one before."""

    def __init__(self, nc: Client, publish: Publish) -> None:
        self._nc = nc
        self._publish = publish
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, id_: str, paid: ManualAssistancePaid, also: Also | None = None) -> None:
        """Publish a payment under the number where its bill stands. Raises RefusedError.

        ``also``: what is written in the same transaction.
        """
        lock = self._one_at_a_time.setdefault(paid.claim, asyncio.Lock())
        async with lock:
            whose, year = await self.checked(paid)
            standing = paid.model_copy(update={"person": whose})
            await self._publish([(id_, standing)], also)
            await self._until_known(paid, year)

    async def checked(self, paid: ManualAssistancePaid) -> tuple[str, int]:
        """Return whose a payment's bill is now, and of which benefit year. Raises RefusedError."""
        bill = await self._bill_of(paid)
        if bill.submitted is None:
            raise RefusedError("unknown_claim", "claim", 404)
        year = bill.submitted.discharge.year
        refuse_above_due(paid, await self._line(paid.claim, year))
        return bill.holder or bill.person, year

    async def _bill_of(self, paid: ManualAssistancePaid) -> ClaimAnswer:
        """Return the bill. Raises RefusedError for no bill, and for somebody else's."""
        if not paid.amount:
            raise RefusedError("invalid_value", "amount")
        asked = AboutClaims(claims=[paid.claim])
        known = await ask(self._nc, SETTLEMENT_CLAIMS, asked)
        if not known:
            raise RefusedError("unknown_claim", "claim", 404)
        whose = {known[0].person, known[0].holder} - {""}
        if not whose & {paid.person, await right_number(self._nc, paid.person)}:
            raise RefusedError("claim_of_another", "certno")
        return known[0]

    async def _line(self, claim: str, year: int) -> ManualLine | None:
        page = ManualPage(year=year, claim=claim)
        answer = await ask(self._nc, ASSISTANCE_MANUAL_PAGE, page)
        return next(iter(answer.lines), None)

    async def _until_known(self, paid: ManualAssistancePaid, year: int) -> None:
        """Wait until assistance knows, so that the next payment is held against this one."""
        for _ in range(int(KNOWN_SECONDS / LOOK_SECONDS)):
            if is_told(paid, await self._line(paid.claim, year)) == (paid.action == "paid"):
                return
            await asyncio.sleep(LOOK_SECONDS)


def refuse_above_due(paid: ManualAssistancePaid, line: ManualLine | None) -> None:
    """Refuse what is above what is left to pay, and taking back what was never paid. Raises RefusedError."""
    due, before = (0, 0) if line is None else (parse_yuan(line.due), parse_yuan(line.paid))
    told = is_told(paid, line)
    if paid.action == "revoked" and not told:
        raise RefusedError(
            "not_paid", "amount", detail=tr("已登记发放{amount}元", amount=format_yuan(before))
        )
    if paid.action == "paid" and not told and paid.amount > due - before:
        said = tr("应发{due}元，已发{paid}元", due=format_yuan(due), paid=format_yuan(before))
        raise RefusedError("above_due", "amount", detail=said)


def is_told(paid: ManualAssistancePaid, line: ManualLine | None) -> bool:
    """Tell whether a payment was told before; told again, it may say that it was signed for since."""
    return line is not None and any(_same(paid, one) for one in line.payments)


def _same(paid: ManualAssistancePaid, known: PaidByHand) -> bool:
    said = (paid.paid_on, format_yuan(paid.amount), paid.card_last4)
    return said == (known.paid_on, known.amount, known.card_last4)
