"""What could not be read or handled (滞留消息), kept where a county's backup has it, with owner and state."""

from chassis.migrating import execute

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    execute(
        [
            "CREATE TABLE letter (id text PRIMARY KEY, number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,"
            " place bigint NOT NULL, message text NOT NULL, service text NOT NULL, handler text NOT NULL,"
            " subject text NOT NULL, reason text NOT NULL, detail text NOT NULL,"
            " set_aside timestamptz NOT NULL, payload_sealed text NOT NULL, trace text NOT NULL,"
            " owner text NOT NULL, state text NOT NULL,"
            " decider text NOT NULL, decided timestamptz, why text NOT NULL, on_bus boolean NOT NULL)",
            # Few letters wait at a time, however many there were.
            "CREATE INDEX letter_waits ON letter (number) WHERE state IN ('open', 'sending') OR on_bus",
            # The operator's process writes letters and carries orders out; the door reads and orders.
            "GRANT SELECT ON letter TO yingbao_gateway",
            "GRANT UPDATE (owner, state, decider, decided, why) ON letter TO yingbao_gateway",
        ]
    )


def downgrade() -> None:
    execute(["DROP TABLE letter"])
