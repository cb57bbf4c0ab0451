"""What is kept of a person for the checks is read by name: lists by position become objects."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # Whoever was kept by a version before the last is rewritten too, and folded again at the start.
    op.execute(
        "UPDATE resident SET file = (file - 'numbers') || jsonb_build_object("
        "'version', CASE WHEN file->>'version' = '3' THEN 4"
        " ELSE coalesce(CAST(file->>'version' AS int), 0) END,"
        "'merged_into', CASE WHEN file->'numbers'->>0 IS DISTINCT FROM formerly[1]"
        " THEN coalesce(file->'numbers'->>0, '') ELSE '' END,"
        "'formerly', to_jsonb(formerly),"
        + ", ".join(f"'{name}', {_named(name, fields)}" for name, fields in SHAPES.items())
        + ") WHERE file <> '{}'"
    )


def downgrade() -> None:
    # The version before folds everybody again whose file it does not know.
    op.execute("UPDATE resident SET file = '{}'")


SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "premiums": (
        ("year", "0"), ("full", "0"), ("category", '""'), ("owed", "0"), ("paid", "0"),
        ("refunded", "0"), ("refund_due", "0"), ("rule", '""'), ("overpaid", "0"),
    ),
    "justified": (
        ("reason", '""'), ("evidence", '""'), ("valid_from", ""), ("valid_to", ""), ("checked", ""),
    ),
    "rosters": (
        ("source", '""'), ("category", '""'), ("valid_from", ""), ("valid_to", ""), ("listed", ""),
    ),
    "deaths": (("source", '""'), ("day", "")),
    "chronic": (
        ("disease", '""'), ("applied_on", ""), ("result", '""'), ("reason", '""'),
        ("certificate_no", '""'), ("valid_from", ""), ("valid_to", ""),
    ),
    "applications": (
        ("category", '""'), ("flag_year", "0"), ("state", '""'), ("filed_on", ""),
        ("decided_on", ""), ("reason", '""'),
    ),
    "withdrawn": (("source", '""'), ("batch", '""')),
}  # fmt: skip
"""List → (field, what stands for one that an earlier version did not keep), in the order of position."""
WHOLE = {"rosters": 5}
"""An earlier version kept rosters without their days: such a row says nothing."""


def _named(name: str, fields: tuple[tuple[str, str], ...]) -> str:
    pairs = [
        f"'{field}', " + (f"coalesce(one->{at}, '{default}')" if default else f"one->{at}")
        for at, (field, default) in enumerate(fields)
    ]
    if name == "withdrawn":
        pairs.append("'categories', one - 0 - 0")
    rows = f"jsonb_array_elements(coalesce(file->'{name}', '[]')) WITH ORDINALITY AS row (one, n)"
    kept = f" WHERE jsonb_array_length(one) = {WHOLE[name]}" if name in WHOLE else ""
    return (
        f"coalesce((SELECT jsonb_agg(jsonb_build_object({', '.join(pairs)}) ORDER BY n)"
        f" FROM {rows}{kept}), '[]')"
    )
