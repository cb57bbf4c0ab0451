"""Holds every JSON answer of the door against the OpenAPI document: what is promised is what comes."""

import re
from functools import lru_cache
from typing import Any

import httpx2
import jsonschema_rs

from chassis.settings import Settings
from services.gateway.app import build


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    found: dict[str, Any] = build(Settings(nats_url="nats://localhost")).openapi()
    return found


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in _document()["paths"].items():
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
        if method in operations and re.fullmatch(pattern, path):
            return dict(operations[method])
    return None


@lru_cache(maxsize=256)
def _validator(method: str, path: str, status: str) -> Any:
    operation = _operation(method, path)
    if operation is None:
        return None
    answer = operation["responses"].get(status)
    if answer is None:
        raise AssertionError(f"{method} {path} answers {status}, which the document does not have")
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema_rs.validator_for(schema | {"components": _document()["components"]})


async def as_promised(answer: httpx2.Response) -> None:
    """Fail where an answer is not what the document says of its route and status."""
    if "application/json" not in answer.headers.get("content-type", ""):
        return
    await answer.aread()
    check = _validator(
        answer.request.method.lower(), answer.request.url.path, str(answer.status_code)
    )
    if check is not None:
        check.validate(answer.json())
