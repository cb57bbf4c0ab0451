"""Writes a town's year to a directory: lists, bills, officers. The same seed gives the same files."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.money import parse_yuan
from yingbao.world.bills import Stream, make_bills
from yingbao.world.people import TOWNSHIPS, Resident, make_town
from yingbao.world.rosters import write_lists


@dataclass(slots=True)
class Town:
    """What was made up."""

    directory: Path
    residents: list[Resident]
    stream: Stream
    late_status: dict[str, Any]
    elsewhere: list[dict[str, Any]]


def simulate(directory: Path, *, seed: int, people: int, bills: int) -> Town:
    """Make up a town and write its files. ``people`` ≥ 100, so that every list has rows."""
    if people < 100 or bills < 20:
        raise ValueError("a town has at least 100 people and 20 bills")
    directory.mkdir(parents=True, exist_ok=True)
    residents = make_town(seed, people)
    stream = make_bills(seed, residents, bills)
    late = _late_person(residents, stream)
    write_lists(directory, seed, residents, left_out=late)
    status = {
        "certno": late.id_number,
        "name": late.name,
        "phone": late.phone,
        "category": "SUBSISTENCE",
        "action": "granted",
        "effective": "2023-01-01",
        "township": late.township,
        "village": late.village,
    }
    elsewhere = [
        {
            "certno": one.id_number, "name": one.name, "reason": "LOCAL_EMPLOYEE",
            "valid_from": "2022-07-01", "evidence": "单位参保证明",
        }
        for one in residents
        if one.word and not one.paid and one.category != "DESTITUTE" and one.number % 2
    ]  # fmt: skip
    _write_lines(directory / "elsewhere.jsonl", elsewhere)
    _write_lines(directory / "bills.jsonl", stream.bills)
    _write_lines(directory / "late_bill.jsonl", [stream.late_bill])
    _write_lines(directory / "reversal.jsonl", [stream.reversal])
    _write_lines(directory / "late_status.jsonl", [status])
    _write_json(directory / "officers.json", made_up_officers())
    return Town(directory, residents, stream, status, elsewhere)


def made_up_officers() -> list[dict[str, object]]:
    """Return an officer for each township, as the door takes them."""
    return [
        {
            "townships": [township], "post": "officer", "name": f"{township}医保专干",
            "phone": f"1990000{i:04d}", "first": "2023-01-01",
        }
        for i, township in enumerate(TOWNSHIPS)
    ]  # fmt: skip


def _late_person(residents: list[Resident], stream: Stream) -> Resident:
    """Choose somebody without a status whose hospital bills a late status will change."""
    largest: dict[str, int] = {}
    for bill in stream.bills:
        if bill["kind"] == "inpatient":
            amount = parse_yuan(bill["in_scope"])
            largest[bill["certno"]] = max(amount, largest.get(bill["certno"], 0))
    candidates = [one for one in residents if not one.word and one.paid]
    return max(candidates, key=lambda one: largest.get(one.id_number, 0))


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def _write_lines(path: Path, rows: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(lines + "\n", encoding="utf-8")
