"""The hospital's door: a bill is checked whole, its person replaced by a key, then published."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.clock import CHINA
from contracts.envelope import event_id
from contracts.events.base import ClaimId, Text
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.money import Money
from contracts.vocabulary import Kind
from policy.engine import pack_of
from policy.facts import PersonFacts, as_claim
from policy.pack import Pack
from policy.refusals import refusal_of
from services.gateway.national import to_ours
from services.gateway.people import Admit
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
    admit: date | None = None
    discharge: date
    settled: datetime | None = None
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
    disease: Text = ""
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


def read_claim(body: bytes) -> ClaimIn:
    """Read a bill from JSON with national or our names. Raises RefusedError."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError("broken_json", status=400) from None
    if not isinstance(fields, dict):
        raise RefusedError("broken_json", status=400, detail="an object is expected")
    try:
        return ClaimIn.model_validate_json(orjson.dumps(to_ours(fields)))
    except ValidationError as error:
        raise refused(error) from None
    except TypeError:  # nested deeper than anything a bill can be
        raise RefusedError("broken_json", status=400) from None


def claim_ref(provider: str, claim: str) -> str:
    """Return a claim's id across hospitals: two of them may use the same number."""
    return f"{provider}:{claim}"


def in_china(moment: datetime) -> datetime:
    """Return a moment with the offset of China, so that the order of text is the order of time."""
    return moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)


class ClaimDesk:
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

    def submitted(self, claim: ClaimIn) -> tuple[str, ClaimSubmitted]:
        """Return (event id, event) of a bill. Raises RefusedError with the field."""
        person = self._admit(claim.certno, "", "").key
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
        pack = pack_of(self._packs, event.discharge)
        refuse_identity_in_text(event)
        reason = refusal_of(pack, PersonFacts(claims=[]), as_claim(event))
        if reason:
            raise RefusedError(reason, FIELD_OF_REASON.get(reason, ""))
