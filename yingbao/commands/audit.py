"""``yingbao audit``: everything held against everything else."""

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING

import typer

from chassis.clock import system_clock
from chassis.language import tr
from yingbao.commands.options import DATA, AsJson, Data, with_bus
from yingbao.commands.recovery import database_of

if TYPE_CHECKING:
    from nats.aio.client import Client

    from contracts.asking import Everything, Query
    from contracts.bill_questions import AuditAnswer
    from yingbao.running.operator import Place


def audit(data: Data = DATA, as_json: AsJson = False) -> None:
    """Fold both books from scratch, and hold door, services and books against each other.

    Every difference is one line: what, what the one side says, what the other. Exit code 1 if there is any.
    What differs is looked at again for a minute, as it may be on its way.
    """
    from contracts.bill_questions import ASSISTANCE_AUDIT, SETTLEMENT_AUDIT
    from yingbao.running.backing_up import BackupError
    from yingbao.running.nightly import note_audit
    from yingbao.running.reconciling import CHECKS, reconcile

    try:
        found = asyncio.run(reconcile(database_of(data)))
    except (BackupError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    lines = [str(one) for one in found]
    for query in (SETTLEMENT_AUDIT, ASSISTANCE_AUDIT):
        answer = with_bus(data, partial(_asked, query))
        lines += [f"{query.service}: {one}" for one in answer.differences]
        if answer.chain_breaks:
            lines.append(f"{query.service}: {answer.chain_breaks} breaks in the chain of postings")
    note_audit(data, system_clock(), len(lines))
    if as_json:
        typer.echo(
            json.dumps(
                {"differences": lines, "checks": [one.name for one in CHECKS]}, ensure_ascii=False
            )
        )
    else:
        typer.echo("\n".join(lines) if lines else tr("no difference"))
    if lines:
        raise typer.Exit(1)


async def _asked(
    query: "Query[Everything, AuditAnswer]", nc: "Client", _: "Place"
) -> "AuditAnswer":
    from chassis.asking import ask
    from contracts.asking import Everything

    return await ask(nc, query, Everything())
