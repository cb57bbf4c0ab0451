"""A month of the book is found without reading all of it: bookings lie in the order of their time."""

from chassis.migrating import execute

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    execute(("CREATE INDEX posting_booked ON posting USING brin (booked)",))


def downgrade() -> None:
    execute(("DROP INDEX posting_booked",))
