"""What a report is held against before it is taken: whose people, which application.

Each returns what the sender should know all the same, or raises RefusedError.
"""

from nats.aio.client import Client

from chassis.language import tr
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


MAYBE_ELSEWHERE = "正确号码已由其他乡镇登记的，由县医保局核实后生效"
"""What it is told of every correction. That one waits it may see by its effect, which comes later."""


async def vetted(nc: Client, event: PartnerEvent, office: str) -> list[str]:
    """Hold a report against what is known; ``office``: the township whose office says it."""
    notes: list[str] = []
    if office and isinstance(event, IdentityChanged):
        await _own_numbers(nc, event, office)
        notes.append(tr(MAYBE_ELSEWHERE))
    elif office:
        notes.append(tr(OWN_PEOPLE).format(office))
    if isinstance(event, FlagDecided):
        notes += await _asked_for(nc, event)
    return notes


async def _own_numbers(nc: Client, event: IdentityChanged, office: str) -> None:
    """A township corrects the numbers of its own people only.

    Whether the county knows a wrong number that is none of its own people's, it does not learn.
    """
    found = await _person(nc, event.person)
    if not found.found or found.township != office:
        raise RefusedError("unknown_person", "certno", 404)


async def takes_over(nc: Client, event: IdentityChanged, office: str) -> bool:
    """Tell whether a township's correction would make another township's person its own."""
    return bool(office) and (await _person(nc, event.new_person)).township not in {"", office}


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
