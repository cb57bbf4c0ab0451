"""Lists of the exempt and the flagged beside the register of the enrolled; the one that counts is a view."""

from alembic import op

revision = "0011"
down_revision = "0010"
ROLE = "yingbao_enrollment"


def upgrade() -> None:
    op.execute("ALTER TABLE register ADD COLUMN kind text NOT NULL DEFAULT 'enrolled'")
    op.execute(
        # Of each year and kind the latest of which all pages are here.
        "CREATE VIEW latest_register AS SELECT DISTINCT ON (year, kind) year, kind, batch FROM register"
        " WHERE pages = (SELECT count(*) FROM register_page WHERE register_page.year = register.year"
        " AND register_page.batch = register.batch) ORDER BY year, kind, received DESC, batch"
    )
    op.execute(f"GRANT SELECT ON latest_register TO {ROLE}")
    op.execute(f"GRANT UPDATE ON register TO {ROLE}")


def downgrade() -> None:
    op.execute("DROP VIEW latest_register")
    op.execute("DELETE FROM register WHERE kind <> 'enrolled'")
    op.execute("ALTER TABLE register DROP COLUMN kind")
