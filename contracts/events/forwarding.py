"""How what was said under an earlier number reaches the person's right number, and is taken back."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import Event
from contracts.identity import PersonKey


class CarriedFact(BaseModel):
    """A fact as it was said, by its event's name and JSON; it names the earlier number's key."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event: str
    body: str


class Forwarded(Event):
    """All facts that stand under an earlier number, whole; the highest revision is the one that holds.

    Without facts the link was taken back: the right number has nothing from there.
    """

    person: PersonKey = Field(description="The key of the right number, which receives.")
    formerly: PersonKey = Field(description="The key of the earlier number, which sends.")
    revision: int = Field(ge=1)
    facts: tuple[CarriedFact, ...] = ()
