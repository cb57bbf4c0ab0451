"""An announcement and a text message keep what they follow from."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    execute([*with_its_trace(), "ALTER TABLE sms ADD COLUMN trace text NOT NULL DEFAULT ''"])


def downgrade() -> None:
    execute([*without_its_trace(), "ALTER TABLE sms DROP COLUMN trace"])
