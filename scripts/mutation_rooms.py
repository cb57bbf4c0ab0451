"""Change what the services decide, in a sample of places, and count how many changes the unit tests notice.

The modules are those of the import contract "what decides is pure". Each change runs against the tests that
execute the changed line; a change that no test notices is a survivor and is listed.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import coverage

ROOT = Path(__file__).parent.parent
LEAST_PER_CENT = 85
TESTS_MOST = 40
SECONDS = 180
SLOW = ("test_lives", "test_same_issues", "test_seed_scenarios", "test_facts_are_a_set")
"""Tests that execute nearly everything; they run last, when nothing quicker noticed."""
COMPARISONS = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"), ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Change:
    """One changed place: the file, the line, what stands there then, and the whole file's text."""

    path: str
    line: int
    shown: str
    text: str


def pure_modules() -> list[Path]:
    """Return the files of services that import no I/O, as the import contract lists them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (pure,) = [one for one in contracts["contracts"] if one["name"] == "what decides is pure"]
    return [ROOT / (name.replace(".", "/") + ".py") for name in pure["source_modules"]]


class Places(ast.NodeVisitor):
    """Finds what can be changed: (start, end, old, new) as offsets into the file's lines."""

    def __init__(self, lines: list[str]) -> None:
        self.found: list[tuple[tuple[int, int], tuple[int, int], str, str]] = []
        self._lines = lines

    def visit(self, node: ast.AST) -> None:
        """Leave out what decides nothing: docstrings, annotations, decorators, the words of an error."""
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                setattr(node, name, None)
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            node.decorator_list = []
        if not isinstance(node, ast.Raise) and not _is_docstring(node) and not _is_all(node):
            super().visit(node)

    # The names of the methods below are those of the grammar.
    def visit_Compare(self, node: ast.Compare) -> None:
        """Move a boundary, or turn a comparison round."""
        left: ast.expr = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            self._between(left, right, *COMPARISONS[type(operator)])
            left = right
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """Let either do, or both be needed."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        self._between(node.values[0], node.values[1], old, new)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Add instead of taking away."""
        if isinstance(node.op, ast.Add | ast.Sub):
            old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
            self._between(node.left, node.right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Leave a not out."""
        if isinstance(node.op, ast.Not):
            start = (node.lineno, node.col_offset)
            self.found.append((start, (node.lineno, node.col_offset + 4), "not ", ""))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Another number, word, or truth."""
        if node.lineno == node.end_lineno and node.end_col_offset is not None:
            start, end = (node.lineno, node.col_offset), (node.lineno, node.end_col_offset)
            old = self._lines[node.lineno - 1].encode()[start[1] : end[1]].decode()
            if isinstance(node.value, bool):
                self.found.append((start, end, old, str(not node.value)))
            elif isinstance(node.value, int):
                self.found.append((start, end, old, str(node.value + 1)))
            elif isinstance(node.value, str) and node.value and old[0] in "\"'":
                self.found.append((start, end, old, f"{old[0]}XX{old[1:]}"))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave the words of a format alone: they have no place of their own."""
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value.value)

    def visit_Call(self, node: ast.Call) -> None:
        """The other end of a range."""
        if isinstance(node.func, ast.Name) and node.func.id in SWAPPED:
            start = (node.func.lineno, node.func.col_offset)
            end = (start[0], start[1] + len(node.func.id))
            self.found.append((start, end, node.func.id, SWAPPED[node.func.id]))
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """Leave a condition out."""
        for condition in node.ifs:
            if condition.lineno == condition.end_lineno and condition.end_col_offset is not None:
                start = (condition.lineno, condition.col_offset)
                self.found.append((start, (start[0], condition.end_col_offset), "…", "True"))
        self.generic_visit(node)

    def _between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        if left.end_lineno is None or left.end_col_offset is None:
            return
        start, end = (left.end_lineno, left.end_col_offset), (right.lineno, right.col_offset)
        if start[0] == end[0]:
            segment = self._lines[start[0] - 1].encode()[start[1] : end[1]].decode()
            if old in segment:
                self.found.append((start, end, segment, segment.replace(old, new, 1)))


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_all(node: ast.AST) -> bool:
    named = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    return named and node.targets[0].id == "__all__"  # type: ignore[attr-defined]


def changes_of(path: Path) -> Iterator[Change]:
    """Yield every change of a file."""
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    places = Places(lines)
    places.visit(ast.parse(text))
    for start, end, _, new in places.found:
        line = lines[start[0] - 1].encode()
        changed = (line[: start[1]] + new.encode() + line[end[1] :]).decode()
        whole = [*lines[: start[0] - 1], changed, *lines[start[0] :]]
        name = path.relative_to(ROOT).as_posix()
        yield Change(name, start[0], changed.strip(), "\n".join(whole))


def executed(data: Path) -> dict[str, dict[int, list[str]]]:
    """Return file → line → the tests that execute it, the quick ones first."""
    known = coverage.CoverageData(basename=str(data))
    known.read()
    found: dict[str, dict[int, list[str]]] = {}
    for file in known.measured_files():
        where = Path(file).relative_to(ROOT).as_posix()
        found[where] = {
            line: sorted(filter(None, tests), key=lambda one: (any(s in one for s in SLOW), one))
            for line, tests in known.contexts_by_lineno(file).items()
        }
    return found


def measure(data: Path) -> None:
    """Run the unit tests once and keep which lines each of them executes."""
    settings = data.with_suffix(".rc")
    settings.write_text(
        f"[run]\ndynamic_context = test_function\nsource = services\ndata_file = {data}\n"
    )
    command = [sys.executable, "-m", "coverage", "run", f"--rcfile={settings}", "-m", "pytest"]
    command += ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", "tests/unit"]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def node_of(test: str) -> str:
    """Turn ``tests.unit.test_x.test_y`` into what pytest calls it."""
    module, _, name = test.rpartition(".")
    return f"{module.replace('.', '/')}.py::{name}"


def survives(change: Change, tests: list[str], copy: Path) -> bool:
    """Tell whether no test notices a change. A test that does not end has noticed."""
    if not tests:
        return True
    target = copy / change.path
    before = target.read_text(encoding="utf-8")
    target.write_text(change.text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist"]
    command += ["-p", "no:cacheprovider", *map(node_of, tests[:TESTS_MOST])]
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(before, encoding="utf-8")
    return done.returncode == 0


def tests_for(change: Change, lines: dict[str, dict[int, list[str]]]) -> list[str]:
    """Return the tests of a line; of one that runs at import, those of the whole file."""
    here = lines.get(change.path, {})
    if here.get(change.line):
        return here[change.line]
    counted: defaultdict[str, int] = defaultdict(int)
    for tests in here.values():
        for test in tests:
            counted[test] += 1
    return sorted(counted, key=lambda one: (any(s in one for s in SLOW), -counted[one]))


def sampled(count: int, seed: int) -> list[Change]:
    """Return as many changes, the same ones for the same seed."""
    everything = [change for path in pure_modules() for change in changes_of(path)]
    return random.Random(seed).sample(everything, min(count, len(everything)))  # noqa: S311


def main() -> int:
    """Try the changes, two at a time; print the survivors and the share that was noticed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--data", type=Path, help="coverage by test of an earlier run, to go on from"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = asked.data or Path(directory) / "coverage"
        if not data.exists():
            measure(data)
        lines, changes = executed(data), sampled(asked.count, asked.seed)
        copies: Queue[Path] = Queue()
        for number in range(2):
            copy = Path(directory) / f"copy{number}"
            ignored = shutil.ignore_patterns(
                ".git", ".venv", "var", "mutants", ".*cache", ".hypothesis"
            )
            shutil.copytree(ROOT, copy, ignore=ignored)
            copies.put(copy)

        def tried(change: Change) -> bool:
            copy = copies.get()
            try:
                return survives(change, tests_for(change, lines), copy)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(tried, changes))
    survivors = [one for one, survived in zip(changes, outcomes, strict=True) if survived]
    for one in sorted(survivors, key=lambda change: (change.path, change.line)):
        print(f"{one.path}:{one.line}: {one.shown}")
    killed = len(changes) - len(survivors)
    print(f"{killed} of {len(changes)} changes noticed ({100 * killed / len(changes):.1f} %)")
    return 0 if 100 * killed >= LEAST_PER_CENT * len(changes) else 1


if __name__ == "__main__":
    sys.exit(main())
