"""What a report is held against before it is taken: whose people, which application.

Each returns what the sender should know all the same, or raises RefusedError.
"""

from nats.aio.client import Client

from contracts.events.partner import (
    FlagDecided,
    IdentityChanged,
    PartnerEvent,
)
from contracts.questions import ENROLLMENT_PERSON, AboutPerson, PersonAnswer
from services.gateway.asking import ask
from services.gateway.refusals import RefusedError

CORRECTIONS_MAX = 10
OWN_PEOPLE = "仅对名册所载住址在{}的人员生效"
"""What a township office is told, whoever it reports about: it does not learn whether they are known."""


async def vetted(nc: Client, event: PartnerEvent, office: str) -> list[str]:
    """Hold a report against what is known; ``office``: the township whose office says it."""
    notes: list[str] = []
    if office and isinstance(event, IdentityChanged):
        await _own_numbers(nc, event, office)
    elif office:
        notes.append(OWN_PEOPLE.format(office))
    if isinstance(event, FlagDecided):
        notes += await _asked_for(nc, event)
    return notes


async def _own_numbers(nc: Client, event: IdentityChanged, office: str) -> None:
    """A township corrects the numbers of its own people only, and to nobody else's person.

    Whether the county knows a wrong number that is none of its own people's, it does not learn. That the
    right number is somebody's of another township it does: the correction would otherwise take them over.
    """
    found = await _person(nc, event.person)
    if not found.found or found.township != office:
        raise RefusedError("unknown_person", "certno", 404)
    if (await _person(nc, event.new_person)).township not in {"", office}:
        raise RefusedError("outside_area", "new_certno", 403)


async def _asked_for(nc: Client, decided: FlagDecided) -> list[str]:
    """Say that a decision waits for its application, if nobody has applied yet."""
    known = (await _person(nc, decided.person)).applications
    if (decided.category, decided.flag_year) in {(one.category, one.flag_year) for one in known}:
        return []
    return [f"未见{decided.flag_year}年度该类别的申报；申报到达后生效"]


async def right_number(nc: Client, person: str) -> str:
    """Return the key under which a number stands now, over corrections of corrections."""
    for _ in range(CORRECTIONS_MAX):
        right = (await _person(nc, person)).merged_into
        if not right:
            return person
        person = right
    return person


async def _person(nc: Client, person: str) -> PersonAnswer:
    return await ask(nc, ENROLLMENT_PERSON, AboutPerson(person=person))
