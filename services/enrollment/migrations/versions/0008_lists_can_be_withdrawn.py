"""Lists can be withdrawn, rows wait for a word, and a newer list does not hide phone and head."""

from alembic import op

revision = "0008"
down_revision = "0007"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE full_list ADD COLUMN digest text NOT NULL DEFAULT '',"
        " ADD COLUMN expected int, ADD COLUMN hiding int,"
        " ADD COLUMN superseded_by text NOT NULL DEFAULT '', ADD COLUMN waiting int NOT NULL DEFAULT 0,"
        " ADD COLUMN asked text NOT NULL DEFAULT '', ADD COLUMN usual int,"
        " ADD COLUMN withdrawn_by text NOT NULL DEFAULT '',"
        " ADD COLUMN why text NOT NULL DEFAULT ''"
    )
    op.execute("CREATE INDEX full_list_by_batch ON full_list (source, batch)")
    op.execute(
        "ALTER TABLE resident ADD COLUMN phone_sealed text NOT NULL DEFAULT '',"
        " ADD COLUMN phone_of text NOT NULL DEFAULT '',"
        " ADD COLUMN head_sealed text NOT NULL DEFAULT '',"
        " ADD COLUMN head_of text NOT NULL DEFAULT ''"
    )
    op.execute("ALTER TABLE status_change ADD COLUMN batch text NOT NULL DEFAULT ''")
    op.execute(
        "CREATE TABLE word (source text NOT NULL, about text NOT NULL, word text NOT NULL,"
        " meaning text NOT NULL, received timestamptz NOT NULL, PRIMARY KEY (source, about, word))"
    )
    op.execute(
        "CREATE TABLE waiting_row (source text NOT NULL, batch text NOT NULL, sheet text NOT NULL,"
        " row int NOT NULL, about text NOT NULL, word text NOT NULL, cells_sealed text NOT NULL,"
        " month date NOT NULL, year int NOT NULL, is_full boolean NOT NULL,"
        " received timestamptz NOT NULL, state text NOT NULL DEFAULT 'waiting',"
        " reason text NOT NULL DEFAULT '', person text, category text,"
        " PRIMARY KEY (source, batch, sheet, row))"
    )
    op.execute("CREATE INDEX waiting_row_by_word ON waiting_row (source, about, word, state)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON word, waiting_row TO {ROLE}")
    op.execute(f"GRANT UPDATE, DELETE ON status_change TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP TABLE waiting_row")
    op.execute("DROP TABLE word")
