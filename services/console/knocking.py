"""Calls the door with the key of whoever is signed in: what may be seen is decided there."""

from dataclasses import dataclass
from typing import Any

import httpx2


class DoorRefusedError(Exception):
    """The door refused: its reason, and its words for people."""

    def __init__(self, status: int, reason: str, message: str, field: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message, self.field = status, reason, message, field


@dataclass(frozen=True, slots=True)
class Knock:
    """The door, for one person."""

    http: httpx2.AsyncClient
    key: str

    async def get(self, path: str, **params: Any) -> Any:
        """Return an answer. Raises DoorRefusedError."""
        return (await self._call("GET", path, params=params)).json()

    async def post(self, path: str, **what: Any) -> Any:
        """Say something, and return the answer. Raises DoorRefusedError."""
        return (await self._call("POST", path, **what)).json()

    async def file(self, path: str, **params: Any) -> tuple[bytes, str]:
        """Return a file and its type. Raises DoorRefusedError."""
        answer = await self._call("GET", path, params=params)
        return answer.content, answer.headers.get("content-type", "application/octet-stream")

    async def _call(self, method: str, path: str, **what: Any) -> httpx2.Response:
        try:
            answer = await self.http.request(
                method, path, headers={"X-Yingbao-Key": self.key}, **what
            )
        except httpx2.HTTPError as error:
            raise DoorRefusedError(503, type(error).__name__, "系统繁忙，请稍后再试") from None
        if answer.is_error:
            raise refusal_of(answer)
        return answer


def refusal_of(answer: httpx2.Response) -> DoorRefusedError:
    """Return what the door said; a body that is none of its own has no words."""
    try:
        said = answer.json()
    except ValueError:
        said = {}
    message = "：".join(word for word in (said.get("message"), said.get("detail")) if word)
    return DoorRefusedError(
        answer.status_code,
        said.get("reason", "failed"),
        message or "未能办理",
        said.get("field", ""),
    )
