"""What stands before every page: how much may come in, what no other site may send, what answers carry."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.formparsers import MultiPartParser
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.language import CHINESE, speak, tr

FORM_BYTES_MAX, SHEET_BYTES_MAX = 64 << 10, 4_300_000
LIST_BYTES_MAX, REGISTER_BYTES_MAX = 31_000_000, 151_000_000
UPLOADS = {
    "/lists": LIST_BYTES_MAX, "/city/counts": LIST_BYTES_MAX, "/city/check-lists": LIST_BYTES_MAX,
    "/lists/register": REGISTER_BYTES_MAX, "/desk/sheet": SHEET_BYTES_MAX, "/attachments": SHEET_BYTES_MAX,
}  # fmt: skip
"""Where files come in, and how large; every other form is small."""
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
}  # fmt: skip
"""What a person's page is goes nowhere: not into a frame, a cache, another site's log."""


LANGUAGE = "yingbao-language"
"""A cookie: in which language somebody reads. A browser's own wish counts for nothing: offices share them."""


class TooLargeError(Exception):
    """More came than a page's form can hold."""


class Guard:
    """Lets a call in that is neither too large nor from elsewhere, and marks every answer, also a failure."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # A list of people is never written to a temporary file in clear.
        MultiPartParser.spool_max_size = max(UPLOADS.values()) + 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        marked = _marked(send, static=scope["path"].startswith("/static/"))
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        most = UPLOADS.get(scope["path"], FORM_BYTES_MAX)
        speak(_chosen(headers.get(b"cookie", "")))
        said = headers.get(b"content-length", "0")
        if not said.isdecimal() or int(said) > most:
            await PlainTextResponse(tr("内容过大"), 413)(scope, receive, marked)
            return
        if scope["method"] not in {"GET", "HEAD"} and _is_foreign(headers):
            await PlainTextResponse(tr("不接受其他网站提交的内容"), 403)(scope, receive, marked)
            return
        try:
            await self._app(scope, _measured(receive, most), marked)
        except TooLargeError:
            await PlainTextResponse(tr("内容过大"), 413)(scope, receive, marked)


def _chosen(cookies: str) -> str:
    """Return the language that somebody chose, whatever other cookies there are."""
    return str(cookie_parser(cookies).get(LANGUAGE, CHINESE))


def _is_foreign(headers: Mapping[bytes, str]) -> bool:
    """Tell whether a form comes from elsewhere: by what browsers say of it, over TLS and without."""
    if headers.get(b"sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = headers.get(b"origin", "")
    return origin not in {"", "null"} and origin.partition("://")[2] != headers.get(b"host", "")


def _marked(send: Send, *, static: bool) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                if not (static and name == "Cache-Control"):
                    found[name] = value
        await send(message)

    return marked


def _measured(receive: Receive, most: int) -> Receive:
    size = 0

    async def measured() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise TooLargeError
        return message

    return measured
