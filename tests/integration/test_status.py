"""The platform seen from outside: who was refused at the bus is counted, and what hangs is named at night."""

import asyncio
import json
import signal
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import nats
import pytest
from nats.errors import Error as NatsError
from typer.testing import CliRunner, Result

from tests.integration.own_county import County, a_number
from tests.integration.platform import PATIENCE
from yingbao.cli import app
from yingbao.running.bus_keys import new_seed
from yingbao.running.place import TARGETS


@pytest.fixture
async def county(room: Path) -> AsyncIterator[County]:
    """A county of its own: its processes are stopped in their tracks."""
    async with County(room / "seen") as found:
        yield found


async def status(county: County, *options: str) -> Result:
    """Run the command on the county's directory."""
    told = ["status", *options, "--data", str(county.stack.directory)]
    return await asyncio.to_thread(CliRunner().invoke, app, told)


def outside(county: County) -> str:
    """Return what the supervisor tells Prometheus."""
    url = f"http://127.0.0.1:{county.stack.ports['supervisor']}/metrics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


async def test_a_stranger_at_the_bus_and_a_partner_at_anothers_door_are_counted(
    county: County,
) -> None:
    """The bus tells them nothing and stores nothing; who watches sees both."""
    seed = new_seed().encode()

    with pytest.raises((NatsError, OSError)):
        await nats.connect(
            county.stack.nats_url, max_reconnect_attempts=0, allow_reconnect=False,
            nkeys_seed_str=seed.decode(), connect_timeout=3,
        )  # fmt: skip
    partner = await county.stack.bus("settlement").connect()
    await partner.publish("partner.tax.PremiumPaid.v1", b"{}")
    await partner.flush()
    await partner.close()

    async with asyncio.timeout(PATIENCE):
        while not all(
            f'yingbao_bus_refusals_total{{kind="{kind}"}} {count}.0' in outside(county)
            for kind, count in (("refused_key", 1), ("refused_subject", 1))
        ):
            await asyncio.sleep(0.5)


async def test_the_status_names_what_hangs_and_prometheus_knows_where_everything_is(
    county: County,
) -> None:
    """Exit code 1 while something does not answer; every process stands in the file of targets."""
    async with asyncio.timeout(PATIENCE):
        while (well := await status(county)).exit_code:
            await asyncio.sleep(0.5)
    county.hold("assistance")
    ill = await status(county, "--json")
    county.stack.children["assistance"].send_signal(signal.SIGCONT)

    assert "夜间核对" in well.output
    assert ill.exit_code == 1
    assert json.loads(ill.stdout)["answers"]["assistance"] == "no answer"
    targets = json.loads((county.stack.directory / TARGETS).read_text())
    named = {one["labels"]["process"]: one["targets"] for one in targets}
    assert named.keys() == {*county.stack.processes, "supervisor"}
    assert named["gateway"] == [f"127.0.0.1:{county.stack.ports['gateway']}"]


async def test_a_bill_a_message_and_a_list_can_be_followed(county: County) -> None:
    """From the door to the family's phone, with times and without a person."""
    await county.enrol()
    await county.bills(0, 1)
    await county.settled(1)
    await county.sent()
    owner = await asyncpg.connect(county.stack.database_url)
    delivery = str(await owner.fetchval(
        "SELECT id FROM notify.delivery WHERE message = (SELECT key FROM notify.sms"
        " WHERE template = 'bill_issued')"
    ))  # fmt: skip
    await owner.close()

    answers = {
        what: await asyncio.to_thread(
            CliRunner().invoke, app, ["trace", what, "--data", str(county.stack.directory)]
        )
        for what in ("H34169903:b0", delivery, "nobody")
    }

    way = answers["H34169903:b0"].output
    said = [
        "accepted ClaimSubmitted from hospital/H34169903", "heard ClaimSubmitted", "heard ClaimSettled 1",
        "heard AssistanceGranted 1", "heard BillIssued 1", "bill_issued: addressed",
        f"delivery {delivery[:8]} by phone_log: sent",
        "stands: settled, revision 1, bill 1",
    ]  # fmt: skip
    places = [way.index(one) for one in said]
    assert places == sorted(places), way
    assert a_number(0) not in way
    assert f"delivery {delivery[:8]} by phone_log: sent" in answers[delivery].output
    assert [one.exit_code for one in answers.values()] == [0, 0, 1]
