"""Chronic diseases of a person as assessed (慢特病鉴定): certificates, and why there is none. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from contracts.events.partner import ChronicAssessmentReported


@dataclass(frozen=True, slots=True)
class Chronic:
    """The last word about a disease; one without a name is about the person as a whole."""

    disease: str
    applied_on: date
    result: str
    reason: str
    certificate_no: str
    valid_from: date | None
    valid_to: date | None


def fold_chronic(
    reports: Iterable[ChronicAssessmentReported], may_speak: Callable[[str], bool]
) -> tuple[Chronic, ...]:
    """Return what stands, a line a disease, by what was said last by who may speak of the person."""
    last: dict[str, tuple[datetime, str, Chronic]] = {}
    for report in (one for one in reports if may_speak(one.office)):
        found = Chronic(
            report.disease, report.applied_on, report.result, report.reason, report.certificate_no,
            report.valid_from, report.valid_to,
        )  # fmt: skip
        said = (report.received, repr(found), found)
        last[report.disease] = max(
            said, last.get(report.disease, said), key=lambda known: known[:2]
        )
    return tuple(last[disease][2] for disease in sorted(last))
