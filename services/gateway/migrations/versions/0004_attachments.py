"""What there is to show for a problem (佐证材料): a picture or a page, sealed."""

from chassis.migrating import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute(
        [
            "CREATE TABLE attachment (id text PRIMARY KEY, year int NOT NULL, kind text NOT NULL,"
            " person text NOT NULL, name text NOT NULL, type text NOT NULL, size int NOT NULL,"
            " content_sealed text NOT NULL, holder text NOT NULL, added timestamptz NOT NULL,"
            " remover text NOT NULL, removed timestamptz)",
            "CREATE INDEX attachment_of ON attachment (person, year, kind)",
            # Taken away, its content is emptied; that it was there, and who took it away, stays.
            "GRANT SELECT, INSERT, UPDATE ON attachment TO yingbao_gateway",
        ]
    )


def downgrade() -> None:
    execute(["DROP TABLE attachment"])
