"""What officers were told of is a task until somebody did it, or it is over."""

from chassis.migrating import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute(
        (
            "ALTER TABLE sms ADD COLUMN over boolean NOT NULL DEFAULT false",
            # What officers heard of before was no task that somebody has to close.
            "UPDATE sms SET over = true WHERE audience = 'officer' AND state NOT IN ('held', 'created')",
            "ALTER TABLE called ADD COLUMN kind text NOT NULL DEFAULT 'told', DROP CONSTRAINT called_pkey,"
            " ADD PRIMARY KEY (message, kind)",
            # Families hear of their status from now on, and not of what their officers heard before.
            "INSERT INTO sms (key, person, audience, template, township, words, state)"
            " SELECT md5('status-family/' || key), person, 'family', 'status_family', '', '{}', 'withdrawn'"
            " FROM sms WHERE audience = 'officer' AND template = 'status_changed'"
            " AND state NOT IN ('held', 'created') ON CONFLICT DO NOTHING",
            "CREATE INDEX sms_tasks ON sms (township, created) WHERE audience = 'officer' AND NOT over",
        )
    )


def downgrade() -> None:
    execute(
        (
            "DROP INDEX sms_tasks",
            "ALTER TABLE sms DROP COLUMN over",
            "DELETE FROM called WHERE kind <> 'told'",
            "ALTER TABLE called DROP CONSTRAINT called_pkey, DROP COLUMN kind, ADD PRIMARY KEY (message)",
        )
    )
