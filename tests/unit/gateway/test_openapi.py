"""What the door promises to programmers."""

import orjson
import pytest

from chassis.settings import Settings
from services.gateway.app import build
from services.gateway.intake.claims import ClaimIn, read_claim
from services.gateway.intake.examples import EXAMPLE_BILL, EXAMPLES
from services.gateway.intake.reports import REPORTS
from tests.unit.gateway.test_door import REPORTS as DESK


def test_the_openapi_document_tells_a_programmer_what_to_send_and_what_may_come_back() -> None:
    """Every field of a bill, every report, every refusal; no reference leads outside the document."""
    document = build(Settings(nats_url="nats://localhost")).openapi()

    body = document["paths"]["/v1/claims"]["post"]["requestBody"]["content"]["application/json"][
        "schema"
    ]
    reports = document["paths"]["/v1/reports/{source}/{name}"]["post"]["requestBody"]
    assert set(body["properties"]) == set(ClaimIn.model_fields)
    assert body["properties"]["total_fee"]["type"] == "string"
    assert body["properties"]["kind"]["enum"] == [
        "inpatient",
        "chronic_outpatient",
        "general_outpatient",
    ]
    assert len(reports["content"]["application/json"]["schema"]["oneOf"]) == len(REPORTS)
    assert {"401", "409", "422", "503"} <= set(document["paths"]["/v1/claims"]["post"]["responses"])
    assert "#/$defs/" not in orjson.dumps(document).decode()


def test_every_answer_that_says_yes_names_its_fields() -> None:
    """A client can be generated: no success is an object of anything."""
    document = build(Settings(nats_url="nats://localhost")).openapi()

    bare = [
        f"{method} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status in {"200", "202"}
        for media, content in answer.get("content", {}).items()
        if media == "application/json"
        and path != "/healthz"
        and not ({"$ref", "items"} & content["schema"].keys())
    ]

    assert bare == []


def test_events_and_their_sources_stand_in_the_document_with_an_example_each() -> None:
    """Which department may report what is not learned from refusals."""
    operation = build(Settings(nats_url="nats://localhost")).openapi()["paths"][
        "/v1/reports/{source}/{name}"
    ]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    names = next(one for one in operation["parameters"] if one["name"] == "name")

    assert set(names["schema"]["enum"]) == set(REPORTS) == set(content["examples"])
    assert {one["title"] for one in content["schema"]["oneOf"]} == set(REPORTS)
    assert all(one["x-sources"] for one in content["schema"]["oneOf"])
    assert "`PremiumPaid`：tax（税务局）" in operation["description"]


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_every_example_of_a_report_is_taken(name: str) -> None:
    """Copied into a call it works."""
    source = min(REPORTS[name][2])

    _, event, _ = DESK.fact(source, name, orjson.dumps(EXAMPLES[name]))

    assert name == event.NAME


def test_the_example_of_a_bill_is_read() -> None:
    """Its parts sum to the total."""
    assert read_claim(orjson.dumps(EXAMPLE_BILL)).total_fee == 1_200_000


FOR_ANYBODY = {"/healthz", "/readyz", "/v1/packs/{pack}/codes"}
"""What says nothing of anybody: code tables are published."""


def test_every_operation_has_its_key_and_its_chapter() -> None:
    """A client can be generated: one security scheme, one tag each."""
    document = build(Settings(nats_url="nats://localhost")).openapi()
    schemes = document["components"]["securitySchemes"]
    assert schemes["yingbao-key"]["name"] == "X-Yingbao-Key"
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert len(operation["tags"]) == 1, path
            if path not in FOR_ANYBODY:
                assert operation["security"] == [{"yingbao-key": []}], path
