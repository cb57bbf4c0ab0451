"""What was accepted keeps its trace, by which a caller's question months later finds the bill."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # In the order of who writes: the other way round each would wait for the other.
    execute(["ALTER TABLE intake ADD COLUMN trace text NOT NULL DEFAULT ''", *with_its_trace()])


def downgrade() -> None:
    execute([*without_its_trace(), "ALTER TABLE intake DROP COLUMN trace"])
