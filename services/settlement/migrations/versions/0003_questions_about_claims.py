"""What somebody has to look at about a claim."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE claim ADD COLUMN question text NOT NULL DEFAULT '',"
        " ADD COLUMN question_revision int NOT NULL DEFAULT 0"
    )
    op.execute(
        "CREATE INDEX claim_to_look_at ON claim (provider, discharge, claim)"
        " WHERE outcome IN ('held', 'refused') OR question <> ''"
    )


def downgrade() -> None:
    op.execute("DROP INDEX claim_to_look_at")
    op.execute("ALTER TABLE claim DROP COLUMN question, DROP COLUMN question_revision")
