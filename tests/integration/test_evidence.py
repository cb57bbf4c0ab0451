"""What an auditor is given: as declared and as it is, and nobody's number in it."""

import asyncio
import json
from pathlib import Path

from tests.builders import an_id_number
from tests.integration.platform import Platform
from tests.integration.test_operator import yingbao
from yingbao.running.evidence import CONTENTS


async def test_an_auditor_finds_permissions_reads_keys_drills_and_the_data_map(
    platform: Platform, tmp_path: Path
) -> None:
    """A read with its purpose stands in the log; what is declared is what the servers have."""
    number = an_id_number(733)
    async with platform.http() as http:
        body = {"certno": number, "why": "审计抽查用途"}
        await http.post("/v1/enrollment/persons/lookup", json=body, headers=platform.key("bureau"))

    # As only an edit of the table can make it: the door lets nobody approve what they proposed.
    await platform.rows(
        "INSERT INTO gateway.proposal VALUES ('self', 'payment', 'H1:1', '发放1.00元', '', 'bureau/a',"
        " now(), 'approved', 'bureau/a', now(), '')"
    )

    done = await asyncio.to_thread(yingbao, platform, "evidence", "--out", str(tmp_path / "e"))

    await platform.rows("DELETE FROM gateway.proposal WHERE id = 'self'")
    parts = {name: json.loads((tmp_path / "e" / f"{name}.json").read_text()) for name in CONTENTS}
    bus, database = parts["bus-permissions"], parts["database-permissions"]
    assert bus["as_told_to_the_server"]
    assert bus["open_now_beyond_what_is_declared"] == []
    assert {"settlement", "operator", "tax", "hospital/H34169903"} <= bus["declared"].keys()
    assert (database["mighty"], database["across"]) == ([], [])
    assert {one["rolname"] for one in database["logins"]} >= {
        "yingbao_settlement",
        "yingbao_gateway",
    }
    assert "审计抽查用途" in {one["why"] for one in parts["access-log"]["reads"]}
    assert all(one["days"] >= 0 and "hash" not in one for one in parts["keys"]["partners"])
    assert "identity_sealed" in parts["data-map"]["tables"]["enrollment.resident"]
    assert parts["data-map"]["events"]["ClaimSubmitted"] == ["person"]
    whole = "".join(path.read_text() for path in (tmp_path / "e").iterdir())
    assert number not in whole
    assert [one["holder"] for one in parts["approvals"]["proposals"] if one["says"] == "发放1.00元"]
    assert "本人复核：发放1.00元" in (tmp_path / "e" / "README.md").read_text()
    assert "尚无备份记录" in (tmp_path / "e" / "README.md").read_text()
    assert done.returncode == 1, "no backup was made yet: that is something to look at"
