"""A resident's file: what the checks of a year read of a person, as it is kept. Pure.

Kept as JSON beside the resident and read by name, in Python and in SQL. A field is added with a default;
when what is kept changes its meaning, the version goes up and everybody is folded again.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from contracts.events.enrollment import Filing
from services.enrollment.person.applications import Application
from services.enrollment.person.chronic import Chronic
from services.enrollment.person.fold import Person
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.timelines import Stay, ToldDead

__all__ = [
    "FILE_VERSION", "NO_FILE", "Chronic", "Claimed", "PremiumStanding", "ResidentFile", "Stay",
    "TakenBack", "ToldDead", "file_of",
]  # fmt: skip
"""What other rooms know of a person they know from here."""
FILE_VERSION = 5
"""Whoever was kept by an earlier version is folded again when the service starts."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A list that says nothing of the person any more; ``categories``: only of these, empty: of none."""

    source: str
    batch: str
    categories: tuple[str, ...] = ()


class ResidentFile(BaseModel):
    """What is kept of a person for the checks. Amounts in fen.

    ``forwarded``: right number's key → revision of what was sent there; ``was_listed``: some roster ever
    named the person; ``names_agree``: every list that carries the number carries the same name.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = 0
    premiums: tuple[PremiumStanding, ...] = ()
    justified: tuple[Claimed, ...] = ()
    listed: tuple[str, ...] = ()
    rosters: tuple[Stay, ...] = ()
    sub_levels: dict[str, str] = {}
    deaths: tuple[ToldDead, ...] = ()
    chronic: tuple[Chronic, ...] = ()
    filings: tuple[Filing, ...] = ()
    applications: tuple[Application, ...] = ()
    names_agree: bool = True
    name_tag: str = ""
    was_listed: bool = True
    merged_into: str = ""
    formerly: tuple[str, ...] = ()
    forwarded: dict[str, int] = {}
    withdrawn: tuple[TakenBack, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _by_name_only(cls, kept: Any) -> Any:
        """Leave out what a process of the version before wrote by position: who has it is folded again."""
        if not isinstance(kept, dict) or kept.get("version") == FILE_VERSION:
            return kept
        by_position = [name for name, rows in kept.items() if _is_by_position(rows)]
        if not by_position:
            return kept
        return {name: kept[name] for name in kept if name not in by_position} | {"version": 0}

    def premium(self, year: int) -> PremiumStanding | None:
        """Return where the premium of a year stands; None if nothing is known of it."""
        return next((one for one in self.premiums if one.year == year), None)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Return the other numbers under which the person is known."""
        return (self.merged_into, *self.formerly)


NO_FILE = ResidentFile()


def _is_by_position(rows: Any) -> bool:
    return isinstance(rows, list) and any(isinstance(row, list) for row in rows)


def file_of(
    person: Person,
    withdrawn: tuple[TakenBack, ...] = (),
    forwarded: dict[str, int] | None = None,
) -> ResidentFile:
    """Return what is kept of a person as folded."""
    return ResidentFile.model_construct(
        version=FILE_VERSION,
        premiums=person.premiums,
        justified=person.justified,
        listed=person.listed,
        rosters=person.rosters,
        sub_levels=dict(person.sub_levels),
        deaths=person.deaths,
        chronic=person.chronic,
        filings=person.filings,
        applications=person.applications,
        names_agree=person.names_agree,
        name_tag=person.name_tag,
        was_listed=bool(person.identities),
        merged_into=person.merged_into,
        formerly=person.formerly,
        forwarded=forwarded or {},
        withdrawn=withdrawn,
    )
