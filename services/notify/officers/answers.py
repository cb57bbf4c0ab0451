"""Sets and ends duties, and lists them; names and phones stay sealed but for whoever asks at the door."""

import orjson

from chassis.asking import answers
from chassis.privacy import Vault, vault
from chassis.runtime import Runtime
from contracts.envelope import event_id
from contracts.officers import (
    NOTIFY_DUTIES,
    NOTIFY_DUTY_BEGINS,
    NOTIFY_DUTY_ENDS,
    OFFICER_PLACE,
    DutyBegins,
    DutyBegun,
    DutyEnded,
    DutyEnds,
    DutyLine,
    DutyPage,
    DutyPageAnswer,
)
from services.notify.officers import store
from services.notify.phones import number_of, vault_of


async def begin(runtime: Runtime, duty: DutyBegins) -> DutyBegun:
    """Set a duty; one that stands in takes the place of the other."""
    contacts = vault_of(runtime.settings)
    phone = str(orjson.loads(contacts.open(duty.contact_sealed, OFFICER_PLACE))["phone"])
    number = number_of(contacts, phone)
    said = duty.model_dump(exclude={"group", "townships"})
    async with runtime.turn() as turn:
        townships, village = list(duty.townships), duty.village
        if duty.stands_in_for:
            place = await store.place_of(turn.tx, duty.stands_in_for)
            if place is None:
                return DutyBegun(refused="unknown_duty")
            townships, village = place
        id_ = event_id(
            "duty", number, *sorted(townships), village, duty.post, duty.stands_in_for, duty.first
        )
        row = {"id": id_, "townships": townships, "duty_group": duty.group, "number": number}
        await store.insert(turn.tx, said | row | {"village": village, "recorded": turn.clock()})
    return DutyBegun(duty=id_)


async def end(runtime: Runtime, duty: DutyEnds) -> DutyEnded:
    """End a duty; what was said meanwhile stays said."""
    async with runtime.turn() as turn:
        found = await store.end(turn.tx, duty.duty, duty.last, duty.holder)
    return DutyEnded(found=found)


async def duties(runtime: Runtime, page: DutyPage) -> DutyPageAnswer:
    """Return duties as they were set, with those that are over."""
    settings = runtime.settings
    contacts = vault_of(settings)
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    async with runtime.look() as connection:
        rows = await store.page(connection, page.township, page.on, page.after, page.most)
    lines = [
        DutyLine(
            duty=row["id"], group=row["duty_group"],
            who_sealed=_for_the_door(row["contact_sealed"], contacts, operators),
            **{name: row[name] for name in _AS_KEPT},
        )
        for row in rows
    ]  # fmt: skip
    return DutyPageAnswer(lines=lines, next=lines[-1].duty if len(lines) == page.most else "")


_AS_KEPT = (
    "townships", "village", "post", "first", "last", "stands_in_for", "holder", "recorded", "ended_by",
)  # fmt: skip


def _for_the_door(sealed: str, contacts: Vault, operators: Vault) -> str:
    """Seal an officer's name and phone anew, with the key that the door has for what it shows."""
    return operators.seal(contacts.open(sealed, OFFICER_PLACE), OFFICER_PLACE)


ANSWERS = (
    answers(NOTIFY_DUTY_BEGINS, begin),
    answers(NOTIFY_DUTY_ENDS, end),
    answers(NOTIFY_DUTIES, duties),
)
