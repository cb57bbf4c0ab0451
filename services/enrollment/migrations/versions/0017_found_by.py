"""By which words somebody is found whose name is sealed; filled as everybody is folded again."""

from alembic import op

revision = "0017"
down_revision = "0016"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "CREATE TABLE found_by (person text NOT NULL, word text NOT NULL, PRIMARY KEY (person, word))"
    )
    op.execute("CREATE INDEX found_by_word ON found_by (word, person)")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON found_by TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE found_by")
