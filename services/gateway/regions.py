"""Townships of a county as dated data: official names, aliases, and which one took in another."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.language import tr
from services.gateway.intake.reading.characters import tidy
from services.gateway.refusals import RefusedError

REGIONS = Path(__file__).parent / "regions"
SUFFIXES = ("街道办事处", "街道", "镇", "乡")

PlaceNamer = Callable[[str, date], str]
"""(what a department wrote, day) → the official name on that day. Raises RefusedError."""


class RegionError(ValueError):
    """A region table that cannot be used: which file, and what is wrong in it."""


class Township(BaseModel):
    """A township: its code after the county's, and from when to when it exists (None: open)."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    code: str = Field(pattern=r"^\d{3}$")
    name: str
    aliases: tuple[str, ...] = ()
    valid_from: date | None = Field(default=None, alias="from")
    valid_to: date | None = Field(default=None, alias="to")
    into: str = ""

    def exists_on(self, day: date) -> bool:
        """Tell whether the township exists on a day."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)

    def names(self) -> set[str]:
        """Return every way in which the township is written, also without 镇, 乡 or 街道."""
        said = {tidy(name) for name in (self.name, *self.aliases)}
        short = {name.removesuffix(end) for name in said for end in SUFFIXES if name.endswith(end)}
        return said | {name for name in short if len(name) >= 2}


class Region(BaseModel):
    """A county's table of townships."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    county: str = Field(pattern=r"^\d{6}$")
    name: str
    townships: tuple[Township, ...]

    def standing(self, day: date) -> tuple[str, ...]:
        """Return the official names of the townships that exist on a day."""
        return tuple(one.name for one in self.townships if one.exists_on(day))

    def official(self, written: str, day: date) -> str:
        """Return the official name of a township on a day.

        One that was taken in by another is the other's name. Raises RefusedError with
        ``unknown_township`` for a name that no township has.
        """
        word = tidy(written).removeprefix(self.name)
        found = [one for one in self.townships if word in one.names()]
        standing = next((one for one in found if one.exists_on(day)), None)
        if standing is None:
            heirs = {one.into for one in found if one.into}
            later = [one for one in self.townships if one.code in heirs and one.exists_on(day)]
            standing = later[0] if len(later) == 1 else None
        if standing is None:
            raise RefusedError("unknown_township", "township")
        return standing.name


def as_written(written: str, _: date) -> str:
    """Take a township as it is written: where it is only shown, not kept."""
    return tidy(written)


def namer(county: str) -> PlaceNamer:
    """Return how a county's townships are named. Raises RegionError.

    A list says the same twenty names a million times, so what was found is kept.
    """
    return lru_cache(maxsize=4_096)(read_region(county).official)


def known_counties() -> tuple[str, ...]:
    """Return the codes of the counties that have a table here."""
    return tuple(sorted(one.stem for one in REGIONS.glob("*.yaml")))


@lru_cache(maxsize=8)
def read_region(county: str) -> Region:
    """Read a county's table, by its code or the path of a .yaml. Raises RegionError."""
    path = Path(county) if county.endswith(".yaml") else REGIONS / f"{county}.yaml"
    if not path.is_file():
        told = (
            tr("no region table {county!r}", county=county)
            if county
            else tr("no county was chosen")
        )
        known = ", ".join(known_counties())
        there = tr("there are: {known} (or the path of a table of your own)", known=known)
        raise RegionError(f"{told}; {there}")
    try:
        region = Region.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise RegionError(f"{path.name}: {error}") from None
    _check(region, path.name)
    return region


def _check(region: Region, file: str) -> None:
    """No name may stand for two townships on a day, and an heir must exist."""
    codes = {one.code for one in region.townships}
    for township in region.townships:
        if township.into and township.into not in codes:
            raise RegionError(
                f"{file}: {township.name} goes into {township.into}, which is not there"
            )
        for other in region.townships:
            both = township.names() & other.names()
            if township is not other and both and _meet(township, other):
                raise RegionError(f"{file}: {min(both)} stands for two townships")


def _meet(one: Township, other: Township) -> bool:
    start = max(one.valid_from or date.min, other.valid_from or date.min)
    return start <= min(one.valid_to or date.max, other.valid_to or date.max)
