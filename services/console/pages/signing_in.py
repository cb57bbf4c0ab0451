"""Signing in and out, and the purpose for which persons are looked at."""

import secrets
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from chassis.language import LANGUAGES, language, tr
from chassis.telemetry import logger
from services.console.accounts import read_accounts
from services.console.guarding import LANGUAGE
from services.console.sessions import Session
from services.console.tries import Tries
from services.console.visitor import COOKIE, Who, inside, same, to

router = APIRouter()
WRONG = "账号、密码或动态码不正确"
A_YEAR = 31_536_000
FIRST = "yingbao-first"
"""A cookie that the sign-in page sets and its form repeats: another site knows it not."""


@router.get("/login")
async def ask(request: Request, then: str = "/") -> Response:
    return _form(request, then, "")


@router.post("/login")
async def sign_in(
    request: Request,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/",
    form: Annotated[str, Form()] = "",
) -> Response:
    """Sign in: too many tries, a form that was not ours and a wrong word are three different refusals."""
    tries: Tries = request.app.state.tries
    login, code, address = login.strip(), "".join(code.split()), _address(request)
    if not same(form, request.cookies.get(FIRST, "")):
        return _form(request, then, "页面已过期，请重新填写", 403)
    if not tries.allows(login, address):
        return _form(request, then, "尝试次数过多，请15分钟后再试", 429)
    account = read_accounts(request.app.state.settings.console_accounts_file).get(login)
    opened = await tries.opened(account, password, code)
    if account is None or opened is None:
        logger().warning("console.refused_login", address=address)
        return _form(request, then, WRONG, 401)
    tries.forget(login, address)
    request.app.state.sessions.end(request.cookies.get(COOKIE, ""))
    id_ = request.app.state.sessions.enter(login, account.name, account.holder, opened.key)
    answer = to(inside(then))
    answer.set_cookie(COOKIE, id_, **_kept(request))
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _kept(request: Request) -> dict[str, Any]:
    return {"httponly": True, "samesite": "strict", "secure": request.url.scheme == "https"}


@router.get("/language/{wanted}")
async def read_in(wanted: str, request: Request, then: str = "/") -> Response:
    """Show pages in a language from here on; also before somebody signs in."""
    answer = to(inside(then))
    if wanted in LANGUAGES:
        answer.set_cookie(LANGUAGE, wanted, max_age=A_YEAR, **_kept(request))
    return answer


@router.post("/logout")
async def sign_out(who: Who) -> Response:
    who.request.app.state.sessions.end(who.request.cookies.get(COOKIE, ""))
    answer = to("/login")
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/purpose")
async def ask_purpose(who: Who, then: str = "/") -> Response:
    return who.page("purpose.html", then=inside(then))


@router.post("/purpose")
async def say_purpose(who: Who) -> Response:
    said = await who.form()
    who.session.purpose = said.get("purpose", "")[:60]
    return to(inside(said.get("then", "/")))


def _form(request: Request, then: str, wrong: str, status: int = 200) -> Response:
    none: Session | None = None
    token = request.cookies.get(FIRST, "") or secrets.token_urlsafe(24)
    known = {
        "then": inside(then),
        "wrong": tr(wrong),
        "visitor": none,
        "path": "/login",
        "here": f"/login?then={quote(inside(then), safe='')}",
        "token": token,
    }
    templates = request.app.state.templates[language()]
    page: Response = templates.TemplateResponse(request, "login.html", known, status_code=status)
    page.set_cookie(FIRST, token, **_kept(request))
    return page
