"""People, received lists, facts and outbox of enrollment."""

from alembic import op

from chassis.fact_tables import fact_grants, fact_tables

revision = "0001"
down_revision = None
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    for statement in fact_tables():
        op.execute(statement)
    op.execute(
        "CREATE TABLE resident (person text PRIMARY KEY, revision int NOT NULL,"
        " registered text NOT NULL, status text NOT NULL, coverage text NOT NULL,"
        " flags text[] NOT NULL, township text NOT NULL, village text NOT NULL,"
        " covered_years int[] NOT NULL, elsewhere text NOT NULL, died date,"
        " blind_index bytea, identity_sealed text NOT NULL DEFAULT '') WITH (fillfactor = 80)"
    )
    op.execute("CREATE INDEX resident_by_index ON resident (blind_index)")
    for grant in fact_grants(ROLE):
        op.execute(grant)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON resident TO {ROLE}")


def downgrade() -> None:
    for table in ("resident", "outbox", "fact", "person"):
        op.execute(f"DROP TABLE {table}")
