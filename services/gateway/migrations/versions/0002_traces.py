"""What was accepted keeps its trace, by which a caller's question months later finds the bill."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    execute([*with_its_trace(), "ALTER TABLE intake ADD COLUMN trace text NOT NULL DEFAULT ''"])


def downgrade() -> None:
    execute([*without_its_trace(), "ALTER TABLE intake DROP COLUMN trace"])
