"""The register of enrolled residents (系统内参保名单): taken page by page, counts once it is whole.

It is a reference that the equation compares with, a million people at a time, so its rows are kept as
a set and not folded one by one.
"""

import asyncio
from collections.abc import Sequence

from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.deadletters import dead_letter
from chassis.privacy import vault
from chassis.service import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger
from contracts.events.partner import RegisterPage, RegisterReceived
from contracts.subjects import event_name

DURABLE = "enrollment-register"
SUBJECTS = ["partner.*.RegisterPage.v1", "partner.*.RegisterReceived.v1"]
PAGES_AT_ONCE = 8
RETRY_SECONDS = 2.0
_ROWS = text(
    "INSERT INTO register_row (year, batch, person, township, name_tag)"
    " SELECT :year, :batch, * FROM unnest(CAST(:persons AS text[]), CAST(:townships AS text[]),"
    " CAST(:tags AS text[])) ON CONFLICT DO NOTHING"
)
_PAGE = text(
    "INSERT INTO register_page (year, batch, page) VALUES (:year, :batch, :page) ON CONFLICT DO NOTHING"
)
_WHOLE = text(
    "INSERT INTO register (year, batch, received, pages, rows, accepted, rejected)"
    " VALUES (:year, :batch, :received, :pages, :rows, :accepted, :rejected) ON CONFLICT DO NOTHING"
)


async def keep_register(runtime: Runtime) -> None:
    """Take pages for as long as the service runs; a page twice changes nothing."""
    js = runtime.nc.jetstream(timeout=10)
    config = ConsumerConfig(
        durable_name=DURABLE, filter_subjects=SUBJECTS, ack_policy=AckPolicy.EXPLICIT,
        ack_wait=runtime.settings.ack_wait_seconds, max_ack_pending=100,
    )  # fmt: skip
    await js.add_consumer("PARTNER", config)
    pages = await js.pull_subscribe_bind(DURABLE, "PARTNER")
    while True:
        try:
            for message in await pages.fetch(PAGES_AT_ONCE, timeout=5):
                await _take(runtime, message.subject, message.data)
                await message.ack()
        except TimeoutError:
            continue
        except (NatsError, OSError) as error:
            logger().warning("register.retry", reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _take(runtime: Runtime, subject: str, body: bytes) -> None:
    """Keep one message, waiting out an outage; what cannot be read is set aside."""
    while True:
        try:
            async with runtime.engine.begin() as tx:
                if event_name(subject) == RegisterPage.NAME:
                    await keep_page(tx, RegisterPage.model_validate_json(body))
                else:
                    await keep_notice(tx, RegisterReceived.model_validate_json(body))
        except ValidationError:
            await _set_aside(runtime, subject, body)
        except Exception as error:
            if not is_world_broken(error):
                raise
            logger().warning("register.retry", reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        return


async def _set_aside(runtime: Runtime, subject: str, body: bytes) -> None:
    operators = vault(
        runtime.settings.operator_key.get_secret_value(), runtime.settings.cipher_suite
    )
    letter = dead_letter(
        operators, runtime.clock, service=runtime.name, handler=DURABLE, subject=subject,
        payload=body, reason="unreadable", detail="",
    )  # fmt: skip
    if runtime.outbox is not None:
        async with runtime.engine.begin() as tx:
            await runtime.outbox.write(tx, [letter])
        await runtime.outbox.relay([letter])


async def keep_page(tx: AsyncConnection, page: RegisterPage) -> None:
    """Write a page's rows."""
    of = {"year": page.coverage_year, "batch": page.batch}
    rows: dict[str, Sequence[str]] = {
        "persons": page.persons, "townships": page.townships, "tags": page.name_tags,
    }  # fmt: skip
    await tx.execute(_ROWS, of | {name: list(values) for name, values in rows.items()})
    await tx.execute(_PAGE, of | {"page": page.page})


async def keep_notice(tx: AsyncConnection, notice: RegisterReceived) -> None:
    """Write that a register came, and how many pages make it whole."""
    counts = notice.model_dump(
        include={"received", "batch", "pages", "rows", "accepted", "rejected"}
    )
    await tx.execute(_WHOLE, counts | {"year": notice.coverage_year})
