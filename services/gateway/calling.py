"""How much of what a caller sends is read."""

from fastapi import Request, UploadFile

from services.gateway.refusals import RefusedError
from services.gateway.settings import BATCH_LINES_MAX


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
