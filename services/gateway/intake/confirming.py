"""A full list that shrank is confirmed: by one person, or where there are two, by one after the other."""

from contracts.envelope import event_id
from contracts.lists import (
    ENROLLMENT_CONFIRM_LIST,
    ENROLLMENT_LISTS,
    Confirmation,
    ListAnswer,
    ListPage,
)
from contracts.vocabulary import SOURCE_ZH
from services.gateway.approvals import Proposal
from services.gateway.asking import ask_for
from services.gateway.caller import Caller
from services.gateway.door import Door
from services.gateway.refusals import RefusedError

LISTS_MAX = 10_000


async def confirm(who: Caller, door: Door, batch: str) -> None:
    """Let a list count; whoever is not on it is removed. Raises RefusedError with 404."""
    answer = await ask_for(who, door.nc, ENROLLMENT_CONFIRM_LIST, Confirmation(batch=batch))
    if not answer.found:
        raise RefusedError("unknown_list", "batch", 404)


async def propose(who: Caller, door: Door, batch: str) -> None:
    """Have a confirmation wait for another person. Raises RefusedError for a list that is no question."""
    found = await _list_of(who, door, batch)
    if found is None or found.state != "question":
        raise RefusedError("unknown_list", "batch", 404)
    id_ = event_id("confirmation", batch, who.holder, door.clock().isoformat())
    if not await door.approvals.propose(
        Proposal(id_, "list", batch, in_words(found), b"", who.holder)
    ):
        raise RefusedError("awaits_approval", "batch", 409)


async def _list_of(who: Caller, door: Door, batch: str) -> ListAnswer | None:
    page = ListPage(most=1000)
    while page.offset < LISTS_MAX:
        lists = await ask_for(who, door.nc, ENROLLMENT_LISTS, page)
        if found := next((one for one in lists if one.batch == batch), None):
            return found
        if len(lists) < page.most:
            return None
        page = page.model_copy(update={"offset": page.offset + page.most})
    return None


def in_words(found: ListAnswer) -> str:
    """Say what the confirmation of a list does."""
    source = SOURCE_ZH.get(found.source, found.source)
    return (
        f"确认{source}{found.month:%Y年%-m月}全量名册：上期在册{found.standing}人，"
        f"未列入{found.absent}人将移出"
    )
