"""What one person of the bureau proposed, until another one has looked at it."""

from chassis.migrating import execute

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    execute(
        [
            "CREATE TABLE proposal (id text PRIMARY KEY, kind text NOT NULL, about text NOT NULL,"
            " says text NOT NULL, payload bytea NOT NULL, holder text NOT NULL, made timestamptz NOT NULL,"
            " outcome text NOT NULL, decider text NOT NULL, decided timestamptz, why text NOT NULL)",
            # Of one bill or list one proposal waits: two of the same payment would be paid twice.
            "CREATE UNIQUE INDEX proposal_open ON proposal (kind, about) WHERE outcome = ''",
            "CREATE INDEX proposal_made ON proposal (made DESC)",
            # What was proposed and decided is never taken out.
            "GRANT SELECT, INSERT, UPDATE ON proposal TO yingbao_gateway",
        ]
    )


def downgrade() -> None:
    execute(["DROP TABLE proposal"])
