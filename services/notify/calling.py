"""How providers in the cloud are called: once, and the outcome of a broken call is never guessed."""

import hmac
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson
from pydantic import SecretStr

from chassis.routes import Call
from services.notify.gateways import CallbackRefusedError, Outcome

TIMEOUT_SECONDS = 5.0
NOT_TAKEN = (
    httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)  # fmt: skip
NO_TEMPLATE = Outcome("unreachable", reason="template_not_registered")
"""The provider knows no number of this text: another provider may."""


def client(url: str, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    """Return what calls a provider: no proxies from the environment, and nothing is tried twice."""
    timeout = httpx2.Timeout(TIMEOUT_SECONDS, connect=2.0, pool=2.0)
    return httpx2.AsyncClient(base_url=url, transport=transport, trust_env=False, timeout=timeout)


async def post(
    http: httpx2.AsyncClient, path: str, headers: Mapping[str, str], body: bytes = b"",
    query: Mapping[str, str] | None = None,
) -> dict[str, Any] | Outcome:  # fmt: skip
    """Call, and return the JSON object that was answered, whatever the status; or what became of it."""
    try:
        answer = await http.post(path, headers=dict(headers), content=body, params=query)
        found = orjson.loads(answer.content)
    except NOT_TAKEN as error:
        return Outcome("unreachable", reason=type(error).__name__)
    except (httpx2.HTTPError, TimeoutError) as error:  # it may have been taken before that
        return Outcome("unsure", reason=type(error).__name__)
    except orjson.JSONDecodeError:  # a proxy's page: nobody knows what lies behind it
        return Outcome("unsure", reason=f"http_{answer.status_code}")
    return found if isinstance(found, dict) else Outcome("unsure", reason="no_object")


def prove(call: Call, token: SecretStr) -> None:
    """Let a call pass that carries the token of our address. Raises CallbackRefusedError."""
    said = call.query.get("token", "").encode()
    if not hmac.compare_digest(said, token.get_secret_value().encode()):
        raise CallbackRefusedError


def entries(call: Call) -> list[dict[str, Any]]:
    """Return the objects that a call brings, one or a list. Raises ValueError."""
    found = orjson.loads(call.body)
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(one, dict) for one in listed):
        raise ValueError("no objects")
    return listed


def kind_of(code: str, refused: frozenset[str], unsure: frozenset[str]) -> Outcome:
    """Return what a code means: this message for good, nobody knows, or the provider takes nothing now."""
    if code in refused:
        return Outcome("refused", reason=code)
    return Outcome("unsure" if code in unsure else "unreachable", reason=code)


def missing(told: Any, names: tuple[str, ...], provider: str) -> None:
    """Raise ValueError naming the settings that a provider lacks."""
    lacking = [one for one in names if not (value := getattr(told, one)) or value == SecretStr("")]
    if lacking:
        named = ", ".join(f"YINGBAO_{provider.upper()}_{one.upper()}" for one in lacking)
        raise ValueError(f"provider {provider} needs {named}")
