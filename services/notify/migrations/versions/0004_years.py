"""Facts and messages are found by benefit year; messages requested before keep none and are read always."""

from alembic import op

from chassis.fact_tables import found_by_year, without_years, year_columns

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for statement in year_columns():
        op.execute(statement)
    op.execute(
        "UPDATE fact SET year = extract(year FROM"
        " (convert_from(body, 'UTF8')::json ->> 'discharge')::date) WHERE event = 'BillIssued'"
    )
    op.execute("ALTER TABLE sms ADD COLUMN year smallint NOT NULL DEFAULT 0")
    op.execute("CREATE INDEX sms_by_year ON sms (person, year)")
    op.execute("DROP INDEX sms_by_person")
    op.execute(
        "UPDATE person SET whole = true WHERE person IN (SELECT person FROM fact"
        " WHERE event = 'BillIssued' GROUP BY person, split_part(fact, '/', 2)"
        " HAVING count(DISTINCT year) > 1)"
    )
    for statement in found_by_year():
        op.execute(statement)


def downgrade() -> None:
    op.execute("CREATE INDEX sms_by_person ON sms (person)")
    op.execute("DROP INDEX sms_by_year")
    op.execute("ALTER TABLE sms DROP COLUMN year")
    for statement in without_years():
        op.execute(statement)
