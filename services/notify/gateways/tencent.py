"""Tencent Cloud's SMS (2021-01-11): SendSms, its status and reply callbacks. Signed as TC3-HMAC-SHA256.

A text goes as its registered template and its variables in the order in which they stand in the text; our
id goes along as ``SessionContext``. It is not asked what it took: that question has to be opened by the
provider, so a call that breaks off waits for its receipt.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from string import Formatter
from typing import Any, ClassVar

import httpx2
import orjson
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.clock import system_clock
from chassis.routes import Call
from chassis.secret_files import SettingsWithSecrets
from chassis.settings import Settings
from services.notify.calling import (
    NO_TEMPLATE,
    client,
    each,
    kind_of,
    missing,
    one_by_one,
    post,
    prove,
    registered,
)
from services.notify.gateways import NO_LAG, Outcome, Receipt, Received, Sms, Tried, plain_number
from services.notify.settings import SIGNATURE

VERSION, SERVICE, AT_ONCE = "2021-01-11", "sms", 20
OK = "Ok"
JSON = "application/json"
_REFUSED = frozenset({
    "InvalidParameterValue.IncorrectPhoneNumber", "InvalidParameterValue.ContentLengthLimit",
    "InvalidParameterValue.TemplateParameterFormatError",
    "InvalidParameterValue.TemplateParameterLengthLimit", "FailedOperation.PhoneNumberInBlacklist",
    "FailedOperation.ContainSensitiveWord", "FailedOperation.MarketingSendTimeConstraint",
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone",
})  # fmt: skip
"""This message, for good; the rest (balance, limits, signature, login) is the account's."""
_NOT_HERE = frozenset({
    "LimitExceeded.PhoneNumberDailyLimit", "LimitExceeded.PhoneNumberOneHourLimit",
    "LimitExceeded.PhoneNumberThirtySecondLimit", "LimitExceeded.PhoneNumberSameContentDailyLimit",
    "FailedOperation.TemplateIncorrectOrUnapproved", "FailedOperation.SignatureIncorrectOrUnapproved",
    "FailedOperation.TemplateUnapprovedOrNotExist",
})  # fmt: skip
"""A number's limit, or a text that is not approved there."""
_UNSURE = ("InternalError",)


class TencentSettings(SettingsWithSecrets):
    """A key that may send SMS only, the application, and the token of the address that is pushed to."""

    model_config = SettingsConfigDict(env_prefix="YINGBAO_TENCENT_")

    SECRETS: ClassVar[tuple[str, ...]] = ("secret_key", "callback_token")

    url: str = "https://sms.tencentcloudapi.com"
    region: str = "ap-guangzhou"
    secret_id: str = ""
    app_id: str = Field(default="", description="SmsSdkAppId")
    secret_key: SecretStr = Field(
        default=SecretStr(""), validation_alias="YINGBAO_TENCENT_SECRET_KEY"
    )
    callback_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="YINGBAO_TENCENT_CALLBACK_TOKEN"
    )
    rate: float = Field(default=50.0, gt=0, description="Messages a second of one process.")


class Tencent:
    """One application."""

    thanks, lag = (b'{"result":0,"errmsg":"OK"}', JSON), NO_LAG

    def __init__(
        self, told: TencentSettings, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        missing(told, ("secret_id", "secret_key", "app_id", "callback_token"), "tencent")
        self.rate = told.rate
        self._told = told
        self._http = client(told.url, transport)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Hand messages over, several at once."""
        return await one_by_one(self._send, messages)

    async def _send(self, sms: Sms) -> Outcome:
        known = registered(sms, "tencent")
        if known is None:
            return NO_TEMPLATE
        template, number = known
        order = [name for _, name, _, _ in Formatter().parse(template.text) if name]
        said = {
            "PhoneNumberSet": [f"+86{sms.phone}"], "SmsSdkAppId": self._told.app_id,
            "SignName": SIGNATURE, "TemplateId": number, "SessionContext": sms.id,
            "TemplateParamSet": [sms.words.get(name, "") for name in order],
        }  # fmt: skip
        answer = await self._call("SendSms", orjson.dumps(said))
        if isinstance(answer, Outcome):
            return answer
        status, found = answer
        return _outcome(status, found.get("Response") or {})

    async def _call(self, action: str, body: bytes) -> tuple[int, dict[str, Any]] | Outcome:
        at, told = system_clock().astimezone(UTC), self._told
        host = httpx2.URL(told.url).netloc.decode()
        secret = told.secret_key.get_secret_value()
        headers = {
            "host": host, "content-type": JSON, "x-tc-action": action, "x-tc-version": VERSION,
            "x-tc-region": told.region, "x-tc-timestamp": str(int(at.timestamp())),
            "authorization": authorization(told.secret_id, secret, host, body, at),
        }  # fmt: skip
        async with self._room:
            return await post(self._http, "/", headers, body)

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """It tells by receipts."""
        return None

    def receipts(self, call: Call) -> list[Receipt]:
        """Read the status callback: a list, each with ``sid``, ``report_status`` and ``errmsg``."""
        prove(call, self._told.callback_token)
        return each(call, _receipt)

    def received(self, call: Call) -> list[Received]:
        """Read the reply callback: one object with ``mobile``, ``text`` and ``time``."""
        prove(call, self._told.callback_token)
        return each(call, _received)


def _receipt(one: Mapping[str, Any]) -> Receipt:
    good, reference = one.get("report_status") == "SUCCESS", str(one.get("sid") or "")
    if not reference:
        raise ValueError("no receipt")
    reason = "" if good else f"tencent_{one.get('errmsg', '')}"
    return Receipt(str(one.get("ext") or ""), "delivered" if good else "failed", reason, reference)


def _received(one: Mapping[str, Any]) -> Received:
    phone = plain_number(str(one["mobile"]))
    return Received(phone, str(one.get("text", "")), str(one.get("time") or ""))


def _outcome(status: int, response: dict[str, Any]) -> Outcome:
    """Read an answer: an error of the call, or the status of the one number."""
    error = response.get("Error") or {}
    statuses = response.get("SendStatusSet") or []
    one = statuses[0] if statuses else {}
    code = str(error.get("Code") or one.get("Code") or "")
    if code == OK:
        return Outcome("sent", str(one.get("SerialNo", "")))
    return kind_of(code, status, _REFUSED, _NOT_HERE, _UNSURE)


def authorization(secret_id: str, secret: str, host: str, body: bytes, at: datetime) -> str:
    """Return the Authorization header of a POST of JSON to / (TC3-HMAC-SHA256)."""
    day, stamp = at.strftime("%Y-%m-%d"), str(int(at.timestamp()))
    signed = "content-type;host"
    request = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\n{signed}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{day}/{SERVICE}/tc3_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    key = f"TC3{secret}".encode()
    for part in (day, SERVICE, "tc3_request"):
        key = _hmac(key, part)
    signature = _hmac(key, f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashed}").hex()
    return f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def make(_: Settings) -> Tencent:
    """Return the application that YINGBAO_TENCENT_… describe. Raises ValueError if something is missing."""
    return Tencent(TencentSettings())
