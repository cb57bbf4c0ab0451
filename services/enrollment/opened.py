"""What the vault holds of a person, once it is opened. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opened:
    """What the vault holds of a person; what no list said is empty."""

    id_number: str = ""
    name: str = ""
    phone: str = ""
    head: str = ""
