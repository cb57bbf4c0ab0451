"""Notify's wiring: registrations, status changes and bills in; messages out."""

from collections.abc import Mapping, Sequence

from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import Subscription
from chassis.clock import Clock, system_clock
from chassis.factset import Known
from chassis.room import Announcement, Effect, YearlyRoom
from chassis.service import Service, assemble
from chassis.settings import Settings
from chassis.years import Years
from contracts.envelope import event_id
from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.enrollment import (
    DiscrepancyClosed,
    DiscrepancyOpened,
    PersonRegistered,
    RefundDue,
    StatusChanged,
)
from contracts.events.notify import (
    CitizenAsked,
    SmsDelivered,
    SmsFailed,
    SmsReceived,
    SmsRequested,
    SmsSent,
)
from contracts.events.partner import ChronicAssessmentReported, ManualAssistancePaid
from contracts.events.settlement import BillIssued
from policy.loader import load_packs
from policy.pack import Pack
from services.notify import rules, store
from services.notify.answers import ANSWERS
from services.notify.desks import jobs as desks
from services.notify.list_jobs import KEEPS
from services.notify.officers.answers import ANSWERS as DUTIES
from services.notify.receiving import jobs as receiving
from services.notify.receiving.answers import routes
from services.notify.sending import unsure_jobs
from services.notify.sending.jobs import JOBS
from services.notify.worklist.answers import ANSWERS as WORKLIST

Difference = Effect[set[str], store.Written]
"""What was announced: the keys of the messages that were requested."""


class NotifyRoom(YearlyRoom[rules.Facts]):
    """What notify brings to the loop."""

    def __init__(self, packs: Sequence[Pack] = (), clock: Clock = system_clock) -> None:
        super().__init__("notify", rules.fact_id, rules.Facts, rules.reach_of)
        # Where no policy has such a list, nobody's bills are looked through for it.
        self._packs = packs if any(one.duties.screened for one in packs) else ()
        self._clock = clock

    async def load(self, tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, set[str]]:
        """Return the messages already requested."""
        return await store.load_requested(tx, wanted)

    def decide(self, known: Known[rules.Facts, set[str]]) -> Difference:
        """Work out which messages ought to exist; request the new ones."""
        requested = known.announced or set()
        wishes = known.facts.settle(self._packs).wishes(requested)
        stands = requested | {wish.key for wish in wishes}
        effect = Effect(known.person, stands, store.written(known.facts, wishes, requested))
        for wish in wishes:
            event = SmsRequested.model_construct(
                message=wish.key,
                person=known.person,
                template=wish.template,
                audience=wish.audience,
            )
            effect.announce.append(Announcement(event_id(event.NAME, wish.key), event))
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Difference]) -> dict[str, str]:
        """Write contacts and new messages."""
        contacts = [(one.person, one.rows.contact) for one in effects if one.rows.contact.revision]
        wishes = [(one.person, wish, one.trace) for one in effects for wish in one.rows.wishes]
        voided = [key for one in effects for key in one.rows.voided]
        await store.save(tx, contacts, wishes, voided, self._clock())
        return {}


SERVICE = Service(
    name="notify",
    keys=("contact_key", "operator_key"),
    listens=(
        Subscription(
            stream="ENROLLMENT",
            durable="notify-enrollment",
            subjects=(PersonRegistered.SUBJECT, StatusChanged.SUBJECT),
            ack_policy="explicit",
        ),
        # Of its own, as one of the version before that runs beside this one takes from those that it knows.
        Subscription(
            stream="ENROLLMENT",
            durable="notify-occasions",
            subjects=(DiscrepancyOpened.SUBJECT, DiscrepancyClosed.SUBJECT, RefundDue.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="SETTLEMENT",
            durable="notify-bills",
            subjects=(BillIssued.SUBJECT,),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ASSISTANCE",
            durable="notify-costs",
            subjects=(HighCostAlerted.SUBJECT, HighCostRetracted.SUBJECT),
            ack_policy="explicit",
        ),
        Subscription(
            stream="PARTNER",
            durable="notify-partner",
            subjects=(ManualAssistancePaid.SUBJECT, ChronicAssessmentReported.SUBJECT),
            ack_policy="explicit",
        ),
    ),
    says=(SmsRequested, SmsSent, SmsDelivered, SmsFailed, SmsReceived, CitizenAsked),
    room=lambda settings: NotifyRoom(load_packs(settings.packs)),
    keeps=(*KEEPS, *receiving.KEEPS),
    answers=(*ANSWERS, *DUTIES, *WORKLIST),
    jobs=(*JOBS, *unsure_jobs.JOBS, *receiving.JOBS, *desks.JOBS),
    routes=routes,
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
