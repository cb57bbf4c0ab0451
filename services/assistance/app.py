"""Assistance's wiring: claim outcomes in; assistance decisions out."""

from collections.abc import Mapping, Sequence

from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.book import Booked
from chassis.bus import Subscription
from chassis.factset import Known
from chassis.room import Announcement, Effect, YearlyRoom
from chassis.service import Service, assemble
from chassis.settings import Settings
from chassis.years import Years
from contracts.envelope import event_id
from contracts.events.assistance import AssistanceAdjusted, AssistanceGranted
from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import ClaimHeld, ClaimRefused, ClaimSettled
from policy.loader import load_packs
from policy.pack import Pack
from services.assistance import rules, store
from services.assistance.answers import ANSWERS

Difference = Effect[store.Positions, store.Written]


class AssistanceRoom(YearlyRoom[rules.Facts]):
    """What assistance brings to the loop."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        super().__init__("assistance", rules.fact_id, rules.Facts, rules.reach_of)
        self._packs = packs
        self.rules = ",".join(pack.version for pack in packs)

    async def load(
        self, tx: AsyncConnection, wanted: Mapping[str, Years]
    ) -> dict[str, store.Positions]:
        """Return the announced decisions."""
        return await store.load_positions(tx, wanted)

    def decide(self, known: Known[rules.Facts, store.Positions]) -> Difference:
        """Fold the person; announce what differs."""
        before = known.announced or {}
        changes = rules.decide(self._packs, known.facts, before)
        stands = {**before, **{change.claim: change.after for change in changes}}
        written = Booked(known.person, known.head, changes)
        effect = Effect(known.person, stands, written)
        for change in changes:
            key = event_id("assistance", known.person, change.claim, change.after.revision)
            effect.announce.append(Announcement(key, change.event))
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Difference]) -> dict[str, str]:
        """Write the changed decisions and the postings."""
        return await store.save_changes(tx, [one.rows for one in effects if one.rows.changes])


SERVICE = Service(
    name="assistance",
    listens=(
        Subscription(
            stream="SETTLEMENT",
            durable="assistance-settlement",
            subjects=(ClaimSettled.SUBJECT, ClaimHeld.SUBJECT, ClaimRefused.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="PARTNER",
            durable="assistance-payments",
            subjects=(ManualAssistancePaid.SUBJECT,),
            ack_policy="explicit",
        ),
    ),
    says=(AssistanceGranted, AssistanceAdjusted),
    room=lambda settings: AssistanceRoom(load_packs(settings.packs)),
    answers=ANSWERS,
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
