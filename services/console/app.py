"""The console's application: pages, what every answer carries, and what becomes of a refusal."""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from prometheus_client import REGISTRY, make_asgi_app
from starlette.exceptions import HTTPException

from chassis.language import language, tr
from chassis.release import VERSION
from chassis.telemetry import logger
from services.console.drawing import drawn_in_every_language
from services.console.guarding import Guard
from services.console.knocking import DoorRefusedError
from services.console.months import Months
from services.console.pages import ROUTERS
from services.console.sessions import Sessions
from services.console.settings import ConsoleSettings
from services.console.tries import Tries
from services.console.visitor import (
    COOKIE,
    ForgedFormError,
    PurposeError,
    SignInError,
    by_itself,
    to,
)

HERE = Path(__file__).parent
DOOR_SECONDS = 120.0
WORDS = {404: "没有这个页面", 413: "内容过大"}


def build(settings: ConsoleSettings) -> FastAPI:
    """Build the console."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with httpx2.AsyncClient(
            base_url=settings.gateway_url, timeout=DOOR_SECONDS, verify=trusted(settings)
        ) as http:
            app.state.http = http
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sessions = Sessions(
        settings.console_idle_minutes * 60, settings.console_day_hours * 3_600
    )
    app.state.tries = Tries()
    app.state.months = Months()
    app.state.templates = drawn_in_every_language(HERE / "templates")
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.mount("/metrics", make_asgi_app(REGISTRY))
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/healthz", _well)
    app.add_api_route("/readyz", _ready)
    _answer_refusals(app)
    app.add_middleware(Guard)
    return app


async def _well() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


async def _ready(request: Request) -> Response:
    """Say whether a page could be drawn: without the door there is none."""
    try:
        answer = await request.app.state.http.get("/readyz", timeout=5)
    except httpx2.HTTPError as error:
        return JSONResponse({"status": "no door", "reason": type(error).__name__}, 503)
    return JSONResponse({"status": "ok" if answer.is_success else "no door"}, answer.status_code)


def trusted(settings: ConsoleSettings) -> ssl.SSLContext | bool:
    """Return whose certificate the door may show: an authority's, or on this machine exactly its own."""
    if settings.door_cert_file is not None:
        found = ssl.create_default_context(cafile=str(settings.door_cert_file))
        found.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        found.check_hostname = False  # it is the very certificate: whatever name it has
        return found
    if settings.door_ca_file is not None:
        return ssl.create_default_context(cafile=str(settings.door_ca_file))
    return True


def _answer_refusals(app: FastAPI) -> None:
    @app.exception_handler(SignInError)
    async def sign_in(request: Request, error: SignInError) -> Response:
        page = "/purpose" if isinstance(error, PurposeError) else "/login"
        where = f"{page}?then={quote(error.then, safe='')}"
        # A part that a page fetches again would be put where the sign-in page has none.
        return Response(None, 204, {"HX-Redirect": where}) if by_itself(request) else to(where)

    @app.exception_handler(ForgedFormError)
    async def forged(request: Request, _: ForgedFormError) -> Response:
        return _refused(request, 403, "表单已失效，请返回重新填写")

    @app.exception_handler(DoorRefusedError)
    async def refused(request: Request, error: DoorRefusedError) -> Response:
        if error.status == 401:
            request.app.state.sessions.end(request.cookies.get(COOKIE, ""))
            return _refused(request, 401, "您的账号已停用或密钥已更换，请联系县医保局")
        return _refused(request, error.status, error.message, error.reason, error.rejected)

    @app.exception_handler(RequestValidationError)
    async def not_read(request: Request, _: RequestValidationError) -> Response:
        return _refused(request, 422, "填写的内容无法识别，请返回核对")

    @app.exception_handler(HTTPException)
    async def not_there(request: Request, error: HTTPException) -> Response:
        return _refused(request, error.status_code, WORDS.get(error.status_code, "不能这样提交"))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        logger().error("console.failed", path=request.url.path, exc_info=error)
        return _refused(request, 500, "系统出错，已记录，请稍后再试")


def _refused(
    request: Request, status: int, message: str, reason: str = "", rejected: Sequence[Any] = ()
) -> Response:
    templates: Jinja2Templates = request.app.state.templates[language()]
    id_ = request.cookies.get(COOKIE, "")
    found = request.app.state.sessions.of(id_, used=not by_itself(request))
    known = {
        "message": tr(message),
        "reason": reason,
        "visitor": found,
        "path": "/",
        "rejected": rejected,
    }
    known |= {"year": found.year if found else 0, "here": "/"}
    return templates.TemplateResponse(request, "refused.html", known, status_code=status)
