"""Kannel over HTTP: sendsms, delivery receipts, and messages to us; SMPP to an operator lies behind it.

Kannel cannot be asked what it took, so a call that breaks off waits for its receipt. It answers 202 with
``0: Accepted`` or ``3: Queued``, 4xx with ``<code>: <text>`` for a message or login that it refuses.
"""

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal
from urllib.parse import urlencode

import httpx2
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.routes import Call
from chassis.secret_files import SettingsWithSecrets
from chassis.settings import Settings
from services.notify.gateways import (
    NO_LAG,
    PLAIN,
    CallbackRefusedError,
    Outcome,
    Receipt,
    Received,
    Sms,
    Tried,
    plain_number,
)

TIMEOUT_SECONDS = 5.0
AT_ONCE = 20
VALID_MINUTES = 72 * 60
RECEIPTS_WANTED = 1 | 2 | 8 | 16
"""Delivered, failed at the phone, taken by the operator, refused by the operator."""
_STATES: dict[str, Literal["delivered", "failed", "sent"]] = {
    "1": "delivered",
    "2": "failed",
    "8": "sent",
    "16": "failed",
}
_REASONS = {"2": "not_delivered", "16": "refused_by_operator"}
_NOT_TAKEN = (
    httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)  # fmt: skip
_ACCEPTED, _BAD_MESSAGE, _UNAVAILABLE = 202, 400, 503


class KannelSettings(SettingsWithSecrets):
    """How Kannel is reached, and how it reaches us. Secrets may be files, as everywhere."""

    model_config = SettingsConfigDict(env_prefix="YINGBAO_KANNEL_")

    SECRETS: ClassVar[tuple[str, ...]] = ("password", "callback_token")

    url: str = Field(default="", description="smsbox, such as http://kannel:13013")
    user: str = ""
    sender: str = Field(default="", description="Our number, as the operator registered it.")
    callback_url: str = Field(
        default="", description="notify as Kannel reaches it, http://notify:8000"
    )
    password: SecretStr = Field(default=SecretStr(""), validation_alias="YINGBAO_KANNEL_PASSWORD")
    callback_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="YINGBAO_KANNEL_CALLBACK_TOKEN"
    )
    rate: float = Field(default=30.0, gt=0, description="Messages a second of one process.")


class Kannel:
    """One smsbox."""

    thanks, lag = PLAIN, NO_LAG

    def __init__(
        self, told: KannelSettings, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        missing = [
            name
            for name in ("url", "user", "password", "sender", "callback_url", "callback_token")
            if not (value := getattr(told, name)) or value == SecretStr("")
        ]
        if missing:
            names = ", ".join(f"YINGBAO_KANNEL_{one.upper()}" for one in missing)
            raise ValueError(f"provider kannel needs {names}")
        for name in ("url", "callback_url"):
            if not getattr(told, name).startswith(("http://", "https://")):
                raise ValueError(f"YINGBAO_KANNEL_{name.upper()} is no http:// or https:// address")
        self.rate = told.rate
        self._told = told
        self._http = httpx2.AsyncClient(
            base_url=told.url,
            transport=transport,
            trust_env=False,
            # Nobody there is known before the call as a whole is given up: nothing was taken then.
            timeout=httpx2.Timeout(TIMEOUT_SECONDS, connect=2.0, pool=2.0),
        )
        self._room = asyncio.Semaphore(AT_ONCE)

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Hand messages over, several at once."""
        return list(await asyncio.gather(*(self._send(one) for one in messages)))

    async def _send(self, sms: Sms) -> Outcome:
        form = {
            "username": self._told.user, "password": self._told.password.get_secret_value(),
            "from": self._told.sender, "to": sms.phone, "text": sms.text, "coding": "2",
            "charset": "UTF-8", "validity": str(VALID_MINUTES), "dlr-mask": str(RECEIPTS_WANTED),
            "dlr-url": self._receipt_url(sms.id),
        }  # fmt: skip
        async with self._room:
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    answer = await self._http.get("/cgi-bin/sendsms", params=form)
            except _NOT_TAKEN as error:
                return Outcome("unreachable", reason=type(error).__name__)
            except (httpx2.HTTPError, TimeoutError) as error:  # it may have been taken before that
                return Outcome("unsure", reason=type(error).__name__)
        return _outcome(answer.status_code, answer.text)

    def _receipt_url(self, id_: str) -> str:
        token = urlencode({"token": self._told.callback_token.get_secret_value(), "id": id_})
        return f"{self._told.callback_url}/sms/kannel/receipt?{token}&type=%d&answer=%A"

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """Kannel has no such question."""
        return None

    def receipts(self, call: Call) -> list[Receipt]:
        """Read a receipt: ``id`` is ours, ``type`` is Kannel's of %d."""
        query = call.query
        self._prove(query)
        kind = query.get("type", "")
        if kind not in _STATES or not query.get("id"):
            raise ValueError("no receipt")
        return [Receipt(query["id"], _STATES[kind], _REASONS.get(kind, ""))]

    def received(self, call: Call) -> list[Received]:
        """Read a message to us, as ``sms-service`` hands it on: ``from`` is %p, ``text`` is %b in UTF-8."""
        query = call.query
        self._prove(query)
        if not query.get("from"):
            raise ValueError("no sender")
        return [Received(plain_number(query["from"]), query.get("text", ""), query.get("id", ""))]

    def _prove(self, query: Mapping[str, str]) -> None:
        token = self._told.callback_token.get_secret_value()
        if not hmac.compare_digest(query.get("token", "").encode(), token.encode()):
            raise CallbackRefusedError


def _outcome(status: int, said: str) -> Outcome:
    """Read Kannel's answer. Only 400 is the message's fault; of a proxy's 502 nobody knows what was taken."""
    code = said.partition(":")[0].strip()
    reason = f"kannel_{status}_{code}" if code.isdigit() else f"kannel_{status}"
    if status == _ACCEPTED:
        return Outcome("sent")
    if status == _BAD_MESSAGE:
        return Outcome("refused", reason=reason)
    if status == _UNAVAILABLE or 400 < status < 500:
        return Outcome("unreachable", reason=reason)
    return Outcome("unsure", reason=reason)


def make(_: Settings) -> Kannel:
    """Return the smsbox that YINGBAO_KANNEL_… describe. Raises ValueError if something is missing."""
    return Kannel(KannelSettings())
