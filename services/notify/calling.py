"""How providers in the cloud are called: once, and the outcome of a broken call is never guessed."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import httpx2
import orjson
from pydantic import SecretStr

from chassis.routes import Call
from chassis.telemetry import logger
from services.notify.gateways import CallbackRefusedError, Outcome, Sms
from services.notify.templates import TEMPLATES, Template

TIMEOUT_SECONDS = 5.0
NOT_TAKEN = (
    httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)  # fmt: skip
NO_TEMPLATE = Outcome("not_here", reason="template_not_registered")
"""The provider knows no number of this text: another provider may."""
SERVER_ERROR = 500


def client(url: str, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    """Return what calls a provider: no proxies from the environment, and nothing is tried twice."""
    timeout = httpx2.Timeout(TIMEOUT_SECONDS, connect=2.0, pool=2.0)
    return httpx2.AsyncClient(base_url=url, transport=transport, trust_env=False, timeout=timeout)


async def post(
    http: httpx2.AsyncClient, path: str, headers: Mapping[str, str], body: bytes = b"",
    query: Mapping[str, str] | None = None,
) -> tuple[int, dict[str, Any]] | Outcome:  # fmt: skip
    """Call, and return the status and the JSON object that was answered; or what became of it."""
    try:
        answer = await http.post(path, headers=dict(headers), content=body, params=query)
        found = orjson.loads(answer.content)
    except NOT_TAKEN as error:
        return Outcome("unreachable", reason=type(error).__name__)
    except (httpx2.HTTPError, TimeoutError) as error:  # it may have been taken before that
        return Outcome("unsure", reason=type(error).__name__)
    except orjson.JSONDecodeError:  # a proxy's page: nobody knows what lies behind it
        return Outcome("unsure", reason=f"http_{answer.status_code}")
    if not isinstance(found, dict):
        return Outcome("unsure", reason="no_object")
    return answer.status_code, found


async def one_by_one(
    send: Callable[[Sms], Awaitable[Outcome]], messages: Sequence[Sms]
) -> list[Outcome]:
    """Hand messages over, several at once, each in a call of its own."""
    return list(await asyncio.gather(*(send(one) for one in messages)))


def registered(sms: Sms, provider: str) -> tuple[Template, str] | None:
    """Return a message's text and the number by which a provider knows it; None if it knows none."""
    known = TEMPLATES.get(sms.template)
    number = known.registered.get(provider, "") if known else ""
    return (known, number) if known and number else None


def prove(call: Call, token: SecretStr) -> None:
    """Let a call pass that carries the token of our address. Raises CallbackRefusedError."""
    said = call.query.get("token", "").encode()
    if not hmac.compare_digest(said, token.get_secret_value().encode()):
        raise CallbackRefusedError


Read = TypeVar("Read")


def each(call: Call, read: Callable[[Mapping[str, Any]], Read]) -> list[Read]:
    """Read the objects that a call brings, one or a list; one that says nothing stops no other.

    Raises ValueError for a call of which nothing can be read.
    """
    body = orjson.loads(call.body)
    listed, found = body if isinstance(body, list) else [body], []
    for one in listed:
        try:
            found.append(read(one))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            logger().warning("notify.callback_entry_unread", reason=type(error).__name__)
    if listed and not found:
        raise ValueError("nothing can be read")
    return found


def kind_of(
    code: str,
    status: int,
    refused: frozenset[str],
    not_here: frozenset[str],
    unsure: tuple[str, ...],
) -> Outcome:
    """Return what a code means: for good, not by this provider, nobody knows, or it takes nothing now.

    A code that nobody knows is an answer all the same: nothing was taken, and the code is the reason.
    """
    if status >= SERVER_ERROR or not code or code.startswith(unsure):
        return Outcome("unsure", reason=code or f"http_{status}")
    if code in refused:
        return Outcome("refused", reason=code)
    return Outcome("not_here" if code in not_here else "unreachable", reason=code)


def missing(told: Any, names: tuple[str, ...], provider: str) -> None:
    """Raise ValueError naming the settings that a provider lacks."""
    lacking = [one for one in names if not (value := getattr(told, one)) or value == SecretStr("")]
    if lacking:
        named = ", ".join(f"YINGBAO_{provider.upper()}_{one.upper()}" for one in lacking)
        raise ValueError(f"provider {provider} needs {named}")
