"""Who looks at a page: a dependency of every page but the sign-in, by which every form is checked."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from chassis.clock import system_clock, today
from chassis.language import language, tr
from services.console.knocking import Knock
from services.console.sessions import Session

COOKIE = "yingbao-session"


class SignInError(Exception):
    """Nobody is signed in; ``then``: the page to go on with."""

    def __init__(self, then: str) -> None:
        super().__init__("sign in")
        self.then = then


class PurposeError(SignInError):
    """Persons are looked at only for a purpose, and none was said yet."""


class ForgedFormError(Exception):
    """A form that this console did not hand to this person."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in, on a page."""

    request: Request
    session: Session
    door: Knock

    @property
    def purpose(self) -> str:
        """Return what persons are looked at for. Raises PurposeError if nothing was said."""
        if not self.session.purpose:
            raise PurposeError(_here(self.request))
        return self.session.purpose

    @property
    def year(self) -> int:
        """Return the benefit year that is worked on: what the page's address says, else as before."""
        said = self.request.query_params.get("year", "")
        if re.fullmatch(r"20\d{2}", said):
            if by_itself(self.request):  # a part of a page of that year; what is worked on stays
                return int(said)
            self.session.year = int(said)
        self.session.year = self.session.year or today(system_clock).year
        return self.session.year

    def page(self, template: str, **what: Any) -> Response:
        """Draw a page."""
        templates = self.request.app.state.templates[language()]
        known = {"visitor": self.session, "path": self.request.url.path, "year": self.year}
        known["here"] = _here(self.request) if self.request.method == "GET" else "/"
        known["said"] = self.request.query_params.get("said", "")
        return templates.TemplateResponse(self.request, template, known | what)  # type: ignore[no-any-return]

    async def back(self, usual: str) -> str:
        """Return the page from which a form came, with its filter."""
        return inside((await self.form()).get("back") or usual)

    async def form(self) -> Mapping[str, str]:
        """Return the words of a form."""
        return {name: str(value).strip() for name, value in (await self.request.form()).items()}

    async def files(self) -> FormData:
        """Return a form with its files."""
        return await self.request.form()


async def _visitor(request: Request) -> Visitor:
    """Return who is signed in. Raises SignInError, and ForgedFormError for a form from elsewhere."""
    sessions, id_ = request.app.state.sessions, request.cookies.get(COOKIE, "")
    found: Session | None = sessions.of(id_, used=not by_itself(request))
    if found is None:
        raise SignInError(_here(request) if request.method == "GET" else "/")
    if request.method == "POST":
        said = await request.form()
        if not same(str(said.get("form", "")), found.form):
            raise ForgedFormError
        if re.fullmatch(r"20\d{2}", str(said.get("year", ""))):
            found.year = int(str(said["year"]))
    return Visitor(request, found, Knock(request.app.state.http, found.key))


def by_itself(request: Request) -> bool:
    """Tell whether a page fetches a part of itself again: nobody sits there, for all that is known."""
    return request.headers.get("hx-request") == "true"


def same(said: str, expected: str) -> bool:
    """Tell whether a token is the expected one, in a time that says nothing; no token is nobody's."""
    return bool(expected) and secrets.compare_digest(said.encode(), expected.encode())


def as_typed(said: str) -> str:
    """Return what somebody typed in one width: a Chinese keyboard writes ``：`` for ``:``."""
    return unicodedata.normalize("NFKC", said).strip()


def part(said: str) -> str:
    """Return what somebody typed as one part of the door's address, and no more of it."""
    return quote(as_typed(said), safe=":")


def inside(then: str) -> str:
    """Return a page of the console; anything else is none of ours."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"


def _here(request: Request) -> str:
    """Return the page's address with its filter, without what was said on it the last time."""
    asked = urlencode(
        [one for one in request.query_params.multi_items() if one[0] not in {"said", "again"}]
    )
    return request.url.path + (f"?{asked}" if asked else "")


Who = Annotated[Visitor, Depends(_visitor)]


def to(path: str, said: str = "") -> RedirectResponse:
    """Go on to a page after a form, with what became of it: reloading it sends nothing again."""
    said = tr(said)
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}said={quote(said)}" if said else path, 303)


def handed(made: tuple[bytes, str], name: str) -> Response:
    """Hand on a file that the door made, under a name that people read."""
    content, type_ = made
    shown = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=type_, headers=shown)
