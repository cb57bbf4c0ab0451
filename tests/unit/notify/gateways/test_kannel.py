"""Kannel's answers, receipts and messages to us, read as they are."""

import httpx2
import pytest
from pydantic import SecretStr

from chassis.routes import Call
from chassis.settings import Settings
from services.notify.gateways import CallbackRefusedError, Sms, gateways_of, names_of, rate_of
from services.notify.gateways.kannel import Kannel, KannelSettings

TOLD = KannelSettings(
    url="http://kannel:13013", user="county", password=SecretStr("p"), sender="10690",
    callback_url="http://notify:8000", callback_token=SecretStr("t"),
)  # fmt: skip
SMS = Sms("0123", "19900000001", "【县医保局】您好", 1)


def kannel(answer: httpx2.Response | Exception, seen: list[httpx2.Request] | None = None) -> Kannel:
    """Return an smsbox that gives one answer."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        if seen is not None:
            seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Kannel(TOLD, httpx2.MockTransport(handle))


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (httpx2.Response(202, text="0: Accepted for delivery"), "sent", ""),
        (httpx2.Response(202, text="3: Queued for later delivery"), "sent", ""),
        (
            httpx2.Response(403, text="Authorization failed for sendsms"),
            "unreachable",
            "kannel_403",
        ),
        (httpx2.Response(400, text="4: Sender missing"), "refused", "kannel_400_4"),
        (
            httpx2.Response(503, text="Temporal failure, try again later."),
            "unreachable",
            "kannel_503",
        ),
        (httpx2.ConnectError("nobody"), "unreachable", "ConnectError"),
        (httpx2.ConnectTimeout("nobody"), "unreachable", "ConnectTimeout"),
        (httpx2.ReadTimeout("silence"), "unsure", "ReadTimeout"),
        (httpx2.RemoteProtocolError("cut"), "unsure", "RemoteProtocolError"),
    ],
)
async def test_each_answer_of_kannel_has_its_meaning(
    answer: httpx2.Response | Exception, kind: str, reason: str
) -> None:
    """What may have been taken is unsure and never simply sent again; a wrong login is not the message's fault."""
    (outcome,) = await kannel(answer).send([SMS])

    assert (outcome.kind, outcome.reason) == (kind, reason)


async def test_the_call_names_our_id_for_the_receipt() -> None:
    """Text in UTF-8, sent as UCS-2; the receipt comes back with our id and a token."""
    seen: list[httpx2.Request] = []

    await kannel(httpx2.Response(202, text="0: Accepted"), seen).send([SMS])

    query = dict(seen[0].url.params)
    assert (query["to"], query["text"], query["coding"]) == ("19900000001", SMS.text, "2")
    assert (
        query["dlr-url"]
        == "http://notify:8000/sms/kannel/receipt?token=t&id=0123&type=%d&answer=%A"
    )


@pytest.mark.parametrize(
    ("type_", "state"), [("1", "delivered"), ("2", "failed"), ("8", "sent"), ("16", "failed")]
)
def test_a_receipt_is_read_by_its_type(type_: str, state: str) -> None:
    """Kannel's own numbers of %d."""
    box = kannel(httpx2.Response(202))

    assert box.receipts(Call({"token": "t", "id": "0123", "type": type_}))[0].state == state


def test_a_call_without_the_token_is_nobodys() -> None:
    """S3: whoever guesses the address tells us nothing."""
    box = kannel(httpx2.Response(202))

    for query in ({"id": "0123", "type": "1"}, {"token": "x", "id": "0123", "type": "1"}):
        with pytest.raises(CallbackRefusedError):
            box.receipts(Call(query))
    with pytest.raises(CallbackRefusedError):
        box.received(Call({"from": "19900000001", "text": "R"}))
    with pytest.raises(ValueError, match="no receipt"):
        box.receipts(Call({"token": "t", "id": "0123", "type": "4"}))


def test_a_sender_with_the_countrys_prefix_is_the_same_phone() -> None:
    """Operators write +86 or not."""
    box = kannel(httpx2.Response(202))

    for written in ("+8619900000001", "8619900000001", "19900000001"):
        (received,) = box.received(Call({"token": "t", "from": written, "text": "r"}))
        assert received.phone == "19900000001"


def test_a_provider_is_found_by_its_name_and_says_what_it_lacks() -> None:
    """At the start, by the names of the settings."""
    assert names_of(Settings(sms_providers="kannel, phone_log")) == ("kannel", "phone_log")
    with pytest.raises(
        ValueError, match="no provider 'pigeon'; there are: aliyun, kannel, phone_log, tencent"
    ):
        names_of(Settings(sms_providers="pigeon"))
    with pytest.raises(ValueError, match="YINGBAO_KANNEL_URL, YINGBAO_KANNEL_USER"):
        gateways_of(Settings(sms_providers="kannel"))


def test_a_rate_is_given_by_provider() -> None:
    """Of two providers each its own; one that is not named keeps its usual one."""
    assert rate_of("kannel=30,phone_log=500", "phone_log") == 500
    assert rate_of("kannel=30", "phone_log") == 0
