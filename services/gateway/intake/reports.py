"""Single events from departments: the same facts as in lists, one at a time, over HTTP or NATS."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from chassis.language import tr
from contracts.envelope import event_id
from contracts.events import partner
from contracts.events.partner import PartnerEvent
from contracts.provinces import province_of
from contracts.vocabulary import PARTNERS, Source
from services.gateway.intake.people import Admit, Admitted, Home
from services.gateway.intake.reading.bodies import as_json, object_of
from services.gateway.intake.reading.cells import (
    EVENTS,
    PAYMENTS,
    REASONS,
    STATUSES,
    Window,
    coverage_year_of,
    end_of,
    plausible,
)
from services.gateway.intake.report_bodies import (
    ApplicationIn,
    ChronicIn,
    DeathIn,
    DecisionIn,
    ElsewhereIn,
    IdentityIn,
    JustificationIn,
    ManualPaymentIn,
    OutOfAreaIn,
    PremiumIn,
    RefundIn,
    ReportIn,
    StatusIn,
)
from services.gateway.intake.rosters import PHONE_NOTES
from services.gateway.refusals import RefusedError, refuse_identity_in_text, refused
from services.gateway.regions import PlaceNamer, as_written

BODIES: Mapping[str, tuple[type[ReportIn], type[PartnerEvent]]] = {
    "StatusReported": (StatusIn, partner.StatusReported),
    "DeathReported": (DeathIn, partner.DeathReported),
    "PremiumPaid": (PremiumIn, partner.PremiumPaid),
    "CoverageElsewhereReported": (ElsewhereIn, partner.CoverageElsewhereReported),
    "FlagApplied": (ApplicationIn, partner.FlagApplied),
    "FlagDecided": (DecisionIn, partner.FlagDecided),
    "ChronicAssessmentReported": (ChronicIn, partner.ChronicAssessmentReported),
    "ManualAssistancePaid": (ManualPaymentIn, partner.ManualAssistancePaid),
    "IdentityChanged": (IdentityIn, partner.IdentityChanged),
    "PremiumRefunded": (RefundIn, partner.PremiumRefunded),
    "JustificationReported": (JustificationIn, partner.JustificationReported),
    "OutOfAreaFiled": (OutOfAreaIn, partner.OutOfAreaFiled),
}
"""Event → (what comes in, what goes on)."""


def _may_say(event: str) -> frozenset[Source]:
    return frozenset(Source(code) for code, one in PARTNERS.items() if event in one.reports)


REPORTS: Mapping[str, tuple[type[ReportIn], type[PartnerEvent], frozenset[Source]]] = {
    event: (*bodies, _may_say(event)) for event, bodies in BODIES.items()
}
"""Event → (what comes in, what goes on, who may say it)."""

WINDOWS: Mapping[str, Window] = {
    "effective": STATUSES, "died": EVENTS, "paid_on": PAYMENTS, "refunded_on": PAYMENTS,
    "filed_on": EVENTS, "decided_on": EVENTS, "applied_on": EVENTS, "valid_from": REASONS,
}  # fmt: skip
"""Field → when its day can lie."""


def _day_of(report: ReportIn) -> date | None:
    """Return the day that a report is about, if it is one on which an infant's age matters."""
    day = getattr(report, "paid_on", None) or getattr(report, "effective", None)
    return day if isinstance(day, date) else None


ABOUT_WHOM = {"certno", "new_certno", "name", "phone", "household_head", "head_certno"}
_SEALED = ("identity_sealed", "contact_sealed")


def _check_years(report: ReportIn) -> None:
    """Refuse a year that does not go with its day. Raises RefusedError."""
    if isinstance(report, PremiumIn):
        coverage_year_of(report.coverage_year, report.paid_on)
    if isinstance(report, RefundIn) and not (
        report.coverage_year - 1 <= report.refunded_on.year <= report.coverage_year + 2
    ):
        raise RefusedError("year_unlikely", "coverage_year")
    if isinstance(report, ApplicationIn) and report.flag_year not in {
        None, report.filed_on.year + 1,
    }:  # fmt: skip
        raise RefusedError("wrong_flag_year", "flag_year")


def _moved_year(report: ReportIn) -> list[str]:
    """Say of which year an application of January is: the year that has begun is closed (S1)."""
    if not isinstance(report, ApplicationIn) or report.filed_on.month != 1:
        return []
    year = report.filed_on.year
    return [
        f"1月申报的按{year + 1}年度标识受理；{year}年度标识须在{year - 1}年12月31日前申报，已截止"
    ]


def _province(place: str) -> str:
    """Return the province of a place. Raises RefusedError if it names none."""
    found = province_of(place)
    if not found:
        raise RefusedError("unknown_place", "place")
    return found


def plausible_dates(fields: dict[str, Any], today: date) -> dict[str, Any]:
    """Return a report's fields with dates that can be meant. Raises RefusedError with the field."""
    for name, window in WINDOWS.items():
        if isinstance(fields.get(name), date):
            plausible(fields[name], name, window, today)
    if "valid_to" in fields:
        fields["valid_to"] = end_of(fields["valid_to"], "valid_to", today)
        start, end = fields.get("valid_from"), fields["valid_to"]
        if start and end and end < start:
            raise RefusedError("bad_date", "valid_to", detail=tr("结束日期早于开始日期"))
    return fields


class ReportReader:
    """Turns single reports into facts.

    Each report is a fact of its own, by the moment it came in: what is said again after it was
    taken back is news, and the fold tolerates copies.
    """

    def __init__(
        self, admit: Admit, now: Callable[[], datetime], place: PlaceNamer = as_written
    ) -> None:
        self._admit = admit
        self._now = now
        self._place = place

    def fact(
        self, source: Source, name: str, body: bytes, office: str = ""
    ) -> tuple[str, PartnerEvent, list[str]]:
        """Return (event id, event, notes) of a report; ``office``: the township of the office that says it.

        Raises RefusedError.
        """
        known = REPORTS.get(name)
        if known is None or source not in known[2]:
            raise RefusedError("unknown_event", status=404)
        try:
            report = known[0].model_validate_json(as_json(object_of(body)))
        except ValidationError as error:
            raise refused(error) from None
        now = self._now()
        home = Home(getattr(report, "household_head", ""), getattr(report, "head_certno", ""))
        person = self._admit(report.certno, report.name, report.phone, home)
        self._check_township(report, office, now.date())
        fields = plausible_dates(
            report.model_dump(exclude=ABOUT_WHOM | report.NOT_PASSED_ON), now.date()
        )
        _check_years(report)
        if "township" in fields:
            fields["township"] = self._place(fields["township"], now.date())
        # Of what is known of the person, an event takes what its model has a field for.
        sealed = {
            "identity_sealed": person.identity_sealed,
            "contact_sealed": person.contact_sealed,
            "name_tag": person.name_tag,
            "infant_born": person.infant_on(_day_of(report) or now.date()),
            "household": person.household,
            "holds": person.holds,
            "office": office,
        }
        if isinstance(report, OutOfAreaIn):
            fields["province"] = _province(report.place)
        if isinstance(report, IdentityIn):
            right = self._right_number(report, person)
            sealed |= {
                "new_person": right.key, "identity_sealed": right.identity_sealed,
                "infant_born": right.infant_on(report.effective),
            }  # fmt: skip
        kept = {key: value for key, value in sealed.items() if key in known[1].model_fields}
        event = known[1](source=source, received=now, person=person.key, **kept, **fields)
        refuse_identity_in_text(event)
        notes = [PHONE_NOTES[person.phone]] if person.phone in PHONE_NOTES else []
        notes += _moved_year(report)
        return event_id(source.value, event.fingerprint(*_SEALED)), event, notes

    def _check_township(self, report: ReportIn, office: str, today: date) -> None:
        """A township applies for its own people, and not for a day that has not come."""
        if not isinstance(report, ApplicationIn):
            return
        if office and self._place(report.township, today) != self._place(office, today):
            raise RefusedError("outside_area", "township", 403)
        if report.filed_on > today:
            raise RefusedError("bad_date", "filed_on")

    def _right_number(self, report: IdentityIn, wrong: Admitted) -> Admitted:
        """Return the person under the right number. Raises RefusedError if it is the wrong one again."""
        try:
            right = self._admit(report.new_certno, report.name, report.phone)
        except RefusedError as error:
            raise RefusedError(error.reason, "new_certno") from None
        if right.key == wrong.key:
            raise RefusedError("same_number", "new_certno")
        return right
