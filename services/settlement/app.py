"""Settlement's wiring: bills, identities, coverage and assistance in; outcomes and bills out."""

from collections.abc import Mapping, Sequence

from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import Subscription
from chassis.factset import Known
from chassis.room import Announcement, Effect, YearlyRoom
from chassis.service import Service, assemble
from chassis.settings import Settings
from chassis.years import Years
from contracts.envelope import event_id
from contracts.events.assistance import AssistanceAdjusted, AssistanceGranted
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.events.enrollment import CoverageChanged, FilingsChanged, StatusChanged
from contracts.events.settlement import (
    BillIssued,
    ClaimHeld,
    ClaimQuestioned,
    ClaimRefused,
    ClaimSettled,
    ClaimsForwarded,
)
from policy.loader import load_packs
from policy.pack import Pack
from services.settlement import rules, store, what_if_jobs
from services.settlement.answers import ANSWERS

Difference = Effect[rules.Standing, store.Written]


class SettlementRoom(YearlyRoom[rules.Facts]):
    """What settlement brings to the loop."""

    def __init__(self, packs: Sequence[Pack]) -> None:
        super().__init__("settlement", rules.fact_id, rules.Facts, rules.reach_of)
        self._packs = packs
        self.rules = ",".join(pack.version for pack in packs)

    async def load(
        self, tx: AsyncConnection, wanted: Mapping[str, Years]
    ) -> dict[str, rules.Standing]:
        """Return what was announced."""
        return await store.load_standing(tx, wanted)

    def decide(self, known: Known[rules.Facts, rules.Standing]) -> Difference:
        """Fold the person; announce what differs."""
        before = known.announced or rules.Standing()
        changes = rules.decide(self._packs, known.facts, before.claims)
        billed = (claim for claim, one in before.claims.items() if one.bill_revision)
        sent = known.facts.forwarding(before.sent, billed)
        after = rules.Standing(
            {**before.claims, **{change.claim: change.after for change in changes}},
            {**before.sent, **{one.person: rules.content_of(one) for one in sent}},
        )
        effect = Effect(known.person, after, store.Written(known.person, known.head, changes, sent))
        said = [event for change in changes for event in change.news()]
        effect.announce = [announcement(event) for event in (*said, *sent)]
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Difference]) -> dict[str, str]:
        """Write the changed claims, the postings, and what went to a right number."""
        written = [effect.rows for effect in effects]
        await store.save_forwarded(tx, [one for of_person in written for one in of_person.sent])
        return await store.save_changes(tx, [one for one in written if one.changes])


def announcement(
    event: ClaimSettled | ClaimHeld | ClaimRefused | ClaimQuestioned | BillIssued | ClaimsForwarded,
) -> Announcement:
    """Give an event the id that this revision always has."""
    if isinstance(event, ClaimsForwarded):
        key = event_id(event.NAME, event.person, event.formerly, event.revision)
        return Announcement(key, event)
    revision = event.bill_revision if isinstance(event, BillIssued) else event.revision
    return Announcement(event_id(event.NAME, event.person, event.claim, revision), event)


SERVICE = Service(
    name="settlement",
    listens=(
        Subscription(
            stream="CLAIMS",
            durable="settlement-claims",
            subjects=(ClaimSubmitted.SUBJECT, ClaimReversed.SUBJECT, DuplicateDismissed.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ENROLLMENT",
            durable="settlement-enrollment",
            subjects=(StatusChanged.SUBJECT, CoverageChanged.SUBJECT),
            ack_policy="explicit",
        ),
        # Of its own, as one of the version before that runs beside this one takes from those that it knows.
        Subscription(
            stream="ENROLLMENT",
            durable="settlement-filings",
            subjects=(FilingsChanged.SUBJECT,),
            ack_policy="explicit",
        ),
        Subscription(
            stream="SETTLEMENT",
            durable="settlement-corrections",
            subjects=(ClaimsForwarded.SUBJECT,),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ASSISTANCE",
            durable="settlement-assistance",
            subjects=(AssistanceGranted.SUBJECT, AssistanceAdjusted.SUBJECT),
            ack_policy="explicit",
        ),
    ),
    says=(ClaimSettled, ClaimHeld, ClaimRefused, ClaimQuestioned, BillIssued, ClaimsForwarded),
    room=lambda settings: SettlementRoom(load_packs(settings.packs)),
    answers=ANSWERS,
    jobs=what_if_jobs.JOBS,
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
