"""What each service's migrations run on: its own schema, its own version table, and steps that all share."""

from collections.abc import Iterable

from alembic import context, op
from sqlalchemy import text

LOCK_SECONDS = 3
"""So long a step waits for a table that somebody works on: whoever comes behind it waits as long."""


def run() -> None:
    """Migrate the schema of the service that ``chassis.store.migrate`` is working on."""
    config = context.config
    connection, schema = config.attributes["connection"], config.attributes["schema"]
    connection.execute(text(f"SET search_path TO {schema}"))
    connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
    # Alembic opens a transaction a step only where none is open: one over all steps would hold their locks.
    connection.commit()
    context.configure(
        connection=connection,
        version_table="schema_version",
        version_table_schema=schema,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def execute(statements: Iterable[str]) -> None:
    """Run the statements of a step, one after the other."""
    for statement in statements:
        op.execute(statement)
