"""Doors of a service beside its health: what a provider calls back, with a query or a body."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from faststream.asgi import AsgiResponse

from chassis.runtime import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger

BODY_BYTES_MAX = 1 << 20
_TEXTS = {
    200: b"ok", 400: b"bad request", 403: b"forbidden", 405: b"method not allowed", 413: b"too large",
    503: b"not now",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its query as the caller wrote it, in UTF-8, and its body."""

    query: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Said:
    """What a call is answered with; without a text of its own the status says it."""

    status: int
    text: bytes = b""
    kind: str = "text/plain"


Handle = Callable[[Runtime, Call], Awaitable[Said]]


@dataclass(frozen=True, slots=True)
class Route:
    """``handle`` is given the call and answers it."""

    path: str
    handle: Handle


class _TooLargeError(Exception):
    """A body that nobody reads to its end."""


def asgi_of(route: Route, runtime: Callable[[], Awaitable[Runtime]]) -> tuple[str, Any]:
    """Return a route as FastStream takes it; it waits until the service is connected."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        said = await _answer(route, runtime, scope, receive)
        text = said.text or _TEXTS[said.status]
        response = AsgiResponse(text, said.status, {"content-type": said.kind})
        await response(scope, receive, send)

    return route.path, called


async def _answer(
    route: Route, runtime: Callable[[], Awaitable[Runtime]], scope: Any, receive: Any
) -> Said:
    if scope["method"] not in {"GET", "POST"}:
        return Said(405)
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        body = await _body(receive) if scope["method"] == "POST" else b""
    except _TooLargeError:
        return Said(413)
    return await _handled(route, await runtime(), Call(query, body))


async def _body(receive: Any) -> bytes:
    found = b""
    while True:
        message = await receive()
        found += bytes(message.get("body", b""))
        if len(found) > BODY_BYTES_MAX:
            raise _TooLargeError
        if message["type"] != "http.request" or not message.get("more_body"):
            return found


async def _handled(route: Route, runtime: Runtime, call: Call) -> Said:
    """Handle a call. What goes wrong here is not the caller's fault: it is told to call again."""
    try:
        return await route.handle(runtime, call)
    except Exception as error:  # noqa: BLE001  the one place that says what becomes of a failure
        broken = is_world_broken(error)
        runtime.metrics.answers.labels(route.path, "outage" if broken else "bug").inc()
        logger().error("route.failed", path=route.path, exc_info=None if broken else error)
        return Said(503)
