"""The door's parts, put together once, and what it does with each thing that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client

from chassis.clock import Clock, today
from chassis.privacy import Vault, vault
from chassis.settings import Settings
from chassis.telemetry import Metrics
from contracts import questions
from contracts.events.base import Event
from contracts.events.claims import ClaimSubmitted
from contracts.events.partner import IdentityChanged
from contracts.money import parse_yuan
from contracts.questions import AboutPerson, ClaimAnswer, PersonAnswer
from contracts.vocabulary import Source
from policy.loader import load_pack
from services.gateway.asking import ask
from services.gateway.claims import ClaimDesk, ReversalIn, claim_ref, read_claim
from services.gateway.columns import check_words
from services.gateway.intake import Intake
from services.gateway.national import to_national
from services.gateway.outlet import Outlet
from services.gateway.people import Admit, admitter, row_vault
from services.gateway.refusals import RefusedError
from services.gateway.regions import namer
from services.gateway.reports import ReportDesk
from services.gateway.rosters import RosterDesk
from services.gateway.waiting import BusUnavailableError, Waiters, ask_claim, ask_claims


@dataclass(slots=True)
class Door:
    """Everything the door needs; one instance a process."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    outlet: Outlet
    intake: Intake
    claims: ClaimDesk
    reports: ReportDesk
    waiters: Waiters
    admit: Admit

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
        event_id, event = await self._checked(body, holder)
        known = await self._ask(event.claim)
        if known is not None and known.outcome != "unknown":
            return self._known(event, known)
        woken = await self.waiters.expect(event.claim)
        try:
            await self.outlet.publish([(event_id, event)])
            found = await self.waiters.outcome(event.claim, woken, self.settings.door_wait_seconds)
        except BusUnavailableError:
            found = None
        finally:
            await self.waiters.forget(event.claim, woken)
        return said(event.claim, None) if found is None else self._known(event, found)

    async def _ask(self, claim: str) -> ClaimAnswer | None:
        """Ask settlement about a claim; None if it does not answer, which stops nobody's bill."""
        try:
            return await ask_claim(self.nc, claim)
        except BusUnavailableError:
            return None

    async def submit_many(self, lines: Sequence[bytes], holder: str) -> list[dict[str, object]]:
        """Take many bills without waiting; each line gets a receipt or its own reason."""
        checked: list[tuple[str, ClaimSubmitted] | RefusedError] = []
        for line in lines:
            try:
                checked.append(await self._checked(line, holder))
            except RefusedError as error:
                checked.append(error)
        good = [one for one in checked if not isinstance(one, RefusedError)]
        standing = await self._standing([event.claim for _, event in good])
        accepted: list[tuple[str, Event]] = []
        receipts: list[dict[str, object]] = []
        for number, (line, one) in enumerate(zip(lines, checked, strict=True), start=1):
            if not isinstance(one, RefusedError):
                event = one[1]
                said_before = standing.setdefault(event.claim, _sort_of(event))
                if said_before == _sort_of(event):
                    accepted.append(one)
                    receipts.append({"line": number, "accepted": True, "claim": event.claim})
                    continue
                one = RefusedError("conflicting_resubmission", "claim", 409)  # noqa: PLW2901
                await self.outlet.keep("claims", line, one)
            receipts.append({"line": number, "accepted": False, **one.body()})
        await self.outlet.publish(accepted)
        return receipts

    async def _standing(self, claims: list[str]) -> dict[str, tuple[str, str]]:
        """Return whose each known claim is and what it says; {} while settlement is away."""
        try:
            known = await ask_claims(self.nc, claims) if claims else {}
        except BusUnavailableError:
            return {}
        return {claim: (one.person, one.content) for claim, one in known.items()}

    async def _checked(self, body: bytes, holder: str) -> tuple[str, ClaimSubmitted]:
        try:
            claim = read_claim(body)
            if holder != f"hospital/{claim.provider}":
                raise RefusedError("key_refused", "provider", 403)
            return self.claims.submitted(claim)
        except RefusedError as error:
            await self.outlet.keep("claims", body, error)
            raise

    def _known(self, event: ClaimSubmitted, answer: ClaimAnswer) -> tuple[int, dict[str, object]]:
        """Answer a repeat with what stands; the same number with other amounts is a conflict."""
        if answer.content != event.fingerprint("received") or answer.person != event.person:
            raise RefusedError("conflicting_resubmission", "claim", 409)
        return said(event.claim, answer)

    async def reverse(
        self, provider: str, claim: str, body: ReversalIn
    ) -> tuple[int, dict[str, object]]:
        """Take a reversal; one that names another person than the bill is refused."""
        event_id, event = self.claims.reversed(provider, claim, body)
        known = await self._ask(event.claim)
        whose = set() if known is None else {known.person, known.holder} - {""}
        if whose and event.person not in whose:
            raise RefusedError("unknown_claim", "certno", 404)
        await self.outlet.publish([(event_id, event)])
        return 202, {"claim": claim_ref(provider, claim), "status": "accepted"}

    async def report(
        self, source: Source, name: str, body: bytes, office: str = ""
    ) -> tuple[str, list[str]]:
        """Take a single report; returns the event id, and notes on what of it is of no use."""
        try:
            event_id, event, notes = self.reports.fact(source, name, body, office)
        except RefusedError as error:
            await self.outlet.keep(f"report.{source.value}", body, error)
            raise
        if office and isinstance(event, IdentityChanged):
            await self._refuse_other_township(event.person, event.new_person, office)
        await self.outlet.publish([(event_id, event)])
        return event_id, notes

    async def _refuse_other_township(self, wrong: str, right: str, office: str) -> None:
        """A township corrects the numbers of its own people only, and to nobody else's person."""
        found = await self._person(wrong)
        if not found.found:
            raise RefusedError("unknown_person", "certno", 404)
        if found.township != office:
            raise RefusedError("outside_area", "certno", 403)
        if (await self._person(right)).township not in {"", office}:
            raise RefusedError("outside_area", "new_certno", 403)

    async def _person(self, person: str) -> PersonAnswer:
        about = AboutPerson(person=person)
        return await ask(self.nc, questions.ENROLLMENT_PERSON, about, PersonAnswer)


def _sort_of(event: ClaimSubmitted) -> tuple[str, str]:
    return (event.person, event.fingerprint("received"))


def said(claim: str, answer: ClaimAnswer | None) -> tuple[int, dict[str, object]]:
    """Put a claim's standing into the words of the answer."""
    where = f"/v1/claims/{claim}"
    if answer is not None and answer.outcome == "reversed" and answer.bill is None:
        return 200, {"claim": claim, "status": "reversed", "bill": None}
    if answer is None or (answer.outcome == "settled" and answer.bill is None):
        return 202, {"claim": claim, "status": "accepted", "location": where}
    if answer.outcome in {"refused", "held"}:
        status = 422 if answer.outcome == "refused" else 202
        body = RefusedError(answer.reason).body()
        return status, {"claim": claim, "status": answer.outcome, "location": where, **body}
    bill = answer.bill or {}
    amounts = {
        name: parse_yuan(value)
        for name, value in bill.items()
        if isinstance(value, str) and name in AMOUNTS
    }
    return 200, {
        "claim": claim,
        "status": answer.outcome,
        "bill": {key: value for key, value in bill.items() if key != "person"},
        "national": to_national(amounts),
    }


AMOUNTS = frozenset({
    "total_fee", "bmi", "cii", "supplement", "medical_assistance", "hospital_reduction",
    "commercial_supplement", "reassistance", "tilted_assistance", "hospital_borne",
    "personal_burden",
})  # fmt: skip


def make_door(settings: Settings, clock: Clock, metrics: Metrics, nc: Client) -> Door:
    """Put the door together."""
    packs = [load_pack(name.strip()) for name in settings.packs.split(",")]
    admit = admitter(settings, lambda: today(clock))
    place = namer(settings.region)
    check_words(settings.words_dir, [source.value for source in Source])
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    outlet = Outlet(nc, clock, metrics, operators)
    desk = RosterDesk(admit, clock, place, settings.words_dir, row_vault(settings))
    return Door(
        settings=settings,
        clock=clock,
        metrics=metrics,
        outlet=outlet,
        intake=Intake(settings, clock, outlet, desk, place),
        claims=ClaimDesk(packs, admit, clock),
        reports=ReportDesk(admit, clock, place),
        waiters=Waiters(nc),
        admit=admit,
    )
