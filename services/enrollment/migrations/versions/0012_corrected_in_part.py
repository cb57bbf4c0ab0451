"""A corrected list replaces what the earlier ones of its month said of the categories that it names."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE full_list ADD COLUMN gone text[] NOT NULL DEFAULT '{}'")
    op.execute("UPDATE full_list SET gone = names, names = '{}' WHERE state = 'superseded'")
    op.execute("ALTER TABLE full_list DROP COLUMN superseded_by")


def downgrade() -> None:
    op.execute("ALTER TABLE full_list ADD COLUMN superseded_by text NOT NULL DEFAULT ''")
    op.execute("UPDATE full_list SET names = gone WHERE state = 'superseded'")
    op.execute("ALTER TABLE full_list DROP COLUMN gone")
