"""``make bench-sms``: how soon a change of status is a message, and how many messages a second leave.

Notify alone on its real bus and database. First status changes at a steady rate, from enrollment's
word to notify's; then families' messages laid ready, from the first phone to the last, at the phone
log's own pace and as fast as it goes.
"""

import asyncio
import json
import shutil
import sys
import time
from datetime import date
from typing import Any

import asyncpg
import uvloop
from nats.aio.msg import Msg

from chassis.clock import system_clock
from chassis.privacy import vault
from contracts.envelope import enclose, event_id
from contracts.events.enrollment import Identity, StatusChanged
from contracts.vocabulary import Category
from yingbao.running.stack import Stack, temporary_directory

CHANGES, PER_SECOND = 1_000, 50.0
MESSAGES = 10_000
WARM = 100


def a_change(n: int) -> StatusChanged:
    """Return a flag that rose for the n-th person."""
    held = Identity(category=Category("SUBSISTENCE"), valid_from=date(2023, 1, 1))
    person = f"p{n:026d}".translate(str.maketrans("0189", "abcd"))
    return StatusChanged(
        person=person, revision=1, township="城关镇", village="东村", identities=(held,),
        raised=(held.category,),
    )  # fmt: skip


async def latencies(stack: Stack) -> dict[str, float]:
    """Return milliseconds from StatusChanged to SmsRequested, at a steady rate."""
    told: dict[str, float] = {}
    heard: dict[str, float] = {}
    operator = await stack.bus().connect()

    async def hear(message: Msg) -> None:
        heard.setdefault(json.loads(message.data)["person"], time.monotonic())

    await operator.subscribe("notify.SmsRequested.v1", cb=hear)
    await operator.flush()
    enrollment = await stack.bus("enrollment").connect()
    js, begun = enrollment.jetstream(), time.monotonic()
    for n in range(CHANGES):
        await asyncio.sleep(max(0.0, begun + n / PER_SECOND - time.monotonic()))
        event = a_change(n)
        key = event_id("bench", event.person)
        message = enclose(event, source="enrollment", id_=key, at=system_clock())
        told[event.person] = time.monotonic()
        await js.publish(message.subject, message.payload, headers=message.headers)
    async with asyncio.timeout(30):
        while len(heard) < CHANGES:  # noqa: ASYNC110  what is measured ended before
            await asyncio.sleep(0.05)
    for one in (operator, enrollment):
        await one.close()
    took = sorted([1_000 * (heard[who] - at) for who, at in told.items()][WARM:])
    return {
        "p50_ms": round(took[len(took) // 2], 1), "p99_ms": round(took[int(len(took) * 0.99)], 1)
    }  # fmt: skip


async def lay_ready(stack: Stack, first: int) -> None:
    """Write families' messages as the fold would have."""
    contacts = vault(stack.keys()["contact_key"], "AES-256-GCM")
    words = json.dumps({"discharge": "5月18日", "kind": "住院"})
    owner = await asyncpg.connect(stack.database_url)
    rows = []
    for n in range(first, first + MESSAGES):
        person = f"f{n}"
        sealed = contacts.seal(json.dumps({"phone": f"199{n:08d}", "surname": "张"}), person)
        rows.append((person, sealed))
    await owner.executemany(
        "INSERT INTO notify.contact (person, revision, township, contact_sealed, sealed_for)"
        " VALUES ($1, 1, '城关镇', $2, $1) ON CONFLICT DO NOTHING", rows,
    )  # fmt: skip
    await owner.execute(
        "INSERT INTO notify.sms (key, person, audience, template, township, words)"
        " SELECT lpad(to_hex(n), 32, '0'), 'f' || n, 'family', 'bill_withdrawn', '', $1"
        " FROM generate_series($2::int, $3::int) AS n", words, first, first + MESSAGES - 1,
    )  # fmt: skip
    await owner.close()


async def rate(stack: Stack, first: int) -> float:
    """Return messages a second, from the first to the last on phones."""
    before = _lines(stack)
    await lay_ready(stack, first)
    begun = time.monotonic()
    async with asyncio.timeout(300):
        while (now := _lines(stack) - before) < MESSAGES:
            if not now:
                begun = time.monotonic()
            await asyncio.sleep(0.05)
    return round(MESSAGES / (time.monotonic() - begun), 0)


def _lines(stack: Stack) -> int:
    return stack.phone_log.read_bytes().count(b"\n") if stack.phone_log.exists() else 0


async def measure() -> dict[str, Any]:
    """Measure both."""
    found: dict[str, Any] = {}
    for name, rates in (("usual", ""), ("fast", "phone_log=9999")):
        directory = temporary_directory("sms")
        stack = Stack(directory, synthetic=True, services=("notify",))
        stack.extra_environment["YINGBAO_SMS_RATES"] = rates
        try:
            with stack:
                if name == "usual":
                    found["status_changed_to_sms_requested"] = await latencies(stack)
                found[f"messages_a_second_{name}"] = await rate(stack, 1)
        finally:
            shutil.rmtree(directory, ignore_errors=True)
    return found


def main() -> int:
    """Measure and print."""
    print(json.dumps(uvloop.run(measure())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
