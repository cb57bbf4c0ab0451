"""A county adds a category, a department or a sheet by one file, and the real platform knows it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
import pytest

from chassis.embedded.processes import free_port
from tests.builders import an_id_number

TOWN = "城关镇"
NUMBER = an_id_number(7)


class Place:
    """A platform of its own, started and used as an operator does, with a county's folder."""

    def __init__(self, room: Path) -> None:
        self.county, self.data, self.room = room / "county", room / "data", room
        self.county.mkdir()
        self.environment = os.environ | {"YINGBAO_COUNTY_DIR": str(self.county)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the platform and wait until it is ready."""
        (self.data / "stack.json").unlink(missing_ok=True)
        command = ["up", "--data", str(self.data), "--county", "341623", "--synthetic"]
        command += ["--port", str(free_port())]
        log = self.room / "up.log"
        with log.open("wb") as sink:
            self._process = subprocess.Popen(
                self._command(command), env=self.environment, stdout=sink, stderr=sink
            )
        deadline = time.monotonic() + 120
        while not (self.data / "stack.json").exists() and time.monotonic() < deadline:
            assert self._process.poll() is None, log.read_text()
            time.sleep(0.2)
        assert (self.data / "stack.json").exists(), log.read_text()

    def stop(self) -> None:
        """End the platform."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def run(self, *arguments: str) -> str:
        """Run a command against the platform; returns what it printed."""
        command = self._command([*arguments, "--data", str(self.data)])
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """Run a command that must not work; returns the one line that says why."""
        command = self._command([*arguments, "--data", str(self.data), "--port", str(free_port())])
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        return done.stderr

    def sheet(self, name: str) -> list[list[str]]:
        """Return the rows of a sheet below its heading, once somebody stands in it."""
        path = self.room / f"{name}.xlsx"
        deadline = time.monotonic() + 30
        while True:
            self.run(
                "ledger", "export", name, "--year", "2023", "--why", "演练", "--out", str(path)
            )
            page = openpyxl.load_workbook(path).worksheets[0]
            rows = [[str(cell or "") for cell in row] for row in page.iter_rows(values_only=True)]
            if any(NUMBER in row for row in rows) or time.monotonic() > deadline:
                return rows
            time.sleep(0.5)

    def list_of(self, rows: Sequence[Sequence[str]]) -> str:
        """Write a list as a department sends it."""
        path = self.room / "list.csv"
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
        return str(path)

    @staticmethod
    def _command(arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "yingbao", *arguments]


@pytest.fixture
def place(room: Path) -> Iterator[Place]:
    """A place whose platform is ended with the test."""
    found = Place(room)
    yield found
    found.stop()


def test_a_category_that_nobody_knew(place: Place) -> None:
    """民政 lists people hit by a flood: read, shown by name, and counted as to be enrolled.

    The platform knows the folder again at the next start, also where nobody names it.
    """
    (place.county / "categories.yaml").write_text(
        "FLOOD_VICTIM:\n  zh: 受灾困难人口\n  must_enrol: true\n  words: [受灾户, 受灾困难户]\n",
        encoding="utf-8",
    )
    place.start()
    people = place.list_of(
        [["姓名", "身份证号", "人员类别", "乡镇"], ["赵甲", NUMBER, "受灾户", TOWN]]
    )

    place.run("roster", "import", people, "--source", "civil_affairs", "--month", "2023-03")

    (person,) = [row for row in place.sheet("roster") if NUMBER in row]
    assert "受灾困难人口" in person
    assert person[-1] == "是"
    place.stop()
    del place.environment["YINGBAO_COUNTY_DIR"]
    place.start()
    assert "受灾困难人口" in str(place.sheet("missing"))
    place.stop()
    (place.county / "categories.yaml").unlink()
    refused = place.refused("up")
    assert "FLOOD_VICTIM" in refused


def test_a_department_that_nobody_knew(place: Place) -> None:
    """退役军人事务局 gets a key, sends its own list with its own heading, and stands as the source."""
    (place.county / "partners").mkdir()
    (place.county / "partners" / "veterans_affairs.yaml").write_text(
        "name: 退役军人事务局\nreports: [StatusReported]\nlist: roster\n"
        "words:\n  headers: {category: [优抚类别]}\n"
        "  codes: {KEY_VETERAN_CARE: [在乡复员军人]}\n",
        encoding="utf-8",
    )
    place.start()
    people = place.list_of(
        [["姓名", "身份证号", "优抚类别", "乡镇"], ["赵甲", NUMBER, "在乡复员军人", TOWN]]
    )

    said = place.run(
        "roster", "import", people, "--source", "veterans_affairs", "--month", "2023-03"
    )

    assert "退役军人事务局" in said
    (person,) = [row for row in place.sheet("roster") if NUMBER in row]
    assert "重点优抚对象" in person
    assert any(cell.startswith("退役军人事务局") for cell in person)


def test_a_sheet_that_nobody_knew(place: Place) -> None:
    """Who is severely disabled, on a roster and not enrolled: title, heading and columns as the file says."""
    (place.county / "sheets").mkdir()
    (place.county / "sheets" / "disabled_missing.yaml").write_text(
        "title: 重度残疾未参保人员名单\n"
        "where: {categories: [SEVERE_DISABILITY], enrolled: false}\n"
        "columns: [rosters, {year: 年度}]\n",
        encoding="utf-8",
    )
    place.start()
    people = place.list_of(
        [
            ["姓名", "身份证号", "残疾等级", "乡镇"],
            ["赵甲", NUMBER, "一级残疾", TOWN],
        ]
    )
    place.run("roster", "import", people, "--source", "disabled_federation", "--month", "2023-03")

    rows = place.sheet("disabled_missing")

    assert rows[0][0].startswith("重度残疾未参保人员名单")
    assert any(row[-2:] == ["在册部门及类别", "年度"] for row in rows)
    assert ["残联（重度残疾人）", "2023"] in [row[-2:] for row in rows if NUMBER in row]
