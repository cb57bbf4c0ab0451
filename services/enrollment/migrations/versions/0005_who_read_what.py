"""Who read people's data, what for, and how many: written with the reading, never changed."""

from alembic import op

revision = "0005"
down_revision = "0004"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE access (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " at timestamptz NOT NULL DEFAULT now(), holder text NOT NULL, what text NOT NULL,"
        " area text NOT NULL, why text NOT NULL, people int NOT NULL)"
    )
    op.execute(f"GRANT SELECT, INSERT ON access TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE access")
