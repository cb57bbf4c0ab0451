"""Alibaba Cloud's Short Message Service (Dysmsapi 2017-05-25): SendSms, QuerySendDetails, SmsReport, SmsUp.

Signed as ACS3-HMAC-SHA256. A text goes as its registered template and variables; our id goes along as
``OutId``, comes back in receipts, and is what a question about a phone's messages is compared by.
"""

import asyncio
import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import httpx2
import orjson
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.clock import CHINA, system_clock
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
from services.notify.gateways import Outcome, Receipt, Received, Sms, Tried, plain_number
from services.notify.settings import SIGNATURE

VERSION, AT_ONCE, PAGE = "2017-05-25", 20, "50"
OK = "OK"
_REFUSED = frozenset({
    "isv.MOBILE_NUMBER_ILLEGAL", "isv.MOBILE_COUNT_OVER_LIMIT", "isv.INVALID_PARAMETERS",
    "isv.PARAM_LENGTH_LIMIT", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL", "isv.INVALID_JSON_PARAM", "isv.PARAM_NOT_SUPPORT_URL",
})  # fmt: skip
"""This message, for good; the rest (balance, limits, signature, permissions) is the account's."""
_NOT_HERE = frozenset({
    "isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.SMS_TEMPLATE_ILLEGAL",
    "isv.SMS_CONTENT_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.TEMPLATE_OVER_LIMIT",
})  # fmt: skip
"""A number's limit of the day, or a text that is not approved there."""
_UNSURE = ("isp.", "InternalError", "ServiceUnavailable")


class AliyunSettings(SettingsWithSecrets):
    """An access key that may send SMS and ask about them, and the token of our address."""

    model_config = SettingsConfigDict(env_prefix="YINGBAO_ALIYUN_")

    SECRETS: ClassVar[tuple[str, ...]] = ("access_key_secret", "callback_token")

    url: str = "https://dysmsapi.aliyuncs.com"
    access_key_id: str = ""
    access_key_secret: SecretStr = Field(
        default=SecretStr(""), validation_alias="YINGBAO_ALIYUN_ACCESS_KEY_SECRET"
    )
    callback_token: SecretStr = Field(
        default=SecretStr(""), validation_alias="YINGBAO_ALIYUN_CALLBACK_TOKEN"
    )
    rate: float = Field(default=50.0, gt=0, description="Messages a second of one process.")


class Aliyun:
    """One account."""

    thanks, lag = (b'{"code":0,"msg":"ok"}', "application/json"), timedelta(minutes=10)

    def __init__(
        self, told: AliyunSettings, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        missing(told, ("access_key_id", "access_key_secret", "callback_token"), "aliyun")
        self.rate = told.rate
        self._told = told
        self._http = client(told.url, transport)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Hand messages over, several at once."""
        return await one_by_one(self._send, messages)

    async def _send(self, sms: Sms) -> Outcome:
        known = registered(sms, "aliyun")
        if known is None:
            return NO_TEMPLATE
        template, number = known
        words = {name: sms.words.get(name, "") for name in template.example}
        query = {
            "PhoneNumbers": sms.phone, "SignName": SIGNATURE, "TemplateCode": number,
            "TemplateParam": orjson.dumps(words).decode(), "OutId": sms.id,
        }  # fmt: skip
        answer = await self._call("SendSms", query)
        if isinstance(answer, Outcome):
            return answer
        status, said = answer
        code = str(said.get("Code", ""))
        if code == OK:
            return Outcome("sent", str(said.get("BizId", "")))
        return kind_of(code, status, _REFUSED, _NOT_HERE, _UNSURE)

    async def _call(
        self, action: str, query: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]] | Outcome:
        headers = {
            "host": httpx2.URL(self._told.url).netloc.decode(), "x-acs-action": action,
            "x-acs-version": VERSION, "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-date": system_clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }  # fmt: skip
        secret = self._told.access_key_secret.get_secret_value()
        headers["authorization"] = authorization(self._told.access_key_id, secret, query, headers)
        async with self._room:
            return await post(self._http, "/", headers, query=query)

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """Ask what became of the messages of each phone on its day; ours are told by ``OutId``."""
        found: set[str] = set()
        for one in (one for one in tried if one.phone):
            day = one.at.astimezone(CHINA).strftime("%Y%m%d")
            query = {
                "PhoneNumber": one.phone, "SendDate": day, "PageSize": PAGE, "CurrentPage": "1",
            }  # fmt: skip
            answer = await self._call("QuerySendDetails", query)
            if isinstance(answer, Outcome) or answer[1].get("Code") != OK:
                raise ConnectionError("the provider does not say what it took")
            details = answer[1].get("SmsSendDetailDTOs") or {}
            listed = details.get("SmsSendDetailDTO", []) if isinstance(details, dict) else []
            found |= {str(detail.get("OutId", "")) for detail in listed}
        return found & {one.id for one in tried}

    def receipts(self, call: Call) -> list[Receipt]:
        """Read SmsReport: a list, each with ``out_id``, ``success`` and ``err_code``."""
        prove(call, self._told.callback_token)
        return each(call, _receipt)

    def received(self, call: Call) -> list[Received]:
        """Read SmsUp: a list, each with ``phone_number``, ``content`` and ``sequence_id``."""
        prove(call, self._told.callback_token)
        return each(call, _received)


def _receipt(one: Mapping[str, Any]) -> Receipt:
    good = one["success"] is True
    id_, reference = str(one.get("out_id") or ""), str(one.get("biz_id") or "")
    if not (id_ or reference):
        raise ValueError("no receipt")
    reason = "" if good else f"aliyun_{one.get('err_code', '')}"
    return Receipt(id_, "delivered" if good else "failed", reason, reference)


def _received(one: Mapping[str, Any]) -> Received:
    phone = plain_number(str(one["phone_number"]))
    return Received(phone, str(one.get("content", "")), str(one.get("sequence_id") or ""))


def authorization(
    key_id: str, secret: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    """Return the Authorization header of a POST to / without a body (ACS3-HMAC-SHA256)."""
    said = "&".join(f"{_encoded(name)}={_encoded(query[name])}" for name in sorted(query))
    signed = sorted(name for name in headers if name == "host" or name.startswith("x-acs-"))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    names = ";".join(signed)
    request = f"POST\n/\n{said}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def make(_: Settings) -> Aliyun:
    """Return the account that YINGBAO_ALIYUN_… describe. Raises ValueError if something is missing."""
    return Aliyun(AliyunSettings())
