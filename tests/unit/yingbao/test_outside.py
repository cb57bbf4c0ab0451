"""What is seen from outside: refusals in the bus's log, keys that end, disks, backups."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from chassis.clock import system_clock
from services.gateway.partner_keys import KeyFile, PartnerKey
from yingbao.running.bus_keys import PARTNER_KEYS
from yingbao.running.outside import Outside, kind_of


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    """Return a series' value."""
    found = registry.get_sample_value(name, labels)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            '[7] 2026/11/27 [ERR] 127.0.0.1:1 - cid:5 - authentication error - Nkey "UA"',
            "refused_key",
        ),
        (
            '[7] 2026/11/27 [ERR] - cid:9 - Publish Violation - Nkey "UB", Subject "a"',
            "refused_subject",
        ),
        (
            '[7] [ERR] - cid:9 - Subscription Violation - Nkey "UB", Subject "a", SID 1',
            "refused_subject",
        ),
        ("[7] 2026/11/27 [INF] Server is ready", ""),
    ],
)
def test_what_the_bus_refused_stands_in_its_log(line: str, kind: str) -> None:
    """By the words of the server."""
    assert kind_of(line) == kind


def test_refusals_are_counted_once_also_over_a_log_that_was_set_aside(tmp_path: Path) -> None:
    """A line that is not whole yet counts once it is; a new log begins anew."""
    log = tmp_path / "nats" / "nats.log"
    log.parent.mkdir()
    seen = Outside(tmp_path)

    log.write_text("a - Publish Violation - b\nhalf a Publish Viol")
    look(seen)
    assert value(seen.registry, "yingbao_bus_refusals_total", kind="refused_subject") == 1
    log.write_text("a - Publish Violation - b\nhalf a Publish Violation\n")
    look(seen)
    look(seen)
    assert value(seen.registry, "yingbao_bus_refusals_total", kind="refused_subject") == 2
    log.write_text("Publish Violation\n")
    look(seen)
    assert value(seen.registry, "yingbao_bus_refusals_total", kind="refused_subject") == 3


def look(seen: Outside) -> None:
    """Look, at a database and a bus that are not there."""
    seen.look("postgresql://nobody@127.0.0.1:1/none", "nats://127.0.0.1:1", "", None)


def test_what_does_not_answer_is_down_and_what_ends_is_told_in_days(tmp_path: Path) -> None:
    """Of a holder the key that ends last: a key that is being replaced alarms nobody. A cut line hides no other."""
    now = system_clock()
    ends = {"tax/a": 30.0, "tax/b": 2.0, "police/c": 10.0, "police/d": -1.0, "health/e": 99.0}
    keys = [
        PartnerKey(
            id=id_, holder=id_.partition("/")[0], hash=id_, created=now - timedelta(days=100),
            expires=now + timedelta(days=days),
        )
        for id_, days in ends.items()
    ]  # fmt: skip
    (tmp_path / PARTNER_KEYS).write_text(KeyFile(keys=keys).model_dump_json())
    drill = {"at": (now - timedelta(days=3)).isoformat(), "what": "backup"}
    restored = {"at": now.isoformat(), "what": "restore"}
    (tmp_path / "drills.jsonl").write_text(f"{json.dumps(drill)}\n{{cut\n{json.dumps(restored)}\n")
    seen = Outside(tmp_path)

    look(seen)

    assert value(seen.registry, "yingbao_database_up") == 0
    assert value(seen.registry, "yingbao_bus_up") == 0
    assert value(seen.registry, "yingbao_key_expires_days") == pytest.approx(10, abs=0.01)
    assert value(seen.registry, "yingbao_key_age_days") == pytest.approx(100, abs=0.01)
    ago = now.timestamp() - value(seen.registry, "yingbao_backup_last_timestamp_seconds")
    assert ago == pytest.approx(3 * 86_400, abs=1)
    assert (
        0
        < value(seen.registry, "yingbao_disk_free_bytes")
        < value(seen.registry, "yingbao_disk_size_bytes")
    )
