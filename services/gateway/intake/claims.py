"""The hospital's door: a bill is checked whole, its person replaced by a key, then published."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.clock import CHINA
from contracts.diseases import DiseaseCode
from contracts.envelope import event_id
from contracts.events.base import ClaimId, Text
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.money import Money
from contracts.personal import holds
from contracts.vocabulary import Kind
from policy.engine import pack_of
from policy.facts import PersonFacts, as_claim
from policy.pack import Pack
from policy.refusals import refusal_of
from services.gateway.intake.national import Translated, to_ours
from services.gateway.intake.people import Admit
from services.gateway.intake.reading.bodies import Day, Moment, as_json, object_of
from services.gateway.intake.reading.cells import BILLS, plausible
from services.gateway.refusals import RefusedError, refuse_identity_in_text, refused

FIELD_OF_REASON = {
    "amounts_do_not_add_up": "total_fee",
    "discharge_before_admission": "discharge",
    "unknown_level": "level",
    "unknown_area": "area",
}


class ClaimIn(BaseModel):
    """A bill as a hospital sends it: yuan as strings, the identity number as ``certno``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    claim: ClaimId = Field(max_length=48)
    provider: ClaimId = Field(max_length=15)
    certno: str
    name: Text = ""
    kind: Kind
    level: Text = ""
    area: Text = "local"
    admit: Day | None = None
    discharge: Day
    settled: Moment | None = None
    total_fee: Money
    in_scope: Money
    class_b_prepay: Money = 0
    over_limit_self_pay: Money = 0
    full_self_pay: Money = 0
    hospital_reduction: Money = 0
    commercial_supplement: Money = 0
    compliant: bool = True
    referred: bool = True
    age: int | None = Field(default=None, ge=0, le=150)
    disease: DiseaseCode = ""
    one_stop: bool = True
    why_not_one_stop: Text = ""


class ReversalIn(BaseModel):
    """A hospital takes a bill back."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certno: str
    reason: Text = ""


class NamedReversalIn(ReversalIn):
    """A reversal that names its claim itself, where no path does."""

    claim: ClaimId = Field(max_length=48)


def translate(body: bytes) -> Translated:
    """Read a bill's fields from JSON with national or our names. Raises RefusedError."""
    return to_ours(object_of(body))


def read_claim(body: bytes) -> ClaimIn:
    """Read a bill from JSON with national or our names. Raises RefusedError in the sender's names."""
    return bill_of(translate(body))


def bill_of(translated: Translated) -> ClaimIn:
    """Read a bill from its fields. Raises RefusedError in the sender's names."""
    try:
        return ClaimIn.model_validate_json(as_json(translated.fields))
    except ValidationError as error:
        raise translated.in_their_words(refused(error)) from None


def claim_ref(provider: str, claim: str) -> str:
    """Return a claim's id across hospitals: two of them may use the same number."""
    return f"{provider}:{claim}"


def in_china(moment: datetime) -> datetime:
    """Return a moment with the offset of China, so that the order of text is the order of time.

    Raises RefusedError at the ends of time, where no other offset exists.
    """
    try:
        return moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)
    except OverflowError:
        raise RefusedError("bad_date", "settled") from None


def plausible_days(claim: ClaimIn, today: date) -> None:
    """Refuse days that no bill can have. Raises RefusedError with the field."""
    plausible(claim.discharge, "discharge", BILLS, today)
    if claim.admit is not None:
        plausible(claim.admit, "admit", BILLS, today)
    if claim.settled is not None:
        plausible(in_china(claim.settled).date(), "settled", BILLS, today)


def _without_number(claim: str, certno: str) -> None:
    """Refuse a bill whose number is its patient's: it would stand in clear wherever the bill is named."""
    if holds(claim, certno.strip()):
        raise RefusedError("identity_in_text", "claim")


class BillReader:
    """Turns checked bills into events. ``admit`` replaces identities; ``now`` stamps arrivals."""

    def __init__(
        self,
        packs: Sequence[Pack],
        admit: Admit,
        now: Callable[[], datetime],
    ) -> None:
        self._packs = packs
        self._admit = admit
        self._now = now

    @property
    def packs(self) -> Sequence[Pack]:
        """The packs that bills are held against."""
        return self._packs

    def submitted(self, claim: ClaimIn) -> tuple[str, ClaimSubmitted]:
        """Return (event id, event) of a bill. Raises RefusedError with the field."""
        person = self._admit(claim.certno, "", "").key
        plausible_days(claim, self._now().date())
        _without_number(claim.claim, claim.certno)
        fields = claim.model_dump(exclude={"certno", "name"})
        fields["claim"] = claim_ref(claim.provider, claim.claim)
        if claim.settled is not None:
            fields["settled"] = in_china(claim.settled)
        event = ClaimSubmitted(person=person, received=self._now(), **fields)
        self._check(event)
        return event_id("claim", event.claim, event.fingerprint("received")), event

    def reversed(self, provider: str, claim: str, body: ReversalIn) -> tuple[str, ClaimReversed]:
        """Return (event id, event) of a reversal. Raises RefusedError."""
        person = self._admit(body.certno, "", "").key
        ref = claim_ref(provider, claim)
        _without_number(claim, body.certno)
        try:
            event = ClaimReversed(
                claim=ref, person=person, provider=provider, reason=body.reason,
                received=self._now(),
            )  # fmt: skip
        except ValidationError as error:
            raise refused(error) from None
        refuse_identity_in_text(event)
        return event_id("reversal", ref, person), event

    def _check(self, event: ClaimSubmitted) -> None:
        """Apply the rules that need no person, the same that the fold applies (C19)."""
        pack = pack_of(self._packs, event.discharge, event.provider)
        refuse_identity_in_text(event)
        reason = refusal_of(pack, PersonFacts(claims=[]), as_claim(event))
        if reason:
            raise RefusedError(reason, FIELD_OF_REASON.get(reason, ""))
