"""A room that owes and books: what it answers about its decisions, its postings and itself.

Settlement and assistance are two of them; a further one brings the same parts and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import factset
from chassis.asking import Answers, answers
from chassis.audit import Finding, accounts, audit
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.years import Years
from contracts.asking import Everything, Query
from contracts.bill_questions import AboutClaim, AuditAnswer, BookAnswer, ExplainAnswer
from contracts.events.base import Event

_HISTORY = text(
    "SELECT revision, debit, credit, amount FROM posting WHERE person = :person AND"
    " claim = :claim ORDER BY seq"
)
Decided = dict[str, tuple[str, dict[str, int]]]
"""Claim → (its decision as one comparable line, account → fen)."""


class Line(Protocol):
    """A step of a decision, in words."""

    @property
    def zh(self) -> str:
        """In Chinese, with rate and clause."""

    @property
    def en(self) -> str:
        """The same in English."""

    @property
    def family(self) -> str:
        """In words of a family."""


def nothing_added(_: Settings, __: Sequence[Event], ___: str) -> Sequence[str]:
    """Say nothing: what this room pays at all, it pays by category."""
    return ()


@dataclass(frozen=True, slots=True)
class MoneyRoom:
    """What makes a money room this one.

    ``pool``: the counter-account of its postings; ``whose``: SQL, claim (and ``asked``) → person;
    ``refold``: all facts of a person → what is decided, from scratch; ``standing``: what was announced;
    ``trail``: the steps that led to a claim's decision; ``posting_zh``: a posting as a sentence; ``added``:
    what the person's category added to a claim, a sentence a part.
    """

    pool: str
    whose: TextClause
    refold: Callable[[Settings, Sequence[Event]], Decided]
    standing: Callable[[AsyncConnection, Mapping[str, Years]], Any]
    trail: Callable[[Settings, Sequence[Event], str], Sequence[Line]]
    posting_zh: Callable[[Any], str]
    asked: Mapping[str, str] = field(default_factory=dict)
    added: Callable[[Settings, Sequence[Event], str], Sequence[str]] = nothing_added

    def answers(
        self,
        explain: Query[AboutClaim, ExplainAnswer],
        ledger: Query[Everything, BookAnswer],
        audit_: Query[Everything, AuditAnswer],
    ) -> tuple[Answers, ...]:
        """Return what it answers, each question under the subject of its service."""
        return (
            answers(explain, self.explained),
            answers(ledger, self.added_up),
            answers(audit_, self.audited),
        )

    async def explained(self, runtime: Runtime, question: AboutClaim) -> ExplainAnswer:
        """Fold the person again, this time writing down every step, and tell the claim's postings."""
        claim = question.claim
        async with runtime.look() as connection:
            row = (await connection.execute(self.whose, {**self.asked, "claim": claim})).first()
            if row is None:
                return ExplainAnswer(claim=claim, zh=[], en=[])
            events = (await factset.read_events(connection, [row.person]))[row.person]
            rows = await connection.execute(_HISTORY, {"person": row.person, "claim": claim})
            history = [self.posting_zh(one) for one in rows]
        trail = self.trail(runtime.settings, events, claim)
        return ExplainAnswer(
            claim=claim, zh=[line.zh for line in trail], en=[line.en for line in trail],
            family=[line.family for line in trail], history=history,
            added=list(self.added(runtime.settings, events, claim)),
        )  # fmt: skip

    async def added_up(self, runtime: Runtime, _: Everything) -> BookAnswer:
        """Add the book up."""
        found, count = await accounts(runtime.engine, self.pool)
        return BookAnswer(accounts=found, postings=count)

    async def audited(self, runtime: Runtime, _: Everything) -> AuditAnswer:
        """Fold everything from scratch and compare."""
        found = await self.check(runtime.engine, runtime.settings)
        return AuditAnswer(
            claims=found.claims, differences=found.differences, digest=found.digest,
            chain_breaks=found.chain_breaks,
        )  # fmt: skip

    async def check(self, engine: AsyncEngine, settings: Settings) -> Finding:
        """Audit every person."""
        return await audit(engine, partial(self.refold, settings), self.standing, self.pool)
