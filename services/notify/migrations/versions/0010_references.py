"""A receipt may name a message by the provider's reference alone."""

from chassis.migrating import execute

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    execute(
        (
            "CREATE INDEX delivery_by_reference ON delivery (reference) WHERE reference <> ''"
            " AND provider <> 'phone_log'",
        )
    )


def downgrade() -> None:
    execute(("DROP INDEX delivery_by_reference",))
