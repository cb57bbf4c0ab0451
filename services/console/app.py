"""The console's application: pages, what every answer carries, and what becomes of a refusal."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from prometheus_client import REGISTRY, make_asgi_app

from chassis.release import VERSION
from services.console.knocking import DoorRefusedError
from services.console.pages import ROUTERS
from services.console.sessions import Sessions
from services.console.settings import ConsoleSettings
from services.console.visitor import ForgedFormError, PurposeError, SignInError, to
from services.console.words import FILTERS

HERE = Path(__file__).parent
DOOR_SECONDS = 120.0
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
"""What a person's page is goes nowhere: not into a frame, a cache, another site's log."""


def build(settings: ConsoleSettings) -> FastAPI:
    """Build the console."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        trusted = str(settings.door_ca_file) if settings.door_ca_file else True
        async with httpx2.AsyncClient(
            base_url=settings.gateway_url, timeout=DOOR_SECONDS, verify=trusted
        ) as http:
            app.state.http = http
            yield

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.settings = settings
    app.state.sessions = Sessions(
        settings.console_idle_minutes * 60, settings.console_day_hours * 3_600
    )
    app.state.templates = Jinja2Templates(HERE / "templates")
    app.state.templates.env.filters |= FILTERS
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.mount("/metrics", make_asgi_app(REGISTRY))
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/healthz", _well)
    app.add_api_route("/readyz", _well)
    _answer_refusals(app)
    app.middleware("http")(_guarded)
    return app


async def _well() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


async def _guarded(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what another site sends, and mark every answer."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if request.method != "GET" and site not in {"same-origin", "none"}:
        return Response("不接受其他网站提交的内容", 403, media_type="text/plain")
    answer = await go_on(request)
    if not request.url.path.startswith("/static/"):
        answer.headers.update(HEADERS)
    return answer


def _answer_refusals(app: FastAPI) -> None:
    @app.exception_handler(SignInError)
    async def sign_in(_: Request, error: SignInError) -> Response:
        page = "/purpose" if isinstance(error, PurposeError) else "/login"
        return to(f"{page}?then={httpx2.QueryParams({'then': error.then})['then']}")

    @app.exception_handler(ForgedFormError)
    async def forged(request: Request, _: ForgedFormError) -> Response:
        return _refused(request, 403, "表单已失效，请返回重新填写")

    @app.exception_handler(DoorRefusedError)
    async def refused(request: Request, error: DoorRefusedError) -> Response:
        if error.status == 401:
            return _refused(request, 401, "您的账号已停用，请联系县医保局")
        return _refused(request, error.status, error.message, error.reason)


def _refused(request: Request, status: int, message: str, reason: str = "") -> Response:
    templates: Jinja2Templates = request.app.state.templates
    known = {"message": message, "reason": reason, "visitor": None, "path": request.url.path}
    found = request.app.state.sessions.of(request.cookies.get("yingbao-session", ""))
    return templates.TemplateResponse(
        request, "refused.html", known | {"visitor": found}, status_code=status
    )
