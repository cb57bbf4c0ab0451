"""Write what each service hears, says, answers and does into its README, from ``SERVICE`` and the door.

``--check`` only compares. What stands outside the marks is written by hand.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from chassis.service import Service
from chassis.settings import Settings
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.gateway.app import build
from services.gateway.intake.reports import REPORTS
from services.gateway.intake.rows import KINDS
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

SERVICES = Path(__file__).parent.parent / "services"
BEGIN, END = "<!-- made by scripts/readmes.py -->", "<!-- by hand from here -->"


def table(*columns: str) -> list[str]:
    """Return a table's head."""
    return ["", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]


def of_service(service: Service) -> Iterator[str]:
    """Yield what a service hears, says, answers and does by itself."""
    yield from table("hears", "stream", "durable", "and")
    for one in service.listens:
        yield f"| {said(one.subjects)} | `{one.stream}` | `{one.durable}` | folds by person |"
    for kept in service.keeps:
        one = kept.subscription
        then = f"keeps as a set{f', wakes {kept.wakes}' if kept.wakes else ''}"
        yield f"| {said(one.subjects)} | `{one.stream}` | `{one.durable}` | {then} |"
    yield from table("says", "subject")
    for event in service.says:
        yield f"| {event.NAME} | `{event.SUBJECT}` |"
    yield from table("answers", "asked by", "within")
    for answer in service.answers:
        query = answer.query
        what = first_line(answer.answer.__doc__)
        yield f"| `{query.subject}`: {what} | {query.scope} | {query.seconds} s |"
    if service.jobs:
        yield from table("does by itself", "every", "where")
    for job in service.jobs:
        every = "once, at the start" if job.seconds is None else f"{job.seconds:g} s"
        where = "one process" if job.alone else "every process"
        yield f"| {job.name}: {first_line(job.work.__doc__)} | {every} | {where} |"


def said(subjects: tuple[str, ...]) -> str:
    """Write subjects in one cell."""
    return ", ".join(f"`{one}`" for one in subjects)


def first_line(text: str | None) -> str:
    """Return the first sentence of a docstring."""
    return (text or "").strip().partition("\n")[0]


def of_gateway() -> Iterator[str]:
    """Yield what the door answers over HTTP and NATS."""
    yield from table("HTTP", "what")
    for path, methods in sorted(build(Settings()).openapi()["paths"].items()):
        for method, what in methods.items():
            yield f"| `{method.upper()} {path}` | {what['summary']} |"
    yield from table("NATS request", "from")
    yield f"| `door.<source>.Roster.v1` | {', '.join(sorted(one.value for one in KINDS))} |"
    for name, (_, _, sources) in REPORTS.items():
        yield f"| `door.<source>.{name}.v1` | {', '.join(sorted(one.value for one in sources))} |"
    for name in ("ClaimSubmitted", "ClaimReversed"):
        yield f"| `door.hospital.{name}.v1` | hospitals, each for itself |"


def wanted() -> dict[Path, str]:
    """Return each README as it is to be."""
    found = {}
    blocks = {one.name: of_service(one) for one in (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)}
    for name, lines in {**blocks, "gateway": of_gateway()}.items():
        path = SERVICES / name / "README.md"
        before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        found[path] = f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n\n{END}{after}"
    return found


def main() -> int:
    """Write the READMEs, or with ``--check`` only compare."""
    wrong = 0
    for path, text in wanted().items():
        if path.read_text(encoding="utf-8") == text:
            continue
        if "--check" in sys.argv:
            wrong = 1
            print(f"services/{path.parent.name}/README.md is out of date: run 'make contracts'")
        else:
            path.write_text(text, encoding="utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
