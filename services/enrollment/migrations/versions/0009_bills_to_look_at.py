"""Bills that somebody has to look at open issues of the problem desk."""

from alembic import op

revision = "0009"
down_revision = "0008"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE bill_question (person text NOT NULL, claim text NOT NULL, kind text NOT NULL,"
        " year int NOT NULL, detail text NOT NULL, revision int NOT NULL,"
        " PRIMARY KEY (person, claim))"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON bill_question TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE bill_question")
