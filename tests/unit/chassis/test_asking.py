"""Whoever asks hears of it: an answer, or why there is none; and pages follow one another."""

import asyncio
from typing import cast

import pytest
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from sqlalchemy.exc import OperationalError

from chassis.asking import UnansweredError, answered, answers, ask, pages
from chassis.runtime import Runtime
from contracts.asking import Confirmed, Everything, Query, Question, Refusal, Refused

PLANTED = Query("query.desk.planted", Everything, Confirmed, seconds=1)


async def present() -> Runtime:
    """Return what these answers are given, and none of them looks at."""
    return cast("Runtime", object())


async def _answered(_: Runtime, __: Everything) -> Confirmed:
    return Confirmed(found=True)


async def _bug(_: Runtime, __: Everything) -> Confirmed:
    raise ZeroDivisionError("a share of nothing")


async def _outage(_: Runtime, __: Everything) -> Confirmed:
    raise OperationalError("SELECT 1", {}, ConnectionError("the database restarts"))


async def _slow(_: Runtime, __: Everything) -> Confirmed:
    await asyncio.sleep(60)
    return Confirmed(found=True)


@pytest.mark.parametrize(
    ("answer", "body", "reason", "detail"),
    [
        (_bug, b"{}", Refusal.BUG, "ZeroDivisionError"),
        (_outage, b"{}", Refusal.UNAVAILABLE, "OperationalError"),
        (_slow, b"{}", Refusal.TOO_SLOW, ""),
        (_answered, b'{"yaer": 2023}', Refusal.BAD_QUESTION, "yaer"),
        (_answered, b"{", Refusal.BAD_QUESTION, ""),
    ],
    ids=["bug", "outage", "slow", "unknown field", "half a question"],
)
async def test_what_cannot_be_answered_is_refused_by_name(
    answer: object, body: bytes, reason: Refusal, detail: str
) -> None:
    """A bug, an outage, a wrong question and slowness are four different words, and none is silence."""
    one = answers(PLANTED, answer)  # type: ignore[arg-type]

    found = await answered(one, present, body)

    assert found == Refused(reason=reason, detail=detail)


async def test_a_question_before_the_service_is_connected_waits_for_it() -> None:
    """Between the first subscription and the first turn there is a moment; nobody is sent away for it."""
    ready = asyncio.Event()

    async def later() -> Runtime:
        await ready.wait()
        return await present()

    asking = asyncio.create_task(answered(answers(PLANTED, _answered), later, b"{}"))
    await asyncio.sleep(0.01)
    ready.set()

    assert await asking == b'{"found":true}'


async def test_a_question_to_a_service_that_does_not_come_up_is_refused_in_time() -> None:
    """The asker learns that it takes too long, and does not wait for ever."""

    async def never() -> Runtime:
        await asyncio.sleep(60)
        return await present()

    found = await answered(answers(PLANTED, _answered), never, b"{}")

    assert found == Refused(reason=Refusal.TOO_SLOW)


async def test_a_command_is_not_cut_short() -> None:
    """A pass over a county may take longer than its asker waits; what it began it finishes."""
    order = Query("command.desk.planted", Everything, Confirmed, seconds=0)

    async def takes_its_time(_: Runtime, __: Everything) -> Confirmed:
        await asyncio.sleep(0.02)
        return Confirmed(found=True)

    assert await answered(answers(order, takes_its_time), present, b"{}") == b'{"found":true}'


async def test_an_answer_that_does_not_fit_a_message_is_a_bug_and_no_silence() -> None:
    """The bus would drop it, and its asker would wait a minute for nothing."""
    large = Query("query.desk.large", Everything, list[str])

    async def too_much(_: Runtime, __: Everything) -> list[str]:
        return ["页" * 1000] * 1000

    found = await answered(answers(large, too_much), present, b"{}")

    assert found == Refused(reason=Refusal.BUG, detail="answer_too_large")


async def test_a_bug_is_logged_once_with_its_trace() -> None:
    """An operator finds one line, which names the subject; the question's values are not in it."""
    with structlog.testing.capture_logs() as lines:
        await answered(answers(PLANTED, _bug), present, b"{}")

    (line,) = lines
    assert (line["event"], line["subject"]) == ("answer.failed", "query.desk.planted")
    assert line["exc_info"]


class AboutPage(Question):
    """A page of a list of three."""

    after: str = ""


class APage(Confirmed):
    """One name, and where the next page begins."""

    name: str
    after: str


async def test_pages_are_asked_for_until_one_says_that_it_was_the_last() -> None:
    """What a person sees is the whole, whatever fits a message."""
    following = {"": "甲", "甲": "乙", "乙": "丙", "丙": ""}
    query = Query("query.desk.pages", AboutPage, APage)

    async def asking(_: Query[AboutPage, APage], question: AboutPage) -> APage:
        name = following[question.after]
        return APage(found=True, name=name, after=name if following[name] else "")

    assert [page.name async for page in pages(asking, query, AboutPage())] == ["甲", "乙", "丙"]


class RestartedBus:
    """A bus that loses the first question, and its askers reconnect."""

    def __init__(self) -> None:
        self.stats = {"reconnects": 0}
        self.asked = 0

    async def request(self, *_: object, timeout: float, headers: object) -> Msg:  # noqa: ASYNC109
        """Lose the first question, have nobody there for the second, answer the third."""
        self.asked += 1
        if self.asked == 1:
            self.stats["reconnects"] += 1
            await asyncio.sleep(timeout)
            raise TimeoutError
        if self.asked == 2:  # the service that answers reconnects later than who asks
            raise NoRespondersError
        return Msg(cast("Client", self), data=b'{"found":true}')


async def test_a_question_that_a_restarted_bus_lost_is_asked_again() -> None:
    """Nobody waits out a minute for an answer that cannot come."""
    bus = RestartedBus()

    found = await ask(cast("Client", bus), Query("query.lost", Everything, Confirmed), Everything())

    assert (found.found, bus.asked) == (True, 3)


async def test_a_command_that_a_restarted_bus_lost_is_not_said_twice() -> None:
    """It may have been carried out: its asker hears that nobody answered, and looks."""
    bus = RestartedBus()
    command = Query("command.lost", Everything, Confirmed, seconds=1)

    with pytest.raises(UnansweredError):
        await ask(cast("Client", bus), command, Everything())

    assert bus.asked == 1
