"""Announcements are kept until who reads them has them: the bus may lose its messages."""

from chassis.fact_tables import forgotten_once_confirmed, kept_until_received
from chassis.migrating import execute

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    execute(kept_until_received("yingbao_enrollment"))


def downgrade() -> None:
    execute(forgotten_once_confirmed())
