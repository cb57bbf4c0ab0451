"""Commands speak Chinese, and English for whoever asks: help, wrong use, and what they say."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import TypeGuard

import pytest

from chassis.language import CHINESE, ENGLISH, HAN, spoken
from yingbao.speaking import chosen, wrong_use

ROOT = Path(__file__).parents[3]
SENTENCE = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]{3,} [A-Za-z]{2,}")


def said_by(*arguments: str) -> tuple[int, str]:
    """Run the command as a clerk does; return its code and everything that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "yingbao", *arguments], capture_output=True, text=True, check=False,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_help_is_chinese_and_english_for_whoever_asks() -> None:
    """Nothing of the one stands in the other but names of commands and options."""
    _, chinese = said_by("word", "--help")
    _, english = said_by("--lang", "en", "word", "--help")

    assert ("用法：" in chinese, "Usage" in chinese, "Options" in chinese) == (True, False, False)
    assert "名册上尚未定义的用词：查看、答复。" in chinese
    assert "Words of lists that nobody has explained yet" in english
    assert HAN.search(english) is None


def test_wrong_use_is_said_in_chinese_with_exit_code_2() -> None:
    """What is missing is named, and where to read on."""
    code, said = said_by("review", "abc")

    assert code == 2
    assert ("“abc”不是数字。" in said, "用法详见" in said, "Invalid" in said) == (True, True, False)


def test_a_language_that_there_is_not_is_one_line() -> None:
    """It names those that there are."""
    assert said_by("--lang", "fr", "status") == (2, "--lang fr: zh | en\n")


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Missing argument 'year'.", "缺少参数 year。"),
        ("Missing option '--why'.", "缺少选项 --why。"),
        ("No such command 'rooster'.", "没有命令 rooster。"),
        ("No such option: --yaer", "没有选项 --yaer。"),
        ("Invalid value for '--year': 1999 is not in the range 2003<=x<=2100.",
         "'--year' 的值不对：1999 不在范围内：2003<=x<=2100"),
        ("Invalid value for 'file': File 'x.csv' does not exist.", "'file' 的值不对：没有文件“x.csv”。"),
        ("Got unexpected extra argument (x)", "多写了参数：x"),
        ("No such command 'clam'. Did you mean 'claim'?", "没有命令 clam。是否要写 'claim'？"),
        ("No such option: --jso (Possible options: --json)", "没有选项 --jso。可能是 --json"),
        ("Missing option '--kind'. Choose from:\n\tenrolled,\n\texempt", "缺少选项 --kind。可选：enrolled,\n\texempt"),
        ("Invalid value for '--before': 'xx' does not match the formats '%Y-%m-%d'.",
         "'--before' 的值不对：“xx”不是日期，应如 2023-06-15。"),
        ("Something new of the library", "Something new of the library"),
    ],
)  # fmt: skip
def test_what_the_library_says_of_wrong_use_is_said_in_chinese(english: str, chinese: str) -> None:
    """And what it may say one day stays as it is, rather than to be lost."""
    with spoken(CHINESE):
        assert wrong_use(english) == chinese
    with spoken(ENGLISH):
        assert wrong_use(english) == english


@pytest.mark.parametrize(
    ("arguments", "wanted", "left"),
    [
        (["--lang", "en", "serve", "gateway"], "en", ["serve", "gateway"]),
        (["--lang=en", "status"], "en", ["status"]), (["status", "--lang", "en"], "zh", ["status", "--lang", "en"]),
        ([], "zh", []), (["--lang"], "zh", ["--lang"]),
    ],
)  # fmt: skip
def test_the_language_is_said_before_the_command(
    arguments: list[str], wanted: str, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes behind it belongs to the command."""
    monkeypatch.delenv("YINGBAO_LANG", raising=False)
    assert chosen(arguments) == (wanted, left)


def texts_outside(path: Path) -> list[str]:
    """Return what a module says to people without asking in which language."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    asked = {id(part) for one in ast.walk(tree) if is_call(one, "tr") for part in ast.walk(one)}
    found = []
    for one in ast.walk(tree):
        if is_call(one, "typer.echo", "console.print", "to"):
            for part in (part for argument in one.args for part in ast.walk(argument)):
                said = part.value if isinstance(part, ast.Constant) else None
                if isinstance(said, str) and id(part) not in asked and SENTENCE.search(said):
                    found.append(f"{path.name}:{part.lineno} {said}")
    return found


def is_call(node: ast.AST, *names: str) -> TypeGuard[ast.Call]:
    """Tell whether something calls one of these."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in names


@pytest.mark.parametrize(
    "path", sorted((ROOT / "yingbao" / "commands").glob("*.py")), ids=lambda one: one.stem
)
def test_a_command_says_nothing_in_one_language_only(path: Path) -> None:
    """A text outside the catalogues would be English for a clerk, or Chinese for whoever reads English."""
    assert texts_outside(path) == []


@pytest.mark.parametrize(
    ("set_up", "wanted"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en_GB.UTF-8", "en"),
        ("zh_CN.UTF-8", "zh"),
        ("fr", "zh"),
        ("", "zh"),
    ],
)
def test_a_machines_own_way_to_write_a_language_stops_nothing(
    set_up: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container whose variable is odd must not start again for ever."""
    monkeypatch.setenv("YINGBAO_LANG", set_up)
    assert chosen(["serve", "gateway"]) == (wanted, ["serve", "gateway"])
