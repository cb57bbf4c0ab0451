"""Doors of a service beside its health: what a provider calls back, by GET, with a query and no body."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from faststream.asgi import AsgiResponse, get

from chassis.runtime import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger

Handle = Callable[[Runtime, Mapping[str, str]], Awaitable[int]]
_TEXTS = {200: b"ok", 400: b"bad request", 403: b"forbidden", 503: b"not now"}


@dataclass(frozen=True, slots=True)
class Route:
    """``handle`` is given the query as the caller wrote it, in UTF-8, and returns the status."""

    path: str
    handle: Handle


def asgi_of(route: Route, runtime: Callable[[], Awaitable[Runtime]]) -> tuple[str, Any]:
    """Return a route as FastStream takes it; it waits until the service is connected."""

    @get
    async def called(scope: Any) -> AsgiResponse:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        status = await _status(route, await runtime(), query)
        return AsgiResponse(_TEXTS[status], status, {"content-type": "text/plain"})

    return route.path, called


async def _status(route: Route, runtime: Runtime, query: Mapping[str, str]) -> int:
    """Handle a call. What goes wrong here is not the caller's fault: it is told to call again."""
    try:
        return await route.handle(runtime, query)
    except Exception as error:  # noqa: BLE001  the one place that says what becomes of a failure
        broken = is_world_broken(error)
        runtime.metrics.answers.labels(route.path, "outage" if broken else "bug").inc()
        logger().error("route.failed", path=route.path, exc_info=None if broken else error)
        return 503
