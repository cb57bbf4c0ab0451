"""What changes who stands on a roster: confirming a list that shrank, withdrawing one that counts.

By one person, or where there are two, by one after the other.
"""

from contracts.envelope import event_id
from contracts.lists import (
    ENROLLMENT_CONFIRM_LIST,
    ENROLLMENT_LISTS,
    ENROLLMENT_WITHDRAW_LIST,
    Confirmation,
    ListAnswer,
    ListPage,
    Withdrawal,
)
from contracts.vocabulary import SOURCE_ZH
from services.gateway.approvals import Kind, Proposal
from services.gateway.asking import ask_for
from services.gateway.caller import Caller
from services.gateway.door import Door
from services.gateway.refusals import RefusedError

LISTS_MAX = 10_000
QUESTION, COUNTS, WITHDRAWN = "question", frozenset({"closed", "waiting"}), "withdrawn"


async def confirm(who: Caller, door: Door, batch: str) -> None:
    """Let a list count; whoever is not on it is removed. Raises RefusedError with 404."""
    answer = await ask_for(who, door.nc, ENROLLMENT_CONFIRM_LIST, Confirmation(batch=batch))
    if not answer.found:
        raise RefusedError("unknown_list", "batch", 404)


async def withdraw(who: Caller, door: Door, batch: str, why: str) -> None:
    """Let a list count no longer; everybody returns with the original dates. Raises RefusedError with 404."""
    asked = Withdrawal(batch=batch, why=why, holder=who.holder)
    answer = await ask_for(who, door.nc, ENROLLMENT_WITHDRAW_LIST, asked)
    if not answer.found:
        raise RefusedError("unknown_list", "batch", 404)


async def waits_for_another(who: Caller, door: Door, kind: Kind, batch: str, why: str = "") -> bool:
    """Have it wait for another person, where there is one and it changes who stands on a roster.

    A list that is only a question changes nobody yet: it is withdrawn at once. Raises RefusedError.
    """
    if not door.approvals.needed():
        return False
    found = await _list_of(who, door, batch)
    if found is None or (kind == "list" and found.state != QUESTION):
        raise RefusedError("unknown_list", "batch", 404)
    if kind == "withdrawal" and found.state != "closed":
        return False
    id_ = event_id(kind, batch, who.holder, door.clock().isoformat())
    one = Proposal(id_, kind, batch, in_words(kind, found), why.encode(), who.holder)
    if not await door.approvals.propose(one):
        raise RefusedError("awaits_approval", "batch", 409)
    return True


async def carry_out(who: Caller, door: Door, proposed: Proposal) -> None:
    """Do what was proposed about a list; done before, by one who was interrupted, it stays so."""
    try:
        if proposed.kind == "list":
            await confirm(who, door, proposed.about)
        else:
            await withdraw(who, door, proposed.about, proposed.payload.decode())
    except RefusedError as error:
        found = await _list_of(who, door, proposed.about)
        done = COUNTS if proposed.kind == "list" else {WITHDRAWN}
        if error.status != 404 or found is None or found.state not in done:
            raise


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


def in_words(kind: Kind, found: ListAnswer) -> str:
    """Say what the confirmation or the withdrawal of a list does."""
    source = SOURCE_ZH.get(found.source, found.source)
    which = f"{source}{found.month:%Y年%-m月}全量名册"
    if kind == "list":
        return f"确认{which}：上期在册{found.standing}人，未列入{found.absent}人将移出"
    return f"撤回已生效的{which}（收{found.accepted}行）：人员按原日期恢复，按该名册新增的退出"
