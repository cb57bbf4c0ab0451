"""Officers, guides and village doctors have duties with their days, set by the bureau."""

from chassis.migrating import execute

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    execute(
        (
            "CREATE TABLE duty (id text PRIMARY KEY, townships text[] NOT NULL, village text NOT NULL"
            " DEFAULT '', post text NOT NULL, duty_group text NOT NULL DEFAULT '', first date NOT NULL,"
            " last date, stands_in_for text NOT NULL DEFAULT '', contact_sealed text NOT NULL,"
            " number text NOT NULL, holder text NOT NULL, recorded timestamptz NOT NULL,"
            " ended_by text NOT NULL DEFAULT '')",
            # Whoever was told until now goes on being told; a job finds by which number. The table goes
            # with the next version: one of the version before may still run beside this one.
            "INSERT INTO duty (id, townships, post, first, contact_sealed, number, holder, recorded)"
            " SELECT md5('officer/' || township || '/' || tag), ARRAY[township], 'officer', '2000-01-01',"
            " contact_sealed, '', 'officers_file', now() FROM officer WHERE contact_sealed <> ''",
            "GRANT SELECT, INSERT, UPDATE ON duty TO yingbao_notify",
        )
    )


def downgrade() -> None:
    execute(("DROP TABLE duty",))
