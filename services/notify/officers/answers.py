"""Sets and ends duties, and lists them; names and phones stay sealed but for whoever asks at the door."""

from typing import Any

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

SAID_AGAIN_MAX = 100


async def begin(runtime: Runtime, duty: DutyBegins) -> DutyBegun:
    """Set a duty; one that stands in is of the other's places. Said again as it stands it is the same one."""
    contacts = vault_of(runtime.settings)
    who = _who(contacts, duty.contact_sealed)
    said = duty.model_dump(exclude={"group", "townships"}) | {"duty_group": duty.group}
    said["number"] = number_of(contacts, who["phone"])
    async with runtime.turn() as turn:
        said |= {"townships": list(duty.townships), "village": duty.village}
        if duty.stands_in_for:
            other = await store.known(turn.tx, duty.stands_in_for)
            if other is None:
                return DutyBegun(refused="unknown_duty")
            said |= {"townships": list(other.townships), "village": other.village}
        for nth in range(SAID_AGAIN_MAX):
            said["id"] = _id_of(said, nth)
            row = await store.known(turn.tx, said["id"])
            if row is None:
                await store.insert(turn.tx, said | {"recorded": turn.clock()})
                return DutyBegun(duty=said["id"])
            if _is_same(row, said) and _who(contacts, row.contact_sealed) == who:
                return DutyBegun(duty=said["id"])
    return DutyBegun(refused="unknown_duty")


def _id_of(said: dict[str, Any], nth: int) -> str:
    places = sorted(said["townships"])
    parts = said["number"], *places, said["village"], said["post"], said["stands_in_for"]
    return event_id("duty", *parts, said["first"], nth)


def _is_same(row: Any, said: dict[str, Any]) -> bool:
    """Tell whether a duty stands as it is said: one that was ended, or has another end or group, does not."""
    return not row.ended_by and (row.last, row.duty_group) == (said["last"], said["duty_group"])


def _who(contacts: Vault, sealed: str) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(contacts.open(sealed, OFFICER_PLACE))
    return found


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
