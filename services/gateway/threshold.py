"""The threshold of the door (门槛): who calls, how often and how much, before a byte of the body is read."""

import asyncio
import re
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field

from fastapi.responses import JSONResponse
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.clock import monotonic
from chassis.settings import Settings
from chassis.telemetry import Metrics, logger
from services.gateway.partner_keys import PartnerKeys
from services.gateway.refusals import RefusedError
from services.gateway.settings import BODY_BYTES_MAX, FILE_BYTES_MAX, REGISTER_BYTES_MAX

CALLER: ContextVar[str] = ContextVar("caller", default="")
"""Whose call is being answered: what is refused counts against its holder."""
WRONG_KEYS_A_MINUTE = 30
"""So many calls without a good key an address may make; then it waits."""
SILENCE_SECONDS = 30.0
BODY_SECONDS = 600.0
"""A sender that says nothing for so long, or takes so long altogether, keeps a place that others need."""
FORM_BYTES = 1 << 20
"""What a form adds to the file that it carries."""
LARGER = (
    (re.compile(r"/v1/claims/batch"), FILE_BYTES_MAX),
    (re.compile(r"/v1/registers/[^/]+"), REGISTER_BYTES_MAX + FORM_BYTES),
    (
        re.compile(
            r"/v1/rosters/[^/]+|/v1/enrollment/[^/]+/(check-lists|counts/comparison|issues/promises)"
        ),
        FILE_BYTES_MAX + FORM_BYTES,
    ),
    (
        re.compile(r"/v1/enrollment/[^/]+/issues/[^/]+/[^/]+/attachments"),
        4 * FORM_BYTES + FORM_BYTES,
    ),
)
"""Paths that take a file, and the largest body there; elsewhere that of a report or a bill."""


PUBLIC = re.compile(r"/v1/packs/[^/]+/codes")
"""What anybody may ask: codes and their names, no person. The address has the quota of a key."""


@dataclass(slots=True)
class Quotas:
    """What a holder may do in a time. Counted in this process: two doors allow twice as much."""

    calls_a_minute: int
    refusals_an_hour: int
    _limiter: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    @classmethod
    def of(cls, settings: Settings) -> "Quotas":
        """Return those that a process was told."""
        return cls(settings.calls_a_minute, settings.refusals_an_hour)

    def call(self, holder: str) -> bool:
        """Count a call; False if it is one too many. What was refused before keeps no good bill out."""
        return self._limiter.hit(RateLimitItemPerMinute(self.calls_a_minute), "call", holder)

    def refusal(self, holder: str) -> bool:
        """Count something that was refused; False if it is not kept any more."""
        return self._limiter.hit(RateLimitItemPerHour(self.refusals_an_hour), "refused", holder)

    def stranger(self, address: str) -> bool:
        """Count a call without a good key; False if the address has to wait."""
        return self._limiter.hit(RateLimitItemPerMinute(WRONG_KEYS_A_MINUTE), "stranger", address)


class Threshold:
    """Lets a call in whose key is known, whose quota is not used up and whose body is not too large."""

    def __init__(self, app: ASGIApp, keys: PartnerKeys, quotas: Quotas, metrics: Metrics) -> None:
        self._app = app
        self._keys = keys
        self._quotas = quotas
        self._events = metrics.security_events
        self._strangers = _Strangers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401, 413 or 429, or let the call through."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        try:
            holder = self._holder(scope)
            most = _most(scope["path"])
            if int(dict(scope["headers"]).get(b"content-length", b"0") or 0) > most:
                raise RefusedError("body_too_large", status=413)
        except (RefusedError, ValueError) as error:
            refusal = error if isinstance(error, RefusedError) else RefusedError("invalid_value")
            wait = {"Retry-After": "60"} if refusal.status == 429 else None
            await JSONResponse(refusal.body(), refusal.status, wait)(scope, receive, send)
            return
        scope["holder"] = holder
        CALLER.set("" if holder.startswith("@") else holder)
        await self._app(scope, _measured(receive, most), send)

    def _holder(self, scope: Scope) -> str:
        said = [value for name, value in scope["headers"] if name == b"x-yingbao-key"]
        holder = self._keys.holder(said[0].decode("latin-1")) if len(said) == 1 else ""
        address = str((scope.get("client") or ("",))[0])
        if not holder and PUBLIC.fullmatch(scope["path"]):
            holder = f"@{address}"
        if not holder:
            self._events.labels("refused_key").inc()
            self._strangers.note(address)
            waits = not self._quotas.stranger(address)
            raise RefusedError(
                "too_many_calls" if waits else "key_refused", status=429 if waits else 401
            )
        if not self._quotas.call(holder):
            self._events.labels("over_quota").inc()
            raise RefusedError("too_many_calls", status=429)
        return holder


class _Strangers:
    """Logs refused keys: an address at most once a minute, with how many there were."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._said: dict[str, float] = {}

    def note(self, address: str) -> None:
        """Count one."""
        self._counted[address] += 1
        now = monotonic()
        if now - self._said.get(address, -60.0) >= 60.0:
            self._said[address] = now
            logger().warning(
                "security.key_refused", address=address, count=self._counted.pop(address)
            )
            if len(self._said) > 10_000:
                self._said.clear()


def _most(path: str) -> int:
    return next((most for paths, most in LARGER if paths.fullmatch(path)), BODY_BYTES_MAX)


def _measured(receive: Receive, most: int) -> Receive:
    """Read a body that may not say its size, and not slower than somebody who means it."""
    size, begun, whole = 0, monotonic(), False

    async def measured() -> Message:
        nonlocal size, whole
        if whole:
            # What is waited for now is that the caller goes away, however long the answer takes.
            return await receive()
        left = min(SILENCE_SECONDS, begun + BODY_SECONDS - monotonic())
        try:
            message = await asyncio.wait_for(receive(), max(left, 0.001))
        except TimeoutError:
            raise RefusedError("body_too_slow", status=408) from None
        size += len(message.get("body", b""))
        if size > most:
            raise RefusedError("body_too_large", status=413)
        whole = not message.get("more_body", False)
        return message

    return measured
