"""Calls the door with the key of whoever is signed in: what may be seen is decided there."""

from dataclasses import dataclass
from typing import Any

import httpx2

from chassis.language import language


class DoorRefusedError(Exception):
    """The door refused: its reason, its words for people, the field meant, and rows that go back."""

    def __init__(self, status: int, reason: str, message: str, **more: Any) -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message
        self.field: str = more.get("field", "")
        self.rejected: list[dict[str, Any]] = more.get("rejected", [])


@dataclass(frozen=True, slots=True)
class Knock:
    """The door, for one person."""

    http: httpx2.AsyncClient
    key: str

    async def get(self, path: str, **params: Any) -> Any:
        """Return an answer. Raises DoorRefusedError."""
        return (await self._taken("GET", path, params=params)).json()

    async def standing(self, path: str) -> Any:
        """Return where a bill stands; a refused one stands too, as refused. Raises DoorRefusedError."""
        answer = await self._answer("GET", path)
        if answer.is_error and "status" not in said_by(answer):
            raise refusal_of(answer)
        return answer.json()

    async def post(self, path: str, **what: Any) -> Any:
        """Say something, and return the answer. Raises DoorRefusedError."""
        return (await self._taken("POST", path, **what)).json()

    async def file(self, path: str, **params: Any) -> tuple[bytes, str]:
        """Return a file and its type. Raises DoorRefusedError."""
        answer = await self._taken("GET", path, params=params)
        return answer.content, answer.headers.get("content-type", "application/octet-stream")

    async def posted_file(self, path: str, **what: Any) -> tuple[bytes, str]:
        """Send a file in and return the one that comes back, with its type. Raises DoorRefusedError."""
        answer = await self._taken("POST", path, **what)
        return answer.content, answer.headers.get("content-type", "application/octet-stream")

    async def _taken(self, method: str, path: str, **what: Any) -> httpx2.Response:
        answer = await self._answer(method, path, **what)
        if answer.is_error:
            raise refusal_of(answer)
        return answer

    async def _answer(self, method: str, path: str, **what: Any) -> httpx2.Response:
        try:
            headers = {"X-Yingbao-Key": self.key, "Accept-Language": language()}
            return await self.http.request(method, path, headers=headers, **what)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise DoorRefusedError(503, type(error).__name__, "系统繁忙，请稍后再试") from None


def said_by(answer: httpx2.Response) -> dict[str, Any]:
    """Return what an answer says; nothing if it is none of the door's."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def refusal_of(answer: httpx2.Response) -> DoorRefusedError:
    """Return what the door said; a body that is none of its own has no words."""
    said = said_by(answer)
    message = "：".join(word for word in (said.get("message"), said.get("detail")) if word)
    return DoorRefusedError(
        answer.status_code, said.get("reason", "failed"), message or "未能办理",
        field=said.get("field", ""), rejected=said.get("rejected", []),
    )  # fmt: skip
