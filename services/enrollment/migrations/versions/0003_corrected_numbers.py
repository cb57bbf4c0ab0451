"""Corrected identity numbers: whose the sealed identity is, and which numbers a person had before."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE resident ADD COLUMN identity_of text NOT NULL DEFAULT '',"
        " ADD COLUMN formerly text[] NOT NULL DEFAULT '{}'"
    )
    op.execute("CREATE INDEX resident_renumbered ON resident (person) WHERE formerly <> '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE resident DROP COLUMN identity_of, DROP COLUMN formerly")
