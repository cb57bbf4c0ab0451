"""Claims, postings, facts and outbox of settlement."""

from alembic import op

from chassis.book import book_grants, book_tables
from chassis.fact_tables import fact_grants, fact_tables

revision = "0001"
down_revision = None
ROLE = "yingbao_settlement"


def upgrade() -> None:
    for statement in [*fact_tables(), *book_tables()]:
        op.execute(statement)
    op.execute(
        "CREATE TABLE claim (person text NOT NULL, claim text NOT NULL, provider text NOT NULL,"
        " kind text NOT NULL, discharge date NOT NULL, outcome text NOT NULL,"
        " reason text NOT NULL DEFAULT '', category text NOT NULL, pack text NOT NULL,"
        " revision int NOT NULL, decided text NOT NULL, pays text NOT NULL,"
        " bill_revision int NOT NULL DEFAULT 0, billed text NOT NULL DEFAULT '',"
        " bill text NOT NULL DEFAULT '', content text NOT NULL, received timestamptz NOT NULL,"
        " PRIMARY KEY (person, claim)) WITH (fillfactor = 70)"
    )
    op.execute("CREATE INDEX claim_by_id ON claim (claim)")
    for grant in [*fact_grants(ROLE), *book_grants(ROLE)]:
        op.execute(grant)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON claim TO {ROLE}")


def downgrade() -> None:
    for table in ("claim", "posting", "outbox", "fact", "person"):
        op.execute(f"DROP TABLE {table}")
