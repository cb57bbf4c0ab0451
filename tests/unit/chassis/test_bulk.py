"""Statements that write many rows, derived from the table that a model describes."""

import asyncio
from typing import Any, ClassVar

import pytest
from sqlalchemy import ARRAY, Column, Text, Time
from sqlmodel import Field, SQLModel

from chassis import bulk
from chassis.tables import FactRow, PersonRow, PostingRow


class PetRow(SQLModel, table=True):
    """A table of its own, for these tests."""

    __tablename__: ClassVar[str] = "pet"

    owner: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    legs: int
    tricks: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))


class Told:
    """A transaction that keeps what it is told."""

    def __init__(self) -> None:
        self.statement, self.bound = "", dict[str, Any]()
        self.returns_rows = False

    async def execute(self, statement: Any, bound: dict[str, Any]) -> "Told":
        """Keep it."""
        self.statement, self.bound = str(statement), bound
        return self


def written(by: bulk.Bulk, *rows: tuple[Any, ...]) -> Told:
    """Return what the database is told."""
    told = Told()
    asyncio.run(by.write(told, rows))  # type: ignore[arg-type]
    return told


def test_what_is_there_already_stays_as_it_is() -> None:
    """A fact told again is the same fact."""
    told = written(bulk.insert(FactRow, "person", "fact", "body", "year"), ("p", "f", b"x", 2023))

    assert told.statement == (
        "INSERT INTO fact (person, fact, body, year) SELECT * FROM unnest(CAST(:person AS text[]),"
        " CAST(:fact AS text[]), CAST(:body AS bytea[]), CAST(:year AS smallint[]))"
        " ON CONFLICT DO NOTHING"
    )
    assert told.bound == {"person": ["p"], "fact": ["f"], "body": [b"x"], "year": [2023]}


def test_a_posting_that_is_there_already_is_an_error() -> None:
    """Two turns with one sequence number must not pass as one."""
    assert "ON CONFLICT" not in str(bulk.append(PostingRow, "person", "seq").statement)


def test_a_row_with_the_same_key_is_brought_up_to_date() -> None:
    """But for what stays as first written, and what has a rule of its own."""
    saved = bulk.upsert(
        PetRow, "owner", "name", "legs", keep=(), own={"tricks": "pet.tricks"}, where="pet.legs > 0"
    )

    assert str(saved.statement).endswith(
        "ON CONFLICT (owner, name) DO UPDATE SET legs = excluded.legs, tricks = pet.tricks"
        " WHERE pet.legs > 0"
    )
    kept = bulk.upsert(PetRow, "owner", "name", "legs", "tricks", keep={"legs"})
    assert "legs =" not in str(kept.statement)


def test_columns_are_written_by_the_key() -> None:
    """Only those that are named, in rows that are there."""
    changed = str(bulk.update(PersonRow, "person", "head").statement)

    assert changed.startswith("UPDATE person SET head = new.head FROM unnest(")
    assert changed.endswith("AS new (person, head) WHERE person.person = new.person")


def test_arrays_go_as_json() -> None:
    """A list of lists has no unnest."""
    told = written(
        bulk.upsert(PetRow, "owner", "name", "tricks", by_json=True), ("甲", "白", ("坐", "握手"))
    )

    assert "AS new (owner text, name text, tricks text[])" in told.statement
    assert told.bound == {"rows": '[{"owner":"甲","name":"白","tricks":["坐","握手"]}]'}


def test_no_rows_are_no_statement() -> None:
    """Nothing new is no round trip."""
    assert written(bulk.insert(PetRow, "owner", "name")).statement == ""


def test_a_row_with_a_value_too_few_is_refused() -> None:
    """Values do not slide into the next column."""
    with pytest.raises(ValueError, match="zip"):
        written(bulk.insert(PetRow, "owner", "name"), ("甲",))


def test_a_type_that_nobody_writes_in_bulk_is_named() -> None:
    """At the start, and not at the first row."""
    with pytest.raises(TypeError, match="Time"):
        bulk.sql_type(Column("at", Time()))
