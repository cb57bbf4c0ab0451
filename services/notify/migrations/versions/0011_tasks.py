"""What officers were told of is a task until somebody did it, or it is over."""

from chassis.migrating import execute

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    execute(
        (
            "ALTER TABLE sms ADD COLUMN over boolean NOT NULL DEFAULT false",
            "CREATE INDEX sms_tasks ON sms (township, created) WHERE audience = 'officer' AND NOT over",
        )
    )


def downgrade() -> None:
    execute(("DROP INDEX sms_tasks", "ALTER TABLE sms DROP COLUMN over"))
