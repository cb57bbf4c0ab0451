"""What could not be read or handled (滞留消息): found, looked at, sent back, closed, given an owner."""

from typing import Any

from fastapi import APIRouter, Response

from chassis.language import tr
from services.console.visitor import Who, part, to

router = APIRouter(prefix="/letters")
A_PAGE, MANY = 100, 1_000


@router.get("")
async def show(
    who: Who,
    service: str = "",
    reason: str = "",
    owner: str = "",
    state: str = "open",
    offset: int = 0,
    again: bool = False,
) -> Response:
    chosen = {"service": service, "reason": reason, "owner": owner}
    shown = "all" if state == "all" else "open"
    found = await who.door.get("/v1/letters", state=shown, limit=A_PAGE, offset=offset, **chosen)
    sending = await who.door.get("/v1/letters", state="sending", limit=MANY)
    more = offset + A_PAGE if len(found) == A_PAGE else None
    return who.page(
        "letters.html", letters=found, chosen=chosen, state=shown, next=more,
        sending=len(sending), again=again,
    )  # fmt: skip


@router.post("")
async def order(who: Who) -> Response:
    """Carry out what was asked for the letters that were ticked."""
    said = await who.form()
    ticked = [str(one) for one in (await who.files()).getlist("number")]
    numbers = [int(one) for one in ticked if one.isdecimal()]
    if not numbers:
        return to("/letters", "未勾选任何消息")
    body: dict[str, Any] = {"numbers": numbers}
    what = said.get("what", "")
    if what == "closing":
        body["why"] = said.get("why", "")
    elif what == "owner":
        body["owner"] = said.get("owner", "")
    elif what != "retry":
        return to("/letters", "请按要办理的按钮")
    found = await who.door.post(f"/v1/letters/{what}", json=body)
    return to("/letters", _told(what, found))


@router.get("/{number}")
async def look(number: str, who: Who) -> Response:
    """Show a letter with its input, for a purpose: it may name somebody."""
    found = await who.door.get(f"/v1/letters/{part(number)}", why=who.purpose)
    return who.page("letter.html", one=found)


def _told(what: str, found: dict[str, Any]) -> str:
    done = {
        "retry": tr("{count}条送回原处重新处理", count=len(found["numbers"])),
        "closing": tr("已关闭{count}条", count=len(found["numbers"])),
        "owner": tr("已登记{count}条的负责人", count=len(found["numbers"])),
    }[what]
    stay = tr("；{count}条由网关退回，须报送单位更正后重报", count=len(found["stay"]))
    return done + (stay if found["stay"] else "")
