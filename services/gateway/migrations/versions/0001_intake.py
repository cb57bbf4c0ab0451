"""What the door accepted, for good, and what of it is on its way."""

from alembic import op

from chassis.fact_tables import kept_until_received, outbox_grant, outbox_table
from chassis.migrating import execute

revision = "0001"
down_revision = None
ROLE = "yingbao_gateway"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE intake (id text PRIMARY KEY, subject text NOT NULL, said timestamptz NOT NULL,"
        " payload bytea NOT NULL, holder text NOT NULL, accepted timestamptz NOT NULL DEFAULT now())"
    )
    op.execute("CREATE INDEX intake_by_time ON intake (accepted)")
    # What was accepted is never changed and never taken out.
    op.execute(f"GRANT SELECT, INSERT ON intake TO {ROLE}")
    execute([outbox_table(), outbox_grant(ROLE), *kept_until_received(ROLE)])


def downgrade() -> None:
    op.execute("DROP TABLE intake, outbox, stream_seen, position")
