"""Asks a service on behalf of whoever stands at the door; what goes wrong is a refusal of the door."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Protocol, TypeVar

from nats.aio.client import Client

from chassis import asking
from contracts.asking import Query, Question, Refusal, Scope
from services.gateway.refusals import RefusedError

Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer")
Page = TypeVar("Page", bound=asking.Paged)


async def ask(nc: Client, query: Query[Asked, Answer], question: Asked) -> Answer:
    """Ask for the door itself. Raises RefusedError with 503 if nobody can answer now, 500 for a bug."""
    try:
        return await asking.ask(nc, query, question)
    except asking.RefusedAnswerError as error:
        if error.refused.reason in {Refusal.UNAVAILABLE, Refusal.TOO_SLOW}:
            raise RefusedError("bus_unavailable", status=503) from error
        raise RefusedError("internal_error", status=500) from error
    except asking.AskError as error:
        raise RefusedError("bus_unavailable", status=503) from error


class Asker(Protocol):
    """Who stands at the door."""

    def passes(self, scope: Scope) -> None:
        """Let the caller have a question of that scope asked. Raises RefusedError."""


async def ask_for(who: Asker, nc: Client, query: Query[Asked, Answer], question: Asked) -> Answer:
    """Ask for somebody, as far as the question's scope lets them. Raises RefusedError, also with 403."""
    who.passes(query.scope)
    return await ask(nc, query, question)


def pages_for(
    who: Asker, nc: Client, query: Query[Asked, Page], question: Asked
) -> AsyncIterator[Page]:
    """Ask for one page after the other, as ``ask_for``."""
    return asking.pages(partial(ask_for, who, nc), query, question)


def ask_pages(nc: Client, query: Query[Asked, Page], question: Asked) -> AsyncIterator[Page]:
    """Ask for one page after the other, as ``ask``."""
    return asking.pages(partial(ask, nc), query, question)
