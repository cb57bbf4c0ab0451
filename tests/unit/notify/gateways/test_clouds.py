"""Exchanges with two providers in the cloud as they are published: requests, signatures, answers, receipts, replies.

The signatures are those that the providers' own SDKs make of the same call.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from chassis.routes import Call
from services.notify.gateways import CallbackRefusedError, Sms, Tried, aliyun, tencent
from services.notify.gateways.aliyun import Aliyun, AliyunSettings
from services.notify.gateways.tencent import Tencent, TencentSettings
from services.notify.templates import TEMPLATES

WORDS = {"surname": "钱", "year": "2026", "amount": "400.00"}
SMS = Sms("0123", "19900000001", "【县医保局】您好", 1, "refund_due", WORDS)
AT = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
Answer = httpx2.Response | Exception


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refund's text is registered with both."""
    known = TEMPLATES["refund_due"].model_copy(
        update={"registered": {"aliyun": "SMS_1", "tencent": "1001"}}
    )
    monkeypatch.setitem(TEMPLATES, "refund_due", known)


def transport(answer: Answer, seen: list[httpx2.Request]) -> httpx2.MockTransport:
    """Return a provider that gives one answer."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx2.MockTransport(handle)


def at_aliyun(answer: Answer, seen: list[httpx2.Request]) -> Aliyun:
    """Return an account of Alibaba Cloud."""
    told = AliyunSettings(
        access_key_id="testId", access_key_secret=SecretStr("s"), callback_token=SecretStr("t")
    )
    return Aliyun(told, transport(answer, seen))


def at_tencent(answer: Answer, seen: list[httpx2.Request]) -> Tencent:
    """Return an application of Tencent Cloud."""
    told = TencentSettings(
        secret_id="AKIDtest", secret_key=SecretStr("s"), app_id="1400000001",
        callback_token=SecretStr("t"),
    )  # fmt: skip
    return Tencent(told, transport(answer, seen))


def said(body: Any, status: int = 200) -> httpx2.Response:
    """Return an answer in JSON."""
    return httpx2.Response(status, content=json.dumps(body).encode())


def status(code: str) -> dict[str, Any]:
    """Return what Tencent answers of one number."""
    one = {"SerialNo": "5000:1", "PhoneNumber": "+8619900000001", "Fee": 1, "Code": code}
    return {"Response": {"SendStatusSet": [one], "RequestId": "r"}}


def error(code: str) -> dict[str, Any]:
    """Return what Tencent answers of a call that it refuses."""
    return {"Response": {"Error": {"Code": code, "Message": "m"}, "RequestId": "r"}}


BUSY = "LimitExceeded.PhoneNumberDailyLimit"
WRONG = "InvalidParameterValue.IncorrectPhoneNumber"
LOGIN = "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("make", "answer", "kind", "reason"),
    [
        (at_aliyun, said({"Code": "OK", "BizId": "9^0", "Message": "OK"}), "sent", ""),
        (at_aliyun, said({"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), "refused", "isv.MOBILE_NUMBER_ILLEGAL"),
        (at_aliyun, said({"Code": "isv.AMOUNT_NOT_ENOUGH"}), "unreachable", "isv.AMOUNT_NOT_ENOUGH"),
        (at_aliyun, said({"Code": "SignatureDoesNotMatch"}, 400), "unreachable", "SignatureDoesNotMatch"),
        (at_aliyun, said({"Code": "isp.SYSTEM_ERROR"}), "unsure", "isp.SYSTEM_ERROR"),
        (at_aliyun, said({"Message": "?"}), "unsure", "http_200"),
        (at_aliyun, said({"message": "gateway"}, 504), "unsure", "http_504"),
        (at_aliyun, said({"Code": "isv.SOMETHING_NEW"}), "unreachable", "isv.SOMETHING_NEW"),
        (at_aliyun, said({"Code": "isv.BUSINESS_LIMIT_CONTROL"}), "not_here", "isv.BUSINESS_LIMIT_CONTROL"),
        (at_tencent, said(status("Ok")), "sent", ""),
        (at_tencent, said(status(WRONG)), "refused", WRONG),
        (at_tencent, said(status(BUSY)), "not_here", BUSY),
        (at_tencent, said({"Response": {}}), "unsure", "http_200"),
        (at_tencent, said(error("InternalError.Whatever")), "unsure", "InternalError.Whatever"),
        (at_tencent, said(error(LOGIN)), "unreachable", LOGIN),
        (at_tencent, said(error("InternalError")), "unsure", "InternalError"),
        *(
            (make, answer, kind, reason)
            for make in (at_aliyun, at_tencent)
            for answer, kind, reason in (
                (httpx2.ConnectError("nobody"), "unreachable", "ConnectError"),
                (httpx2.ReadTimeout("silence"), "unsure", "ReadTimeout"),
                (httpx2.Response(502, text="<html>"), "unsure", "http_502"),
                (said([]), "unsure", "no_object"),
            )
        ),
    ],
)  # fmt: skip
async def test_each_answer_has_its_meaning(
    make: Callable[[Answer, list[httpx2.Request]], Any], answer: Answer, kind: str, reason: str
) -> None:
    """The message's fault is for good, the account's goes to the next provider, silence is asked about."""
    (outcome,) = await make(answer, []).send([SMS])
    assert (outcome.kind, outcome.reason) == (kind, reason)


async def test_aliyun_is_sent_the_template_its_variables_and_our_id() -> None:
    """SendSms 2017-05-25, signed; the reference is its BizId."""
    seen: list[httpx2.Request] = []
    (outcome,) = await at_aliyun(said({"Code": "OK", "BizId": "9^0"}), seen).send([SMS])

    query, headers = dict(seen[0].url.params), seen[0].headers
    assert outcome.reference == "9^0"
    assert (query["PhoneNumbers"], query["SignName"], query["TemplateCode"], query["OutId"]) == (
        "19900000001", "县医保局", "SMS_1", "0123",
    )  # fmt: skip
    assert json.loads(query["TemplateParam"]) == WORDS
    assert (headers["x-acs-action"], headers["x-acs-version"]) == ("SendSms", "2017-05-25")
    assert headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=testId,")


async def test_tencent_is_sent_the_variables_in_their_order_and_our_id() -> None:
    """SendSms 2021-01-11; the reference is its SerialNo."""
    seen: list[httpx2.Request] = []
    (outcome,) = await at_tencent(said(status("Ok")), seen).send([SMS])

    body, headers = json.loads(seen[0].content), seen[0].headers
    assert outcome.reference == "5000:1"
    assert body["PhoneNumberSet"] == ["+8619900000001"]
    assert (body["TemplateId"], body["SessionContext"]) == ("1001", "0123")
    assert body["TemplateParamSet"] == ["钱", "2026", "400.00"]
    assert (headers["x-tc-action"], headers["x-tc-version"]) == ("SendSms", "2021-01-11")


def test_signatures_are_those_of_the_providers_own_sdks() -> None:
    """Fixed nonce, time and keys; Chinese, blanks and signs in the variables."""
    query = {
        "PhoneNumbers": "19900000001", "SignName": "县医保局", "TemplateCode": "SMS_1",
        "TemplateParam": '{"surname":"张","a b":"1+1*~"}', "OutId": "0123",
    }  # fmt: skip
    headers = {
        "host": "dysmsapi.aliyuncs.com", "x-acs-action": "SendSms", "x-acs-version": "2017-05-25",
        "x-acs-signature-nonce": "n0", "x-acs-date": "2026-11-27T10:00:00Z",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }  # fmt: skip
    ours = aliyun.authorization("testId", "testSecret", query, headers)
    assert ours.endswith("733b7236b3a6a5693dfc9ee8cf0da9ef2bb92c21b82bb21f7fb89ab50821a5a1")

    body = json.dumps({
        "PhoneNumberSet": ["+8619900000001"], "SmsSdkAppId": "1400000001", "SignName": "S",
        "TemplateId": "1", "SessionContext": "0123", "TemplateParamSet": ["a"],
    }).encode()  # fmt: skip
    ours = tencent.authorization("AKIDtest", "secretTest", "sms.tencentcloudapi.com", body, AT)
    assert ours.endswith("80c843a5f0dc9eba578218871870b9691c9291147b53080eb88a9369da06ef6e")


@pytest.mark.parametrize("make", [at_aliyun, at_tencent])
async def test_a_text_that_is_not_registered_goes_to_the_next_provider(make: Any) -> None:
    """Nothing is called."""
    seen: list[httpx2.Request] = []
    (outcome,) = await make(said({}), seen).send([Sms("1", "19900000001", "x", 1, "bill_issued")])
    assert (outcome.kind, outcome.reason, seen) == ("not_here", "template_not_registered", [])


async def test_aliyun_is_asked_what_became_of_a_phone_s_day() -> None:
    """Ours are known by OutId; a day is China's; what it does not say is an outage and no answer."""
    seen: list[httpx2.Request] = []
    details = {"SmsSendDetailDTO": [{"OutId": "0123", "SendStatus": 3}, {"OutId": "9"}]}
    known = at_aliyun(said({"Code": "OK", "SmsSendDetailDTOs": details}), seen)
    tried = [Tried("0123", "19900000001", AT + timedelta(hours=7)), Tried("77", "19900000001", AT)]

    assert await known.taken(tried) == {"0123"}
    assert [one.url.params["SendDate"] for one in seen] == ["20261128", "20261127"]
    assert await at_aliyun(said({}), []).taken([]) == set()
    with pytest.raises(ConnectionError):
        await at_aliyun(said({"Code": "isp.SYSTEM_ERROR"}), []).taken(tried)
    assert await at_tencent(said({}), []).taken(tried) is None


def test_receipts_come_several_at_once() -> None:
    """SmsReport and the status callback: delivered, or failed with the operator's code."""
    report = [
        {"phone_number": "19900000001", "success": True, "err_code": "DELIVERED", "out_id": "0123",
         "biz_id": "9^0"},
        {"phone_number": "19900000002", "success": False, "err_code": "MOBILE_NOT_ON_SERVICE",
         "out_id": "", "biz_id": "8^0"},
    ]  # fmt: skip
    found = at_aliyun(said({}), []).receipts(Call({"token": "t"}, json.dumps(report).encode()))
    assert [(one.id, one.state, one.reason, one.reference) for one in found] == [
        ("0123", "delivered", "", "9^0"),
        ("", "failed", "aliyun_MOBILE_NOT_ON_SERVICE", "8^0"),
    ]

    states = [
        {"mobile": "19900000001", "report_status": "SUCCESS", "errmsg": "DELIVRD", "sid": "5000:1"},
        {"mobile": "19900000002", "report_status": "FAIL", "errmsg": "UNDELIV", "sid": "5000:2"},
    ]
    found = at_tencent(said({}), []).receipts(Call({"token": "t"}, json.dumps(states).encode()))
    assert [(one.id, one.state, one.reason, one.reference) for one in found] == [
        ("", "delivered", "", "5000:1"),
        ("", "failed", "tencent_UNDELIV", "5000:2"),
    ]


def test_one_entry_that_says_nothing_stops_no_other() -> None:
    """A provider would send the whole list again, for ever."""
    report = [{"success": True}, "?", {"success": True, "out_id": "0123"}]
    found = at_aliyun(said({}), []).receipts(Call({"token": "t"}, json.dumps(report).encode()))
    assert [one.id for one in found] == ["0123"]


def test_what_people_write_comes_by_both() -> None:
    """SmsUp is a list, the reply callback one object; the country's prefix is none of the number."""
    up = [{"phone_number": "19900000001", "content": "备案", "sequence_id": "1"}]
    (one,) = at_aliyun(said({}), []).received(Call({"token": "t"}, json.dumps(up).encode()))
    reply = {"mobile": "8619900000001", "nationcode": "86", "text": "R", "time": 1}
    (two,) = at_tencent(said({}), []).received(Call({"token": "t"}, json.dumps(reply).encode()))
    assert [(one.phone, one.text, one.id), (two.phone, two.text, two.id)] == [
        ("19900000001", "备案", "1"), ("19900000001", "R", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("make", [at_aliyun, at_tencent])
def test_a_call_without_the_token_or_without_sense_is_refused(make: Any) -> None:
    """S3: whoever guesses the address tells us nothing."""
    provider = make(said({}), [])
    for call in (Call({}, b"[]"), Call({"token": "x"}, b"[]")):
        with pytest.raises(CallbackRefusedError):
            provider.receipts(call)
        with pytest.raises(CallbackRefusedError):
            provider.received(call)
    for body in (b"", b"[1]", b"{", b'[{"mobile": 1}]'):
        with pytest.raises(ValueError, match=r"."):
            provider.receipts(Call({"token": "t"}, body))


def test_what_a_provider_lacks_is_named() -> None:
    """At the start, by the names of the settings."""
    with pytest.raises(
        ValueError, match="YINGBAO_ALIYUN_ACCESS_KEY_ID, YINGBAO_ALIYUN_ACCESS_KEY_SEC"
    ):
        Aliyun(AliyunSettings())
    with pytest.raises(ValueError, match="YINGBAO_TENCENT_SECRET_ID"):
        Tencent(TencentSettings())
