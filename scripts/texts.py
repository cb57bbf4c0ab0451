"""Collects what people read into one catalogue a language, and compiles them; ``--check`` changes nothing.

Translations are kept; a text that has none yet stays empty, and a test of the house names it.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import typer
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from chassis.language import CHINESE, DOMAIN, ENGLISH, HAN, LOCALE, texts_within
from contracts import vocabulary
from services.console import words
from services.console.drawing import OWN_NAME
from services.console.form_files import FORMS
from services.notify.templates import TEMPLATES
from yingbao.cli import app

ROOT = Path(__file__).parent.parent
CODE = ("chassis", "policy", "services", "yingbao")
WHOLE = ("services/console",)
"""Here every Chinese text is one that somebody reads on a page."""
TABLES = (
    "contracts/vocabulary.py", "contracts/funds.py", "contracts/officers.py", "policy/refusals.py",
    "services/gateway/refusals.py", "services/enrollment/desk/rules.py",
    "services/gateway/intake/receipts.py", "services/gateway/intake/vetting.py",
    "services/gateway/approvals.py",
    "yingbao/commands/report.py", "yingbao/commands/counts.py", "yingbao/commands/messages.py",
    "yingbao/running/glance.py", "services/notify/occasions.py", "policy/tilt.py",
)  # fmt: skip
"""Modules whose tables of words a page shows."""
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
"""The same texts are the same file, whenever it is made."""


def collected() -> Mapping[str, set[str]]:
    """Return every text that people read, language → texts of its catalogue (written in the other)."""
    found = (
        {one for path in _modules() for one in _texts_of(path)}
        | _of_templates()
        | _of_forms()
        | _of_tables()
    )
    found -= set(OWN_NAME.values())
    return {
        ENGLISH: {one for one in found if HAN.search(one)},
        CHINESE: {one for one in found if not HAN.search(one)} | set(_helps(_command())),
    }


def _modules() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from (ROOT / one for one in TABLES if one.startswith("contracts/"))


def _texts_of(path: Path) -> Iterator[str]:
    name = str(path.relative_to(ROOT))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    read = [tree] if name.startswith(WHOLE) else _tables_of(tree) if name in TABLES else []
    skipped = {id(one) for one in _not_read(tree)}
    for node in (node for part in read for node in ast.walk(part)):
        if isinstance(node, ast.Constant) and id(node) not in skipped:
            yield from (one for one in [node.value] if isinstance(one, str) and HAN.search(one))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "tr":
            yield from _said_in(node.args[0])


def _said_in(node: ast.AST) -> Iterator[str]:
    """Yield what a call of ``tr`` may say: a text, or one of two."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    for one in (node.body, node.orelse) if isinstance(node, ast.IfExp) else ():
        yield from _said_in(one)


def _tables_of(tree: ast.Module) -> list[ast.stmt]:
    """Return what a module keeps by name, but its commands."""
    kept = [one for one in tree.body if isinstance(one, ast.Assign | ast.AnnAssign)]
    return [one for one in kept if "typer" not in ast.unparse(one)]


def _not_read(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what nobody reads as a text: docstrings, pieces of names of files, patterns."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        if isinstance(node, ast.JoinedStr):
            yield from node.values
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"handed", "re.compile"}:
            yield from (one for part in node.args for one in ast.walk(part))


def _of_templates() -> set[str]:
    found: set[str] = set()
    for path in sorted((ROOT / "services/console/templates").glob("*.html")):
        for _, kind, value in Environment().lex(path.read_text(encoding="utf-8")):  # noqa: S701  reads only
            if kind == "data":
                found |= set(texts_within(value))
            elif kind == "string" and HAN.search(value):
                found.add(value[1:-1])
    return found


def _of_forms() -> set[str]:
    found: set[str] = set()
    for form in FORMS.values():
        found |= {form.title, form.explains}
        for one in form.fields:
            found |= {one.label, one.hint, *(one.words.values() if one.choose else ())}
    return {one for one in found if HAN.search(one)}


def _of_tables() -> set[str]:
    """Return the words that stand in files: categories, departments, titles of sheets."""
    tables: list[Any] = [
        one
        for part in (vocabulary, words)
        for name, one in vars(part).items()
        if name.endswith("_ZH")
    ]
    tables.append({name: one.title for name, one in TEMPLATES.items()})
    said = {str(one) for table in tables if isinstance(table, Mapping) for one in table.values()}
    return {one for one in said if HAN.search(one)}


def _command() -> Any:
    return typer.main.get_command(app)


def _helps(command: Any) -> Iterator[str]:
    yield from (one for one in (command.help, command.short_help) if one)
    yield from (str(found) for one in command.params if (found := getattr(one, "help", None)))
    for one in getattr(command, "commands", {}).values():
        yield from _helps(one)


def written(language: str, texts: set[str]) -> tuple[bytes, bytes]:
    """Return a catalogue as it should be, readable and compiled."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    before = read_po(path.open("rb")) if path.exists() else Catalog()
    catalog = Catalog(
        locale=language, project=DOMAIN, charset="utf-8", header_comment="# What people read.",
        creation_date=UNDATED, revision_date=UNDATED,
    )  # fmt: skip
    for text in sorted(texts):
        known = before.get(text)
        catalog.add(text, str(known.string) if known else "")
    readable, compiled = BytesIO(), BytesIO()
    write_po(readable, catalog, width=0, omit_header=False, include_lineno=False)
    write_mo(compiled, catalog)
    return readable.getvalue(), compiled.getvalue()


def main() -> int:
    """Write, or check, both catalogues."""
    wrong = []
    for language, texts in collected().items():
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in zip(
            (f"{DOMAIN}.po", f"{DOMAIN}.mo"), written(language, texts), strict=True
        ):
            path = folder / name
            if path.exists() and path.read_bytes() == content:
                continue
            wrong.append(path.relative_to(ROOT))
            if "--check" not in sys.argv:
                path.write_bytes(content)
    if wrong and "--check" in sys.argv:
        print("not up to date, run make contracts:", *wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
