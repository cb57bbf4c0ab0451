"""Long calls that tell how far they are: JSON lines with done and total, the answer on the last."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from fastapi.responses import StreamingResponse

from chassis.language import tr
from services.gateway.refusals import RefusedError

Tell = Callable[[int, int], None]
"""(done, total) of whatever is counted: bytes read, facts sent."""


def untold(_done: int, _total: int) -> None:
    """Tell nobody."""


def streamed(job: Callable[[Tell], Awaitable[dict[str, Any]]]) -> StreamingResponse:
    """Run a job and stream its progress; a refusal is the last line, with its status.

    The job goes on if the caller goes away: what was begun is not left half-done.
    """
    lines: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def tell(done: int, total: int) -> None:
        lines.put_nowait({"done": done, "total": total})

    async def run() -> None:
        try:
            lines.put_nowait({"answer": await job(tell), "status": 200})
        except RefusedError as error:
            lines.put_nowait({"answer": error.body(), "status": error.status})
        except Exception:
            lines.put_nowait(
                {"answer": {"reason": "bug", "message": tr("内部错误")}, "status": 500}
            )
            raise

    task = asyncio.create_task(run())

    async def body() -> AsyncIterator[bytes]:
        while True:
            line = await lines.get()
            yield orjson.dumps(line) + b"\n"
            if "answer" in line:
                await asyncio.gather(task, return_exceptions=True)
                return

    return StreamingResponse(body(), media_type="application/x-ndjson")
