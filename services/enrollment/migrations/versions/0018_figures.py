"""What was worked out of everybody is kept, so that a page need not wait for it."""

from alembic import op

revision = "0018"
down_revision = "0017"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE figure (name text NOT NULL, year int NOT NULL, level text NOT NULL,"
        " worked_out timestamptz NOT NULL, took_ms int NOT NULL, asked timestamptz NOT NULL,"
        " lines text NOT NULL, PRIMARY KEY (name, year, level))"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON figure TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE figure")
