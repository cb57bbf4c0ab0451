"""Full lists, the file of each resident, and the problem desk."""

from alembic import op

revision = "0002"
down_revision = "0001"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE resident ADD COLUMN listed text[] NOT NULL DEFAULT '{}',"
        " ADD COLUMN file jsonb NOT NULL DEFAULT '{}', DROP COLUMN elsewhere"
    )
    op.execute(
        "CREATE TABLE listing (source text NOT NULL, category text NOT NULL, person text NOT NULL,"
        " month date NOT NULL, received timestamptz NOT NULL, batch text NOT NULL,"
        " present boolean NOT NULL,"
        " PRIMARY KEY (source, category, person, month, received, batch, present))"
    )
    op.execute("CREATE INDEX listing_by_batch ON listing (batch, person)")
    op.execute("CREATE INDEX listing_by_person ON listing (person)")
    op.execute(
        "CREATE TABLE full_list (source text NOT NULL, month date NOT NULL,"
        " received timestamptz NOT NULL, batch text NOT NULL, accepted int NOT NULL,"
        " rejected int NOT NULL,"
        " state text NOT NULL DEFAULT 'waiting', names text[] NOT NULL DEFAULT '{}',"
        " standing int, absent int, confirmed boolean NOT NULL DEFAULT false,"
        " PRIMARY KEY (source, month, batch))"
    )
    op.execute(
        "CREATE TABLE status_change (person text NOT NULL, revision int NOT NULL,"
        " township text NOT NULL, village text NOT NULL, change text NOT NULL,"
        " effective date, before text NOT NULL, after text NOT NULL,"
        " recorded timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (person, revision))"
    )
    op.execute(
        "CREATE TABLE issue (person text NOT NULL, kind text NOT NULL, year int NOT NULL,"
        " township text NOT NULL, village text NOT NULL, detail text NOT NULL,"
        " state text NOT NULL, opened date NOT NULL, closed date, times int NOT NULL DEFAULT 1,"
        " officer text NOT NULL DEFAULT '', due date, evidence text NOT NULL DEFAULT '',"
        " PRIMARY KEY (person, kind, year))"
    )
    op.execute("CREATE INDEX issue_by_area ON issue (year, township, state)")
    op.execute(
        "CREATE TABLE review (year int NOT NULL, pass int NOT NULL, as_of date NOT NULL,"
        " run int GENERATED ALWAYS AS IDENTITY, roster int NOT NULL, opened int NOT NULL,"
        " closed int NOT NULL, reopened int NOT NULL, still_open int NOT NULL,"
        " promised int NOT NULL, broken int NOT NULL, recorded timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (run))"
    )
    op.execute(
        "CREATE TABLE register_row (year int NOT NULL, batch text NOT NULL, person text NOT NULL,"
        " township text NOT NULL, name_tag text NOT NULL, PRIMARY KEY (year, batch, person))"
    )
    op.execute(
        "CREATE TABLE register_page (year int NOT NULL, batch text NOT NULL, page int NOT NULL,"
        " PRIMARY KEY (year, batch, page))"
    )
    op.execute(
        "CREATE TABLE register (year int NOT NULL, batch text NOT NULL, received timestamptz NOT NULL,"
        " pages int NOT NULL, rows int NOT NULL, accepted int NOT NULL, rejected int NOT NULL,"
        " PRIMARY KEY (year, batch))"
    )
    for table in (
        "listing",
        "status_change",
        "review",
        "register_row",
        "register_page",
        "register",
    ):
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {ROLE}")
    for table in ("full_list", "issue"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {ROLE}")


def downgrade() -> None:
    tables = ("register", "register_page", "register_row", "review", "issue", "status_change")
    for table in (*tables, "full_list", "listing"):
        op.execute(f"DROP TABLE {table}")
    op.execute(
        "ALTER TABLE resident ADD COLUMN elsewhere text NOT NULL DEFAULT '[]',"
        " DROP COLUMN listed, DROP COLUMN file"
    )
