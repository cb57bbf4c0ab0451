"""Whose own payments of a year were announced as above the monitoring line."""

from chassis.migrating import execute

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    execute(
        (
            "CREATE TABLE high_cost (person text NOT NULL, year smallint NOT NULL, revision integer NOT NULL,"
            " above boolean NOT NULL, self_paid bigint NOT NULL, month text NOT NULL,"
            " PRIMARY KEY (person, year))",
            "GRANT SELECT, INSERT, UPDATE ON high_cost TO yingbao_assistance",
        )
    )


def downgrade() -> None:
    execute(("DROP TABLE high_cost",))
