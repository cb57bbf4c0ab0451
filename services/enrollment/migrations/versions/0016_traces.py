"""An announcement keeps what it follows from, also when another process publishes it."""

from chassis.fact_tables import with_its_trace, without_its_trace
from chassis.migrating import execute

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    execute(with_its_trace())


def downgrade() -> None:
    execute(without_its_trace())
