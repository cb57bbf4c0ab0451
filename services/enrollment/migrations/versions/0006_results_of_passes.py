"""What each pass said of whom: the result that goes back to the roster owner."""

from alembic import op

revision = "0006"
down_revision = "0005"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE review_finding (run int NOT NULL, person text NOT NULL, kind text NOT NULL,"
        " change text NOT NULL, detail text NOT NULL, PRIMARY KEY (run, person, kind))"
    )
    op.execute(f"GRANT SELECT, INSERT ON review_finding TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE review_finding")
