"""Takes single reports: most hold at once, some wait for a person of the bureau.

A payment by hand waits for the second person, where there is one (``approvals``). A township's correction
whose right number is somebody's of another township waits for the bureau: it would take that person over.
"""

from dataclasses import dataclass

from nats.aio.client import Client

from chassis.language import tr
from contracts.events.partner import (
    IdentityChanged,
    ManualAssistancePaid,
    PartnerEvent,
)
from contracts.money import grouped_yuan
from contracts.vocabulary import Source
from services.gateway.approvals import WAITS, Also, Approvals, Proposal
from services.gateway.intake.paying import Payments
from services.gateway.intake.reports import ReportReader
from services.gateway.intake.vetting import takes_over, vetted
from services.gateway.outlet import Outlet
from services.gateway.refusals import RefusedError
from services.gateway.threshold import CALLER

ACCEPTED, AWAITS = "accepted", "awaits_approval"


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: the event's id, whether it holds or waits, and what its sender should know."""

    event: str
    status: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Reporting:
    """Takes what departments and offices report, one thing at a time."""

    nc: Client
    outlet: Outlet
    reader: ReportReader
    payments: Payments
    approvals: Approvals

    async def take(self, source: Source, name: str, body: bytes, office: str = "") -> Reported:
        """Take a report; ``office``: the township whose office says it. Raises RefusedError."""
        try:
            id_, event, notes = self.reader.fact(source, name, body, office)
            notes += await vetted(self.nc, event, office)
            if isinstance(event, ManualAssistancePaid):
                return await self._pay(id_, event, notes)
            if isinstance(event, IdentityChanged) and office:
                await self._correct(id_, event, office)
            else:
                await self.outlet.publish([(id_, event)])
        except RefusedError as error:
            if error.status != 503:
                await self.outlet.keep(f"report.{source.value}", body, error)
            raise
        return Reported(id_, ACCEPTED, notes)

    async def _pay(self, id_: str, paid: ManualAssistancePaid, notes: list[str]) -> Reported:
        """Make a payment, or have one wait that could be made now. Raises RefusedError."""
        if not self.approvals.needed():
            await self.payments.take(id_, paid)
            return Reported(id_, ACCEPTED, notes)
        await self.payments.checked(paid)
        one = Proposal(
            id_, "payment", paid.claim, payment_in_words(paid), written(paid), CALLER.get()
        )
        if not await self.approvals.propose(one):
            raise RefusedError("awaits_approval", "claim", 409)
        return Reported(id_, AWAITS, [*notes, tr(WAITS)])

    async def _correct(self, id_: str, said: IdentityChanged, office: str) -> None:
        """Take a township's correction, or have the bureau look at it.

        Its office is told what it is told of any other number. What it says now takes the place of what it
        said of the person before and nobody has looked at yet.
        """
        about, holder = f"{said.person}/{said.new_person}", CALLER.get()
        waits = said.action == "reported" and await takes_over(self.nc, said, office)
        but = about if waits else ""
        await self.approvals.take_back("correction", f"{said.person}/", but, holder)
        if not waits:
            await self.outlet.publish([(id_, said)])
            return
        says = f"{office}更正身份证号：正确号码现由其他乡镇登记，通过后两人并为一人"
        one = Proposal(id_, "correction", about, says, written(said), holder)
        await self.approvals.propose(one)  # what waits already is said once

    async def carry_out(self, found: Proposal, also: Also) -> None:
        """Do what was proposed, as of now, and write down who approved it, in one transaction.

        Raises RefusedError.
        """
        now = {"received": self.approvals.clock()}
        if found.kind == "payment":
            paid = ManualAssistancePaid.model_validate_json(found.payload)
            await self.payments.take(found.id, paid.model_copy(update=now), also)
        else:
            said = IdentityChanged.model_validate_json(found.payload)
            await self.outlet.publish([(found.id, said.model_copy(update=now))], also)


def written(event: PartnerEvent) -> bytes:
    """Return an event as it is kept while it waits."""
    return event.model_dump_json().encode()


def payment_in_words(paid: ManualAssistancePaid) -> str:
    """Say what a payment by hand is, without whose."""
    what = "发放" if paid.action == "paid" else "冲回发放"
    card = f"，社保卡尾号{paid.card_last4}" if paid.card_last4 else ""
    signed = "，本人已签字" if paid.signed else "，本人未签字"
    return (
        f"{what}{grouped_yuan(paid.amount)}元（{paid.paid_on}），结算单{paid.claim}{card}{signed}"
    )
