"""Asks a service on behalf of whoever stands at the door; what goes wrong is a refusal of the door."""

from collections.abc import AsyncIterator
from functools import partial
from typing import TypeVar

from nats.aio.client import Client

from chassis import asking
from contracts.asking import Query, Question, Refusal
from services.gateway.refusals import RefusedError

Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer")
Page = TypeVar("Page", bound=asking.Paged)


async def ask(nc: Client, query: Query[Asked, Answer], question: Asked) -> Answer:
    """Ask and return the answer. Raises RefusedError with 503 if nobody can answer now, 500 for a bug."""
    try:
        return await asking.ask(nc, query, question)
    except asking.RefusedAnswerError as error:
        if error.refused.reason in {Refusal.UNAVAILABLE, Refusal.TOO_SLOW}:
            raise RefusedError("bus_unavailable", status=503) from error
        raise RefusedError("internal_error", status=500) from error
    except asking.AskError as error:
        raise RefusedError("bus_unavailable", status=503) from error


def ask_pages(nc: Client, query: Query[Asked, Page], question: Asked) -> AsyncIterator[Page]:
    """Ask for one page after the other, as ``ask``."""
    return asking.pages(partial(ask, nc), query, question)
