"""A pack edited as an officer would edit it."""

from policy.loader import PACKS, parse_pack
from policy.pack import Pack


def changed(name: str, *changes: tuple[str, str]) -> Pack:
    """Return a pack with a value replaced, as an officer would edit it."""
    text = (PACKS / name / "pack.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return parse_pack(text, f"{name}.yaml")
