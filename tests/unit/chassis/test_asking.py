"""Whoever asks hears of it: an answer, or why there is none; and pages follow one another."""

import asyncio
from typing import cast

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from chassis.asking import answered, answers, pages
from chassis.runtime import Runtime
from contracts.asking import Confirmed, Everything, Query, Question, Refusal, Refused

PLANTED = Query("query.desk.planted", Everything, Confirmed, seconds=1)
RUNTIME = cast("Runtime", object())
"""What these answers are given, and none of them looks at."""


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

    found = await answered(one, RUNTIME, body)

    assert found == Refused(reason=reason, detail=detail)


async def test_a_question_before_the_service_is_connected_is_to_be_asked_again() -> None:
    """Between the first subscription and the first turn there is a moment; it is no bug."""
    found = await answered(answers(PLANTED, _answered), None, b"{}")

    assert found == Refused(reason=Refusal.UNAVAILABLE, detail="starting")


async def test_a_bug_is_logged_once_with_its_trace() -> None:
    """An operator finds one line, which names the subject; the question's values are not in it."""
    with structlog.testing.capture_logs() as lines:
        await answered(answers(PLANTED, _bug), RUNTIME, b"{}")

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
