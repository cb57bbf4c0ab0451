"""Decisions, postings, facts and outbox of assistance."""

from alembic import op

from chassis.book import book_grants, book_tables
from chassis.fact_tables import fact_grants, fact_tables

revision = "0001"
down_revision = None
ROLE = "yingbao_assistance"


def upgrade() -> None:
    for statement in [*fact_tables(), *book_tables()]:
        op.execute(statement)
    op.execute(
        "CREATE TABLE claim (person text NOT NULL, claim text NOT NULL, revision int NOT NULL,"
        " settlement_revision int NOT NULL, category text NOT NULL, pack text NOT NULL,"
        " decided text NOT NULL, pays text NOT NULL, PRIMARY KEY (person, claim))"
        " WITH (fillfactor = 70)"
    )
    op.execute("CREATE INDEX claim_by_id ON claim (claim)")
    for grant in [*fact_grants(ROLE), *book_grants(ROLE)]:
        op.execute(grant)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON claim TO {ROLE}")


def downgrade() -> None:
    for table in ("claim", "posting", "outbox", "fact", "person"):
        op.execute(f"DROP TABLE {table}")
