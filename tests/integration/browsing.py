"""Somebody with a browser before the console: forms with their token, pages by address."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pyotp
import pytest
from fastapi import FastAPI

from services.console.app import build
from services.console.settings import ConsoleSettings
from yingbao.running.accounts import ACCOUNTS, add_account
from yingbao.running.stack import Stack

PASSWORD = "a password for tests"
TOWN = "城关镇"


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


@asynccontextmanager
async def console_of(stack: Stack, **more: Any) -> AsyncIterator[FastAPI]:
    """A console before the platform's door."""
    told = {"gateway_url": stack.gateway_url, "console_accounts_file": stack.directory / ACCOUNTS}
    app = build(ConsoleSettings.model_validate(told | more))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
def accounts(stack: Stack) -> str:
    """A clerk of the bureau with a second factor, and an officer of a township without."""
    made = add_account(stack.directory, stack.county, "clerk", "县局甲", "", PASSWORD)
    add_account(
        stack.directory, stack.county, "officer", "乡镇乙", TOWN, PASSWORD, second_factor=False
    )
    return made.secret


@pytest.fixture
async def console(stack: Stack, accounts: str) -> AsyncIterator[FastAPI]:
    """The console."""
    async with console_of(stack) as found:
        yield found


@pytest.fixture
async def clerk(console: FastAPI, accounts: str) -> Person:
    """The bureau's clerk, signed in."""
    found = Person(console)
    await found.sign_in("clerk", await fresh_code(accounts))
    return found


@pytest.fixture
async def officer(console: FastAPI) -> Person:
    """The township's officer, signed in."""
    found = Person(console)
    await found.sign_in("officer")
    return found


async def fresh_code(secret: str) -> str:
    """Return this moment's code; the console is a new one for each test, and has seen none."""
    return pyotp.TOTP(secret).now()
