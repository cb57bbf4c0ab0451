"""Somebody with a browser before the console: forms with their token, pages by address."""

import re
from typing import Any

import httpx2
from fastapi import FastAPI

PASSWORD = "a password for tests"


class Person:
    """Somebody with a browser."""

    def __init__(self, app: FastAPI) -> None:
        transport = httpx2.ASGITransport(app)
        self.http = httpx2.AsyncClient(
            transport=transport, base_url="http://console", follow_redirects=True, timeout=60
        )
        self.token = ""

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        """Look at a page."""
        answer = await self.http.get(path, params=params or None)
        if found := re.search(r'name="form" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer

    async def post(self, path: str, files: Any = None, **said: str) -> httpx2.Response:
        """Send a form of the console."""
        return await self.http.post(path, data={"form": self.token, **said}, files=files)

    async def sign_in(
        self, login: str, code: str = "", password: str = PASSWORD
    ) -> httpx2.Response:
        """Sign in, and say what people are looked at for."""
        await self.get("/login")
        answer = await self.post("/login", login=login, password=password, code=code)
        await self.get("/people")
        await self.post("/purpose", purpose="入户核对", then="/people")
        return answer
