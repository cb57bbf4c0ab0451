"""What a county would have paid under another pack: the orders, and what came out."""

from chassis.migrating import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(
        [
            "CREATE TABLE what_if (id text PRIMARY KEY, year int NOT NULL, pack text NOT NULL,"
            " against text NOT NULL, holder text NOT NULL, ordered timestamptz NOT NULL,"
            " done int NOT NULL, total int NOT NULL, finished timestamptz, failed text NOT NULL,"
            " result text NOT NULL)",
            "GRANT SELECT, INSERT, UPDATE ON what_if TO yingbao_settlement",
        ]
    )


def downgrade() -> None:
    execute(["DROP TABLE what_if"])
