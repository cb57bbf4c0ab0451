"""The shared tables have years; this service reads a person as a whole."""

from alembic import op

from chassis.fact_tables import without_years, year_columns

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for statement in year_columns():
        op.execute(statement)


def downgrade() -> None:
    for statement in without_years():
        op.execute(statement)
