"""Signing in and out, and the purpose for which persons are looked at."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from chassis.clock import system_clock
from chassis.telemetry import logger
from services.console.accounts import Opened, open_with, read_accounts
from services.console.sessions import LOGIN_TRIES, Session
from services.console.visitor import COOKIE, Who, to

router = APIRouter()
WRONG = "账号、密码或动态码不正确"
TRIES: RateLimitItem = parse(LOGIN_TRIES)
_limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
_used: dict[str, str] = {}
"""Login → the code of its second factor that was used last: none counts twice."""


@router.get("/login")
async def ask(request: Request, then: str = "/") -> Response:
    return _form(request, then, "")


@router.post("/login")
async def sign_in(
    request: Request,
    login: Annotated[str, Form(max_length=40)],
    password: Annotated[str, Form(max_length=200)],
    code: Annotated[str, Form(max_length=10)] = "",
    then: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    if not _limiter.test(TRIES, login):
        return _form(request, then, "尝试次数过多，请15分钟后再试", 429)
    opened = await asyncio.to_thread(_opened, request, login, password, code)
    if opened is None:
        _limiter.hit(TRIES, login)
        logger().warning("console.refused_login", login=login[:40])
        return _form(request, then, WRONG, 401)
    account = read_accounts(request.app.state.settings.console_accounts_file)[login]
    id_ = request.app.state.sessions.enter(login, account.name, account.holder, opened.key)
    answer = to(_inside(then))
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, id_, httponly=True, samesite="strict", secure=secure)
    return answer


@router.post("/logout")
async def sign_out(who: Who) -> Response:
    who.request.app.state.sessions.end(who.request.cookies.get(COOKIE, ""))
    answer = to("/login")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/purpose")
async def ask_purpose(who: Who, then: str = "/") -> Response:
    return who.page("purpose.html", then=_inside(then))


@router.post("/purpose")
async def say_purpose(who: Who) -> Response:
    said = await who.form()
    who.session.purpose = said.get("purpose", "")[:60]
    return to(_inside(said.get("then", "/")))


def _opened(request: Request, login: str, password: str, code: str) -> Opened | None:
    """Return what somebody's password opens, if the second factor's code fits as well."""
    account = read_accounts(request.app.state.settings.console_accounts_file).get(login)
    if account is None:
        return None
    opened = open_with(account, password)
    if opened is None or not opened.accepts(code, system_clock()):
        return None
    if opened.secret and _used.get(login) == code:
        return None
    _used[login] = code
    return opened


def _inside(then: str) -> str:
    """Return a page of the console; anything else is none of ours."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"


def _form(request: Request, then: str, wrong: str, status: int = 200) -> Response:
    none: Session | None = None
    known = {"then": _inside(then), "wrong": wrong, "visitor": none, "path": "/login"}
    templates = request.app.state.templates
    return templates.TemplateResponse(request, "login.html", known, status_code=status)  # type: ignore[no-any-return]
