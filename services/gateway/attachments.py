"""What there is to show for a problem (佐证材料): pictures and pages, sealed, each look written down."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clock import CHINA, Clock
from chassis.outbox import Outbox
from chassis.privacy import Vault
from contracts.envelope import event_id
from services.gateway.refusals import RefusedError
from services.gateway.store import looking, written

BYTES_MAX, EACH_MOST = 4 << 20, 20
STARTS: Mapping[bytes, str] = {
    b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf",
}  # fmt: skip
"""How a file that is taken begins: what it calls itself does not count."""
ENDS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_SHOWN = "id, year, kind, person, name, type, size, holder, added, remover, removed"
_ADD = text(
    "INSERT INTO attachment (id, year, kind, person, name, type, size, content_sealed, holder, added,"
    " remover) SELECT :id, :year, :kind, :person, :name, :type, :size, :content_sealed, :holder, :added, ''"
    " WHERE (SELECT count(*) FROM attachment WHERE person = :person AND year = :year AND kind = :kind"
    " AND removed IS NULL) < :most RETURNING id"
)
_OF = text(
    f"SELECT {_SHOWN} FROM attachment WHERE person = :person AND year = :year AND kind = :kind"
    " ORDER BY added, id"
)
_ONE = text(f"SELECT {_SHOWN}, content_sealed FROM attachment WHERE id = :id AND removed IS NULL")
_REMOVE = text(
    "UPDATE attachment SET content_sealed = '', remover = :holder, removed = :at"
    " WHERE id = :id AND removed IS NULL RETURNING id"
)


@dataclass(frozen=True, slots=True)
class About:
    """Which problem: whose, of which kind and year."""

    year: int
    kind: str
    person: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a page. ``size``: bytes; ``remover``: who took it away; ``content``: once it is opened."""

    id: str
    year: int
    kind: str
    person: str
    name: str
    type: str
    size: int
    holder: str
    added: datetime
    remover: str
    removed: datetime | None
    content: bytes = b""

    @property
    def about(self) -> About:
        """Return which problem it is about."""
        return About(self.year, self.kind, self.person)


def type_of(content: bytes) -> str:
    """Return what a file is, by how it begins. Raises RefusedError."""
    for start, type_ in STARTS.items():
        if content.startswith(start):
            return type_
    raise RefusedError("not_a_picture", "file")


def name_of(type_: str, at: datetime) -> str:
    """Return what a file is called here: what its sender called it may name somebody."""
    return f"佐证{at.astimezone(CHINA):%Y%m%d-%H%M%S}.{ENDS[type_]}"


@dataclass(frozen=True, slots=True)
class Attachments:
    """The pictures and pages that the door keeps. ``vault``: seals each for its own id."""

    engine: AsyncEngine
    outbox: Outbox
    vault: Vault
    clock: Clock

    async def add(self, about: About, content: bytes, holder: str) -> str:
        """Keep a file; returns its id. Raises RefusedError for what is none, and for one too many."""
        type_, at = type_of(content), self.clock()
        id_ = event_id("attachment", about.person, about.kind, str(about.year), at.isoformat())
        row = {
            "id": id_, "year": about.year, "kind": about.kind, "person": about.person, "type": type_,
            "name": name_of(type_, at), "size": len(content), "holder": holder, "added": at,
            "most": EACH_MOST, "content_sealed": self.vault.seal(base64.b64encode(content).decode(), id_),
        }  # fmt: skip

        async def write(tx: AsyncConnection) -> None:
            if (await tx.execute(_ADD, row)).first() is None:
                raise RefusedError("too_many_attachments", "file")

        await written(self.outbox, write)
        return id_

    async def of(self, about: About) -> list[Attachment]:
        """Return what there is about a problem, without contents; also what was taken away."""
        asked = {"year": about.year, "kind": about.kind, "person": about.person}
        async with looking(self.engine) as connection:
            return [Attachment(**row._asdict()) for row in await connection.execute(_OF, asked)]

    async def one(self, id_: str) -> Attachment:
        """Return a file with its content. Raises RefusedError with 404."""
        async with looking(self.engine) as connection:
            row = (await connection.execute(_ONE, {"id": id_})).mappings().first()
        if row is None:
            raise RefusedError("unknown_attachment", "attachment", 404)
        known = dict(row)
        content = base64.b64decode(self.vault.open(known.pop("content_sealed"), id_))
        return Attachment(**known, content=content)

    async def remove(self, id_: str, holder: str) -> None:
        """Empty a file that belongs elsewhere; that it was there stays. Raises RefusedError with 404."""
        said = {"id": id_, "holder": holder, "at": self.clock()}

        async def write(tx: AsyncConnection) -> None:
            if (await tx.execute(_REMOVE, said)).first() is None:
                raise RefusedError("unknown_attachment", "attachment", 404)

        await written(self.outbox, write)
