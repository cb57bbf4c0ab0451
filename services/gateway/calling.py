"""Who calls, and how much of what they send is read: common to the door's routes."""

from typing import Annotated

from fastapi import Header, Request, UploadFile

from chassis.clock import today
from chassis.telemetry import redact
from contracts.vocabulary import Source
from services.gateway.door import Door
from services.gateway.refusals import NUL, RefusedError
from services.gateway.settings import BATCH_LINES_MAX, PartnerKeys

COUNTY = ""
"""The area of the bureau: every township."""
Key = Annotated[str, Header(alias="X-Yingbao-Key", description="The partner's or hospital's key.")]


async def body_of(request: Request, most: int, reason: str = "body_too_large") -> bytes:
    """Read a request's body, stopping as soon as it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise RefusedError(reason, status=413)
        chunks.append(chunk)
    return b"".join(chunks)


def lines_of(body: bytes) -> list[bytes]:
    """Return the lines of a batch. Raises RefusedError for none, or for too many."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise RefusedError("no_valid_row")
    if len(lines) > BATCH_LINES_MAX:
        raise RefusedError("too_many_rows", status=413)
    return lines


async def file_of(file: UploadFile, most: int) -> bytes:
    """Return an uploaded file's bytes. Raises RefusedError with 413 for one above the limit."""
    content = await file.read(most + 1)
    if len(content) > most:
        raise RefusedError("file_too_large", "file", 413)
    return content


def holder_of(keys: PartnerKeys, key: str) -> str:
    """Return whose key this is. Raises RefusedError with 401."""
    holder = keys.holder(key)
    if not holder:
        raise RefusedError("key_refused", status=401)
    return holder


def provider_of(keys: PartnerKeys, key: str) -> str:
    """Return the hospital whose key this is. Raises RefusedError with 401 or 403."""
    holder = holder_of(keys, key)
    if not holder.startswith("hospital/"):
        raise RefusedError("key_refused", "provider", 403)
    return holder.removeprefix("hospital/")


def source_of(keys: PartnerKeys, key: str, source: str) -> Source:
    """Return the source, if the key is its own. Raises RefusedError with 401, 403 or 404."""
    holder = holder_of(keys, key)
    try:
        known = Source(source)
    except ValueError:
        raise RefusedError("unknown_source", "source", 404) from None
    if holder.partition("/")[0] != known.value:
        raise RefusedError("key_refused", "source", 403)
    return known


def purpose(why: str) -> str:
    """Return what a reading is for. Raises RefusedError if it names a number: it is written down."""
    if NUL in why:
        raise RefusedError("invalid_value", "why")
    if redact(why) != why:
        raise RefusedError("identity_in_text", "why")
    return why


def area_of(keys: PartnerKeys, key: str) -> str:
    """Return an officer's township, or COUNTY. Raises RefusedError with 401 or 403."""
    holder = keys.holder(key)
    if not holder:
        raise RefusedError("key_refused", status=401)
    office, _, township = holder.partition("/")
    if office == Source.BUREAU.value:
        return COUNTY
    if office == Source.TOWNSHIP_OFFICE.value and township:
        return township
    raise RefusedError("key_refused", "office", 403)


def within(area: str, township: str, door: Door) -> str:
    """Return the township that may be asked about, by its official name.

    Raises RefusedError for another one's, and for one that this county has not.
    """
    if not township:
        return area
    try:
        named = door.place(township, today(door.clock))
    except RefusedError as error:
        raise RefusedError(error.reason, "township") from None
    if area not in {COUNTY, named}:
        raise RefusedError("outside_area", "township", 403)
    return named
