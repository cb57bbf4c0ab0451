"""Events are promises: every version has a golden example, and old messages stay readable."""

import copy
import json
from importlib import import_module
from pathlib import Path

import pytest

from chassis.factset import ADAPTERS
from chassis.service import Service
from contracts.asking import REFUSED_HEADER
from contracts.envelope import enclose
from contracts.events.base import Event
from contracts.events.settlement import BillIssued
from contracts.examples import AT, EXAMPLES
from contracts.subjects import BY_NAME, EVENTS, stream_of
from scripts.generate_contracts import breaking, file_name, problems, schema_of
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.gateway.intake.reports import REPORTS
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

GOLDEN = Path(__file__).parent.parent.parent / "contracts" / "golden"
CONSUMED = [
    (service, event)
    for service in (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)
    for event in EVENTS
    for one in service.listens
    if event.SUBJECT in one.subjects
    or (one.subjects[0].endswith(">") and stream_of(event.SUBJECT).name == one.stream)
]


def golden(event: type[Event]) -> bytes:
    """Return the committed example."""
    return (GOLDEN / file_name(event)).read_bytes()


def test_what_is_committed_is_what_the_models_say() -> None:
    """Schemas, golden events and AsyncAPI are up to date, and no released event was broken."""
    assert problems() == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.NAME)
def test_a_golden_event_is_read_and_written_back_the_same(event: type[Event]) -> None:
    """A message from the day of its release is understood whole."""
    read = ADAPTERS[event.NAME].validate_json(golden(event))

    assert json.loads(read.model_dump_json()) == json.loads(golden(event))


@pytest.mark.parametrize(
    ("service", "event"), CONSUMED, ids=[f"{s.name}-{e.NAME}" for s, e in CONSUMED]
)
def test_every_consumer_takes_the_golden_event_into_its_facts(
    service: object, event: type[Event]
) -> None:
    """What one service says, the others can hear: parsed, identified, and added to the set."""
    room = "enrollment.person" if service.name == "enrollment" else service.name  # type: ignore[attr-defined]
    module = import_module(f"services.{room}.rules")
    read = ADAPTERS[event.NAME].validate_json(golden(event))

    fact = module.fact_id(read)
    module.Facts().add(read, "" if fact is None else fact[1])

    assert fact is None or fact[0] == read.person  # type: ignore[attr-defined]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.NAME)
def test_a_reader_ignores_a_field_of_a_later_version(event: type[Event]) -> None:
    """Additions do not break anybody."""
    later = json.loads(golden(event)) | {"added_in_a_later_version": 1}

    assert ADAPTERS[event.NAME].validate_json(json.dumps(later))


def test_removing_a_field_or_narrowing_it_is_noticed_as_breaking() -> None:
    """The gate that 'make contracts' applies: a required addition, a narrower enum, a new type."""
    old = schema_of(BillIssued)
    required = copy.deepcopy(old)
    required["properties"]["brand_new"] = {"type": "string"}
    required["required"] = [*required["required"], "brand_new"]
    narrower = copy.deepcopy(old)
    narrower["$defs"]["Kind"]["enum"] = ["inpatient"]
    retyped = copy.deepcopy(old)
    retyped["properties"]["bmi"] = {"type": "integer"}

    assert [breaking(old, new) for new in (old, required, narrower, retyped)] == [
        False,
        True,
        True,
        True,
    ]


def test_an_optional_addition_is_allowed() -> None:
    """Additive means additive."""
    old = schema_of(BillIssued)
    new = copy.deepcopy(old)
    new["properties"]["remark"] = {"type": "string"}

    assert not breaking(old, new)


def test_the_envelope_carries_cloudevents_attributes_and_no_identity() -> None:
    """CloudEvents in binary mode, ASCII headers, a message id for the dedupe window."""
    message = enclose(EXAMPLES["BillIssued"], source="settlement", id_="e1", at=AT)

    assert message.stream == "SETTLEMENT"
    assert message.headers["ce-type"] == "cn.yingbao.BillIssued.v1"
    assert message.headers["ce-time"] == "2023-06-01T10:00:00+08:00"
    assert message.headers["Nats-Msg-Id"] == "settlement/e1"
    assert all(value.isascii() for value in message.headers.values())


def test_every_event_has_one_stream_that_stores_it() -> None:
    """No event is published into the void."""
    for name in BY_NAME:
        message = enclose(EXAMPLES[name], source="test", id_="e1", at=AT)
        assert stream_of(message.subject).name == message.stream


def test_the_nats_door_stands_in_the_asyncapi_document_with_headers_and_reply() -> None:
    """A partner that speaks no HTTP finds subject, headers, body and answer of every report."""
    document = json.loads((GOLDEN.parent / "asyncapi.json").read_text())

    for name, (_, _, sources) in REPORTS.items():
        channel = document["channels"][f"door:{name}"]
        message = document["components"]["messages"][f"door:{name}"]
        assert channel["address"] == f"door.{{source}}.{name}.v1"
        assert channel["parameters"]["source"]["enum"] == sorted(one.value for one in sources)
        assert "key" not in json.dumps(message.get("headers", {}))
        assert message["examples"][0]["payload"]
        assert document["operations"][f"door:{name}"]["reply"]["messages"]
    roster = document["components"]["messages"]["door:Roster"]["headers"]
    assert set(roster["required"]) == {"yingbao-month"}


def test_an_event_has_its_headers_and_an_example_in_the_document() -> None:
    """Whoever reads the bus learns what stands beside the body, and no word of what no event carries."""
    text = (GOLDEN.parent / "asyncapi.json").read_text(encoding="utf-8")
    messages = json.loads(text)["components"]["messages"]
    headers = json.loads(text)["components"]["schemas"]["EventHeaders"]["properties"]

    told = {
        title.split(":")[1]: one
        for title, one in messages.items()
        if one.get("headers") == {"$ref": "#/components/schemas/EventHeaders"}
    }
    assert told.keys() == BY_NAME.keys() - {"DeadLettered"}
    for name, one in told.items():
        example = one["examples"][0]
        said = enclose(EXAMPLES[name], source="test", id_="e1", at=AT, trace="t")
        assert example["headers"].keys() == said.headers.keys() == headers.keys()
        assert BY_NAME[name].model_validate(example["payload"]) == EXAMPLES[name]
    assert "correlation" not in text


@pytest.mark.parametrize(
    "service", [ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY], ids=lambda one: one.name
)
def test_every_question_has_its_reply_in_the_document(service: Service) -> None:
    """Whoever asks over the bus learns what an answer looks like, and what a refusal does."""
    document = json.loads((GOLDEN.parent / "asyncapi.json").read_text(encoding="utf-8"))

    for one in service.answers:
        reply = document["operations"][one.query.subject]["reply"]
        names = [message["$ref"].rsplit("/", 1)[-1] for message in reply["messages"]]
        assert names == ["Answer", "Refused"]
    refused = document["components"]["messages"]["Refused"]
    assert REFUSED_HEADER in refused["headers"]["properties"]
