"""For whom a contact was sealed: a person's number may have been corrected since."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE contact ADD COLUMN sealed_for text NOT NULL DEFAULT ''")
    op.execute("UPDATE contact SET sealed_for = person")


def downgrade() -> None:
    op.execute("ALTER TABLE contact DROP COLUMN sealed_for")
