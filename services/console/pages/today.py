"""The county, or the township, today: what has to be done, and whether everybody is covered."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response

from services.console.visitor import Who

router = APIRouter()
SHOWN = 200
OPEN_LISTS = frozenset({"waiting", "question"})


@router.get("/")
async def today(who: Who, again: bool = False) -> Response:
    mine = {"township": who.session.area} if who.session.area else {}
    equation, issues, calls, found = await asyncio.gather(
        who.door.get(f"/v1/enrollment/{who.year}/equation", kept="true", **mine),
        who.door.get(f"/v1/enrollment/{who.year}/issues", limit=SHOWN, state="open"),
        who.door.get("/v1/messages/calls", limit=SHOWN),
        _of_the_bureau(who),
    )
    lines = [one for one in equation if one["township"]]
    return who.page(
        "today.html", again=again, equation=lines, as_of=worked_out_at(lines), total=_total(lines),
        issues=issues["issues"],
        more=issues["next_offset"], calls=calls["lines"], most=SHOWN, **found,
    )  # fmt: skip


async def _of_the_bureau(who: Who) -> dict[str, Any]:
    """Return what only the bureau has to do with: lists, held bills, unknown words."""
    if who.session.area:
        return {"lists": [], "bills": [], "words": [], "approvals": []}
    lists, bills, words, approvals = await asyncio.gather(
        who.door.get("/v1/lists", limit=SHOWN),
        who.door.get("/v1/claims", limit=SHOWN),
        who.door.get("/v1/words"),
        who.door.get("/v1/approvals", limit=SHOWN),
    )
    waiting = [one for one in lists if one["state"] in OPEN_LISTS]
    return {
        "lists": waiting, "bills": bills["claims"], "words": words["open"], "approvals": approvals,
    }  # fmt: skip


def worked_out_at(lines: list[dict[str, Any]]) -> str:
    """Return when figures were worked out; empty: just now."""
    return str((lines[0]["as_of"] if lines else None) or "")


def _total(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Add the townships up."""
    names = ("roster", "enrolled", "justified", "missing", "overlap", "subsidised", "fulfilled")
    return {name: sum(one[name] for one in lines) for name in names}
