"""The NATS door in the AsyncAPI document: subjects, headers, bodies and replies of request/reply."""

from collections.abc import Sequence
from typing import Any

from services.gateway.intake.claims import ClaimIn, NamedReversalIn
from services.gateway.intake.examples import EXAMPLE_BILL, EXAMPLES, WHO
from services.gateway.intake.reports import REPORTS
from services.gateway.intake.rows import KINDS
from services.gateway.openapi import inline
from services.gateway.over_nats import (
    FULL_HEADER,
    MONTH_HEADER,
    PREVIEW_HEADER,
    YEAR_HEADER,
)

HOSPITAL = "hospital"
BOOLEAN = {"type": "string", "enum": ["true", "false"], "default": "false"}
LIST_HEADERS = {
    MONTH_HEADER: {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$", "examples": ["2023-05"]},
    YEAR_HEADER: {
        "type": "string",
        "pattern": r"^\d{4}$",
        "description": "Coverage year of premiums.",
    },
    FULL_HEADER: BOOLEAN | {"description": "The list names everybody: absence is a removal."},
    PREVIEW_HEADER: BOOLEAN | {"description": "Show the receipt and change nothing."},
}
CODE = {"description": "The hospital's own code, as its bills carry it."}
SOURCE = {
    "description": "The sender's own name. A township office puts its township behind it,"
    " percent-encoded: township_office.%E5%9F%8E%E5%85%B3%E9%95%87.",
}
REPLY = {
    "type": "object",
    "required": ["accepted", "status"],
    "properties": {
        "accepted": {"type": "boolean"},
        "status": {"type": "integer", "description": "As over HTTP: 200, 202, 403, 404, 422, 503."},
        "state": {
            "type": "string",
            "enum": ["accepted", "awaits_approval"],
            "description": "Of a report: whether it holds, or waits for another person of the bureau.",
        },
        "event": {"type": "string", "description": "Id of the fact that was taken, or that waits."},
        "notes": {"type": "array", "items": {"type": "string"}},
        "claim": {"type": "string"},
        "rows": {"type": "integer"},
        "rejected": {"type": "array", "items": {"type": "object"}},
        "rejected_count": {"type": "integer"},
        "receipt": {"type": "object"},
        "reason": {"type": "string", "description": "Stable code of a refusal."},
        "field": {"type": "string"},
        "message": {"type": "string", "description": "In Chinese."},
        "detail": {"type": "string"},
    },
}


def with_door(document: dict[str, Any]) -> dict[str, Any]:
    """Add the door's channels and operations to the document; they need an inbox for the reply."""
    document["components"]["messages"]["door:Reply"] = {
        "title": "door:Reply", "payload": REPLY, "contentType": "application/json",
    }  # fmt: skip
    document["channels"]["door:reply"] = {
        "address": None,
        "description": "The inbox that the request names.",
        "messages": {"Reply": {"$ref": "#/components/messages/door:Reply"}},
    }
    for name, (incoming, _, sources) in REPORTS.items():
        owners = sorted(source.value for source in sources)
        schema = inline(incoming.model_json_schema())
        _add(document, name, owners, schema, EXAMPLES[name])
    whose = sorted(source.value for source in KINDS)
    file = {
        "type": "string",
        "format": "binary",
        "description": "The bytes of an XLSX, XLS or CSV.",
    }
    _add(document, "Roster", whose, file, None, headers=LIST_HEADERS, needed=[MONTH_HEADER])
    _add(document, "ClaimSubmitted", [HOSPITAL], inline(ClaimIn.model_json_schema()), EXAMPLE_BILL)
    taken_back = {"claim": "2023-000123", "certno": WHO["certno"], "reason": "重复登记"}
    _add(
        document,
        "ClaimReversed",
        [HOSPITAL],
        inline(NamedReversalIn.model_json_schema()),
        taken_back,
    )
    return document


def _add(
    document: dict[str, Any], name: str, owners: Sequence[str], payload: dict[str, Any],
    example: dict[str, Any] | None, *, headers: dict[str, Any] | None = None,
    needed: Sequence[str] = (),
) -> None:  # fmt: skip
    key = f"door:{name}"
    coded = list(owners) == [HOSPITAL]
    document["components"]["messages"][key] = {
        "title": key,
        **({"headers": _headers(headers, needed)} if headers else {}),
        "payload": payload,
        **({"examples": [{"payload": example}]} if example else {}),
    }  # fmt: skip
    document["channels"][key] = {
        "address": f"door.hospital.{{code}}.{name}.v1" if coded else f"door.{{source}}.{name}.v1",
        "parameters": {"code": CODE} if coded else {"source": {"enum": list(owners)} | SOURCE},
        "description": "Request/reply over core NATS: the same checks as over HTTP, nothing is stored here."
        " The bus lets the holder of the key publish here, and nobody else.",
        "messages": {"Request": {"$ref": f"#/components/messages/{key}"}},
        "servers": [{"$ref": "#/servers/development"}],
    }
    document["operations"][key] = {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{key}"},
        "messages": [{"$ref": f"#/channels/{key}/messages/Request"}],
        "reply": {
            "channel": {"$ref": "#/channels/door:reply"},
            "messages": [{"$ref": "#/channels/door:reply/messages/Reply"}],
        },
    }


def _headers(properties: dict[str, Any], needed: Sequence[str]) -> dict[str, Any]:
    return {"type": "object", "required": list(needed), "properties": properties}
