"""What the door may say and hear on the bus: partners' and hospitals' facts, and questions for officers."""

from typing import Any

from chassis.permissions import Permissions, of_service
from contracts import (
    bill_questions,
    bill_sheets,
    lists,
    messages,
    officers,
    questions,
    sheets,
    statements,
    whatif,
)
from contracts.asking import Query, Scope
from contracts.subjects import CLAIMS, EVENTS, PARTNER, stream_of
from services.gateway.waiting import WAKE_UPS

DOORS = ("door.*.*.v1", "door.*.*.*.v1")
"""``door.tax.PremiumPaid.v1``, ``door.hospital.H34169901.ClaimSubmitted.v1``."""
KEYS = ("person_key", "identity_key", "contact_key", "operator_key")
"""The door makes person keys and seals what it was told; it opens nothing but its own refusals."""
SAYS = tuple(event for event in EVENTS if stream_of(event.SUBJECT) in {PARTNER, CLAIMS})


QUESTIONS = (
    questions,
    lists,
    sheets,
    bill_questions,
    bill_sheets,
    messages,
    officers,
    statements,
    whatif,
)
"""The modules of contracts that have questions."""


def asks() -> tuple[Query[Any, Any], ...]:
    """Return every question of the contracts but the operator's."""
    known = {
        id(one): one
        for module in QUESTIONS
        for one in vars(module).values()
        if isinstance(one, Query)
    }
    return tuple(one for one in known.values() if one.scope is not Scope.OPERATOR)


def permissions() -> Permissions:
    """Return what the door needs and no more."""
    hears = [event.SUBJECT for event in WAKE_UPS]
    return of_service("gateway", says=SAYS, hears=hears, answers=DOORS, asks=asks())
