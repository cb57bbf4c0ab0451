"""What each service's ``migrations/env.py`` runs: its own schema, its own version table."""

from alembic import context
from sqlalchemy import text


def run() -> None:
    """Migrate the schema of the service that ``chassis.store.migrate`` is working on."""
    config = context.config
    connection, schema = config.attributes["connection"], config.attributes["schema"]
    connection.execute(text(f"SET search_path TO {schema}"))
    context.configure(
        connection=connection,
        version_table="schema_version",
        version_table_schema=schema,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
