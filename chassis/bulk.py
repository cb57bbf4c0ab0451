"""Writing many rows in one statement, derived from the table: columns, their types, and the key.

Rows go as one list a column, or (``by_json``) as one JSON text, which is cheaper to send where a row has many
columns or an array.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    TextClause,
    TypeDecorator,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

_TYPES: Sequence[tuple[type[Any], str]] = (
    (JSONB, "jsonb"), (SmallInteger, "smallint"), (BigInteger, "bigint"), (Integer, "int"),
    (Boolean, "boolean"), (DateTime, "timestamptz"), (Date, "date"), (LargeBinary, "bytea"),
    (String, "text"),
)  # fmt: skip


def table_of(model: type[SQLModel]) -> Table:
    """Return the table that a model describes."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def sql_type(column: Column[Any]) -> str:
    """Return what PostgreSQL calls a column's type. Raises TypeError for one that is not written in bulk."""
    if isinstance(column.type, ARRAY):
        return f"{_named(column.type.item_type)}[]"
    return _named(column.type)


def _named(kind: Any) -> str:
    # What SQLModel wraps is written as what it wraps.
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    for known, name in _TYPES:
        if isinstance(plain, known):
            return name
    raise TypeError(f"no bulk writing of {kind!r}")


@dataclass(frozen=True, slots=True)
class Bulk:
    """A statement that writes many rows, and the columns that a row of it has, in this order."""

    statement: TextClause
    names: tuple[str, ...]
    by_json: bool = False

    async def write(self, tx: AsyncConnection, rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Write rows, if there are any; returns what the statement returns."""
        if not rows:
            return ()
        found = await tx.execute(self.statement, self._bound(rows))
        return found.all() if found.returns_rows else ()

    def _bound(self, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
        if self.by_json:
            named = [dict(zip(self.names, row, strict=True)) for row in rows]
            return {"rows": orjson.dumps(named).decode()}
        return dict(zip(self.names, map(list, zip(*rows, strict=True)), strict=True))


def append(model: type[SQLModel], *names: str) -> Bulk:
    """Return how rows are added of which none may be there already: one that is, is an error."""
    return Bulk(text(_into(model, names)), names)


def insert(model: type[SQLModel], *names: str, returning: str = "") -> Bulk:
    """Return how rows are added; those whose key is there already stay as they are."""
    added = f"{_into(model, names)} ON CONFLICT DO NOTHING"
    return Bulk(text(f"{added} RETURNING {returning}" if returning else added), names)


def upsert(
    model: type[SQLModel],
    *names: str,
    keep: Collection[str] = (),
    own: Mapping[str, str] | None = None,
    where: str = "",
    by_json: bool = False,
) -> Bulk:
    """Return how rows are added, or those with the same key brought up to date.

    ``keep``: columns that stay as they were first written; ``own``: column → the SQL of what it becomes;
    ``where``: which rows may be brought up to date at all.
    """
    table, own = table_of(model), own or {}
    keys = [column.name for column in table.primary_key]
    fresh = [name for name in names if name not in {*keys, *keep, *own}]
    changed = [f"{name} = excluded.{name}" for name in fresh]
    changed += [f"{name} = {value}" for name, value in own.items()]
    done = f"DO UPDATE SET {', '.join(changed)}" + (f" WHERE {where}" if where else "")
    into = _into_by_json(model, names) if by_json else _into(model, names)
    return Bulk(text(f"{into} ON CONFLICT ({', '.join(keys)}) {done}"), names, by_json)


def update(model: type[SQLModel], *names: str) -> Bulk:
    """Return how columns of rows that are there are written, by the key."""
    table = table_of(model)
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f"{name} = new.{name}" for name in names if name not in keys)
    same = " AND ".join(f"{table.name}.{key} = new.{key}" for key in keys)
    statement = (
        f"UPDATE {table.name} SET {changed} FROM unnest({_lists(table, names)})"
        f" AS new ({', '.join(names)}) WHERE {same}"
    )
    return Bulk(text(statement), names)


def _into(model: type[SQLModel], names: Sequence[str]) -> str:
    table = table_of(model)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)})"
        f" SELECT * FROM unnest({_lists(table, names)})"
    )


def _into_by_json(model: type[SQLModel], names: Sequence[str]) -> str:
    table = table_of(model)
    typed = ", ".join(f"{name} {sql_type(table.columns[name])}" for name in names)
    listed = ", ".join(names)
    return (
        f"INSERT INTO {table.name} ({listed}) SELECT {listed}"
        f" FROM json_to_recordset(CAST(:rows AS json)) AS new ({typed})"
    )


def _lists(table: Table, names: Sequence[str]) -> str:
    return ", ".join(f"CAST(:{name} AS {sql_type(table.columns[name])}[])" for name in names)
