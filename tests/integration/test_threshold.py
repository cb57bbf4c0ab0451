"""The threshold of the door: key, quota and size come before the first byte of a body is read."""

import asyncio
import json
import time
from statistics import quantiles

import httpx2
import pytest
from starlette.formparsers import MultiPartParser

from chassis.settings import Settings
from services.gateway.app import keep_uploads_in_memory
from services.gateway.settings import REGISTER_BYTES_MAX
from services.gateway.threshold import Quotas
from tests.builders import an_id_number
from tests.integration.platform import Platform
from tests.integration.test_doors import HOSPITAL, a_bill_to_send
from yingbao.running.keys import add_key

BIG = 200 << 20


async def test_who_has_no_key_is_refused_before_the_body_is_read(platform: Platform) -> None:
    """Two hundred megabytes from nobody cost nothing: the answer comes after the head of the request."""
    port = platform.stack.ports["gateway"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /v1/rosters/tax HTTP/1.1\r\nHost: x\r\nContent-Length: {BIG}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    begun = time.monotonic()
    writer.write(head.encode())
    await writer.drain()

    answer = await asyncio.wait_for(reader.readuntil(b"\r\n"), 5)

    assert b" 401 " in answer
    assert time.monotonic() - begun < 2
    writer.close()


@pytest.mark.parametrize(
    ("path", "size"),
    [("/v1/claims", 2 << 20), ("/v1/claims/batch", 31 << 20), ("/v1/rosters/tax", 40 << 20)],
)
async def test_a_body_above_the_limit_is_refused_by_its_head(
    platform: Platform, path: str, size: int
) -> None:
    """Nothing of it is read."""
    holder = "tax" if "rosters" in path else HOSPITAL
    async with platform.http() as http:
        answer = await http.post(path, content=b"x" * size, headers=platform.key(holder))

    assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")


async def test_a_body_that_does_not_say_its_size_is_read_to_the_limit_only(
    platform: Platform,
) -> None:
    """In pieces, without a length: as JSON and as a form."""

    async def pieces(size: int) -> object:
        for _ in range(size >> 20):
            yield b"x" * (1 << 20)

    async def form(size: int) -> object:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\n'
        for _ in range(size >> 20):
            yield b"x" * (1 << 20)
        yield b"\r\n--b--\r\n"

    async with platform.http() as http:
        plain = await http.post(
            "/v1/claims", content=pieces(3 << 20), headers=platform.key(HOSPITAL)
        )
        upload = await http.post(
            "/v1/rosters/tax", content=form(40 << 20),
            headers=platform.key("tax") | {"Content-Type": "multipart/form-data; boundary=b"},
        )  # fmt: skip

    assert (plain.status_code, plain.json()["reason"]) == (413, "body_too_large")
    assert (upload.status_code, upload.json()["reason"]) == (413, "body_too_large")


async def test_two_keys_in_one_call_are_none(platform: Platform) -> None:
    """Which of them would count was a matter of their order."""
    headers = [("X-Yingbao-Key", key) for key in (platform.stack.keys()["tax"], "x")]
    async with platform.http() as http:
        answer = await http.get("/v1/lists", headers=headers)

    assert answer.status_code == 401


async def test_refused_keys_are_counted_logged_once_a_minute_and_slowed_down(
    platform: Platform,
) -> None:
    """Fifteen hundred guesses were neither: now the operator sees them, and the address waits."""
    log = platform.stack.directory / "logs" / "gateway.log"

    # From an address of its own, so that no other test has to wait.
    transport = httpx2.AsyncHTTPTransport(local_address="127.0.0.77")
    async with httpx2.AsyncClient(base_url=platform.stack.gateway_url, transport=transport) as http:
        answers = [
            await http.get("/v1/lists", headers={"X-Yingbao-Key": str(n)}) for n in range(60)
        ]
        good = await http.get("/v1/lists", headers=platform.key("bureau"))
        page = (await http.get("/metrics/")).text

    assert {answer.status_code for answer in answers} == {401, 429}
    assert answers[-1].headers["retry-after"] == "60"
    assert good.status_code == 200, "whoever has a key is not kept waiting by who has none"
    counted = next(
        line for line in page.splitlines() if 'security_events_total{kind="refused_key"' in line
    )
    assert float(counted.split()[-1]) >= 60
    said = [line for line in log.read_text().splitlines() if "127.0.0.77" in line]
    assert len(said) == 1
    assert json.loads(said[0])["event"] == "security.key_refused"


def test_of_a_key_that_fills_the_hour_with_refusals_no_more_are_kept() -> None:
    """28 requests of one hospital filled the room of everybody's dead letters once."""
    quotas = Quotas.of(Settings(refusals_an_hour=10, calls_a_minute=100))

    kept = [quotas.refusal("hospital/A") for _ in range(15)]

    assert kept == [True] * 10 + [False] * 5
    assert quotas.call("hospital/A"), "its good bills are taken all the same"
    assert quotas.refusal("hospital/B")


def test_a_key_has_so_many_calls_a_minute() -> None:
    """A loop without a pause is told to wait; the next key is not."""
    quotas = Quotas.of(Settings(calls_a_minute=50))

    let_in = [quotas.call("tax") for _ in range(80)]

    assert let_in.count(True) == 50
    assert quotas.call("health")


async def test_one_partner_s_flood_of_bad_calls_keeps_nobody_out(platform: Platform) -> None:
    """The others' slowest calls stay within three times what they take alone: one machine makes both.

    Nobody else is answered 429, whatever the flood is answered.
    """
    number = an_id_number(640)
    flooder = add_key(platform.stack.directory, "341623", "hospital/FLOOD").key
    bill = a_bill_to_send(platform, number)

    async def calls(count: int, name: str) -> list[float]:
        found = []
        async with platform.http() as http:
            for n in range(count):
                begun = time.monotonic()
                body = bill | {"claim": f"{platform.number}-{name}{n}"}
                answer = await http.post(
                    "/v1/claims", json=body, headers=platform.key("hospital/H34169904")
                )
                assert answer.status_code != 429
                found.append(time.monotonic() - begun)
                await asyncio.sleep(0.02)
        return found

    async def flood(until: asyncio.Event) -> int:
        count = 0
        async with platform.http() as http:
            while not until.is_set():
                answer = await http.post(
                    "/v1/claims", content=b"{", headers={"X-Yingbao-Key": flooder}
                )
                count += 1
                assert answer.status_code in {400, 429}
        return count

    await calls(10, "warm")
    alone = await calls(30, "alone")
    until = asyncio.Event()
    flooding = [asyncio.create_task(flood(until)) for _ in range(2)]
    beside = await calls(30, "beside")
    until.set()
    await asyncio.gather(*flooding)

    assert quantiles(beside, n=10)[-1] < 3 * quantiles(alone, n=10)[-1] + 0.1


def test_an_upload_is_kept_in_memory_to_the_largest_list() -> None:
    """A form above a megabyte lay in a temporary file in clear, with every name in it."""
    keep_uploads_in_memory()

    assert MultiPartParser.spool_max_size > REGISTER_BYTES_MAX
