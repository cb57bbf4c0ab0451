"""Assistance's wiring: claim outcomes in; assistance decisions out."""

from collections.abc import Mapping, Sequence
from typing import cast

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
from contracts.events.assistance import (
    AssistanceAdjusted,
    AssistanceGranted,
    HighCostAlerted,
    HighCostRetracted,
)
from contracts.events.base import Event
from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import ClaimHeld, ClaimRefused, ClaimSettled
from policy.loader import load_packs
from policy.pack import Pack
from services.assistance import high_cost, rules, store
from services.assistance.answers import ANSWERS

Difference = Effect[store.Announced, store.Written]


class AssistanceRoom(YearlyRoom[rules.Facts]):
    """What assistance brings to the loop."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        super().__init__("assistance", rules.fact_id, rules.Facts, rules.reach_of)
        self._packs = packs
        self.rules = ",".join(pack.version for pack in packs)

    async def load(
        self, tx: AsyncConnection, wanted: Mapping[str, Years]
    ) -> dict[str, store.Announced]:
        """Return the announced decisions and alerts."""
        return await store.load(tx, wanted)

    def decide(self, known: Known[rules.Facts, store.Announced]) -> Difference:
        """Fold the person; announce what differs."""
        person, before = known.person, known.announced or store.Announced()
        changes = rules.decide(self._packs, known.facts, before.claims)
        years = high_cost.years_of(known.facts, changes, before.alerts)
        alerts = high_cost.decide(self._packs, known.facts, years, before.alerts)
        stands = store.Announced(
            before.claims | {one.claim: one.after for one in changes},
            before.alerts | {one.year: one.after for one in alerts},
        )
        effect = Effect(person, stands, store.Written(Booked(person, known.head, changes), alerts))
        effect.announce += [_granted(person, one) for one in changes]
        effect.announce += [_alerted(person, one) for one in alerts if one.event]
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Difference]) -> dict[str, str]:
        """Write the changed decisions, the postings and the alerts."""
        return await store.save(tx, [one.rows for one in effects])


def _granted(person: str, one: rules.GrantChange) -> Announcement:
    return Announcement(event_id("assistance", person, one.claim, one.after.revision), one.event)


def _alerted(person: str, one: high_cost.AlertChange) -> Announcement:
    key = event_id("high_cost", person, one.year, one.after.revision)
    return Announcement(key, cast("Event", one.event))


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
    says=(AssistanceGranted, AssistanceAdjusted, HighCostAlerted, HighCostRetracted),
    room=lambda settings: AssistanceRoom(load_packs(settings.packs)),
    answers=ANSWERS,
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
