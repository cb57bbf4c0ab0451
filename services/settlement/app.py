"""Settlement's wiring: bills, identities, coverage and assistance in; outcomes and bills out."""

from collections.abc import Sequence
from typing import Any

from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import Subscription
from chassis.factset import Known
from chassis.service import Service, assemble
from chassis.settings import Settings
from chassis.work import Announcement, Effect
from contracts.envelope import event_id
from contracts.events.assistance import AssistanceAdjusted, AssistanceGranted
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.events.enrollment import CoverageChanged, StatusChanged
from contracts.events.settlement import BillIssued, ClaimHeld, ClaimRefused, ClaimSettled
from policy.pack import Pack
from services.settlement import domain, store
from services.settlement.answers import answer_questions
from services.settlement.settings import packs_of


class SettlementRoom:
    """What settlement brings to the loop."""

    name = "settlement"

    def __init__(self, packs: Sequence[Pack]) -> None:
        self._packs = packs

    def fact_of(self, event: Event) -> tuple[str, str] | None:
        """Return whose fact an event is, and its id."""
        return domain.fact_id(event)

    def no_facts(self) -> domain.Facts:
        """Return the empty set."""
        return domain.Facts()

    async def load(self, tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Any]:
        """Return the announced positions."""
        return await store.load_positions(tx, persons)

    def decide(self, known: Known) -> Effect:
        """Fold the person; announce what differs."""
        before = known.announced or {}
        changes = domain.decide(self._packs, known.facts, before)
        stands = {**before, **{change.claim: change.after for change in changes}}
        effect = Effect(known.person, stands, rows=(known.person, known.head, changes))
        for change in changes:
            for event in (change.event, change.bill):
                if event is not None:
                    effect.announce.append(announcement(event))
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Effect]) -> dict[str, str]:
        """Write the changed claims and the postings."""
        return await store.save_changes(tx, [e.rows for e in effects if e.rows[2]])


def announcement(event: ClaimSettled | ClaimHeld | ClaimRefused | BillIssued) -> Announcement:
    """Give an event the id that this revision always has."""
    revision = event.bill_revision if isinstance(event, BillIssued) else event.revision
    return Announcement(event_id(event.NAME, event.person, event.claim, revision), event)


SERVICE = Service(
    name="settlement",
    listens=(
        Subscription(
            stream="CLAIMS",
            durable="settlement-claims",
            subjects=(ClaimSubmitted.SUBJECT, ClaimReversed.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ENROLLMENT",
            durable="settlement-enrollment",
            subjects=(StatusChanged.SUBJECT, CoverageChanged.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ASSISTANCE",
            durable="settlement-assistance",
            subjects=(AssistanceGranted.SUBJECT, AssistanceAdjusted.SUBJECT),
            ack_policy="explicit",
        ),
    ),
    says=(ClaimSettled, ClaimHeld, ClaimRefused, BillIssued),
    room=lambda runtime: SettlementRoom(packs_of(runtime.settings)),
    answers=answer_questions,
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
