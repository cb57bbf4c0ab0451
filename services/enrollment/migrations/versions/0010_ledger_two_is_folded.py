"""Ledger 2 is folded from the days of the rosters; the table that noted each change is not needed."""

from alembic import op

revision = "0010"
down_revision = "0009"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute("DROP TABLE status_change")


def downgrade() -> None:
    op.execute(
        "CREATE TABLE status_change (person text NOT NULL, revision int NOT NULL,"
        " township text NOT NULL, village text NOT NULL, change text NOT NULL, effective date,"
        " before text NOT NULL, after text NOT NULL, batch text NOT NULL DEFAULT '',"
        " recorded timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (person, revision))"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON status_change TO {ROLE}")
