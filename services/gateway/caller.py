"""Who calls: one answer for HTTP and NATS alike, from the key that came with the call."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader

from chassis.clock import today
from contracts.asking import Scope
from contracts.personal import redact
from contracts.vocabulary import Source
from services.gateway.door import Door
from services.gateway.partner_keys import PartnerKeys
from services.gateway.refusals import NUL, RefusedError

COUNTY = ""
"""The area of the bureau: every township."""
Role = Literal["bureau", "auditor", "township", "hospital", "insurer", "department"]
READING = frozenset({
    "/v1/enrollment/persons/lookup", "/v1/enrollment/persons/find", "/v1/enrollment/{year}/check-lists",
    "/v1/enrollment/{year}/counts/comparison",
})  # fmt: skip
"""What is asked by POST and changes nothing: identity numbers and lists stand in no address."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose key it is, what that makes of the caller, and how far it sees.

    ``area``: a township office's township; the bureau's is COUNTY. ``name``: of a hospital its code, of
    a department its own. Somebody of an office has a key of their own, so that it is written down who it
    was: ``bureau/zhang``, ``township_office/城关镇/li``.
    """

    holder: str
    role: Role
    area: str = COUNTY

    @property
    def name(self) -> str:
        """Return a hospital's code, or the department's name."""
        return self.holder.partition("/")[2] if self.role == "hospital" else self.holder

    def officer(self) -> str:
        """Return the area that an officer sees. Raises RefusedError with 403 for who is none."""
        if self.role not in {"bureau", "auditor", "township"}:
            raise RefusedError("key_refused", "office", 403)
        return self.area

    def does(self, method: str, route: str) -> None:
        """Let a call through whose caller may do more than read. Raises RefusedError with 403."""
        if self.role == "auditor" and method not in {"GET", "HEAD"} and route not in READING:
            raise RefusedError("only_reads", status=403)

    def county(self, field: str = "") -> None:
        """Let the bureau pass. Raises RefusedError with 403."""
        if self.officer() != COUNTY:
            raise RefusedError("outside_area", field, 403)

    def passes(self, scope: Scope) -> None:
        """Let a question of that scope be asked for the caller. Raises RefusedError with 403.

        What belongs to somebody (``OWNER``) is looked at by the route, which knows whose it is.
        """
        if scope in {Scope.INSIDE, Scope.OPERATOR}:
            raise RefusedError("key_refused", status=403)
        if scope is Scope.COUNTY:
            self.county()
        elif scope is Scope.OFFICER:
            self.officer()

    def hospital(self) -> str:
        """Return a hospital's code. Raises RefusedError with 403 for who is none."""
        if self.role != "hospital":
            raise RefusedError("key_refused", "provider", 403)
        return self.name

    def speaks_for(self, source: str) -> Source:
        """Return the source, if the key is its own. Raises RefusedError with 403 or 404."""
        try:
            known = Source(source)
        except ValueError:
            raise RefusedError("unknown_source", "source", 404) from None
        own = self.holder.partition("/")[0] if self.role in {"township", "bureau"} else self.holder
        if own != known.value:
            raise RefusedError("key_refused", "source", 403)
        return known

    def hands_in(self, source: str) -> Source:
        """Return whose list it is: the caller's own, or one that the bureau was given on paper or a stick.

        Who handed it in is written down. Raises RefusedError with 403 or 404.
        """
        if self.role == "bureau" and source in {one.value for one in Source}:
            return Source(source)
        return self.speaks_for(source)


def caller_of(keys: PartnerKeys, key: str) -> Caller:
    """Return who calls. Raises RefusedError with 401 for a key that nobody holds."""
    holder = keys.holder(key)
    if not holder:
        raise RefusedError("key_refused", status=401)
    return caller_named(holder)


def caller_named(holder: str) -> Caller:
    """Return what a holder of a key is."""
    kind, _, whose = holder.partition("/")
    if kind == "hospital" and whose:
        return Caller(holder, "hospital")
    if kind == "insurer" and whose:
        return Caller(holder, "insurer")
    if kind == Source.BUREAU.value:
        return Caller(holder, "bureau")
    if kind == "auditor" and whose:
        return Caller(holder, "auditor")
    if kind == Source.TOWNSHIP_OFFICE.value and whose:
        return Caller(holder, "township", whose.partition("/")[0])
    return Caller(holder, "department")


KEY = APIKeyHeader(
    name="X-Yingbao-Key",
    scheme_name="yingbao-key",
    description="部门、医院、县医保局或乡镇医保办的密钥",
    auto_error=False,
)


def _who(request: Request, key: Annotated[str | None, Security(KEY)] = None) -> Caller:
    found = caller_of(request.app.state.keys, key or "")
    found.does(request.method, request.scope["route"].path)
    return found


def _door(request: Request) -> Door:
    """Return the door. Raises RefusedError with 503 until the bus is there."""
    door: Door = request.app.state.door()
    return door


Who = Annotated[Caller, Depends(_who)]
TheDoor = Annotated[Door, Depends(_door)]


def purpose(why: str) -> str:
    """Return what a reading is for. Raises RefusedError if it names a number: it is written down."""
    if NUL in why:
        raise RefusedError("invalid_value", "why")
    if redact(why) != why:
        raise RefusedError("identity_in_text", "why")
    return why


def within(who: Caller, township: str, door: Door) -> str:
    """Return the township that an officer may ask about, by its official name.

    Raises RefusedError for who is no officer, for another's township, and for one that this county has not.
    """
    area = who.officer()
    if not township:
        return area
    try:
        named = door.place(township, today(door.clock))
    except RefusedError as error:
        raise RefusedError(error.reason, "township") from None
    if area not in {COUNTY, named}:
        raise RefusedError("outside_area", "township", 403)
    return named
