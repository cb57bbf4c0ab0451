"""Describes bodies that a route reads itself (to bound their size and name their mistakes)."""

from typing import Any

from pydantic import BaseModel, Field


class WhyNot(BaseModel):
    """Why a call was refused: the same for every route, so that a client reads it once."""

    reason: str = Field(description="稳定的原因代码")
    field: str = Field(default="", description="哪一项，按报送方的字段名")
    message: str = Field(default="", description="中文说明")
    detail: str = Field(default="", description="补充说明，不含取值本身")


REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": meaning, "model": WhyNot}
    for status, meaning in (
        (400, "不是有效的 JSON"),
        (401, "缺少密钥或密钥未知"),
        (403, "密钥与来源或机构不符"),
        (404, "没有这种来源、事项或结算单"),
        (408, "上传中断或过慢"),
        (409, "同一单号重复上传且内容不一致"),
        (413, "超过大小上限"),
        (422, "取值不合规定，字段见 field"),
        (429, "调用过于频繁，Retry-After 秒后再试"),
        (500, "系统内部错误，已记录并告警"),
        (503, "消息总线暂不可用，请用同一单号重试"),
    )
}
"""What every route may answer instead; the reason codes are in ``refusals.py``."""


LINES_OF_CLAIMS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "description": "每行一个与 POST /v1/claims 相同的 JSON 对象",
                }
            }
        },
    }
}


def body_of_model(model: type[BaseModel], *, example: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's ``openapi_extra`` for a body of a model, with an example."""
    content = {"schema": inline(model.model_json_schema()), "example": example}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def inline(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are used: a reference would point outside the document."""
    definitions = schema.pop("$defs", {})

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolve(definitions[node["$ref"].rsplit("/", 1)[-1]])
            return {key: resolve(value) for key, value in node.items()}
        return [resolve(one) for one in node] if isinstance(node, list) else node

    resolved: dict[str, Any] = resolve(schema)
    return resolved
