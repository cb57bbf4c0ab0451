"""Facts and claims are found by benefit year, so that a bill costs the same after ten years."""

from alembic import op

from chassis.fact_tables import found_by_year, without_years, year_columns

revision = "0002"
down_revision = "0001"
_DISCHARGE = "(convert_from(body, 'UTF8')::json ->> 'discharge')"
_OUTCOMES = "event IN ('ClaimSettled', 'ClaimHeld', 'ClaimRefused')"


def upgrade() -> None:
    for statement in year_columns():
        op.execute(statement)
    op.execute(
        f"UPDATE fact SET year = extract(year FROM {_DISCHARGE}::date)"
        f" WHERE {_OUTCOMES} AND {_DISCHARGE} IS NOT NULL"
    )
    op.execute("ALTER TABLE claim ADD COLUMN year smallint NOT NULL DEFAULT 0")
    op.execute(
        "UPDATE claim SET year = told.year FROM (SELECT DISTINCT ON (person, split_part(fact, '/', 2))"
        " person, split_part(fact, '/', 2) AS claim, year FROM fact"
        f" WHERE {_OUTCOMES} AND year > 0"
        " ORDER BY person, split_part(fact, '/', 2), split_part(fact, '/', 3)::int DESC) AS told"
        " WHERE claim.person = told.person AND claim.claim = told.claim"
    )
    op.execute("ALTER TABLE claim ALTER COLUMN year DROP DEFAULT")
    op.execute("CREATE INDEX claim_by_year ON claim (person, year)")
    # Of a bill that was settled with days in two years, or refused without a day, all hang together.
    op.execute(
        "UPDATE person SET whole = true WHERE person IN (SELECT person FROM fact"
        f" WHERE {_OUTCOMES} GROUP BY person, split_part(fact, '/', 2)"
        " HAVING count(DISTINCT year) > 1)"
    )
    for statement in found_by_year():
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX claim_by_year")
    op.execute("ALTER TABLE claim DROP COLUMN year")
    for statement in without_years():
        op.execute(statement)
