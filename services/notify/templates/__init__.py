"""The texts of messages, one file each: adding or wording one touches no Python.

``text`` has the variables, ``example`` a value for each; the signature is added. What may not stand
in a text (§12) is refused when the files are read.
"""

import re
from pathlib import Path
from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.model_files import read_models

FORBIDDEN = "¥￥★【】"
UNITS_MAX = 500
"""Beyond it providers refuse a message (§12)."""
_NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]")


class Template(BaseModel):
    """One message. ``title``: what officers call it; ``registered``: provider → its number of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1)
    audience: Literal["family", "officer", "sender", "desk"]
    text: str = Field(min_length=1)
    example: dict[str, str]
    english: str = Field(min_length=1)
    registered: dict[str, str] = {}

    @model_validator(mode="after")
    def _may_be_sent(self) -> "Template":
        """Refuse what a provider, or decency, refuses."""
        variables = {name for _, name, _, _ in Formatter().parse(self.text) if name is not None}
        if variables != self.example.keys():
            raise ValueError(f"variables {sorted(variables)} are not those of the example")
        shown = self.text.format(**self.example)
        if found := set(FORBIDDEN) & set(shown):
            raise ValueError(f"providers refuse {''.join(sorted(found))}")
        if any(ord(one) > 0xFFFF for one in self.text):
            raise ValueError("an emoji counts twice and is no office's tone")
        if _NUMBER.search(shown):
            raise ValueError("an identity number is never sent")
        if len(shown.encode("utf-16-le")) // 2 > UNITS_MAX:
            raise ValueError(f"longer than {UNITS_MAX} characters")
        return self

    def render(self, words: dict[str, str]) -> str:
        """Write the text. Raises KeyError for a variable that has no word."""
        return self.text.format(**words)


TEMPLATES = read_models(Path(__file__).parent, Template)
