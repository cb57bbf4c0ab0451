"""One example of every event version: the golden files are written from these, tests read them back."""

from datetime import date, datetime, timedelta, timezone

from contracts.events import (
    assistance,
    claims,
    deadletter,
    enrollment,
    lists,
    notify,
    partner,
    settlement,
)
from contracts.events.base import Event
from contracts.events.forwarding import CarriedFact
from contracts.vocabulary import Category, Justification, Kind, Source

PERSON = "p" + "a" * 26
OTHER = "p" + "b" * 26
CLAIM = "H34169903:S0000001"
AT = datetime(2023, 6, 1, 10, 0, tzinfo=timezone(timedelta(hours=8)))
MESSAGE = "0123456789abcdef" * 2
PACK = "lixin-2023@00000000"
SEALED = "AES-256-GCM:00000000:AAAA"

DEATH = partner.DeathReported(
    source=Source.FUNERAL_HOME, received=AT, person=PERSON, died=date(2023, 5, 20)
)
REVERSAL = claims.ClaimReversed(
    claim=CLAIM, person=PERSON, provider="H34169903", reason="退费重结", received=AT
)

_ALL: tuple[Event, ...] = (
    partner.StatusReported(
        source=Source.CIVIL_AFFAIRS, received=AT, person=PERSON, category=Category("SUBSISTENCE"),
        action="granted", effective=date(2023, 1, 1), sub_level="A类", township="城关镇",
        village="东村", batch="b1", identity_sealed=SEALED, contact_sealed=SEALED,
    ),
    lists.RosterReceived(
        source=Source.CIVIL_AFFAIRS, received=AT, batch="b1", digest="0" * 64, rows=3, accepted=2,
        rejected=1,
    ),
    DEATH,
    partner.IdentityChanged(
        source=Source.POLICE, received=AT, person=PERSON, new_person=OTHER,
        effective=date(2023, 5, 1), identity_sealed=SEALED,
    ),
    partner.PremiumPaid(
        source=Source.TAX, received=AT, person=PERSON, coverage_year=2023, amount=35_000,
        paid_on=date(2022, 12, 20), township="城关镇", village="东村",
    ),
    partner.CoverageElsewhereReported(
        source=Source.EMPLOYEE_INSURANCE, received=AT, person=PERSON, reason="LOCAL_EMPLOYEE",
        valid_from=date(2023, 3, 1), evidence="单位参保证明",
    ),
    partner.PremiumRefunded(
        source=Source.BUREAU, received=AT, person=PERSON, coverage_year=2023, amount=35_000,
        refunded_on=date(2023, 4, 3), receipt="T2023-0001",
    ),
    partner.JustificationReported(
        source=Source.TOWNSHIP_OFFICE, received=AT, person=PERSON, reason=Justification.ARMY,
        evidence_type="部队证明", evidence_no="证2023-01", valid_from=date(2023, 1, 1),
        verified_by="乡镇医保办",
    ),
    partner.FlagApplied(
        source=Source.TOWNSHIP_OFFICE, received=AT, person=PERSON, filed_on=date(2022, 12, 9),
        category=Category("REGISTERED_POOR"), evidence="申请表2022-07", township="城关镇", office="城关镇",
    ),
    partner.FlagDecided(
        source=Source.BUREAU, received=AT, person=PERSON, category=Category("REGISTERED_POOR"),
        flag_year=2023, decision="approved", decided_on=date(2022, 12, 28),
    ),
    partner.ChronicAssessmentReported(
        source=Source.HEALTH, received=AT, person=PERSON, disease="高血压", result="granted",
        applied_on=date(2023, 5, 6), certificate_no="慢2023-0001", valid_from=date(2023, 6, 1),
        valid_to=date(2025, 5, 31),
    ),
    partner.ManualAssistancePaid(
        source=Source.BUREAU, received=AT, person=PERSON, claim=CLAIM, amount=30_000,
        paid_on=date(2023, 6, 20), card_last4="0001", signed=True,
    ),
    partner.OutOfAreaFiled(
        source=Source.BUREAU, received=AT, person=PERSON, place="上海市", province="31",
        valid_from=date(2023, 5, 2), channel="sms",
    ),
    lists.RegisterPage(
        source=Source.BUREAU, received=AT, coverage_year=2023, batch="b1", page=1,
        persons=(PERSON, OTHER), townships=("城关镇", "城关镇"), name_tags=("0" * 16, "1" * 16),
    ),
    lists.RegisterReceived(
        source=Source.BUREAU, received=AT, coverage_year=2023, batch="b1", digest="0" * 64, pages=1,
        rows=2, accepted=2, rejected=0,
    ),
    lists.RowsWaiting(
        source=Source.CIVIL_AFFAIRS, received=AT, batch="0123456789abcdef", month=date(2023, 5, 1),
        year=2023, full=True,
        rows=(
            lists.WaitingRow(row=7, sheet="名册", column="category", word="光荣户", cells_sealed=SEALED),
        ),
    ),
    lists.WordLearned(
        source=Source.BUREAU, received=AT, about=Source.CIVIL_AFFAIRS, column="category",
        word="光荣户", meaning="KEY_VETERAN_CARE",
    ),
    lists.RowsAnswered(
        source=Source.CIVIL_AFFAIRS, received=AT, batch="0123456789abcdef",
        rows=(
            lists.AnsweredRow(row=7, sheet="名册", person=PERSON, category=Category("KEY_VETERAN_CARE")),
        ),
    ),
    lists.ListingWithdrawn(
        source=Source.CIVIL_AFFAIRS, received=AT, person=PERSON, batch="0123456789abcdef"
    ),
    claims.ClaimSubmitted(
        claim=CLAIM, person=PERSON, provider="H34169903", kind=Kind.INPATIENT, level="L2",
        admit=date(2023, 5, 10), discharge=date(2023, 5, 18), settled=AT, total_fee=1_200_000,
        in_scope=1_000_000, class_b_prepay=60_000, over_limit_self_pay=10_000,
        full_self_pay=130_000, age=66, received=AT,
    ),
    REVERSAL,
    claims.DuplicateDismissed(claim=CLAIM, person=PERSON, why="两次住院", received=AT),
    enrollment.PersonRegistered(
        person=PERSON, revision=1, township="城关镇", village="东村", contact_sealed=SEALED
    ),
    enrollment.StatusChanged(
        person=PERSON, revision=1, township="城关镇", village="东村",
        identities=(
            enrollment.Identity(category=Category("SUBSISTENCE"), valid_from=date(2023, 1, 1)),
        ),
        raised=(Category("SUBSISTENCE"),),
    ),
    enrollment.FullListSettled(
        batch="civil_affairs/0123456789abcdef", state="closed", settled=AT
    ),
    enrollment.HistoryForwarded(
        person=OTHER, formerly=PERSON, revision=2, known=AT,
        links=(enrollment.Link(person=PERSON, new_person=OTHER, said=AT),),
        facts=(CarriedFact(event=DEATH.NAME, body=DEATH.model_dump_json()),),
    ),
    enrollment.CitizenAnswered(
        message="0" * 32, outcome="filed", person=PERSON,
        filings=(
            enrollment.Filing(
                place="上海市", province="31", first=date(2023, 5, 2), last=date(2023, 11, 1)
            ),
        ),
    ),
    enrollment.FilingsChanged(
        person=PERSON, revision=4,
        filings=(
            enrollment.Filing(
                place="上海市", province="31", first=date(2023, 5, 2), last=date(2023, 11, 1)
            ),
        ),
    ),
    enrollment.CoverageChanged(
        person=PERSON, revision=1, years=(2023,),
        spans=(enrollment.CoveredSpan(first=date(2023, 1, 1), last=date(2023, 12, 31)),),
    ),
    enrollment.EnrolmentConfirmed(person=PERSON, coverage_year=2023, batch="0123456789abcdef", known=AT),
    enrollment.ExemptionGranted(
        person=PERSON, coverage_year=2023, category=Category("DESTITUTE"), subsidy=35_000
    ),
    enrollment.RefundDue(person=PERSON, coverage_year=2023, amount=35_000, rule="S1"),
    enrollment.ReviewCompleted(
        run=1, year=2023, number=1, as_of=date(2023, 6, 15), roster=300, opened=7, closed=2,
        reopened=0, still_open=5, broken=1,
    ),
    enrollment.DiscrepancyOpened(
        person=PERSON, discrepancy="refunded_not_exempt", township="城关镇", village="东村",
        opened=date(2023, 6, 1),
    ),
    enrollment.DiscrepancyClosed(
        person=PERSON, discrepancy="refunded_not_exempt", closed=date(2023, 6, 9)
    ),
    settlement.ClaimSettled(
        claim=CLAIM, person=PERSON, revision=1, provider="H34169903", kind=Kind.INPATIENT,
        level="L2", discharge=date(2023, 5, 18), settled=AT, category="SUBSISTENCE", pack=PACK,
        total_fee=1_200_000, in_scope=1_000_000, bmi=760_000, cii=0,
    ),
    settlement.ClaimHeld(
        claim=CLAIM, person=PERSON, revision=1, reason="not_enrolled", discharge=date(2023, 5, 18)
    ),
    settlement.ClaimRefused(claim=CLAIM, person=PERSON, revision=1, reason="after_death"),
    settlement.ClaimQuestioned(
        claim=CLAIM, person=PERSON, revision=1, question="possible_duplicate", other="H34169903:S0",
        discharge=date(2023, 5, 18), provider="H34169903",
    ),
    settlement.BillIssued(
        claim=CLAIM, person=PERSON, bill_revision=1, settlement_revision=1, assistance_revision=1,
        provider="H34169903", kind=Kind.INPATIENT, discharge=date(2023, 5, 18),
        category="SUBSISTENCE", pack=PACK, total_fee=1_200_000, bmi=760_000, cii=0,
        medical_assistance=180_000, personal_burden=260_000,
    ),
    settlement.ClaimsForwarded(
        person=OTHER, formerly=PERSON, revision=2,
        facts=(CarriedFact(event=REVERSAL.NAME, body=REVERSAL.model_dump_json()),),
    ),
    assistance.AssistanceGranted(
        claim=CLAIM, person=PERSON, revision=1, settlement_revision=1, category="SUBSISTENCE",
        pack=PACK, medical_assistance=180_000,
    ),
    assistance.AssistanceAdjusted(
        claim=CLAIM, person=PERSON, revision=2, settlement_revision=2, category="SUBSISTENCE",
        pack=PACK, medical_assistance=150_000, delta=-30_000,
    ),
    assistance.HighCostAlerted(
        person=PERSON, benefit_year=2023, self_paid=1_234_500, threshold=1_000_000
    ),
    assistance.HighCostRetracted(
        person=PERSON, benefit_year=2023, self_paid=900_000, reason="reversal"
    ),
    notify.SmsRequested(message=MESSAGE, person=PERSON, template="bill_issued", audience="family"),
    notify.SmsSent(message=MESSAGE, parts=2, sent=AT),
    notify.SmsDelivered(message=MESSAGE, delivered=AT),
    notify.SmsFailed(message=MESSAGE, reason="no_recipient"),
    notify.CitizenAsked(
        message="0" * 32, wish="filing", persons=(PERSON,), who_sealed=SEALED, place="上海市",
        province="31", first=date(2023, 5, 2), received=AT,
    ),
    notify.SmsReceived(message=MESSAGE, text_sealed=SEALED, received=AT),
    deadletter.DeadLettered(
        message=MESSAGE, service="settlement", handler="settlement-claims",
        subject="claims.ClaimSubmitted.v1", reason="broken_json", attempts=1, set_aside=AT,
        payload_sealed=SEALED,
    ),
)  # fmt: skip

EXAMPLES = {example.NAME: example for example in _ALL}
