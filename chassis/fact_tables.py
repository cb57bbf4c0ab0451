"""The tables that every service shares, as its migrations make them."""


def fact_tables() -> list[str]:
    """Return the DDL of the tables that every service shares, for its first migration."""
    return [
        "CREATE TABLE person (person text PRIMARY KEY, head text NOT NULL DEFAULT '',"
        " version int NOT NULL DEFAULT 0)"
        " WITH (fillfactor = 50)",
        "CREATE TABLE fact (person text NOT NULL, fact text NOT NULL, event text NOT NULL,"
        " body bytea NOT NULL, added timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (person, fact))",
        outbox_table(),
    ]


def fact_grants(role: str) -> list[str]:
    """Return the grants on the shared tables: facts can be added and read, never changed."""
    return [
        f"GRANT SELECT, INSERT ON fact TO {role}",
        f"GRANT SELECT, INSERT, UPDATE ON person TO {role}",
        outbox_grant(role),
    ]


def year_columns() -> list[str]:
    """Return the DDL that gives the shared tables their years."""
    return [
        "ALTER TABLE fact ADD COLUMN year smallint NOT NULL DEFAULT 0",
        "ALTER TABLE person ADD COLUMN whole boolean NOT NULL DEFAULT false",
        "ALTER TABLE person ADD COLUMN folded text NOT NULL DEFAULT ''",
    ]


def found_by_year() -> list[str]:
    """Return the DDL by which facts are found by year, and by the beginning of their ids.

    A beginning is a range only where ids are in the order of bytes, whatever the database's own order is.
    """
    return [
        "ALTER TABLE fact DROP CONSTRAINT fact_pkey",
        'ALTER TABLE fact ALTER COLUMN fact TYPE text COLLATE "C"',
        "ALTER TABLE fact ADD PRIMARY KEY (person, year, fact)",
    ]


def without_years() -> list[str]:
    """Return the DDL that takes both back."""
    return [
        "ALTER TABLE fact DROP CONSTRAINT fact_pkey",
        "ALTER TABLE fact DROP COLUMN year",
        "ALTER TABLE fact ADD PRIMARY KEY (person, fact)",
        "ALTER TABLE person DROP COLUMN whole",
        "ALTER TABLE person DROP COLUMN folded",
    ]


def outbox_table() -> str:
    """Return the DDL of the outbox as the first version made it."""
    return (
        "CREATE TABLE outbox (id text PRIMARY KEY, source text NOT NULL, subject text NOT NULL,"
        " said timestamptz NOT NULL, payload bytea NOT NULL,"
        " created timestamptz NOT NULL DEFAULT now())"
        " WITH (autovacuum_vacuum_scale_factor = 0.05)"
    )


def outbox_grant(role: str) -> str:
    """Return the grant on the outbox."""
    return f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO {role}"


def kept_until_received(role: str) -> list[str]:
    """Return the DDL by which announcements are kept until who reads them has them."""
    return [
        "ALTER TABLE outbox ADD COLUMN seq bigint",
        "CREATE TABLE stream_seen (stream text PRIMARY KEY, created timestamptz NOT NULL,"
        " readers text[] NOT NULL DEFAULT '{}')",
        "CREATE TABLE position (durable text PRIMARY KEY, seq bigint NOT NULL,"
        " made timestamptz NOT NULL, noted timestamptz NOT NULL)",
        f"GRANT SELECT, INSERT, UPDATE ON stream_seen, position TO {role}",
    ]


def with_its_trace() -> list[str]:
    """Return the DDL by which an announcement keeps what it follows from."""
    return ["ALTER TABLE outbox ADD COLUMN trace text NOT NULL DEFAULT ''"]


def without_its_trace() -> list[str]:
    """Return the DDL that takes it back."""
    return ["ALTER TABLE outbox DROP COLUMN trace"]


def forgotten_once_confirmed() -> list[str]:
    """Return the DDL that takes it back."""
    return ["ALTER TABLE outbox DROP COLUMN seq", "DROP TABLE stream_seen, position"]
