"""Announcements are kept until who reads them has them: the bus may lose its messages."""

from chassis.fact_tables import forgotten_once_confirmed, kept_until_received
from chassis.migrating import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(kept_until_received("yingbao_assistance"))


def downgrade() -> None:
    execute(forgotten_once_confirmed())
