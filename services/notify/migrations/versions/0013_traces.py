"""An announcement and a text message keep what they follow from."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # In the order of who writes: the other way round each would wait for the other.
    execute(["ALTER TABLE sms ADD COLUMN trace text NOT NULL DEFAULT ''", *with_its_trace()])


def downgrade() -> None:
    execute([*without_its_trace(), "ALTER TABLE sms DROP COLUMN trace"])
