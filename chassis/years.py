"""Which years of a person are read: a bill costs the same, however long the history is.

A fact is kept under the benefit year that it is about (``contracts.reach``), and a turn reads, folds
and writes only the years that its facts touch.
"""

from collections.abc import Iterable, Mapping

Years = set[int] | None
"""Years of a person; None: all of them."""


def together(first: Years, *others: Iterable[int] | None) -> Years:
    """Return the years of all of them."""
    if first is None or None in others:
        return None
    return first.union(*(one for one in others if one is not None))


def unread(wanted: Years, read: Years) -> Years:
    """Return what is wanted and not read yet."""
    if read is None:
        return set()
    return None if wanted is None else wanted - read


def rows_of(table: str, columns: str) -> str:
    """Return the SQL that reads a table with ``person`` and ``year`` for what ``asked_for`` binds.

    OFFSET 0 has each person looked up by the index, whatever the statistics of the day say.
    """
    rows = f"SELECT {columns} FROM {table} WHERE {table}.person = wanted.person"
    return (
        "SELECT wanted.person, found.*"
        " FROM unnest(CAST(:of AS text[]), CAST(:years AS smallint[])) AS wanted (person, year),"
        f" LATERAL ({rows} AND {table}.year = wanted.year OFFSET 0) AS found"
        " UNION ALL SELECT wanted.person, found.*"
        " FROM unnest(CAST(:wholly AS text[])) AS wanted (person),"
        f" LATERAL ({rows} OFFSET 0) AS found"
    )


def asked_for(wanted: Mapping[str, Years]) -> dict[str, list[str] | list[int]]:
    """Return person → years as the columns that ``rows_of`` reads."""
    pairs = [(person, year) for person, years in wanted.items() for year in sorted(years or ())]
    return {
        "of": [person for person, _ in pairs],
        "years": [year for _, year in pairs],
        "wholly": [person for person, years in wanted.items() if years is None],
    }
