"""Enrollment's wiring: what departments report in; who a person is, and covered when, out."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from faststream.asgi import AsgiFastStream
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import Subscription
from chassis.factset import Known
from chassis.privacy import blind_index, vault
from chassis.service import Runtime, Service, assemble
from chassis.settings import Settings
from chassis.work import Announcement, Effect
from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.enrollment import (
    CoverageChanged,
    DiscrepancyClosed,
    DiscrepancyOpened,
    EnrolmentConfirmed,
    ExemptionGranted,
    FullListSettled,
    HistoryForwarded,
    PersonRegistered,
    RefundDue,
    ReviewCompleted,
    StatusChanged,
)
from contracts.events.partner import (
    RegisterPage,
    RegisterReceived,
    RosterReceived,
    RowsAnswered,
    RowsWaiting,
    WordLearned,
)
from policy.pack import Pack
from services.enrollment.access import answer_access
from services.enrollment.desk.answers import answer_desk
from services.enrollment.desk.bill_jobs import keep_questions
from services.enrollment.desk.jobs import keep_checking
from services.enrollment.lists import store as list_store
from services.enrollment.lists.answers import answer_lists
from services.enrollment.lists.jobs import keep_closing, keep_measuring, keep_undoing
from services.enrollment.lists.words_store import keep_words
from services.enrollment.person import rules, store
from services.enrollment.person.answers import answer_person
from services.enrollment.person.jobs import keep_refolding
from services.enrollment.register.jobs import keep_confirming
from services.enrollment.register.store import keep_register
from services.enrollment.settings import packs_of
from services.enrollment.sheets.answers import answer_ledgers
from services.enrollment.sheets.household_answers import answer_households
from services.enrollment.sheets.result_answers import answer_results

LIST = "list:"
"""Before a source's name: the subject whose facts are the full lists that came in."""


class EnrollmentRoom:
    """What enrollment brings to the loop. ``index_of`` opens a sealed identity into its index."""

    name = "enrollment"
    elsewhere = frozenset(
        one.NAME for one in (RegisterPage, RegisterReceived, RowsWaiting, RowsAnswered, WordLearned)
    )

    def __init__(self, packs: Sequence[Pack], index_of: Callable[[str, str], bytes]) -> None:
        self._packs = packs
        self._index_of = index_of

    def fact_of(self, event: Event) -> tuple[str, str] | None:
        """Return whose fact an event is, and its id; the coming of a full list is the list's own."""
        if isinstance(event, RosterReceived):
            return (f"{LIST}{event.source.value}", event.batch) if event.month else None
        return rules.fact_id(event)

    def no_facts(self) -> rules.Facts:
        """Return the empty set."""
        return rules.Facts()

    async def load(self, tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Any]:
        """Return the announced standing."""
        return await store.load_standing(tx, persons)

    def decide(self, known: Known) -> Effect:
        """Fold the person; announce what differs."""
        if known.person.startswith(LIST):
            return Effect(known.person, rules.Standing(), rows=known.facts.events)
        before = known.announced or rules.Standing()
        change = rules.decide(self._packs, known.person, known.facts.events, before)
        effect = Effect(known.person, change.after if change else before, rows=change)
        for event in change.events if change else ():
            about = event.formerly if isinstance(event, HistoryForwarded) else ""
            key = event_id(event.NAME, event.person, about, event.revision)
            effect.announce.append(Announcement(key, event))
        return effect

    async def save(self, tx: AsyncConnection, effects: Sequence[Effect]) -> dict[str, str]:
        """Write the residents that changed, with the blind index of their identity."""
        kept = [effect.rows for effect in effects if effect.rows is not None]
        changes = [rows for rows in kept if isinstance(rows, rules.Change)]
        notices = [rows for rows in kept if not isinstance(rows, rules.Change)]
        indexes = {
            change.person: self._index_of(
                change.now.identity_sealed, change.now.identity_of or change.person
            )
            for change in changes
            if change.now.identity_sealed
        }
        await store.save_changes(tx, changes, indexes)
        await list_store.note_lists(tx, [one for listed in notices for one in listed])
        return {}


def make_room(runtime: Runtime) -> EnrollmentRoom:
    """Give the room its keys: enrollment may open identities, nobody else but the door seals them."""
    settings = runtime.settings
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    index_key = settings.index_key.get_secret_value()

    def index_of(sealed: str, person: str) -> bytes:
        number = orjson.loads(identities.open(sealed, person))["id_number"]
        return blind_index(index_key, settings.cipher_suite, number)

    return EnrollmentRoom(packs_of(settings), index_of)


SERVICE = Service(
    name="enrollment",
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
        ExemptionGranted,
        RefundDue,
        ReviewCompleted,
        DiscrepancyOpened,
        DiscrepancyClosed,
    ),
    room=make_room,
    answers=(
        answer_person,
        answer_lists,
        answer_desk,
        answer_ledgers,
        answer_households,
        answer_results,
        answer_access,
    ),
    background=(
        keep_refolding,
        keep_closing,
        keep_measuring,
        keep_undoing,
        keep_register,
        keep_words,
        keep_questions,
        keep_checking,
        keep_confirming,
    ),
)


def build(settings: Settings) -> AsgiFastStream:
    """Build the service's application."""
    return assemble(SERVICE, settings)
