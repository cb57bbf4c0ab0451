"""Who was told in person what no phone was told."""

from chassis.migrating import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute(
        (
            "CREATE TABLE called (message text PRIMARY KEY, holder text NOT NULL, note text NOT NULL,"
            " told timestamptz NOT NULL)",
            "CREATE INDEX sms_untold ON sms (key) WHERE state IN"
            " ('no_recipient', 'unreadable_contact', 'template_fault', 'unknown', 'sending')",
            "CREATE INDEX sms_bundled ON sms (bundle) WHERE bundle <> ''",
            "CREATE INDEX delivery_failed ON delivery (message) WHERE state IN ('failed', 'opted_out')",
            "GRANT SELECT, INSERT ON called TO yingbao_notify",
        )
    )


def downgrade() -> None:
    execute(
        (
            "DROP TABLE called",
            "DROP INDEX sms_untold",
            "DROP INDEX delivery_failed",
            "DROP INDEX sms_bundled",
        )
    )
