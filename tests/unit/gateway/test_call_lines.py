"""One line a call, with its trace; a bug is answered too; a stranger fills no log."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.traceparent import trace_of
from services.gateway import call_lines
from services.gateway.call_lines import CallLines

SENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE = trace_of(SENT)


async def good(request: Request) -> Response:
    """Answer."""
    request.scope["holder"] = request.headers.get("holder", "")
    return PlainTextResponse("", 401 if not request.scope["holder"] else 200)


async def bug(_: Request) -> Response:
    """Fail."""
    raise KeyError("a bug")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the log is told."""
    lines: list[dict[str, Any]] = []

    class Log:
        def info(self, event: str, **more: Any) -> None:
            lines.append({"event": event, **more})

        exception = info

    monkeypatch.setattr(call_lines, "logger", Log)
    return lines


async def call(path: str, **headers: str) -> httpx2.Response:
    """Call the application."""
    app = Starlette(
        routes=[Route("/v1/good/{claim}", good), Route("/v1/bug", bug)],
        middleware=[Middleware(CallLines)],
    )
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://door") as http:
        return await http.get(path, headers=headers)


async def test_a_call_is_told_once_without_the_number_that_it_names(
    told: list[dict[str, Any]],
) -> None:
    """The caller's trace is gone on with, and told back."""
    answer = await call("/v1/good/H1:5", traceparent=SENT, holder="hospital/H1")

    assert trace_of(answer.headers["traceresponse"]) == TRACE
    (line,) = told
    assert (line["status"], line["holder"]) == (200, "hospital/H1")
    assert "H1:5" not in str(line)


async def test_a_bug_is_answered_under_its_trace(told: list[dict[str, Any]]) -> None:
    """The one caller who must telephone has something to name."""
    answer = await call("/v1/bug", traceparent=SENT)

    assert (answer.status_code, answer.json()["reason"]) == (500, "internal_error")
    assert trace_of(answer.headers["traceresponse"]) == TRACE
    assert [one["event"] for one in told] == ["call.failed", "call"]


async def test_a_stranger_fills_no_log_and_a_public_caller_has_no_address_in_it(
    told: list[dict[str, Any]],
) -> None:
    """Refused keys are counted, and told once a minute elsewhere."""
    assert (await call("/v1/good/1")).status_code == 401
    assert told == []
    await call("/v1/good/1", holder="@192.0.2.7")
    assert [one["holder"] for one in told] == [""]


async def test_a_trace_that_begins_here_is_told(told: list[dict[str, Any]]) -> None:
    """Also to who sent a broken one."""
    answer = await call("/v1/good/1", holder="hospital/H1", traceparent="nonsense")

    assert len(trace_of(answer.headers["traceresponse"])) == 32
    assert len(told) == 1
