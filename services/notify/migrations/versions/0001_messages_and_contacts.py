"""Messages, contacts, officers, facts and outbox of notify."""

from alembic import op

from chassis.fact_tables import fact_grants, fact_tables

revision = "0001"
down_revision = None
ROLE = "yingbao_notify"


def upgrade() -> None:
    for statement in fact_tables():
        op.execute(statement)
    op.execute(
        "CREATE TABLE contact (person text PRIMARY KEY, revision int NOT NULL,"
        " township text NOT NULL, contact_sealed text NOT NULL) WITH (fillfactor = 80)"
    )
    op.execute(
        "CREATE TABLE sms (key text PRIMARY KEY, person text NOT NULL, audience text NOT NULL,"
        " template text NOT NULL, township text NOT NULL, words text NOT NULL,"
        " state text NOT NULL DEFAULT 'created', created timestamptz NOT NULL DEFAULT now())"
        " WITH (fillfactor = 80)"
    )
    op.execute("CREATE INDEX sms_open ON sms (created) WHERE state IN ('created', 'sending')")
    op.execute("CREATE INDEX sms_by_person ON sms (person)")
    op.execute(
        "CREATE TABLE officer (township text NOT NULL, contact_sealed text NOT NULL,"
        " tag text NOT NULL, PRIMARY KEY (township, tag))"
    )
    for grant in fact_grants(ROLE):
        op.execute(grant)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON contact, sms, officer TO {ROLE}")


def downgrade() -> None:
    for table in ("sms", "contact", "officer", "outbox", "fact", "person"):
        op.execute(f"DROP TABLE {table}")
