"""Folds people again whom an earlier version kept: what is decided since holds for them too."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis.service import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger
from services.enrollment.person.rules import FILE_VERSION

PAGE = 500
LOOK_SECONDS = 30.0
_OLD = text(
    "SELECT person FROM resident WHERE coalesce(CAST(file->>'version' AS int), 0) < :version"
    " AND person > :after ORDER BY person LIMIT :most"
)


async def keep_refolding(runtime: Runtime) -> None:
    """Fold whoever was kept by an earlier version, page by page; then there is nobody left to do."""
    after = ""
    while True:
        try:
            page = await fold_page(runtime, after)
        except (DBAPIError, OSError) as error:
            if not is_world_broken(error):
                raise
            logger().warning("refolding.retry", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)
            continue
        if not page:
            return
        after = page[-1]
        logger().info("refolding.page", people=len(page))


async def under_way(runtime: Runtime) -> bool:
    """Tell whether somebody is still kept as an earlier version did: then a check would find nonsense."""
    asked = {"version": FILE_VERSION, "after": "", "most": 1}
    async with runtime.engine.connect() as connection:
        return (await connection.execute(_OLD, asked)).first() is not None


async def fold_page(runtime: Runtime, after: str) -> list[str]:
    """Fold a page of people again; returns them, an empty page after the last."""
    if runtime.worker is None:
        raise RuntimeError("the service has not started")
    asked = {"version": FILE_VERSION, "after": after, "most": PAGE}
    async with runtime.engine.connect() as connection:
        page = [row[0] for row in await connection.execute(_OLD, asked)]
    if page:
        await runtime.worker.fold_again(page)
    return page
