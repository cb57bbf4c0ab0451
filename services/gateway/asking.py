"""Asks a service over request/reply on behalf of whoever stands at the door."""

from typing import TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from pydantic import BaseModel, TypeAdapter

from services.gateway.refusals import RefusedError

Answer = TypeVar("Answer")
ANSWER_SECONDS = 60.0


async def ask(
    nc: Client,
    subject: str,
    question: BaseModel,
    answer: type[Answer],
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """Ask and return the answer. Raises RefusedError with 503 if nobody answers in time."""
    try:
        reply = await nc.request(
            subject, question.model_dump_json().encode(), timeout=seconds,
            headers={"content-type": "application/json"},
        )  # fmt: skip
    except (TimeoutError, NatsError, OSError) as error:
        raise RefusedError("bus_unavailable", status=503) from error
    return TypeAdapter(answer).validate_json(reply.data)
