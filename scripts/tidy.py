"""Rules of the house that no linter knows. Each says why; tests/unit/test_house.py tests them."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = ("contracts", "policy", "chassis", "services", "yingbao", "bench", "scripts", "tests")
LINES_MAX = 300
FUNCTION_LINES_MAX = 50
HANDLER_LINES_MAX = 15
HANDLERS = {"fact_of", "load", "decide", "save"}
VAGUE = {"utils", "helpers", "manager", "common", "misc"}
EXACT = ("contracts", "policy")
FORBIDDEN_CALLS = {
    "commit": "the chassis commits, a service never does",
    "begin": "runtime.turn() opens transactions, and runtime.look() reads",
}


def problems(path: Path, text: str) -> Iterator[str]:
    """Return what a file breaks, as ``path:line: rule``."""
    name = path.as_posix()
    lines = text.count("\n")
    if lines > LINES_MAX:
        yield f"{name}:1: {lines} lines; a file has one concern and at most {LINES_MAX}"
    if VAGUE & set(path.with_suffix("").parts):
        yield f"{name}:1: name the concern; 'utils' and its kin attract everything"
    tree = ast.parse(text)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        if name.startswith(EXACT) and _is_float(node):
            yield f"{name}:{line}: a float near money: amounts are fen, ratios basis points"
        if _asks_the_time(node) and name != "chassis/clock.py" and not name.startswith("tests"):
            yield f"{name}:{line}: only chassis/clock.py asks what time it is"
        if name.startswith("services") and (rule := FORBIDDEN_CALLS.get(_called(node))):
            yield f"{name}:{line}: {rule}"
    yield from _long_functions(name, tree)
    if name.endswith("app.py") and name.startswith("services"):
        yield from _long_handlers(name, tree)
    for number, line_text in enumerate(text.splitlines(), start=1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line_text) and name != "scripts/tidy.py":
            yield f"{name}:{number}: finish it or file it; no leftovers"


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Name) and node.id == "float"


def _asks_the_time(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"now", "utcnow", "today"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date"}
    )


def _called(node: ast.AST) -> str:
    """Return the name of the method that a call calls."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return node.func.attr if called else ""  # type: ignore[attr-defined]


def _long_functions(name: str, tree: ast.AST) -> Iterator[str]:
    """Released migrations stay as they are, and a test that is a whole program may be plain at length."""
    if name.startswith("tests") or "migrations" in name:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES_MAX}"


def _long_handlers(name: str, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in HANDLERS:
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > HANDLER_LINES_MAX:
                yield f"{name}:{node.lineno}: handler {node.name} has {length} lines, not a rule"


def main() -> int:
    """Check every file of ours."""
    found: list[str] = []
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found += problems(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
    print("\n".join(found) if found else "tidy: nothing to mend")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
