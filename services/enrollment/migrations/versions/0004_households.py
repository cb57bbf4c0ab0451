"""Which household a person belongs to, which list spoke last, and when the row changed."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE resident ADD COLUMN household text NOT NULL DEFAULT '',"
        " ADD COLUMN batch text NOT NULL DEFAULT '',"
        " ADD COLUMN updated timestamptz NOT NULL DEFAULT now()"
    )
    op.execute("CREATE INDEX resident_by_household ON resident (household) WHERE household <> ''")


def downgrade() -> None:
    op.execute("ALTER TABLE resident DROP COLUMN household, DROP COLUMN batch, DROP COLUMN updated")
