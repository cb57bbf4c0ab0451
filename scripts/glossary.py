"""Write docs/glossary.md from the vocabulary in the code, so that the two never part."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from contracts.funds import FUND_ZH
from contracts.vocabulary import CATEGORY_ZH, KIND_ZH, SOURCE_ZH

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "glossary.md"
PACKAGES = ("contracts", "policy", "chassis", "services", "yingbao")
WORDS = {
    "person key": ("人员标识", "opaque key of a person; stands for the identity number everywhere"),
    "fact": ("事实", "an immutable event with an id; adding it twice changes nothing"),
    "in_scope": ("政策范围内费用", "the part of a bill that the layers look at"),
    "class_b_prepay": ("乙类先行自付", "the patient's first share of class-B items"),
    "over_limit_self_pay": ("超限价自费", "the part above a price limit"),
    "full_self_pay": ("全自费（目录外）", "items outside the catalogue"),
    "deductible": ("起付线", "fen below which a layer pays nothing"),
    "ratio": ("报销比例", "share that a layer pays, in basis points"),
    "annual cap": ("年度封顶线", "most that a layer pays in a benefit year"),
    "floor": ("保底", "least that basic insurance pays of a bill"),
    "personal_burden": ("个人负担", "what is left for the family"),
    "itemised statement": ("一单清", "the one-page bill with every layer"),
    "one-stop settlement": ("一站式结算", "all layers in one call of the hospital"),
    "adjustment": ("应补应退", "a later entry that tops up or takes back"),
    "reversal": ("冲销", "the hospital takes a bill back"),
    "roster": ("名册", "a department's list of people"),
    "book": ("账本", "double entry per fund and claim; only added to"),
    "sheet": ("台账", "a list for people, of people or of bills"),
    "desk": ("问题台账", "where officers work on what is wrong, issue by issue"),
    "turn": ("事务", "one transaction of a service, with what it announces"),
    "room": ("模块", "a folder that owns one kind of fact or question"),
    "equation": ("名册等式", "enrolled + justified non-enrolment = roster, on sets of people"),
    "justified non-enrolment": ("合理化未参保", "not enrolled here for a reason with evidence"),
    "coverage": ("参保", "insured as a resident here in a year"),
    "premium exemption": ("免缴费", "the premium of a year is paid for the person"),
    "flag": ("扶贫标识", "a poverty identity that stands today"),
    "unverified": ("未核实", "a parameter whose official source was not seen"),
    "township office": ("乡镇医保办", "where the officer is who hears by SMS"),
}


def text() -> str:
    """Return the page."""
    lines = [
        "# Glossary",
        "",
        "Made by `scripts/glossary.py`. The Chinese term is the official one.",
        "",
        "| term | 中文 | meaning |",
        "|---|---|---|",
    ]
    lines += [f"| {word} | {zh} | {meaning} |" for word, (zh, meaning) in WORDS.items()]
    for title, words in (
        ("Categories", CATEGORY_ZH),
        ("Funds", FUND_ZH),
        ("Kinds of care", KIND_ZH),
        ("Sources", SOURCE_ZH),
    ):
        lines += ["", f"## {title}", "", "| code | 中文 |", "|---|---|"]
        lines += [f"| `{code}` | {zh} |" for code, zh in words.items()]
    lines += ["", "## Nouns of the code", "", "Every public class, in its own words.", ""]
    for package in PACKAGES:
        lines += [f"### {package}", "", "| noun | where | what it is |", "|---|---|---|"]
        lines += [f"| `{name}` | {where} | {said} |" for name, where, said in nouns(package)]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def nouns(package: str) -> Iterator[tuple[str, str, str]]:
    """Yield (name, module, first sentence of its docstring) of each public class of a package."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        if "migrations" in path.parts:
            continue
        module = path.relative_to(ROOT).with_suffix("").as_posix().removesuffix("/__init__")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                said = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                found.append((node.name, module, said.replace("|", "/")))
    yield from sorted(set(found))


def main() -> int:
    """Write the page, or with ``--check`` only compare."""
    if "--check" in sys.argv:
        current = TARGET.read_text(encoding="utf-8") if TARGET.exists() else ""
        if current != text():
            print("docs/glossary.md is out of date: run 'make contracts'")
            return 1
        return 0
    TARGET.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
