"""Under which number a hospital sent a claim, and what went to the right one after a correction."""

from alembic import op

revision = "0002"
down_revision = "0001"
ROLE = "yingbao_settlement"


def upgrade() -> None:
    op.execute("ALTER TABLE claim ADD COLUMN submitted_for text NOT NULL DEFAULT ''")
    op.execute("UPDATE claim SET submitted_for = person")
    op.execute(
        "CREATE TABLE forwarded (person text NOT NULL, target text NOT NULL,"
        " content text NOT NULL, PRIMARY KEY (person, target))"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON forwarded TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE forwarded")
    op.execute("ALTER TABLE claim DROP COLUMN submitted_for")
