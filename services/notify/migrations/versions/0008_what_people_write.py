"""What people write is answered: a message has a state, and a phone is found by its keyed hash."""

from chassis.migrating import execute

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    execute(
        (
            "ALTER TABLE received ADD COLUMN state text NOT NULL DEFAULT 'done',"
            " ADD COLUMN outcome text NOT NULL DEFAULT ''",
            "CREATE INDEX received_open ON received (received) WHERE state = 'open'",
            "ALTER TABLE contact ADD COLUMN number text",
            "CREATE INDEX contact_by_number ON contact (number) WHERE number <> ''",
            "CREATE INDEX contact_unindexed ON contact (person) WHERE number IS NULL",
        )
    )


def downgrade() -> None:
    execute(
        (
            "ALTER TABLE received DROP COLUMN state, DROP COLUMN outcome",
            "DROP INDEX contact_by_number",
            "DROP INDEX contact_unindexed",
            "ALTER TABLE contact DROP COLUMN number",
        )
    )
