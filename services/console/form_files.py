"""The forms, one file each: title, who may use it, fields with label, kind and words to choose from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from contracts import vocabulary
from contracts.model_files import read_models

CHOICES: Mapping[str, Mapping[str, str]] = {
    "categories": {code: zh for code, zh in vocabulary.CATEGORY_ZH.items() if code != "NONE"},
    "justifications": vocabulary.JUSTIFICATION_ZH,
    "chronic_results": vocabulary.CHRONIC_RESULT_ZH, "chronic_reasons": vocabulary.CHRONIC_REASON_ZH,
}  # fmt: skip


class Field(BaseModel):
    """A field of a form. ``choose``: a table of the vocabulary, or words of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str
    kind: Literal["text", "number", "date", "money", "choice", "yes"] = "text"
    choose: str | dict[str, str] = ""
    hint: str = ""
    optional: bool = False

    @property
    def words(self) -> Mapping[str, str]:
        """Return code → word."""
        return CHOICES[self.choose] if isinstance(self.choose, str) else self.choose


class Form(BaseModel):
    """A form: the event that it reports, its title, which offices have it, how it is explained."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    title: str
    explains: str
    offices: frozenset[Literal["bureau", "township_office"]]
    fields: tuple[Field, ...]


def body_of(form: Form, said: Mapping[str, str]) -> dict[str, Any]:
    """Return what is sent to the door: what was left empty is not said, a ticked box is true."""
    body: dict[str, Any] = {}
    for field in form.fields:
        value = said.get(field.name, "")
        if field.kind == "yes":
            body[field.name] = value == "yes"
        elif value:
            body[field.name] = (
                int(value)
                if field.kind == "number" and value.isascii() and value.isdigit()
                else value
            )
    return body


FORMS = read_models(Path(__file__).parent / "forms", Form)
