"""What every event has in common, and how a version is read and written."""

import hashlib
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints

Text = Annotated[str, StringConstraints(max_length=200)]
ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Sealed = Annotated[str, StringConstraints(max_length=2048)]
"""AES-GCM ciphertext, base64, with its key id: personal data in transit to its one room."""


class Event(BaseModel):
    """A fact in the past tense. Unknown fields are ignored by readers: additions do not break them."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    NAME: ClassVar[str]
    SUBJECT: ClassVar[str]
    VERSION: ClassVar[int] = 1

    def fingerprint(self, *leaving_out: str) -> str:
        """Return a digest of the fields: equal facts have equal fingerprints, whoever wrote them.

        A field that says nothing counts for nothing, so that a field added later changes no fact.
        """
        defaults = _defaults(type(self))
        text = "\x1f".join([
            f"{key}={value}"
            for key, value in self.__dict__.items()
            if key not in leaving_out and (key not in defaults or value != defaults[key])
        ])  # fmt: skip
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=128)
def _defaults(model: type[Event]) -> dict[str, Any]:
    return {
        name: field.default
        for name, field in model.model_fields.items()
        if not field.is_required() and field.default_factory is None
    }
