"""Each recipient of a message has a row: tried, taken, delivered, or to be called; and who wrote to us."""

from chassis.migrating import execute

revision = "0006"
down_revision = "0005"
ROLE = "yingbao_notify"


def upgrade() -> None:
    execute(
        (
            "CREATE TABLE delivery (id text PRIMARY KEY, message text NOT NULL, audience text NOT NULL,"
            " number text NOT NULL, sealed text NOT NULL, parts smallint NOT NULL,"
            " state text NOT NULL DEFAULT 'created', due timestamptz NOT NULL, day date NOT NULL,"
            " attempts smallint NOT NULL DEFAULT 0, first_try timestamptz, claimed timestamptz,"
            " provider text NOT NULL DEFAULT '', reference text NOT NULL DEFAULT '',"
            " reason text NOT NULL DEFAULT '', changed timestamptz NOT NULL) WITH (fillfactor = 80)",
            "CREATE INDEX delivery_due ON delivery (due) WHERE state = 'created'",
            "CREATE INDEX delivery_unsure ON delivery (changed) WHERE state IN ('sending', 'unknown')",
            "CREATE INDEX delivery_by_number ON delivery (number, day)",
            "CREATE INDEX delivery_by_message ON delivery (message)",
            "CREATE TABLE opted_out (number text PRIMARY KEY, since timestamptz NOT NULL)",
            "CREATE TABLE received (id text PRIMARY KEY, provider text NOT NULL, number text NOT NULL,"
            " sealed text NOT NULL, meaning text NOT NULL, received timestamptz NOT NULL)",
            "ALTER TABLE sms ADD COLUMN bundle text NOT NULL DEFAULT ''",
            # A message on its way when its process ended may have been taken: nobody is told twice.
            "UPDATE sms SET state = 'unknown' WHERE state = 'sending'",
            "DROP INDEX sms_open",
            "CREATE INDEX sms_open ON sms (created) WHERE state = 'created'",
            f"GRANT SELECT, INSERT, UPDATE ON delivery, opted_out, received TO {ROLE}",
        )
    )


def downgrade() -> None:
    execute(
        (
            "DROP TABLE delivery",
            "DROP TABLE opted_out",
            "DROP TABLE received",
            "ALTER TABLE sms DROP COLUMN bundle",
        )
    )
