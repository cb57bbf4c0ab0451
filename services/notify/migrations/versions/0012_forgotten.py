"""Phones and texts of messages that came to their end long ago are cleared: what has them is found."""

from chassis.migrating import execute

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    execute(
        (
            "CREATE INDEX delivery_sealed ON delivery (changed) WHERE sealed <> ''",
            "CREATE INDEX received_sealed ON received (received) WHERE sealed <> ''",
        )
    )


def downgrade() -> None:
    execute(("DROP INDEX delivery_sealed", "DROP INDEX received_sealed"))
