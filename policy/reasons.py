"""What proves a reason for not being enrolled, and how long the proof holds: data, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.vocabulary import Justification
from policy.dated import Source
from policy.reading import Reader, read_yaml

REASONS = Path(__file__).parent / "reasons.yaml"
_KEYS = {"reason", "evidence", "source"}


@dataclass(frozen=True, slots=True)
class EvidenceRule:
    """What proves a reason, and after how many days it has to be looked at again (None: never)."""

    evidence: str
    recheck_days: int | None
    expires_days: int | None
    source: Source


@lru_cache(maxsize=1)
def load_reasons() -> Mapping[Justification, EvidenceRule]:
    """Return the rules of every reason that counts. Raises PackError for a file that is not understood."""
    return parse_reasons(REASONS.read_text(encoding="utf-8"), "policy/reasons.yaml")


def parse_reasons(text: str, path: str) -> Mapping[Justification, EvidenceRule]:
    """Read the rules from their YAML text. Raises PackError naming file and line."""
    read = Reader(path, {})
    node = read_yaml(text, path)
    read.keys(node, {"reasons"}, {"reasons"})
    found: dict[Justification, EvidenceRule] = {}
    for entry in node["reasons"]:
        read.keys(entry, _KEYS | {"recheck_days", "expires_days"}, _KEYS)
        reason = Justification(
            read.choice(entry, "reason", {reason.value for reason in Justification})
        )
        if reason in found:
            raise read.fail(entry, f"{reason.value} stands twice", "keep one")
        days = {name: _days(read, entry, name) for name in ("recheck_days", "expires_days")}
        found[reason] = EvidenceRule(str(entry["evidence"]), **days, source=read.source(entry))
    return found


def _days(read: Reader, node: dict[str, Any], name: str) -> int | None:
    value = node.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise read.fail(node, f"{name} {value!r} is not a number of days", "a whole number: 31")
    return value
