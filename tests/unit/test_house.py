"""Rules of the house, and that each of them bites."""

import ast
import importlib
import pkgutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

import contracts
from chassis.bus import Subscription
from chassis.service import Service
from chassis.settings import Settings
from contracts.asking import Query
from contracts.events.base import Event
from contracts.examples import EXAMPLES
from contracts.subjects import EVENTS, STREAMS, stream_of
from scripts.tidy import OURS, problems
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.gateway.permitted import QUESTIONS
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

ROOT = Path(__file__).parent.parent.parent
SERVICES = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)
AROUND = {"__init__.py", "app.py", "tables.py", "README.md", "migrations"}
"""What every service has around its rooms; a small service is one room itself."""
ROOMS = {
    "enrollment": {"person", "lists", "register", "desk", "sheets"},
    "settlement": set(), "assistance": set(), "notify": {"desks", "officers", "receiving", "sending", "worklist", "gateways", "templates"},
}  # fmt: skip
KINDS = {"store", "answers", "jobs"}
"""What an impure file of a room is: its name says so, alone or behind a word (``sheet_answers``)."""
OTHERS = {
    "enrollment/access.py": "opening the vault, for every room",
    "enrollment/lists/withdrawing.py": "the one turn that answers and jobs share",
    "notify/phones.py": "opening phones and finding them, for every room",
    "notify/calling.py": "how providers in the cloud are called",
    "notify/sending/addressing.py": "opening phones and sealing them again, without I/O",
    **{
        f"notify/gateways/{one.name}": "a provider"
        for one in (ROOT / "services" / "notify" / "gateways").glob("[a-z]*.py")
    },
}
PURE = {
    name.removeprefix("services.").replace(".", "/") + ".py"
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    if contract["name"] == "what decides is pure"
    for name in contract["source_modules"]
}


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("policy/x.py", "RATE = 0.85\n", "a float near money"),
        ("contracts/x.py", "def f(x: float) -> None: ...\n", "a float near money"),
        ("services/x/domain.py", "import datetime\nnow = datetime.now()\n", "what time it is"),
        ("services/x/store.py", "tx.commit()\n", "the chassis commits"),
        (
            "services/x/jobs.py",
            "async def f(e):\n    async with e.begin(): ...\n",
            "runtime.turn()",
        ),
        ("services/x/app.py", "def decide():\n" + "    x = 1\n" * 16, "handler decide has"),
        ("chassis/utils.py", "", "name the concern"),
        ("chassis/x.py", "x = 1\n" * 301, "at most 300"),
        ("chassis/x.py", "def f() -> None:\n" + "    x = 1\n" * 50, "f has 51 lines"),
        ("chassis/x.py", "# TO" + "DO later\n", "no leftovers"),
    ],
)
def test_each_rule_of_the_house_bites(path: str, text: str, complaint: str) -> None:
    """A rule that cannot fail is no rule."""
    assert any(complaint in found for found in problems(Path(path), text))


def test_the_house_is_tidy() -> None:
    """No float near money, no long handler, no file over 300 lines, no second clock."""
    found = [
        complaint
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        for complaint in problems(path.relative_to(ROOT), path.read_text())
    ]

    assert found == []


def test_every_test_says_in_one_sentence_what_it_shows() -> None:
    """A test is read by a caseworker's colleague: a sentence as its name, and a docstring."""
    silent = [
        f"{path.name}:{node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert silent == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_service_is_built_alike(service: object) -> None:
    """Knowing one service is knowing four: the same files around, and rooms or one room's files, nothing else."""
    name: str = service.name  # type: ignore[attr-defined]
    folder = ROOT / "services" / name
    around = {path.name for path in folder.iterdir()} - {"__pycache__"}
    rooms = {path.name for path in folder.iterdir() if (path / "__init__.py").exists()}
    files = {
        path.relative_to(ROOT / "services").as_posix()
        for room in (folder, *(folder / one for one in rooms))
        for path in room.glob("*.py")
        if path.name not in {*AROUND, "settings.py"}
    }

    assert rooms == ROOMS[name]
    assert around >= AROUND
    folders = {one.name for one in folder.iterdir() if one.is_dir()} - {"__pycache__"}
    assert folders == {*rooms, "migrations"}
    assert {one for one in files if not is_of_a_kind(one)} - OTHERS.keys() == PURE & {
        one for one in PURE if one.startswith(f"{name}/")
    }


def is_of_a_kind(path: str) -> bool:
    """Tell whether a file's name says that it stores, answers or does something."""
    return Path(path).stem.rsplit("_", 1)[-1] in KINDS


@pytest.mark.parametrize(
    "subscription",
    [one for service in SERVICES for one in service.subscriptions],
    ids=lambda one: one.durable,
)
def test_every_subscriber_states_durable_stream_and_ack_policy(subscription: Subscription) -> None:
    """Nothing is left to a default that drops messages; the subjects lie on the stream it names."""
    assert subscription.ack_policy == "explicit"
    assert subscription.durable
    assert subscription.stream in {stream.name for stream in STREAMS}
    assert all(stream_of(subject).name == subscription.stream for subject in subscription.subjects)


def test_no_six_lines_stand_in_two_services() -> None:
    """What two services need alike is the chassis', so that a third one is no third copy."""
    places: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for path in (ROOT / "services").rglob("*.py"):
        lines = [line.strip() for line in path.read_text().splitlines()]
        lines = [line for line in lines if line and not line.startswith(("from ", "import ", "#"))]
        for start in range(len(lines) - 5):
            service = path.relative_to(ROOT / "services").parts[0]
            if "migrations" not in path.parts:
                places[tuple(lines[start : start + 6])].add(service)

    assert [run for run, services in places.items() if len(services) > 1] == []


def test_a_subscription_without_an_ack_policy_cannot_be_written() -> None:
    """The policy has no default."""
    with pytest.raises(TypeError):
        Subscription(stream="CLAIMS", durable="x", subjects=("claims.>",))  # type: ignore[call-arg]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_event_of_a_service_is_folded_or_kept_and_never_both(service: Service) -> None:
    """A page of a register is not read twice, and what comes in is left to nobody."""
    room = service.room(Settings())

    for event in EVENTS:
        listened = any(heard(event, one) for one in service.listens)
        if listened and event.NAME not in service.kept_events:
            assert room.fact_of(EXAMPLES[event.NAME]) is not None or event.NAME in NO_FACTS
    for job in [one.wakes for one in service.keeps if one.wakes]:
        assert job in {one.name for one in service.jobs}


NO_FACTS = {"RosterReceived", "ManualAssistancePaid"}
"""Of a list that is not full nothing follows from its coming; a payment is assistance's."""


def heard(event: type[Event], subscription: Subscription) -> bool:
    """Tell whether a consumer delivers an event."""
    return stream_of(event.SUBJECT).name == subscription.stream and any(
        subject.endswith(">") or subject == event.SUBJECT for subject in subscription.subjects
    )


def test_every_module_of_contracts_that_has_a_question_is_asked_from() -> None:
    """A question that the door does not know of would be refused by the bus."""
    names = [one.name for one in pkgutil.walk_packages(contracts.__path__, "contracts.")]
    modules = [importlib.import_module(name) for name in names]
    asking = {
        module.__name__
        for module in modules
        if any(isinstance(one, Query) for one in vars(module).values())
    }

    assert asking == {module.__name__ for module in QUESTIONS}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_question_of_a_service_is_answered_once_and_by_its_own(service: Service) -> None:
    """A question that contracts knows has exactly one answer, in the service that its subject names."""
    known = {
        query.subject
        for module in QUESTIONS
        for query in vars(module).values()
        if isinstance(query, Query) and query.service == service.name
    }

    assert sorted(one.query.subject for one in service.answers) == sorted(known)


def test_no_subject_has_room_for_a_person() -> None:
    """A subject is an owner, a fact and a version; only a source or service name may vary."""
    for event in EVENTS:
        parts = event.SUBJECT.split(".")
        assert parts[-1] == f"v{event.VERSION}"
        assert parts[0] in {stream.subjects[0].split(".")[0] for stream in STREAMS}
        assert len(parts) <= 4


PLANTS = {
    "contracts/planted.py": "import policy.engine\n",
    "policy/planted.py": "import sqlalchemy\n",
    "services/settlement/domain_planted.py": "import services.assistance.rules\n",
    "chassis/planted.py": "import services.settlement.app\n",
}


@pytest.mark.parametrize("path", sorted(PLANTS))
def test_the_import_linter_fails_when_a_forbidden_import_is_planted(
    path: str, tmp_path: Path
) -> None:
    """The architecture is a check, not a wish."""
    for name in ("contracts", "policy", "chassis", "services", "yingbao"):
        subprocess.run(["cp", "-r", str(ROOT / name), str(tmp_path / name)], check=True)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / path).write_text(PLANTS[path])

    found = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=tmp_path, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert found.returncode == 1, found.stdout + found.stderr
    assert "BROKEN" in found.stdout


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_tests_lie_where_what_they_prove_lies(service: object) -> None:
    """A room that decides something has its tests in a folder of its name, and no folder is a stranger."""
    name: str = service.name  # type: ignore[attr-defined]
    beside = ROOT / "tests" / "unit" / name
    folders = {path.name for path in beside.iterdir() if path.is_dir()} - {"__pycache__"}
    deciding = {
        Path(one).parts[1]
        for one in PURE
        if len(Path(one).parts) == 3 and one.startswith(f"{name}/")
    }

    assert deciding <= folders <= ROOMS[name]
    assert folders or list(beside.glob("test_*.py"))
