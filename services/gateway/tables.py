"""The tables of the door's schema that are its own."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Column, Identity
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


class ProposalRow(SQLModel, table=True):
    """What one person of the bureau proposed and another one has to look at (经办、复核).

    ``about``: the list's batch or the bill; ``says``: what it does, in words without a person;
    ``payload``: a payment's event; ``outcome``: empty while it waits; ``decider``: who looked at it.
    """

    __tablename__: ClassVar[str] = "proposal"

    id: str = Field(primary_key=True)
    kind: str
    about: str
    says: str
    payload: bytes
    holder: str
    made: datetime
    outcome: str = ""
    decider: str = ""
    decided: datetime | None = None
    why: str = ""


class AttachmentRow(SQLModel, table=True):
    """A picture or a page that shows something about a problem (佐证材料).

    ``kind``, ``person``, ``year``: of the problem; ``size``: in bytes; ``content_sealed``: empty once it was
    taken away, by ``remover``.
    """

    __tablename__: ClassVar[str] = "attachment"

    id: str = Field(primary_key=True)
    year: int
    kind: str
    person: str
    name: str
    type: str
    size: int
    content_sealed: str
    holder: str
    added: datetime
    remover: str = ""
    removed: datetime | None = None


class LetterRow(SQLModel, table=True):
    """What could not be read or handled (滞留消息).

    ``number``: by which people name it; ``place``: on the bus, where it leaves once it is done (``on_bus``);
    ``message``: of which it is, for which the input is sealed; ``state``: open, sending, sent or closed.
    """

    __tablename__: ClassVar[str] = "letter"

    id: str = Field(primary_key=True)
    number: int | None = Field(
        default=None,
        sa_column=Column(BigInteger, Identity(always=True), nullable=False, unique=True),
    )
    place: int = Field(sa_type=BigInteger)
    message: str
    service: str
    handler: str
    subject: str
    reason: str
    detail: str
    set_aside: datetime
    payload_sealed: str
    trace: str
    owner: str
    state: str
    decider: str
    decided: datetime | None = None
    why: str
    on_bus: bool
