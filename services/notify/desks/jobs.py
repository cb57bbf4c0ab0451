"""Requests each month's reminders of the desks on which somebody sits."""

import orjson
from sqlalchemy import text

from chassis.jobs import Job
from chassis.runtime import Runtime
from policy.loader import load_packs
from services.notify.desks.rules import reminders
from services.notify.officers.store import running
from services.notify.sending.rules import day_of

REQUEST = text(
    "INSERT INTO sms (key, person, audience, template, township, words, state)"
    " VALUES (:key, '', 'desk', :template, :place, :words, 'created') ON CONFLICT DO NOTHING"
)


async def remind(runtime: Runtime) -> bool:
    """Request what a desk is to be told today and was not requested yet; asked again, nothing is new."""
    today = day_of(runtime.clock())
    packs = load_packs(runtime.settings.packs)
    async with runtime.turn() as turn:
        places = [one for duty in await running(turn.tx, today) for one in duty.townships]
        for one in reminders(packs, places, today):
            said = {"key": one.key, "template": one.template, "place": one.place}
            await turn.tx.execute(REQUEST, said | {"words": orjson.dumps(one.words).decode()})
    return False


JOBS = (Job("reminding", remind, seconds=600.0),)
