"""Brings bus and database in step after one of them was restored: the database's own words decide.

What came in from outside (PARTNER, CLAIMS) is read again from where the database stands; what services
told each other since then is dropped and comes about anew, because every announcement that was not received
yet stands in an outbox of the same database. What families were told already is not told again.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import orjson
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.bus import (
    AT_ONCE_READ,
    Subscription,
    provision_consumer,
    provision_streams,
    read_stream,
)
from chassis.connecting import BusAccess
from chassis.positions import Position, is_ahead, place_in
from chassis.service import Service
from chassis.settings import Settings
from contracts.events.notify import SmsDelivered, SmsRequested, SmsSent
from contracts.subjects import ASSISTANCE, CLAIMS, ENROLLMENT, NOTIFY, PARTNER, SETTLEMENT, Stream
from yingbao.running.aside import aside
from yingbao.running.bus_keys import ALL_SERVICES

COME_IN = (PARTNER, CLAIMS)
COME_ABOUT = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)
_POSITION = "SELECT seq, made, noted FROM {schema}.position WHERE durable = $1"
_ACCEPT = (
    "INSERT INTO gateway.intake (id, subject, said, payload, holder) VALUES ($1, $2, $3, $4, '')"
    " ON CONFLICT DO NOTHING"
)
_COUNT = "SELECT count(*) FROM gateway.intake"
_TOLD = (
    "INSERT INTO notify.sms (key, person, audience, template, township, words, state)"
    " VALUES ($1, $2, $3, $4, '', '{}', 'sent') ON CONFLICT DO NOTHING"
)


_TOLD_BEFORE = (
    # What waited for a decent hour when the backup was made was told since then.
    "UPDATE notify.sms SET state = 'sent' WHERE key = ANY($1::text[]) AND state IN ('held', 'created')",
    "UPDATE notify.delivery SET state = 'sent', changed = now() WHERE message = ANY($1::text[])"
    " AND state IN ('created', 'sending', 'unknown')",
)


@dataclass(frozen=True, slots=True)
class Behind:
    """A consumer that was acknowledged further than the database goes; ``seq``: the database's place."""

    service: str
    subscription: Subscription
    seq: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done: consumers set back, accepted facts and told messages written down again."""

    behind: tuple[Behind, ...] = ()
    accepted: int = 0
    told: int = 0

    def in_words(self) -> str:
        """Say it in a line."""
        back = ", ".join(f"{one.subscription.durable} from {one.seq + 1}" for one in self.behind)
        return (
            f"read again: {back}; {self.accepted} accepted facts and {self.told} messages that had gone"
            " out were written down again"
        )


def recover(
    access: BusAccess, database_url: str, names: Collection[str], *, restored: bool
) -> Recovered:
    """Bring bus and database in step, if they are not; none of these services may be running.

    ``restored``: a database was brought back, whatever the positions look like.
    """
    services = [one for one in ALL_SERVICES if one.name in names]
    return aside(_recover(access, database_url, services, restored=restored))


async def _recover(
    access: BusAccess, database_url: str, services: Sequence[Service], *, restored: bool
) -> Recovered:
    bus, database = await access.connect(), await asyncpg.connect(database_url)
    try:
        js = bus.jetstream(timeout=10)
        behind = await _behind(js, database, services, restored=restored)
        if not behind:
            return Recovered()
        accepted = 0
        for stream in COME_IN:
            places = [one.seq for one in behind if one.subscription.stream == stream.name]
            accepted += await _accept(bus, database, stream, min(places)) if places else 0
        told = await _remember_told(bus, database)
        await _start_anew(js)
        for one in behind:
            if one.subscription.stream in {stream.name for stream in COME_IN}:
                await _set_back(js, one.subscription, one.seq)
        return Recovered(tuple(behind), accepted, told)
    finally:
        await bus.close()
        await database.close()


async def _behind(
    js: JetStreamContext,
    database: asyncpg.Connection,
    services: Sequence[Service],
    *,
    restored: bool,
) -> list[Behind]:
    found = []
    for service in services:
        # Tables of a version before positions were kept say nothing, unless they are empty.
        silent = bool(await database.fetchval(f"SELECT EXISTS (SELECT FROM {service.name}.fact)"))
        for subscription in service.subscriptions:
            row = await database.fetchrow(
                _POSITION.format(schema=service.name), subscription.durable
            )
            known = None if row is None else Position(row["seq"], row["made"], row["noted"])
            with suppress(NotFoundError):
                made = (await js.stream_info(subscription.stream)).created
                floor = (
                    await js.consumer_info(subscription.stream, subscription.durable)
                ).ack_floor
                if made is None or floor is None or (known is None and silent and not restored):
                    continue
                place, published = (
                    place_in(known, made),
                    await _published(js, subscription, floor.stream_seq),
                )
                if (restored and floor.stream_seq > place) or is_ahead(
                    floor.stream_seq, published, known, made
                ):
                    found.append(Behind(service.name, subscription, place))
    return found


async def _published(js: JetStreamContext, one: Subscription, seq: int) -> datetime | None:
    """Return when the message at a place was published; None if there is none."""
    try:
        return (await js.get_msg(one.stream, seq)).time if seq else None
    except NotFoundError:
        return None


async def _accept(bus: Client, database: asyncpg.Connection, stream: Stream, after: int) -> int:
    """Write down again what the door had accepted since: the bus has it, the restored record has not."""
    before, rows = int(await database.fetchval(_COUNT)), []
    async for message in read_stream(bus.jetstream(), stream, after):
        headers = message.headers or {}
        id_, said = headers.get("ce-id", ""), message.metadata.timestamp
        rows.append((id_, message.subject, said, message.data))
        if len(rows) >= AT_ONCE_READ:
            await database.executemany(_ACCEPT, rows)
            rows.clear()
    await database.executemany(_ACCEPT, rows)
    return int(await database.fetchval(_COUNT)) - before


async def _remember_told(bus: Client, database: asyncpg.Connection) -> int:
    """Write down again which messages had gone out, so that no family hears the same twice."""
    asked: dict[str, SmsRequested] = {}
    out: set[str] = set()
    async for message in read_stream(bus.jetstream(), NOTIFY):
        name = message.subject.split(".")[1]
        if name == SmsRequested.NAME:
            requested = SmsRequested.model_validate_json(message.data)
            asked[requested.message] = requested
        elif name in {SmsSent.NAME, SmsDelivered.NAME}:
            out.add(orjson.loads(message.data)["message"])
    count = 0
    for statement in _TOLD_BEFORE:
        await database.execute(statement, sorted(out))
    for key in sorted(out & asked.keys()):
        one = asked[key]
        done = await database.execute(_TOLD, key, one.person, one.audience, one.template)
        count += done.endswith(" 1")
    return count


async def _start_anew(js: JetStreamContext) -> None:
    """Empty the streams; each keeps its copies, age and room, whatever this process was told of them."""
    for stream in COME_ABOUT:
        with suppress(NotFoundError):
            standing = (await js.stream_info(stream.name)).config
            await js.delete_stream(stream.name)
            await js.add_stream(standing)
    await provision_streams(js, Settings().keeping, COME_ABOUT)


async def _set_back(js: JetStreamContext, one: Subscription, seq: int) -> None:
    """Have a consumer begin behind a place. Deleted and not made again, it would begin at the first."""
    with suppress(NotFoundError):
        await js.delete_consumer(one.stream, one.durable)
    await provision_consumer(js, one, Settings().ack_wait_seconds, after=seq)
