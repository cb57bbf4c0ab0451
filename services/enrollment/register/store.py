"""Lists of the insurance system (系统内参保、免缴费、标识名单): taken page by page, counted once whole.

It is a reference that the equation compares with, a million people at a time, so its rows are kept as
a set and not folded one by one.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import AT_A_TIME, Subscription
from chassis.listening import Kept
from chassis.runtime import Turn
from contracts.events.lists import RegisterPage, RegisterReceived
from contracts.subjects import event_name

SUBJECTS = ("partner.*.RegisterPage.v1", "partner.*.RegisterReceived.v1")
_ROWS = text(
    "INSERT INTO register_row (year, batch, person, township, name_tag)"
    " SELECT :year, :batch, * FROM unnest(string_to_array(:persons, :end),"
    " string_to_array(:townships, :end), string_to_array(:tags, :end)) ON CONFLICT DO NOTHING"
)
END = "\x1f"
"""Between the values of a page's column: one text costs less to send than four thousand."""
_PAGE = text(
    "INSERT INTO register_page (year, batch, page) VALUES (:year, :batch, :page) ON CONFLICT DO NOTHING"
)
_WHOLE = text(
    # The same file sent again after another one counts again.
    "INSERT INTO register (year, kind, batch, received, pages, rows, accepted, rejected)"
    " VALUES (:year, :kind, :batch, :received, :pages, :rows, :accepted, :rejected)"
    " ON CONFLICT (year, batch) DO UPDATE SET received = greatest(register.received, excluded.received)"
)


async def keep_register(turn: Turn, subject: str, body: bytes) -> None:
    """Write a page, or that a register came; twice changes nothing."""
    if event_name(subject) == RegisterPage.NAME:
        await keep_page(turn.tx, RegisterPage.model_validate_json(body))
    else:
        await keep_notice(turn.tx, RegisterReceived.model_validate_json(body))


async def keep_page(tx: AsyncConnection, page: RegisterPage) -> None:
    """Write a page's rows."""
    of = {"year": page.coverage_year, "batch": page.batch}
    rows: dict[str, Sequence[str]] = {
        "persons": page.persons, "townships": page.townships, "tags": page.name_tags,
    }  # fmt: skip
    columns = {name: END.join(values) for name, values in rows.items()}
    await tx.execute(_ROWS, of | columns | {"end": END})
    await tx.execute(_PAGE, of | {"page": page.page})


async def keep_notice(tx: AsyncConnection, notice: RegisterReceived) -> None:
    """Write that a register came, and how many pages make it whole."""
    counts = notice.model_dump(
        include={"kind", "received", "batch", "pages", "rows", "accepted", "rejected"}
    )
    await tx.execute(_WHOLE, counts | {"year": notice.coverage_year})


KEEPS = (
    Kept(
        Subscription("PARTNER", "enrollment-register", SUBJECTS, "explicit", AT_A_TIME),
        keep_register,
    ),
)
