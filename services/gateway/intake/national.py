"""The national settlement interface's field names and codes at the hospital's door, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from contracts.funds import grouped
from contracts.money import format_yuan
from contracts.vocabulary import Kind
from services.gateway.refusals import RefusedError

TABLES = Path(__file__).parent / "national.yaml"
MED_TYPE = "med_type"

BILL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "medfee_sumamt": ("total_fee",),
    **grouped("national"),
    "psn_cash_pay": ("personal_burden",),
}
"""National name ← the layers of ours that it adds up."""


class National(BaseModel):
    """The tables, as the file has them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fields: dict[str, list[str]]
    message_number: str
    ignored: frozenset[str]
    med_types: dict[Kind | Literal["not_paid"], dict[str, str]]


@lru_cache(maxsize=1)
def tables() -> National:
    """Return the tables."""
    return National.model_validate(yaml.safe_load(TABLES.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Translated:
    """A bill's fields by our names. ``said``: our name → the one that the sender used."""

    fields: dict[str, Any]
    said: Mapping[str, str] = field(default_factory=dict)

    def in_their_words(self, error: RefusedError) -> RefusedError:
        """Return a refusal that names the field as its sender knows it."""
        error.field = self.said.get(error.field, error.field)
        return error


def to_ours(fields: Mapping[str, Any]) -> Translated:
    """Rename national fields; ours pass as they are, and known ones that say nothing here are left out.

    Raises RefusedError where two fields say the same differently, and for a kind of care that is not
    known or not paid.
    """
    names = tables()
    found = {name: value for name, value in fields.items() if name not in names.ignored}
    said: dict[str, str] = {}
    last_resort = found.pop(names.message_number, None)
    if last_resort is not None and not {"claim", *names.fields["claim"]} & found.keys():
        found["claim"], said["claim"] = last_resort, names.message_number
    for ours, theirs in names.fields.items():
        given = [(name, found.pop(name)) for name in theirs if name in found]
        filled = [
            (name, value) for name, value in given if value is not None and value != ""
        ] or given
        if not filled:
            continue
        name, value = filled[0]
        said[ours] = name
        if found.setdefault(ours, value) != value:
            raise RefusedError("duplicate_field", name)
    if MED_TYPE in found:
        said["kind"] = MED_TYPE
        kind = _kind_of(str(found.pop(MED_TYPE)).strip())
        if found.setdefault("kind", kind) != kind:
            raise RefusedError("duplicate_field", MED_TYPE)
    return Translated(found, said)


def _kind_of(code: str) -> str:
    known = {prefix: kind for kind, codes in tables().med_types.items() for prefix in codes}
    kind = known.get(code[:2]) if code.isascii() and code.isdigit() else None
    if kind is None:
        raise RefusedError("unknown_kind", MED_TYPE)
    if kind == "not_paid":
        name = tables().med_types["not_paid"][code[:2]]
        raise RefusedError("kind_not_paid", MED_TYPE, detail=name)
    return str(kind)


def to_national(bill_fen: Mapping[str, int]) -> dict[str, str]:
    """Say a bill (layer → fen) in national fields (yuan)."""
    return {
        name: format_yuan(sum(bill_fen.get(layer, 0) for layer in layers))
        for name, layers in BILL_FIELDS.items()
    }
