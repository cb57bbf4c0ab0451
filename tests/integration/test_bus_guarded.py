"""The bus believes nobody: a key proves who connects, and each may say and hear only what is its own."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoServersError

from chassis.connecting import BusAccess
from chassis.embedded.nats import NatsServer, reload_users
from chassis.permissions import allows, door_of, inbox_of
from contracts.envelope import enclose
from contracts.events.assistance import AssistanceAdjusted
from contracts.examples import EXAMPLES
from contracts.subjects import EVENTS, STREAMS
from tests.builders import MORNING
from tests.integration.platform import Platform
from yingbao.running.bus_keys import ALL_SERVICES, new_seed, own_permissions, public_of, users

PARTNERS = (
    "tax",
    "police",
    "bureau",
    "hospital/H34169901",
    "hospital/H34169902",
    "township_office/城关镇",
)
FORGED = 50


class Bus:
    """A guarded server of its own, and a key for everybody."""

    def __init__(self, directory: Path) -> None:
        self.own = {name: new_seed() for name in own_permissions()}
        self.partners = {name: new_seed() for name in PARTNERS}
        self.server = NatsServer(directory / "bus", users=users(self.own, self.outside()))

    def outside(self, without: str = "") -> dict[str, str]:
        """Return public key → holder of the partners."""
        return {public_of(seed): one for one, seed in self.partners.items() if one != without}

    def access(self, holder: str) -> BusAccess:
        """Return how a holder connects."""
        return BusAccess((self.server.url,), holder, (self.own | self.partners)[holder])


@pytest.fixture
async def guarded(room: Path) -> AsyncIterator[Bus]:
    """A bus without streams: what is refused is refused before anything could be stored."""
    found = Bus(room)
    await asyncio.to_thread(found.server.start)
    yield found
    found.server.stop()


def subjects() -> list[str]:
    """Return one subject of every kind: events, doors, questions, inboxes, the server's own interface."""
    found = [event.SUBJECT.replace("*", "tax") for event in EVENTS]
    found += [f"deadletter.{service.name}.v1" for service in ALL_SERVICES]
    found += [one.query.subject for service in ALL_SERVICES for one in service.answers]
    found += [f"{door_of(one)}.ClaimSubmitted.v1" for one in PARTNERS]
    found += [f"{inbox_of(one)}.x.y" for one in (*PARTNERS, *own_permissions())]
    for stream in STREAMS:
        whole = ("INFO", "CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT")
        found += [f"$JS.API.STREAM.{what}.{stream.name}" for what in whole]
        found += [f"$JS.API.CONSUMER.{what}.{stream.name}" for what in ("LIST", "NAMES", "CREATE")]
        found += [f"$JS.API.DIRECT.GET.{stream.name}"]
    for one in (one for service in ALL_SERVICES for one in service.subscriptions):
        where = f"{one.stream}.{one.durable}"
        what = ("INFO", "DURABLE.CREATE", "MSG.NEXT", "DELETE")
        found += [f"$JS.API.CONSUMER.{verb}.{where}" for verb in what]
        found += [f"$JS.ACK.{where}.1.1.1.1.1"]
    return [*found, "$JS.API.INFO", "$JS.API.STREAM.LIST", "$SYS.REQ.SERVER.PING", "anything.else"]


WILD = (">", "partner.>", "door.>", "query.>", "_INBOX.>", "$JS.>", "assistance.*.v1")


async def refused(bus: Bus, holder: str, tried: list[str], *, publish: bool) -> set[str]:
    """Try each subject as its holder and return those that the server refused."""
    told: list[str] = []

    async def note(error: Exception) -> None:
        told.append(str(error).lower())

    client = await bus.access(holder).connect(error_cb=note)
    for subject in tried:
        if publish:
            await client.publish(subject, b"{}")
        else:
            await client.subscribe(subject)
    await client.flush()
    await asyncio.sleep(0.1)
    await client.close()
    word = "publish" if publish else "subscription"
    return {one for one in tried if any(f'{word} to "{one.lower()}"' in said for said in told)}


async def test_what_the_bus_lets_everybody_do_is_what_is_declared_to_the_last_subject(
    guarded: Bus,
) -> None:
    """Every service and partner tries every subject, live: no difference to the declaration."""
    declared, differences, tried = own_permissions(), [], subjects()
    for public, may in guarded.server.users.items():
        holder = next(
            name
            for name, seed in (guarded.own | guarded.partners).items()
            if public_of(seed) == public
        )
        assert holder in declared or holder in PARTNERS
        said = await refused(guarded, holder, tried, publish=True)
        heard = await refused(guarded, holder, [*tried, *WILD], publish=False)
        differences += [
            (holder, "says", one) for one in tried if allows(may.publish, one) == (one in said)
        ]
        differences += [
            (holder, "hears", one)
            for one in (*tried, *WILD)
            if allows(may.subscribe, one) == (one in heard)
        ]

    assert differences == []


async def test_nobody_without_a_key_and_nobody_with_a_foreign_one_connects(guarded: Bus) -> None:
    """Not reading, not writing: the connection itself is refused."""
    for seed in ("", new_seed()):
        with pytest.raises((NatsError, NoServersError)):
            await BusAccess((guarded.server.url,), "tax", seed).connect(
                allow_reconnect=False, max_reconnect_attempts=0, error_cb=_silent
            )


async def _silent(_: Exception) -> None:
    """The refusal is raised as well."""


async def test_a_key_that_is_taken_away_ends_the_session_that_runs_on_it(guarded: Bus) -> None:
    """Its holder is cut off at once, the others go on."""
    gone = asyncio.Event()

    async def note() -> None:
        gone.set()

    police = await guarded.access("police").connect(
        disconnected_cb=note, error_cb=_silent, max_reconnect_attempts=1
    )
    tax = await guarded.access("tax").connect()

    reloaded = reload_users(
        guarded.server.directory, users(guarded.own, guarded.outside(without="police"))
    )

    assert reloaded
    await asyncio.wait_for(gone.wait(), 5)
    await tax.flush()
    assert tax.is_connected
    with pytest.raises((NatsError, NoServersError)):
        await guarded.access("police").connect(allow_reconnect=False, error_cb=_silent)
    for client in (police, tax):
        await client.close()


async def test_fifty_forged_decisions_move_no_money_and_each_is_in_the_log(
    platform: Platform,
) -> None:
    """A hospital's own key, and even notify's, cannot speak as assistance."""
    event = EXAMPLES[AssistanceAdjusted.NAME]
    message = enclose(event, source="assistance", id_="forged", at=MORNING)
    before = (await platform.bus.jetstream().stream_info("ASSISTANCE")).state.last_seq
    assert platform.stack.nats is not None
    log = platform.stack.nats.directory / "nats.log"
    known = log.read_text().count("Publish Violation")

    for holder in ("hospital/H34169903", "notify"):
        client: Client = await platform.stack.bus(holder).connect(error_cb=_silent)
        for number in range(FORGED // 2):
            headers = message.headers | {"Nats-Msg-Id": f"forged-{number}"}
            await client.publish(message.subject, message.payload, headers=headers)
        await client.flush()
        await client.close()

    after = (await platform.bus.jetstream().stream_info("ASSISTANCE")).state.last_seq
    assert after == before
    for _ in range(300):  # a busy server writes its log a moment later
        found = log.read_text().count("Publish Violation") - known
        if found >= FORGED:
            break
        await asyncio.sleep(0.2)
    assert found == FORGED, log.read_text()[-4_000:]
    assert json.loads(message.payload)["claim"]


async def test_a_receipt_goes_to_the_caller_s_own_inbox_and_nowhere_else(
    platform: Platform,
) -> None:
    """With another's door as the reply, the door would have called there in that one's name."""
    told: list[bytes] = []

    async def hear(message: Msg) -> None:
        told.append(message.data)

    operator = await platform.stack.bus().connect()
    foreign = "door.hospital.H34169904.ClaimSubmitted.v1"
    await operator.subscribe(foreign, cb=hear)
    await operator.flush()
    hospital = await platform.stack.bus("hospital/H34169903").connect()
    door = "door.hospital.H34169903.Nothing.v1"

    for reply in (foreign, "claims.ClaimSubmitted.v1", "_INBOX.hospital.H341699039.x"):
        await hospital.publish(door, b"{}", reply=reply)
    right = await hospital.request(door, b"{}", timeout=5)
    await asyncio.sleep(0.3)

    assert told == []
    assert json.loads(right.data)["reason"] == "unknown_event"
    log = (platform.stack.directory / "logs" / "gateway.log").read_text()
    assert log.count("security.foreign_inbox") == 3
    for client in (operator, hospital):
        await client.close()
