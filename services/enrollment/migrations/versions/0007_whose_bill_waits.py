"""Whose bill waits for coverage: asked of the register, once a person and year."""

from alembic import op

revision = "0007"
down_revision = "0006"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE coverage_asked (person text NOT NULL, year int NOT NULL, confirmed text,"
        " PRIMARY KEY (person, year))"
    )
    op.execute("CREATE INDEX coverage_open ON coverage_asked (year) WHERE confirmed IS NULL")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON coverage_asked TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE coverage_asked")
