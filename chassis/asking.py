"""Answers questions and asks them: one way for every service, door and tool."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from faststream.nats import NatsBroker, NatsMessage, NatsResponse
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from pydantic import ValidationError

from chassis.clock import monotonic
from chassis.runtime import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import Metrics, logger
from chassis.tracing import CURRENT, received
from contracts.asking import REFUSED_HEADER, Query, Question, Refusal, Refused
from contracts.traceparent import HEADER

Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer")
JSON = {"content-type": "application/json"}
ANSWER_BYTES_MAX = 1_000_000
"""What the bus carries in one message, less its headers."""
HEARD_SECONDS = 0.5
"""What a refusal for slowness takes to arrive: it says more than silence."""
LOOK_SECONDS = 0.5
"""So often an asker looks whether its bus was lost, and its question with it."""


class AskError(Exception):
    """A question got no answer."""


class UnansweredError(AskError):
    """Nobody answered in time: the bus or the service is away."""


class RefusedAnswerError(AskError):
    """The service said that it cannot answer, and why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.reason)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Answers:
    """A query and what answers it: a function of the runtime and the question."""

    query: Query[Any, Any]
    answer: Callable[[Runtime, Any], Awaitable[Any]]


def answers(
    query: Query[Asked, Answer], answer: Callable[[Runtime, Asked], Awaitable[Answer]]
) -> Answers:
    """Pair a query with its answer; the type checker sees that they fit."""
    return Answers(query, answer)


def answer_all(
    broker: NatsBroker,
    found: Sequence[Answers],
    present: Callable[[], Awaitable[Runtime]],
    metrics: Metrics,
) -> None:
    """Register a subscriber for each query; ``present`` waits for the runtime."""
    for answer in found:
        metrics.answers.labels(
            answer.query.subject, Refusal.BUG.value
        )  # so that the first is an increase
        subscriber = broker.subscriber(
            answer.query.subject,
            queue=answer.query.service,
            decoder=_raw,
            title=answer.query.subject,
        )
        subscriber(_replier(answer, present, metrics))


async def _raw(message: NatsMessage) -> bytes:
    """Return the bytes as they are; the question's trace is that of whatever its answer does."""
    CURRENT.set(received(message.headers))
    return bytes(message.body)


def _replier(
    one: Answers, present: Callable[[], Awaitable[Runtime]], metrics: Metrics
) -> Callable[[bytes], Awaitable[NatsResponse]]:
    async def reply(body: bytes) -> NatsResponse:
        found = await answered(one, present, body)
        outcome = found.reason.value if isinstance(found, Refused) else "answered"
        metrics.answers.labels(one.query.subject, outcome).inc()
        if isinstance(found, Refused):
            refused = JSON | {REFUSED_HEADER: found.reason.value}
            return NatsResponse(found.model_dump_json().encode(), headers=refused)
        return NatsResponse(found, headers=JSON)

    return reply


async def answered(
    one: Answers, present: Callable[[], Awaitable[Runtime]], body: bytes
) -> bytes | Refused:
    """Return the answer to a question as JSON, or ``Refused``: whatever happens, the asker hears of it.

    A command is never cut short: what it began it finishes, also when its asker has given up.
    """
    subject = one.query.subject
    try:
        question = one.query.asked.model_validate_json(body)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False)[0]["loc"]
        logger().warning("answer.bad_question", subject=subject, field=".".join(map(str, where)))
        return Refused(reason=Refusal.BAD_QUESTION, detail=".".join(map(str, where)))
    slow = asyncio.timeout(None if one.query.changes else one.query.seconds)
    try:
        async with slow:
            runtime = await present()
            found = one.query.answers.dump_json(await one.answer(runtime, question))
    except Exception as error:  # noqa: BLE001  the asker must not wait for an answer that cannot come
        detail = type(error).__name__
        if slow.expired():
            logger().warning("answer.too_slow", subject=subject)
            return Refused(reason=Refusal.TOO_SLOW)
        if is_world_broken(error):
            logger().warning("answer.unavailable", subject=subject, reason=detail)
            return Refused(reason=Refusal.UNAVAILABLE, detail=detail)
        logger().exception("answer.failed", subject=subject)
        return Refused(reason=Refusal.BUG, detail=detail)
    if len(found) > ANSWER_BYTES_MAX:
        logger().error("answer.failed", subject=subject, bytes=len(found))
        return Refused(reason=Refusal.BUG, detail="answer_too_large")
    return found


async def ask(nc: Client, query: Query[Asked, Answer], question: Asked) -> Answer:
    """Ask and return the answer. Raises AskError: nobody there, too slow, or refused and why."""
    # What stands for itself is not said: a service of the version before knows no option that came later.
    body = question.model_dump_json(exclude_defaults=True).encode()
    seconds = query.seconds + HEARD_SECONDS
    try:
        reply = await _heard(nc, query, body, seconds)
    except (TimeoutError, NatsError, OSError) as error:
        raise UnansweredError(type(error).__name__) from error
    if reply.headers and REFUSED_HEADER in reply.headers:
        raise RefusedAnswerError(Refused.model_validate_json(reply.data))
    return query.answers.validate_json(reply.data)


async def _heard(nc: Client, query: Query[Any, Any], body: bytes, seconds: float) -> Msg:
    """Return the reply to a question; one that a restarted bus has lost is asked again, never a command."""
    ends, begun = monotonic() + seconds, nc.stats["reconnects"]
    headers = JSON | ({HEADER: trace} if (trace := CURRENT.get()) else {})
    while True:
        lost = nc.stats["reconnects"]
        asked = asyncio.ensure_future(
            nc.request(query.subject, body, timeout=ends - monotonic(), headers=headers)
        )
        try:
            while not (await asyncio.wait([asked], timeout=LOOK_SECONDS))[0]:
                if nc.stats["reconnects"] != lost and not query.changes:
                    break
            else:
                return asked.result()
        except NoRespondersError:
            # After a restart the asker may be back before whoever answers.
            if query.changes or lost == begun or monotonic() + LOOK_SECONDS > ends:
                raise
            await asyncio.sleep(LOOK_SECONDS)
        finally:
            asked.cancel()


class Paged(Protocol):
    """An answer that is a page: ``after`` says where the next one begins; empty: this was the last."""

    after: str


Page = TypeVar("Page", bound=Paged)


async def pages(
    asking: Callable[[Query[Asked, Page], Asked], Awaitable[Page]],
    query: Query[Asked, Page],
    question: Asked,
) -> AsyncIterator[Page]:
    """Ask for one page after the other until there is none."""
    while True:
        page = await asking(query, question)
        yield page
        if not page.after:
            return
        question = question.model_copy(update={"after": page.after})
