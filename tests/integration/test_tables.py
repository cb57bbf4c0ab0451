"""The models say what the migrations made: every table, column, type, and key."""

import importlib

import pytest
from sqlmodel import SQLModel

import chassis.tables
from chassis.bulk import sql_type, table_of
from tests.integration.platform import Platform

SENT = {"outbox", "stream_seen", "position"}
SHARED = {"person", "fact"} | SENT
SERVICES = {
    "enrollment": SHARED, "notify": SHARED,
    "gateway": SENT, "settlement": SHARED | {"posting"}, "assistance": SHARED | {"posting"},
}  # fmt: skip
NAMES = {
    "integer": "int", "timestamp with time zone": "timestamptz", "_text": "text[]", "_int4": "int[]",
}  # fmt: skip


def models_of(module: str) -> dict[str, type[SQLModel]]:
    """Return the tables that a module describes, by name."""
    found = vars(importlib.import_module(module)).values()
    rows = [
        one for one in found
        if isinstance(one, type) and issubclass(one, SQLModel) and one.__module__ == module
    ]  # fmt: skip
    return {table_of(one).name: one for one in rows}


@pytest.mark.parametrize("service", SERVICES)
async def test_models_and_migrations_agree(platform: Platform, service: str) -> None:
    """A column that only one of them knows would be lost, or fail at night."""
    shared = models_of(chassis.tables.__name__)
    models = models_of(f"services.{service}.tables")
    models |= {name: shared[name] for name in SERVICES[service]}
    described = {
        (table, column.name, sql_type(column), bool(column.nullable))
        for table, model in models.items()
        for column in table_of(model).columns
    }
    rows = await platform.rows(
        "SELECT table_name, column_name, data_type, udt_name, is_nullable = 'YES' AS nullable"
        " FROM information_schema.columns JOIN information_schema.tables"
        " USING (table_schema, table_name) WHERE table_schema = $1 AND table_type = 'BASE TABLE'"
        " AND table_name <> 'schema_version'",
        service,
    )
    made = {
        (
            row["table_name"], row["column_name"],
            NAMES.get(row["udt_name"] if row["data_type"] == "ARRAY" else row["data_type"], row["data_type"]),
            row["nullable"],
        )
        for row in rows
    }  # fmt: skip

    assert described == made


@pytest.mark.parametrize("service", SERVICES)
async def test_models_and_migrations_have_the_same_keys(platform: Platform, service: str) -> None:
    """What makes a row that row decides what an upsert replaces."""
    models = models_of(f"services.{service}.tables")
    described = {
        table: {column.name for column in table_of(model).primary_key}
        for table, model in models.items()
    }
    rows = await platform.rows(
        "SELECT table_name, array_agg(column_name::text) AS columns"
        " FROM information_schema.table_constraints"
        " JOIN information_schema.key_column_usage USING (table_schema, table_name, constraint_name)"
        " WHERE table_schema = $1 AND constraint_type = 'PRIMARY KEY' GROUP BY table_name",
        service,
    )
    made = {row["table_name"]: set(row["columns"]) for row in rows}

    assert described == {table: key for table, key in made.items() if table in described}


@pytest.mark.parametrize("service", ["settlement", "assistance", "notify"])
async def test_ids_of_facts_are_in_the_order_of_bytes(platform: Platform, service: str) -> None:
    """A county's own server may sort punctuation last: kin would not be found by the beginning of an id."""
    (row,) = await platform.rows(
        "SELECT collation_name FROM information_schema.columns"
        " WHERE table_schema = $1 AND table_name = 'fact' AND column_name = 'fact'",
        service,
    )

    assert row["collation_name"] == "C"
