"""The codes that a pack knows, for whoever writes bills: each with its meaning and its other spellings."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from contracts.vocabulary import CATEGORY_ZH, KIND_ZH
from policy.pack import Pack
from services.gateway.caller import TheDoor
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()


class Code(BaseModel):
    """A code, what it means, and what is read as the same."""

    code: str
    meaning: str
    aliases: list[str] = []


class PackCodes(BaseModel):
    """What a bill may say under a pack. ``areas_without_level``: where no hospital level is read."""

    pack: str
    version: str
    title: str
    valid_from: str
    valid_to: str
    levels: list[Code]
    areas: list[Code]
    areas_without_level: list[str]
    kinds: list[Code]
    diseases: list[Code]
    categories: list[Code]


@router.get(
    "/v1/packs/{pack}/codes",
    summary="政策包的代码：级别、就医地、医疗类别、病种、人员类别及别名",
    responses=REFUSALS,
)
async def codes(pack: str, door: TheDoor) -> PackCodes:
    return codes_of(door.claims.packs, pack)


def codes_of(packs: Sequence[Pack], name: str) -> PackCodes:
    """Return a pack's codes. Raises RefusedError with 404 for a pack that is not loaded."""
    pack = pack_of(packs, name)
    aliases: dict[str, list[str]] = {}
    for alias, code in pack.level_aliases.items():
        aliases.setdefault(code, []).append(alias)
    kinds = sorted({kind for layer in pack.layers for kind in layer.kinds})
    return PackCodes(
        pack=pack.name, version=pack.version, title=pack.title,
        valid_from=pack.valid_from.isoformat(), valid_to=pack.valid_to.isoformat(),
        levels=[_code(code, says, aliases.get(code, [])) for code, says in pack.levels.items()],
        areas=[_code(code, says) for code, says in pack.areas.items()],
        areas_without_level=sorted(pack.areas_without_level),
        kinds=[_code(kind, KIND_ZH[kind]) for kind in kinds],
        diseases=[_code(code, group) for code, group in pack.disease_classes.items()],
        categories=[_code(one, CATEGORY_ZH[one]) for one in pack.priority],
    )  # fmt: skip


def pack_of(packs: Sequence[Pack], name: str) -> Pack:
    """Return a loaded pack by name or version. Raises RefusedError with 404, naming those that are."""
    pack = next((one for one in packs if name in {one.name, one.version}), None)
    if pack is None:
        known = "、".join(one.name for one in packs)
        raise RefusedError("unknown_pack", "pack", 404, detail=known)
    return pack


def _code(code: str, meaning: str, aliases: Sequence[str] = ()) -> Code:
    return Code(code=code, meaning=meaning, aliases=[*aliases])
