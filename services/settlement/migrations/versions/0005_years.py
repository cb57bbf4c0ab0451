"""Facts and claims are found by benefit year, so that a bill costs the same after ten years."""

from alembic import op

from chassis.fact_tables import found_by_year, without_years, year_columns

revision = "0005"
down_revision = "0004"
_TOLD = "(convert_from(body, 'UTF8')::json ->> '{}')"
_DISCHARGE = f"extract(year FROM {_TOLD.format('discharge')}::date)"
_ADMIT = f"extract(year FROM {_TOLD.format('admit')}::date)"


def upgrade() -> None:
    for statement in year_columns():
        op.execute(statement)
    op.execute("ALTER TABLE claim ADD COLUMN year smallint")
    op.execute("UPDATE claim SET year = extract(year FROM discharge)")
    op.execute("ALTER TABLE claim ALTER COLUMN year SET NOT NULL")
    op.execute("CREATE INDEX claim_by_year ON claim (person, year)")
    # A stay over New Year is about two years, so it stays among what is read always; what a bill rests on
    # already is read again only when more comes about the same bill.
    op.execute(
        "UPDATE fact SET year = CASE WHEN event <> 'ClaimSubmitted' THEN -1"
        f" WHEN coalesce({_ADMIT} >= {_DISCHARGE}, true) THEN {_DISCHARGE} ELSE 0 END"
        " WHERE event IN ('ClaimSubmitted', 'AssistanceGranted', 'AssistanceAdjusted')"
    )
    # Of a corrected number, or of a bill that came with days in two years, all years hang together.
    op.execute(
        "UPDATE person SET whole = true WHERE person IN ("
        " SELECT person FROM fact WHERE event = 'ClaimsForwarded'"
        f" OR (event = 'StatusChanged' AND {_TOLD.format('merged_into')} IS NOT NULL)"
        " UNION SELECT person FROM fact WHERE event = 'ClaimSubmitted'"
        " GROUP BY person, split_part(fact, '/', 2) HAVING count(DISTINCT year) > 1)"
    )
    for statement in found_by_year():
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX claim_by_year")
    op.execute("ALTER TABLE claim DROP COLUMN year")
    for statement in without_years():
        op.execute(statement)
