"""Announcements are kept until who reads them has them: the bus may lose its messages."""

from alembic import op

from chassis.fact_tables import forgotten_once_confirmed, kept_until_received

revision = "0006"
down_revision = "0005"
ROLE = "yingbao_settlement"


def upgrade() -> None:
    for statement in kept_until_received(ROLE):
        op.execute(statement)


def downgrade() -> None:
    for statement in forgotten_once_confirmed():
        op.execute(statement)
