"""Messages of a full list wait until the list counts."""

from alembic import op

revision = "0003"
down_revision = "0002"
ROLE = "yingbao_notify"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE sms ADD COLUMN batch text NOT NULL DEFAULT '',"
        " ADD COLUMN undoes boolean NOT NULL DEFAULT false"
    )
    op.execute("CREATE INDEX sms_held ON sms (batch) WHERE state = 'held'")
    op.execute(
        "CREATE TABLE settled_list (batch text PRIMARY KEY, state text NOT NULL,"
        " settled timestamptz NOT NULL)"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON settled_list TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE settled_list")
    op.execute("ALTER TABLE sms DROP COLUMN batch")
