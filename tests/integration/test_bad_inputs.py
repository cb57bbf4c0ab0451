"""Thousands of generated wrong inputs: each is one wrong input, and never a broken door or a neighbour's loss.

``YINGBAO_BAD_INPUTS`` says how many bills are sent (20,000 by itself; a million by ``make bad-inputs``),
``YINGBAO_BAD_SEED`` from which seed.
"""

import json
import os
import random
from collections import Counter
from datetime import date
from typing import Any

import httpx2

from services.gateway.intake.examples import EXAMPLE_BILL, EXAMPLES
from services.gateway.intake.reports import REPORTS
from tests.builders import an_id_number
from tests.integration.platform import Platform
from yingbao.running.keys import add_key

COUNT = int(os.environ.get("YINGBAO_BAD_INPUTS", "20000"))
SEED = int(os.environ.get("YINGBAO_BAD_SEED", "1"))
LINES, REFUSALS_A_KEY, REPORTS_SENT = 1_000, 2_000, 1_500
WRONG: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**40, -(10**40), [], {}, [[]], {"a": {}}, "", " ", "\0", "null", "NaN",
    "Infinity", "-0", "1e400", "0x10", "1,000.00", "１２.００", "٣.٠٠", "-1.00", "0.001", "99999999999999.99",
    "999999999999999999999.99", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31",
    "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59.999999-23:59", "0000-00-00", "2023-02-30", "2023-13-01",
    "1900-01-01T00:00:00-24:00", "20230101", "2023/1/1", "44927", "2023-01-01T25:00:00", "T", "+14:00",
    "\ud800", "\u202e\u202d", "é" * 300, "x" * 5_000, "'; DROP TABLE claim; --", "{{7*7}}", "../../etc",
    "<script>", "%00", "\r\nX: y", "inpatient\u200b", "ＩＮＰＡＴＩＥＮＴ", "🏥", "p" + "a" * 26,
)  # fmt: skip
TIMES = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.999999+00:00",
)


def spoilt(rng: random.Random, body: dict[str, Any]) -> bytes:
    """Return a body with something wrong in it; now and then it is still right."""
    what = dict(body)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        name = rng.choice([*what, "unknown_field", "settled", "admit"])
        what[name] = rng.choice(WRONG)
    if rng.random() < 0.1:
        what.pop(rng.choice([*what]), None)
    raw = json.dumps(what, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    kind = rng.random()
    if kind < 0.05:
        return raw[: rng.randrange(len(raw))] or b"{"
    if kind < 0.1:
        place = rng.randrange(len(raw))
        return raw[:place] + bytes([rng.randrange(1, 256)]).replace(b"\n", b" ") + raw[place + 1 :]
    if kind < 0.12:
        return raw[:-1] + b', "claim": "twice"}'
    if kind < 0.13:
        return b"[" * 500 + b"]" * 500
    return raw.replace(b"\n", b" ")


async def test_twenty_thousand_spoilt_bills_break_nothing_and_good_neighbours_go_on(
    platform: Platform,
) -> None:
    """No answer of 500, no row in a book, and of the good bills between them not one is lost."""
    rng, codes, reasons = random.Random(SEED), Counter[int](), Counter[str]()
    good, accepted = 0, 0
    async with platform.http() as http:
        http.timeout = httpx2.Timeout(300)  # an hour long, beside whatever else the machine does
        for block in range(COUNT // LINES):
            if block % (REFUSALS_A_KEY // LINES) == 0:
                code = f"BAD{platform.number % 100000}{block}"
                key = add_key(platform.stack.directory, "341623", f"hospital/{code}").key
            whose = an_id_number(
                block % 999 + 1, born=date(1953, 7, 7)
            )  # nobody has ten thousand bills
            bill = EXAMPLE_BILL | {"provider": code, "certno": whose}
            lines = [spoilt(rng, bill | {"claim": f"x{block}-{n}"}) for n in range(LINES - 10)]
            fine = [json.dumps(bill | {"claim": f"good{block}-{n}"}).encode() for n in range(10)]
            mixed = [line for line in lines if line.strip()] + fine
            rng.shuffle(mixed)
            answer = await http.post(
                "/v1/claims/batch", content=b"\n".join(mixed), headers={"X-Yingbao-Key": key}
            )
            codes[answer.status_code] += 1
            receipts = answer.json()["receipts"]
            reasons.update(one["reason"] for one in receipts if not one["accepted"])
            good += 10
            accepted += sum(one["accepted"] and ":good" in one.get("claim", "") for one in receipts)
            assert len(receipts) == len(mixed)
    await platform.asker.quiet(seconds=60 + COUNT / 2_000)

    assert set(codes) == {200}
    assert accepted == good
    assert "internal_error" not in reasons
    assert len(reasons) > 10
    booked = await platform.rows(
        "SELECT count(*) AS n FROM settlement.posting WHERE claim LIKE 'BAD%'"
    )
    assert booked[0]["n"] == 0, "nobody of these is enrolled"


async def test_spoilt_reports_are_refused_each_by_itself(platform: Platform) -> None:
    """Every kind of report, from who may send it."""
    rng, codes = random.Random(SEED + 1), Counter[int]()
    kinds = [
        (name, min(source.value for source in sources)) for name, (_, _, sources) in REPORTS.items()
    ]
    async with platform.http() as http:
        for _ in range(REPORTS_SENT):
            name, source = rng.choice(kinds)
            holder = "township_office/城关镇" if source == "township_office" else source
            answer = await http.post(
                f"/v1/reports/{source}/{name}", content=spoilt(rng, EXAMPLES[name]),
                headers=platform.key(holder),
            )  # fmt: skip
            codes[answer.status_code] += 1
            assert answer.json().get("reason") != "internal_error"

    assert not {code for code in codes if code >= 500}, codes


async def test_the_ends_of_time_are_one_bad_value_each_at_every_door(platform: Platform) -> None:
    """A moment for which no other offset exists refused its whole batch with 500 once."""
    bill = EXAMPLE_BILL | {"provider": "H34169903", "certno": an_id_number(901)}
    fine = [bill | {"claim": f"{platform.number}-t{n}"} for n in range(3)]
    bad = [
        bill | {"claim": f"{platform.number}-e{n}", "settled": time} for n, time in enumerate(TIMES)
    ]
    async with platform.http() as http:
        batch = await http.post(
            "/v1/claims/batch", content="\n".join(map(json.dumps, [*bad, *fine])),
            headers=platform.key("hospital/H34169903"),
        )  # fmt: skip
        single = [
            await http.post("/v1/claims", json=one, headers=platform.key("hospital/H34169903"))
            for one in bad
        ]

    assert batch.status_code == 200
    assert [one["accepted"] for one in batch.json()["receipts"]] == [False] * 4 + [True] * 3
    assert {one.status_code for one in single} == {422}
    assert {one.json()["reason"] for one in single} == {"bad_date"}
