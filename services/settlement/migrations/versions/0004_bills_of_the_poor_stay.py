"""A bill once decided for a poverty category stays in the ledgers when the category is withdrawn."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE claim ADD COLUMN ever_poor boolean NOT NULL DEFAULT false")
    op.execute("UPDATE claim SET ever_poor = true WHERE category NOT IN ('NONE', '')")


def downgrade() -> None:
    op.execute("ALTER TABLE claim DROP COLUMN ever_poor")
