"""Brings bus and database in step after one of them was restored: the database's own words decide.

What came in from outside (PARTNER, CLAIMS) is read again from where the database stands; what services
told each other since then is dropped and comes about anew, because every announcement that was not received
yet stands in an outbox of the same database. What families were told already is not told again.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from chassis.bus import Subscription, provision_streams
from chassis.connecting import BusAccess
from chassis.positions import is_ahead
from chassis.service import Service
from chassis.settings import Settings
from contracts.events.notify import SmsDelivered, SmsRequested, SmsSent
from contracts.subjects import ASSISTANCE, CLAIMS, ENROLLMENT, NOTIFY, PARTNER, SETTLEMENT, Stream
from yingbao.running.bus_keys import ALL_SERVICES

COME_IN = (PARTNER, CLAIMS)
COME_ABOUT = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)
AT_ONCE = 500
_POSITION = "SELECT seq, noted FROM {schema}.position WHERE durable = $1"
_ACCEPT = (
    "INSERT INTO gateway.intake (id, subject, said, payload, holder) VALUES ($1, $2, $3, $4, '')"
    " ON CONFLICT DO NOTHING"
)
_TOLD = (
    "INSERT INTO notify.sms (key, person, audience, template, township, words, state)"
    " VALUES ($1, $2, $3, $4, '', '{}', 'sent') ON CONFLICT DO NOTHING"
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


def recover(access: BusAccess, database_url: str, names: Collection[str]) -> Recovered:
    """Bring bus and database in step, if they are not; none of these services may be running."""
    services = [one for one in ALL_SERVICES if one.name in names]
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, _recover(access, database_url, services)).result()


async def _recover(access: BusAccess, database_url: str, services: Sequence[Service]) -> Recovered:
    bus, database = await access.connect(), await asyncpg.connect(database_url)
    try:
        js = bus.jetstream(timeout=10)
        behind = await _behind(js, database, services)
        if not behind:
            return Recovered()
        first = {stream.name: _oldest(behind, stream) for stream in COME_IN}
        accepted = sum([await _accept(bus, database, one, first[one.name]) for one in COME_IN])
        told = await _remember_told(bus, database)
        await _start_anew(js)
        for service in services:
            for one in service.subscriptions:
                if one.stream in first:
                    await _set_back(js, one, await _position(database, service.name, one.durable))
        return Recovered(tuple(behind), accepted, told)
    finally:
        await bus.close()
        await database.close()


async def _behind(
    js: JetStreamContext, database: asyncpg.Connection, services: Sequence[Service]
) -> list[Behind]:
    found = []
    for service in services:
        # Tables of a version before positions were kept say nothing, unless they are empty.
        silent = bool(await database.fetchval(f"SELECT EXISTS (SELECT FROM {service.name}.fact)"))
        for one in service.subscriptions:
            with suppress(NotFoundError):
                info = await js.consumer_info(one.stream, one.durable)
                sql = _POSITION.format(schema=service.name)
                row = await database.fetchrow(sql, one.durable)
                if row is None and silent:
                    continue
                seq, noted = (None, None) if row is None else (row["seq"], row["noted"])
                if is_ahead(info, seq, noted):
                    found.append(Behind(service.name, one, seq or 0))
    return found


def _oldest(behind: list[Behind], stream: Stream) -> int:
    return min([one.seq for one in behind if one.subscription.stream == stream.name], default=0)


async def _position(database: asyncpg.Connection, schema: str, durable: str) -> int:
    found = await database.fetchval(_POSITION.format(schema=schema), durable)
    return 0 if found is None else int(found)


async def _read(bus: Client, stream: Stream, after: int) -> AsyncIterator[Msg]:
    """Return the messages of a stream behind a place."""
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1, inactive_threshold=60,
    )  # fmt: skip
    reader = await bus.jetstream().pull_subscribe(
        stream.subjects[0], stream=stream.name, config=config
    )
    left = (await reader.consumer_info()).num_pending or 0
    while left > 0:
        for message in await reader.fetch(min(left, AT_ONCE), timeout=10):
            yield message
            left -= 1
    await reader.unsubscribe()


async def _accept(bus: Client, database: asyncpg.Connection, stream: Stream, after: int) -> int:
    """Write down again what the door had accepted since: the bus has it, the restored record has not."""
    count = 0
    async for message in _read(bus, stream, after):
        headers = message.headers or {}
        id_, said = headers.get("ce-id", ""), message.metadata.timestamp
        done = await database.execute(_ACCEPT, id_, message.subject, said, message.data)
        count += done.endswith(" 1")
    return count


async def _remember_told(bus: Client, database: asyncpg.Connection) -> int:
    """Write down again which messages had gone out, so that no family hears the same twice."""
    asked: dict[str, SmsRequested] = {}
    out: set[str] = set()
    async for message in _read(bus, NOTIFY, 0):
        name = message.subject.split(".")[1]
        if name == SmsRequested.NAME:
            requested = SmsRequested.model_validate_json(message.data)
            asked[requested.message] = requested
        elif name in {SmsSent.NAME, SmsDelivered.NAME}:
            out.add(orjson.loads(message.data)["message"])
    count = 0
    for key in sorted(out & asked.keys()):
        one = asked[key]
        done = await database.execute(_TOLD, key, one.person, one.audience, one.template)
        count += done.endswith(" 1")
    return count


async def _start_anew(js: JetStreamContext) -> None:
    for stream in COME_ABOUT:
        with suppress(NotFoundError):
            await js.delete_stream(stream.name)
    await provision_streams(js, Settings().nats_replicas, COME_ABOUT)


async def _set_back(js: JetStreamContext, one: Subscription, seq: int) -> None:
    """Have a consumer begin behind a place. Deleted and not made again, it would begin at the first."""
    with suppress(NotFoundError):
        await js.delete_consumer(one.stream, one.durable)
    config = ConsumerConfig(
        durable_name=one.durable, filter_subjects=list(one.subjects),
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=seq + 1,
        ack_policy=AckPolicy(one.ack_policy), max_deliver=-1, max_ack_pending=one.max_ack_pending,
    )  # fmt: skip
    await js.add_consumer(one.stream, config)
