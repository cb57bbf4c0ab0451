"""Folds people again whom an earlier version kept: what is decided since holds for them too."""

from sqlalchemy import text

from chassis.jobs import Job
from chassis.runtime import Runtime
from chassis.telemetry import logger
from services.enrollment.person.file import FILE_VERSION

PAGE = 500
_OLD = text(
    "SELECT person FROM resident WHERE coalesce(CAST(file->>'version' AS int), 0) < :version"
    " AND person > :after ORDER BY person LIMIT :most"
)


async def refold(runtime: Runtime) -> bool:
    """Fold whoever was kept by an earlier version, page by page; then there is nobody left to do."""
    after = ""
    while page := await fold_page(runtime, after):
        after = page[-1]
        logger().info("refolding.page", people=len(page))
    return False


async def under_way(runtime: Runtime) -> bool:
    """Tell whether somebody is still kept as an earlier version did: then a check would find nonsense."""
    asked = {"version": FILE_VERSION, "after": "", "most": 1}
    async with runtime.look() as connection:
        return (await connection.execute(_OLD, asked)).first() is not None


async def fold_page(runtime: Runtime, after: str) -> list[str]:
    """Fold a page of people again; returns them, an empty page after the last."""
    asked = {"version": FILE_VERSION, "after": after, "most": PAGE}
    async with runtime.look() as connection:
        page = [row[0] for row in await connection.execute(_OLD, asked)]
    if page:
        await runtime.worker.fold_again(page)
    return page


JOBS = (Job("refolding", refold, seconds=None),)
