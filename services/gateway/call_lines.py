"""One line a call: who asked what, how it was answered, how long it took, and its trace. No person."""

import re
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.clock import monotonic
from chassis.telemetry import logger
from chassis.tracing import within
from contracts.traceparent import HEADER, heard
from services.gateway.refusals import RefusedError

_HEAD = re.compile(r"/v1/[a-z-]{1,30}(?=/|$)")
ANSWER_HEADER = b"traceresponse"
"""Tells the caller its trace (W3C Trace Context, level 2): what it can name on the telephone."""


class CallLines:
    """Gives each call its trace, which is the caller's own if it sends one, and logs it once answered.

    The path is told by its route: numbers of bills and persons do not stand in it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call as a part of its trace."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        said = next((value for name, value in scope["headers"] if name == HEADER.encode()), b"")
        begun, answer, method = monotonic(), _Answer(send), scope["method"]
        head = _HEAD.match(scope["path"])
        name = f"{method} {head[0] if head else '/v1'}"
        with within(name, "server", heard(said.decode("latin-1")), method=method) as own:
            answer.trace = own.encode()
            try:
                await self._app(scope, receive, answer)
            except Exception:
                # Answered here, where the trace is known: the framework would answer outside of it.
                logger().exception("call.failed", route=_route(scope))
                if answer.begun:
                    raise
                refusal = RefusedError("internal_error", status=500)
                await JSONResponse(refusal.body(), refusal.status)(scope, receive, answer)
            finally:
                _tell(scope, answer, monotonic() - begun)


def _tell(scope: Scope, answer: "_Answer", seconds: float) -> None:
    """Write the line of a call. A stranger's is left out: those are counted, and told once a minute."""
    holder = str(scope.get("holder", ""))
    if not holder and answer.status in {401, 429}:
        return
    logger().info(
        "call", method=scope["method"], route=_route(scope), status=answer.status,
        ms=round(seconds * 1000, 1), bytes=answer.size, holder="" if holder.startswith("@") else holder,
    )  # fmt: skip


class _Answer:
    """Passes an answer on with its trace, and notes what it was."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 499
        """As of a caller that went away before it was answered."""
        self.begun = False
        self.size = 0
        self.trace = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.begun = message["status"], True
            message["headers"] = [*message.get("headers", ()), (ANSWER_HEADER, self.trace)]
        else:
            self.size += len(message.get("body", b""))
        await self._send(message)


def _route(scope: Scope) -> str:
    route: Any = scope.get("route")
    return str(getattr(route, "path", "none"))
