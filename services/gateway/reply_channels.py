"""What comes back to a question, in the AsyncAPI document: the answer, or why there is none."""

from collections.abc import Iterable
from typing import Any

from contracts.asking import REFUSED_HEADER, Query, Refusal, Refused
from services.gateway.openapi import inline

JSON = "application/json"
REFUSED = {
    "title": "Refused",
    "contentType": JSON,
    "headers": {
        "type": "object",
        "required": [REFUSED_HEADER],
        "properties": {REFUSED_HEADER: {"type": "string", "enum": [one.value for one in Refusal]}},
    },
    "payload": inline(Refused.model_json_schema()),
}


def with_replies(document: dict[str, Any], queries: Iterable[Query[Any, Any]]) -> dict[str, Any]:
    """Give each question its reply: the answer's model, or ``Refused`` with its header."""
    messages = document["components"]["messages"]
    messages["Refused"] = REFUSED
    for query in queries:
        answer, channel = f"{query.subject}:Answer", f"{query.subject}:reply"
        schema = inline(query.answers.json_schema(mode="serialization"))
        messages[answer] = {"title": answer, "contentType": JSON, "payload": schema}
        document["channels"][channel] = {
            "address": None,
            "description": "The inbox that the question names.",
            "messages": {
                "Answer": {"$ref": f"#/components/messages/{answer}"},
                "Refused": {"$ref": "#/components/messages/Refused"},
            },
        }
        document["operations"][query.subject]["reply"] = {
            "channel": {"$ref": f"#/channels/{channel}"},
            "messages": [
                {"$ref": f"#/channels/{channel}/messages/{name}"} for name in ("Answer", "Refused")
            ],
        }
    return document
