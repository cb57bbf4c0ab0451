"""The table of the door's schema that is its own."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel


class IntakeRow(SQLModel, table=True):
    """What was accepted: committed before the answer, never changed. ``holder``: whose key it came with.

    ``trace``: what its sender was told, and every log says of it.
    """

    __tablename__: ClassVar[str] = "intake"

    id: str = Field(primary_key=True)
    subject: str
    said: datetime
    payload: bytes
    holder: str
    accepted: datetime
    trace: str = ""
