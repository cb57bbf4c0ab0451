"""An announcement keeps what it follows from, also when another process publishes it."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(with_its_trace())


def downgrade() -> None:
    execute(without_its_trace())
