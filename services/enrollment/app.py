"""Enrollment's wiring: what departments report in; who a person is, and covered when, out."""

from collections.abc import Callable, Mapping, Sequence

from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import Subscription
from chassis.factset import Known
from chassis.privacy import blind_index, vault, word_index
from chassis.room import Announcement, Effect, PersonRoom
from chassis.service import Service, assemble
from chassis.settings import Settings
from chassis.years import Years
from contracts.envelope import event_id
from contracts.events.enrollment import (
    CitizenAnswered,
    CoverageChanged,
    DiscrepancyClosed,
    DiscrepancyOpened,
    EnrolmentConfirmed,
    ExemptionGranted,
    FilingsChanged,
    FullListSettled,
    HistoryForwarded,
    PersonRegistered,
    RefundDue,
    ReviewCompleted,
    StatusChanged,
)
from contracts.events.lists import ListingWithdrawn
from contracts.events.partner import OutOfAreaFiled, StatusReported
from policy.loader import load_packs
from policy.pack import Pack
from services.enrollment import access
from services.enrollment.desk import answers as desk_answers
from services.enrollment.desk import bill_jobs
from services.enrollment.desk import jobs as desk_jobs
from services.enrollment.lists import answers as list_answers
from services.enrollment.lists import jobs as list_jobs
from services.enrollment.lists import words_store
from services.enrollment.person import answers as person_answers
from services.enrollment.person import citizen_jobs, rules, store
from services.enrollment.person import jobs as person_jobs
from services.enrollment.person.words import words_of
from services.enrollment.register import jobs as register_jobs
from services.enrollment.register import store as register_store
from services.enrollment.sheets import answers as sheet_answers

Difference = Effect[rules.Standing, rules.ResidentChange | None]


class EnrollmentRoom(PersonRoom[rules.Facts]):
    """What enrollment brings to the loop. ``index_of`` opens a sealed identity into what finds it."""

    def __init__(
        self, packs: Sequence[Pack], index_of: Callable[[rules.ResidentChange], store.Indexes]
    ) -> None:
        super().__init__("enrollment", rules.fact_id, rules.Facts)
        self._packs = packs
        self._index_of = index_of

    async def load(
        self, tx: AsyncConnection, wanted: Mapping[str, Years]
    ) -> dict[str, rules.Standing]:
        """Return the announced standing."""
        return await store.load_standing(tx, list(wanted))

    def decide(self, known: Known[rules.Facts, rules.Standing]) -> Difference:
        """Fold the person; announce what differs."""
        before = known.announced or rules.Standing()
        change = rules.decide(self._packs, known.person, known.facts.events, before)
        effect = Effect(known.person, change.after if change else before, change)
        for event in change.events if change else ():
            about = event.formerly if isinstance(event, HistoryForwarded) else ""
            key = event_id(event.NAME, event.person, about, event.revision)
            effect.announce.append(Announcement(key, event))
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Difference]) -> dict[str, str]:
        """Write the residents that changed, with the blind index of their identity."""
        changes = [effect.rows for effect in effects if effect.rows is not None]
        indexes = {change.person: self._index_of(change) for change in changes}
        await store.save_changes(tx, changes, indexes)
        return {}


def make_room(settings: Settings) -> EnrollmentRoom:
    """Give the room its keys: enrollment may open identities, nobody else but the door seals them."""
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    index_key = settings.index_key.get_secret_value()

    def index_of(change: rules.ResidentChange) -> store.Indexes:
        opened = access.opened_of(change.now, change.person, identities)
        if not opened.id_number:
            return store.Indexes()
        number = blind_index(index_key, settings.cipher_suite, opened.id_number)
        return store.Indexes(number, [word_index(index_key, *one) for one in words_of(opened)])

    return EnrollmentRoom(load_packs(settings.packs), index_of)


SERVICE = Service(
    name="enrollment",
    keys=("identity_key", "index_key", "operator_key"),
    listens=(
        Subscription(
            stream="PARTNER",
            durable="enrollment-partner",
            subjects=("partner.>",),
            ack_policy="explicit",
        ),
        Subscription(
            stream="ENROLLMENT",
            durable="enrollment-own",
            subjects=(HistoryForwarded.SUBJECT, EnrolmentConfirmed.SUBJECT),
            ack_policy="explicit",
        ),
    ),
    says=(
        PersonRegistered,
        StatusChanged,
        FullListSettled,
        HistoryForwarded,
        EnrolmentConfirmed,
        CoverageChanged,
        FilingsChanged,
        ExemptionGranted,
        RefundDue,
        ReviewCompleted,
        DiscrepancyOpened,
        DiscrepancyClosed,
        StatusReported,
        OutOfAreaFiled,
        CitizenAnswered,
        ListingWithdrawn,
    ),
    room=make_room,
    keeps=(
        *list_jobs.KEEPS,
        *register_store.KEEPS,
        *register_jobs.KEEPS,
        *words_store.KEEPS,
        *bill_jobs.KEEPS,
        *citizen_jobs.KEEPS,
    ),
    answers=(
        *person_answers.ANSWERS,
        *list_answers.ANSWERS,
        *desk_answers.ANSWERS,
        *sheet_answers.ANSWERS,
        *access.ANSWERS,
    ),
    jobs=(*person_jobs.JOBS, *list_jobs.JOBS, *register_jobs.JOBS, *desk_jobs.JOBS),
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
