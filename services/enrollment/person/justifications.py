"""Why a person on a roster is rightly not enrolled here: with evidence, and until when. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.events.partner import CoverageElsewhereReported, JustificationReported
from contracts.vocabulary import Justification
from policy.reasons import load_reasons
from services.enrollment.person.timelines import CHINA, known_order

EVIDENCE = load_reasons()
"""Domain §9, as data. A reason that is not there never counts as justified."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A reason that somebody gave, as it stands; the last word about a reason holds."""

    reason: Justification
    evidence: str
    valid_from: date
    valid_to: date | None
    checked: date

    def counts_on(self, day: date) -> bool:
        """Tell whether the reason holds on a day: begun, not ended, proved, not overdue."""
        return self.why_not(day) == ""

    def why_not(self, day: date) -> str:
        """Return why a reason does not count on a day, or an empty string if it does."""
        rule = EVIDENCE.get(self.reason)
        if rule is None:
            return "no_reason"
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return "ended"
        if not self.evidence:
            return "evidence_missing"
        if _after(self.valid_from, rule.expires_days, day):
            return "evidence_expired"
        return "evidence_expired" if _after(self.checked, rule.recheck_days, day) else ""


def _after(start: date, days: int | None, day: date) -> bool:
    return days is not None and day > start + timedelta(days=days)


def fold_justifications(
    reported: Iterable[JustificationReported],
    elsewhere: Iterable[CoverageElsewhereReported],
    township: str = "",
) -> tuple[Claimed, ...]:
    """Return the reasons that stand: of each kind and first day the last word (domain §14: 16).

    A report with evidence counts until it is withdrawn or expires; one without takes nothing away.
    What a township office verified counts only while the person lives in its township.
    What employee insurance or another area reports about its own insured proves itself, and is better
    known than what an officer noted of the same stay.
    """
    last: dict[_Key, _Said] = {}
    for report in sorted(reported, key=known_order):
        if report.office and report.office != township:
            continue
        if report.action == "revoked":
            _take_back(last, report)
            continue
        proof = " ".join(part for part in (report.evidence_type, report.evidence_no) if part)
        seen = report.received.astimezone(CHINA).date()
        claimed = Claimed(report.reason, proof, report.valid_from, report.valid_to, seen)
        _keep_later(last, report.received, claimed)
    insurers: dict[_Key, _Said] = {}
    for other in elsewhere:
        seen = other.received.astimezone(CHINA).date()
        proof = other.evidence or f"{other.source.value} {seen}"
        reason = Justification(other.reason)
        claimed = Claimed(reason, proof, other.valid_from, other.valid_to, seen)
        _keep_later(insurers, other.received, claimed)
    last |= insurers
    return tuple(claimed for _, (_, claimed) in sorted(last.items()))


_Key = tuple[Justification, date, bool]
"""A reason, its first day, and whether it was proved."""
_Said = tuple[datetime, Claimed]


def _take_back(last: dict[_Key, _Said], revoked: JustificationReported) -> None:
    for proved in (True, False):
        last.pop((revoked.reason, revoked.valid_from, proved), None)


def _keep_later(last: dict[_Key, _Said], said: datetime, claimed: Claimed) -> None:
    """Of two sayings about one stay the later holds; of one moment the longer text, by rule."""
    key = (claimed.reason, claimed.valid_from, bool(claimed.evidence))
    before = last.get(key)
    if before is None or (said, repr(claimed)) > (before[0], repr(before[1])):
        last[key] = (said, claimed)
