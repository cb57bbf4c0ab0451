"""The door's parts, put together once, and what it does with each thing that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.asking import AskError, ask
from chassis.clock import Clock, today
from chassis.outbox import Outbox
from chassis.privacy import Vault, vault
from chassis.settings import Settings
from chassis.telemetry import Metrics
from contracts.bill_questions import SETTLEMENT_CLAIM, AboutClaim, ClaimAnswer
from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.claims import ClaimSubmitted, DuplicateDismissed
from contracts.vocabulary import Source
from policy.loader import load_packs
from services.gateway.approvals import Approvals
from services.gateway.attachments import Attachments
from services.gateway.intake.claim_standing import said
from services.gateway.intake.claims import BillReader, ReversalIn, bill_of, claim_ref, translate
from services.gateway.intake.lists import Intake
from services.gateway.intake.national import Translated
from services.gateway.intake.paying import Payments
from services.gateway.intake.people import Admit, admitter, row_vault
from services.gateway.intake.reading.columns import check_words
from services.gateway.intake.reporting import Reporting
from services.gateway.intake.reports import ReportReader
from services.gateway.intake.rosters import RosterReader
from services.gateway.letters import Letters
from services.gateway.outlet import Outlet
from services.gateway.partner_keys import PartnerKeys
from services.gateway.refusals import RefusedError, refuse_identity_in_text
from services.gateway.regions import PlaceNamer, namer
from services.gateway.threshold import Quotas
from services.gateway.waiting import Waiters, ask_claims


@dataclass(slots=True)
class Door:
    """Everything the door needs; one instance a process."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    outlet: Outlet
    intake: Intake
    claims: BillReader
    reporting: Reporting
    waiters: Waiters
    admit: Admit
    place: PlaceNamer
    approvals: Approvals
    attachments: Attachments
    letters: Letters

    @property
    def nc(self) -> Client:
        """The connection to the bus."""
        return self.outlet.nc

    @property
    def operators(self) -> Vault:
        """What opens pages that enrollment seals for the door."""
        return self.outlet.operators

    async def submit(self, body: bytes, holder: str) -> tuple[int, dict[str, object]]:
        """Take a bill and wait for it to be settled; returns (HTTP status, answer)."""
        wrong: list[Wrong] = []
        try:
            translated, id_, event = self._checked(body, holder, wrong)
        except RefusedError:
            await self.outlet.keep_all("claims", wrong)
            raise
        known = await self._ask(event.claim)
        if known is not None and known.outcome != "unknown" and not is_corrected(event, known):
            return self._known(translated, event, known)
        woken = await self.waiters.expect(event.claim)
        try:
            await self.outlet.publish([(id_, event)])
            found = await self.waiters.outcome(event.claim, woken, self.settings.door_wait_seconds)
        except AskError:
            found = None
        finally:
            await self.waiters.forget(event.claim, woken)
        if found is None and known is not None:
            found = await self._ask(event.claim)
        return said(event.claim, None) if found is None else self._known(translated, event, found)

    async def _ask(self, claim: str) -> ClaimAnswer | None:
        """Ask settlement about a claim; None if it does not answer, which stops nobody's bill."""
        try:
            return await ask(self.nc, SETTLEMENT_CLAIM, AboutClaim(claim=claim))
        except AskError:
            return None

    async def submit_many(self, lines: Sequence[bytes], holder: str) -> list[dict[str, object]]:
        """Take many bills without waiting; each line gets a receipt or its own reason."""
        checked: list[Checked | RefusedError] = []
        kept: list[Wrong] = []
        for line in lines:
            try:
                checked.append(self._checked(line, holder, kept))
            except RefusedError as error:
                checked.append(error.bare())
        good = [one for one in checked if not isinstance(one, RefusedError)]
        standing = await self._standing([event.claim for _, _, event in good])
        accepted: list[tuple[str, Event]] = []
        receipts: list[dict[str, object]] = []
        for number, (line, outcome) in enumerate(zip(lines, checked, strict=True), start=1):
            wrong = outcome if isinstance(outcome, RefusedError) else conflict(*outcome, standing)
            if isinstance(outcome, RefusedError) or wrong is not None:
                if wrong is not None and wrong is not outcome:
                    kept.append((line, wrong))
                body = RefusedError("invalid_value").body() if wrong is None else wrong.body()
                receipts.append({"line": number, "accepted": False, **body})
                continue
            _, id_, event = outcome
            standing.setdefault(event.claim, event)
            accepted.append((id_, event))
            receipts.append({"line": number, "accepted": True, "claim": event.claim})
        await self.outlet.keep_all("claims", kept)
        await self.outlet.publish(accepted)
        return receipts

    async def _standing(self, claims: list[str]) -> "Standing":
        """Return what stands under each number; {} while settlement is away."""
        try:
            known = await ask_claims(self.nc, claims) if claims else {}
        except AskError:
            return {}
        return dict(known.items())

    def _checked(self, body: bytes, holder: str, wrong: "list[Wrong]") -> "Checked":
        """Return a bill that can be taken. Raises RefusedError in its sender's words; ``wrong`` has ours."""
        translated = Translated({})
        try:
            translated = translate(body)
            claim = bill_of(translated)
            if holder != f"hospital/{claim.provider}":
                raise RefusedError("key_refused", "provider", 403)
            id_, event = self.claims.submitted(claim)
        except RefusedError as error:
            wrong.append((body, error.bare()))
            raise translated.in_their_words(error) from None
        return translated, id_, event

    def _known(
        self, translated: Translated, event: ClaimSubmitted, answer: ClaimAnswer
    ) -> tuple[int, dict[str, object]]:
        """Answer a repeat with what stands; the same number for another bill is a conflict."""
        wrong = conflict(translated, "", event, {event.claim: answer})
        if wrong is not None:
            raise wrong
        return said(event.claim, answer)

    async def dismiss(self, claim: str, why: str) -> dict[str, str]:
        """Take the bureau's word that a bill which seems sent twice is a stay of its own."""
        try:
            known = await self._ask(claim)
        except ValidationError:
            raise RefusedError("unknown_claim", "claim", 404) from None
        if known is None:
            raise RefusedError("bus_unavailable", status=503)
        if known.reason != "possible_duplicate":
            raise RefusedError("unknown_claim", "claim", 404)
        event = DuplicateDismissed(claim=claim, person=known.person, why=why, received=self.clock())
        refuse_identity_in_text(event)
        await self.outlet.publish([(event_id("dismissed", claim), event)])
        return {"claim": claim, "status": "accepted"}

    async def reverse(
        self, provider: str, claim: str, body: ReversalIn
    ) -> tuple[int, dict[str, object]]:
        """Take a reversal; one that names another person than the bill is refused."""
        id_, event = self.claims.reversed(provider, claim, body)
        known = await self._ask(event.claim)
        whose = set() if known is None else {known.person, known.holder} - {""}
        if whose and event.person not in whose:
            raise RefusedError("unknown_claim", "certno", 404)
        await self.outlet.publish([(id_, event)])
        return 202, {"claim": claim_ref(provider, claim), "status": "accepted"}


def is_corrected(event: ClaimSubmitted, known: ClaimAnswer) -> bool:
    """Tell whether a bill comes again that was refused, and is another one now: its number is free."""
    return known.outcome == "refused" and known.content != event.fingerprint("received")


def conflict(
    translated: Translated, _: str, event: ClaimSubmitted, standing: "Standing"
) -> RefusedError | None:
    """Return why a number cannot be used again: for another bill, or after it was taken back.

    What was settled some seconds later, or says its disease now, is the bill that stands (C19).
    """
    known = standing.get(event.claim)
    first = known.submitted if isinstance(known, ClaimAnswer) else known
    if isinstance(known, ClaimAnswer):
        if known.outcome == "unknown" or is_corrected(event, known):
            return None
        if known.outcome == "reversed":
            return RefusedError("claim_reversed", translated.said.get("claim", "claim"), 409)
        if first is None:
            same = (known.person, known.content) == (event.person, event.fingerprint("received"))
            return None if same else RefusedError("conflicting_resubmission", "claim", 409)
    if first is None:
        return None
    names = [translated.said.get(name, CERTNO.get(name, name)) for name in event.differences(first)]
    if not names:
        return None
    detail = "与已上传的不一致：" + "、".join(names)
    return RefusedError("conflicting_resubmission", names[0], 409, detail)


CERTNO = {"person": "certno"}
Checked = tuple[Translated, str, ClaimSubmitted]
"""(fields in the sender's names, event id, event) of a bill that was checked."""
Wrong = tuple[bytes, RefusedError]
"""(what came, why it is refused), as it is kept."""
Standing = dict[str, ClaimAnswer | ClaimSubmitted]
"""Number → what settlement knows of it, or the bill that came before in the same batch."""


def make_door(
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    outbox: Outbox,
    nc: Client,
    quotas: Quotas,
    engine: AsyncEngine,
    keys: PartnerKeys,
) -> Door:
    """Put the door together."""
    metrics.latency.labels("claim")  # so that the first slow call is an increase
    packs = load_packs(settings.packs)
    admit = admitter(settings, lambda: today(clock))
    place = namer(settings.region)
    check_words(settings.county_dir, [source.value for source in Source])
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    approvals = Approvals(engine, outbox, keys, clock)
    outlet = Outlet(nc, clock, metrics, operators, quotas, outbox)
    desk = RosterReader(admit, clock, place, settings.county_dir, row_vault(settings))
    return Door(
        settings=settings,
        clock=clock,
        metrics=metrics,
        outlet=outlet,
        intake=Intake(settings, clock, outlet, desk, place),
        claims=BillReader(packs, admit, clock),
        waiters=Waiters(nc),
        admit=admit,
        place=place,
        reporting=Reporting(
            nc, outlet, ReportReader(admit, clock, place), Payments(nc, outlet.publish), approvals
        ),
        approvals=approvals,
        attachments=Attachments(engine, outbox, operators, clock),
        letters=Letters(engine, outbox, operators, clock),
    )
