"""One bill can be followed: from the hospital's own trace to the text message, in logs, events and spans."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from typer.testing import CliRunner

from tests.integration.own_county import County, a_bill, a_number
from tests.integration.platform import PATIENCE
from tests.integration.test_doors import HOSPITAL
from yingbao.cli import app

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = f"00-{TRACE}-00f067aa0ba902b7-01"
Span = tuple[str, str, str, str]
"""(process, name, own id, parent's id)"""


class Collector:
    """An OTLP collector: takes what processes hand over, by HTTP and protocol buffers."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Span]] = []
        self.bytes = b""
        taken = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                taken.take(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def take(self, body: bytes) -> None:
        """Read what a process handed over."""
        self.bytes += body
        for one in ExportTraceServiceRequest.FromString(body).resource_spans:
            named = {each.key: each.value.string_value for each in one.resource.attributes}
            self.spans += [
                (span.trace_id.hex(), (named["service.name"], span.name, span.span_id.hex(), span.parent_span_id.hex()))
                for scope in one.scope_spans for span in scope.spans
            ]  # fmt: skip

    def of(self, trace: str) -> list[Span]:
        """Return the spans of a trace."""
        return [span for id_, span in self.spans if id_ == trace]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on a free port."""
    found = Collector()
    yield found
    found.server.shutdown()


@pytest.fixture
async def county(room: Path, collector: Collector) -> AsyncIterator[County]:
    """A county whose processes record spans."""
    one = County(room / "traced")
    one.stack.extra_environment |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200",
    }  # fmt: skip
    async with one:
        yield one


def lines(county: County, process: str) -> list[dict[str, object]]:
    """Return what a process logged."""
    text = (county.stack.directory / "logs" / f"{process}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def of_trace(county: County, process: str) -> list[dict[str, object]]:
    """Return the log lines of a process that name the trace."""
    return [one for one in lines(county, process) if TRACE in json.dumps(one)]


async def test_a_hospitals_own_trace_leads_to_every_log_and_to_the_text_message(
    county: County, collector: Collector
) -> None:
    """What the hospital names on the telephone is found at the door, in both books, and at the phone."""
    await county.enrol()
    key = county.stack.keys()[HOSPITAL]
    answer = await county.http.post(
        "/v1/claims", json=a_bill(0), headers={"X-Yingbao-Key": key, "traceparent": SENT}
    )
    await county.settled(1)
    await county.sent()

    assert answer.headers["traceresponse"][3:35] == TRACE
    door = of_trace(county, "gateway")
    calls = [one for one in door if one["event"] == "call"]
    assert [(one["method"], one["route"], one["status"], one["holder"]) for one in calls] == [
        ("POST", "/v1/claims", 200, HOSPITAL)
    ]
    for process in ("settlement", "assistance"):
        assert "turn" in {one["event"] for one in of_trace(county, process)}, process
    told = [one for one in of_trace(county, "notify") if one["event"] == "sms"]
    assert [(one["provider"], one["state"]) for one in told] == [("phone_log", "sent")]
    assert not any(a_number(0) in json.dumps(one) for one in (*door, *told))


async def test_spans_form_one_tree_from_the_door_to_the_provider(
    county: County, collector: Collector
) -> None:
    """Each part has the part as its parent that it follows from, over four processes; no person is in any."""
    await county.enrol()
    key = county.stack.keys()[HOSPITAL]
    await county.http.post(
        "/v1/claims", json=a_bill(0), headers={"X-Yingbao-Key": key, "traceparent": SENT}
    )
    await county.settled(1)
    await county.sent()

    wanted = {
        ("gateway", "POST /v1/claims"), ("settlement", "process ClaimSubmitted"),
        ("assistance", "process ClaimSettled"), ("settlement", "process AssistanceGranted"),
        ("notify", "process BillIssued"), ("notify", "send sms"),
    }  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        while not wanted <= {one[:2] for one in collector.of(TRACE)}:
            await asyncio.sleep(0.3)
    spans = collector.of(TRACE)
    parents, names = {}, defaultdict(str)
    for process, name, own, parent in spans:
        parents[own], names[own] = parent, f"{process}: {name}"
    sms = next(own for own, name in names.items() if name == "notify: send sms")
    way = [names[sms]]
    while (sms := parents.get(sms, "")) in parents:
        way.append(names[sms])
    assert way == [
        "notify: send sms", "notify: process BillIssued", "settlement: process AssistanceGranted",
        "assistance: process ClaimSettled", "settlement: process ClaimSubmitted", "gateway: POST /v1/claims",
    ]  # fmt: skip
    assert sms == SENT[36:52], "the first part's parent is the hospital's own"
    assert a_number(0).encode() not in collector.bytes


async def test_a_trace_answers_as_a_bill_does(county: County) -> None:
    """`yingbao trace` takes what the hospital was told, also when the hospital sent no trace itself."""
    await county.enrol()
    key = county.stack.keys()[HOSPITAL]
    answer = await county.http.post("/v1/claims", json=a_bill(0), headers={"X-Yingbao-Key": key})
    await county.settled(1)
    await county.sent()  # the way ends at the phone: asked before, the second answer may be longer
    trace = answer.headers["traceresponse"][3:35]

    def way(what: str) -> str:
        told = CliRunner().invoke(app, ["trace", what, "--data", str(county.stack.directory)])
        assert told.exit_code == 0, told.output
        return told.output

    by_trace, by_bill = [
        await asyncio.to_thread(way, what) for what in (trace, f"{HOSPITAL[-9:]}:b0")
    ]
    assert by_trace == by_bill
    assert f"trace {trace}" in by_bill
