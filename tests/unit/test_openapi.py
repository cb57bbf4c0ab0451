"""What the door promises to programmers."""

import orjson

from chassis.settings import Settings
from services.gateway.app import build
from services.gateway.claims import ClaimIn
from services.gateway.reports import REPORTS


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
