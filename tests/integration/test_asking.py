"""A question to a service over the real bus, when what answers it has a bug; and a lease held twice."""

import asyncio
import time
from contextlib import suppress
from typing import cast

import pytest
from faststream.nats import NatsBroker
from nats.errors import NoRespondersError

from chassis.asking import RefusedAnswerError, UnansweredError, answer_all, answers, ask
from chassis.jobs import Lease
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.store import make_engine
from chassis.telemetry import Metrics
from contracts.asking import Confirmed, Everything, Query, Refusal
from tests.integration.platform import Platform

PLANTED = Query("query.planted.bug", Everything, Confirmed)
NOBODY = Query("query.nobody.there", Everything, Confirmed, seconds=5)


async def heard(platform: Platform, subject: str) -> None:
    """Wait until somebody listens: FastStream subscribes in a task of its own."""
    for _ in range(50):
        with suppress(NoRespondersError):
            await platform.bus.request(subject, b"?", timeout=1)
            return
        await asyncio.sleep(0.1)


async def test_a_planted_bug_answers_its_caller_with_a_named_refusal_within_a_second(
    platform: Platform,
) -> None:
    """Not sixty silent seconds and 'the bus is away'; counted once."""

    async def bug(_: Runtime, __: Everything) -> Confirmed:
        raise ZeroDivisionError("planted")

    async def present() -> Runtime:
        return cast("Runtime", object())

    metrics = Metrics()
    bus = platform.stack.bus()
    async with NatsBroker(bus.servers, security=bus.security, logger=None) as broker:
        answer_all(broker, [answers(PLANTED, bug)], present, metrics)
        await broker.start()
        await broker.connection.flush()  # the bus knows of the subscription before it is asked
        await heard(platform, "query.planted.bug")
        began = time.monotonic()
        with pytest.raises(RefusedAnswerError) as caught:
            await ask(platform.bus, PLANTED, Everything())
        took = time.monotonic() - began

    assert caught.value.refused.reason is Refusal.BUG
    assert caught.value.refused.detail == "ZeroDivisionError"
    assert took < 1
    assert metrics.answers.labels("query.planted.bug", "bug")._value.get() == 1


async def test_a_question_that_nobody_answers_is_known_at_once(platform: Platform) -> None:
    """The bus says that nobody listens; a caller need not wait the question's time."""
    began = time.monotonic()
    with pytest.raises(UnansweredError):
        await ask(platform.bus, NOBODY, Everything())

    assert time.monotonic() - began < 1


async def test_a_lease_is_held_by_one_process_at_a_time_and_is_free_after_it(
    platform: Platform,
) -> None:
    """Two processes of a service; the second one gets it when the first is done."""
    engine = make_engine(Settings(database_url=platform.stack.database_url), "enrollment")
    first, second = (Lease(engine, "enrollment/planted") for _ in range(2))
    try:
        held = [await first.held(), await second.held(), await first.held()]
        await first.give_up()
        held += [await second.held()]
        await second.give_up()
    finally:
        await engine.dispose()

    assert held == [True, False, True, True]
