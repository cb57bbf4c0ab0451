"""Streams, subjects and events, named once."""

from dataclasses import dataclass
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class Stream:
    """A JetStream stream: its name, what it stores, and how much of it (bytes).

    ``closable``: what was dealt with is taken out again; elsewhere nobody can take anything out.
    """

    name: str
    subjects: tuple[str, ...]
    max_bytes: int
    description: str
    closable: bool = False

    @property
    def owner(self) -> str:
        """The first word of its subjects."""
        return self.subjects[0].split(".", 1)[0]


GIB = 1 << 30

PARTNER = Stream("PARTNER", ("partner.>",), 4 * GIB, "what partner departments reported")
CLAIMS = Stream("CLAIMS", ("claims.>",), 4 * GIB, "bills and reversals from hospitals")
ENROLLMENT = Stream("ENROLLMENT", ("enrollment.*.v1",), 4 * GIB, "who is who, and covered when")
SETTLEMENT = Stream("SETTLEMENT", ("settlement.*.v1",), 8 * GIB, "claims decided, bills issued")
ASSISTANCE = Stream("ASSISTANCE", ("assistance.*.v1",), 4 * GIB, "assistance decided")
NOTIFY = Stream("NOTIFY", ("notify.*.v1",), 4 * GIB, "the life of each SMS")
DEADLETTER = Stream(
    "DEADLETTER", ("deadletter.>",), 1 * GIB, "set aside, with reason and owner", closable=True
)

STREAMS = (PARTNER, CLAIMS, ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY, DEADLETTER)

EVENTS: tuple[type[Event], ...] = (
    partner.StatusReported,
    lists.RosterReceived,
    partner.DeathReported,
    partner.IdentityChanged,
    partner.PremiumPaid,
    partner.CoverageElsewhereReported,
    partner.PremiumRefunded,
    partner.JustificationReported,
    partner.OutOfAreaFiled,
    partner.FlagApplied,
    partner.FlagDecided,
    partner.ChronicAssessmentReported,
    partner.ManualAssistancePaid,
    lists.RegisterPage,
    lists.RegisterReceived,
    lists.RowsWaiting,
    lists.WordLearned,
    lists.RowsAnswered,
    lists.ListingWithdrawn,
    claims.ClaimSubmitted,
    claims.ClaimReversed,
    claims.DuplicateDismissed,
    enrollment.PersonRegistered,
    enrollment.StatusChanged,
    enrollment.FullListSettled,
    enrollment.HistoryForwarded,
    enrollment.CoverageChanged,
    enrollment.FilingsChanged,
    enrollment.CitizenAnswered,
    enrollment.EnrolmentConfirmed,
    enrollment.ExemptionGranted,
    enrollment.RefundDue,
    enrollment.ReviewCompleted,
    enrollment.DiscrepancyOpened,
    enrollment.DiscrepancyClosed,
    settlement.ClaimSettled,
    settlement.ClaimHeld,
    settlement.ClaimRefused,
    settlement.ClaimQuestioned,
    settlement.BillIssued,
    settlement.ClaimsForwarded,
    assistance.AssistanceGranted,
    assistance.AssistanceAdjusted,
    assistance.HighCostAlerted,
    assistance.HighCostRetracted,
    notify.SmsRequested,
    notify.SmsSent,
    notify.SmsDelivered,
    notify.SmsFailed,
    notify.SmsReceived,
    notify.CitizenAsked,
    deadletter.DeadLettered,
)

BY_NAME = MappingProxyType({event.NAME: event for event in EVENTS})


def subject_of(event: Event) -> str:
    """Name the subject an event is published on; never a person in it."""
    if isinstance(event, partner.PartnerEvent):
        return event.SUBJECT.replace("*", event.source.value)
    if isinstance(event, deadletter.DeadLettered):
        return event.SUBJECT.replace("*", event.service)
    return event.SUBJECT


_BY_OWNER = MappingProxyType({stream.subjects[0].split(".", 1)[0]: stream for stream in STREAMS})


def stream_of(subject: str) -> Stream:
    """Name the stream that stores a subject."""
    return _BY_OWNER[subject.split(".", 1)[0]]


def event_name(subject: str) -> str:
    """Read an event's name from its subject: ``partner.tax.PremiumPaid.v1`` → ``PremiumPaid``."""
    return subject.rsplit(".", 2)[-2]
