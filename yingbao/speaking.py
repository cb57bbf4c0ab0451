"""In which language the commands speak: Chinese, or English after ``--lang en`` or by YINGBAO_LANG."""

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

import typer
from typer import rich_utils

from chassis.language import CHINESE, LANGUAGES, language, tr

OPTION, SETTING = "--lang", "YINGBAO_LANG"
FRAME: Mapping[str, str] = {
    "ARGUMENTS_PANEL_TITLE": "参数", "OPTIONS_PANEL_TITLE": "选项", "COMMANDS_PANEL_TITLE": "命令",
    "ERRORS_PANEL_TITLE": "有误", "ABORTED_TEXT": "已中止。", "REQUIRED_LONG_STRING": "[必填]",
    "DEFAULT_STRING": "[默认：{}]", "ENVVAR_STRING": "[环境变量：{}]",
    "RICH_HELP": "用法详见 [blue]'{command_path} {help_option}'[/]",
}  # fmt: skip
"""What stands around the texts of commands, by the library's name for it."""
USAGE, HELP = "Usage:", "Show this message and exit."
WRONG_USE: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.DOTALL), said) for pattern, said in (
        (r"Missing argument '(?P<what>.+?)'\.(?P<more>.*)", "缺少参数 {what}。{more}"),
        (r"Missing option '(?P<what>.+?)'\.(?P<more>.*)", "缺少选项 {what}。{more}"),
        (r"Missing command\.", "请写明命令。"),
        (r"No such command '(?P<what>.+)'\.(?P<more>.*)", "没有命令 {what}。{more}"),
        (r"No such option: (?P<what>\S+)(?P<more>.*)", "没有选项 {what}。{more}"),
        (r"Option '(?P<what>.+)' requires an argument\.", "选项 {what} 后面要写值。"),
        (r"Got unexpected extra arguments? \((?P<what>.+)\)", "多写了参数：{what}"),
        (r"Invalid value for (?P<what>.+?): (?P<more>.*)", "{what} 的值不对：{more}"),
    )
)  # fmt: skip
WRONG_VALUE: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.DOTALL), said) for pattern, said in (
        (r"'(?P<what>.*)' is not a valid (?:int|integer|float)\.?(?:\s.*)?", "“{what}”不是数字。"),
        (r"'(?P<what>.*)' is not one of (?P<more>.*)\.", "“{what}”不在可选值内：{more}"),
        (r"(?P<what>\S+) is not in the range (?P<more>.*)\.", "{what} 不在范围内：{more}"),
        (r"(?:File|Path|Directory) '(?P<what>.*)' does not exist\.", "没有文件“{what}”。"),
        (r"Did you mean (?P<what>.*)\?", "是否要写 {what}？"),
        (r"\(Possible options?: (?P<what>.*)\)", "可能是 {what}"),
        (r"'(?P<what>.*)' does not match the formats? .*", "“{what}”不是日期，应如 2023-06-15。"),
        (r"Choose from:?\s*(?P<what>.*)", "可选：{what}"),
    )
)  # fmt: skip


def chosen(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Return the language that somebody wants, and the arguments without it."""
    left = list(arguments)
    for number, argument in enumerate(left):
        if not argument.startswith("-"):
            break
        if argument.startswith(f"{OPTION}="):
            return argument.partition("=")[2], left[:number] + left[number + 1 :]
        if argument == OPTION and number + 1 < len(left):
            return left[number + 1], left[:number] + left[number + 2 :]
    # A machine's own way to write it, such as zh_CN.UTF-8; what is no language of ours is Chinese.
    set_up = re.split(r"[-_.]", os.environ.get(SETTING, "").lower())[0]
    return set_up if set_up in LANGUAGES else CHINESE, left


def run(app: typer.Typer, arguments: Sequence[str]) -> None:
    """Run a command in the language that is spoken, and end with its code."""
    command = typer.main.get_command(app)
    if language() == CHINESE:
        for one in _all(command):
            _in_chinese(one)
        for name, said in FRAME.items():
            setattr(rich_utils, name, said)
    try:
        sys.exit(command.main(list(arguments), "yingbao", standalone_mode=False) or 0)
    except typer.TyperException as error:
        said = error.format_message()
        error.format_message = lambda: wrong_use(said)  # type: ignore[method-assign]
        rich_utils.rich_format_error(cast("Any", error))
        sys.exit(error.exit_code)
    except typer.Abort:
        rich_utils.rich_abort_error()
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)


def wrong_use(said: str) -> str:
    """Say in the language that is spoken what is wrong with a call."""
    if language() != CHINESE:
        return said
    for pattern, words in WRONG_USE:
        if found := pattern.fullmatch(said.strip()):
            named = found.groupdict()
            return words.format(**named | {"more": _wrong_value(named.get("more", ""))})
    return said


def _wrong_value(said: str) -> str:
    for pattern, words in WRONG_VALUE:
        if found := pattern.fullmatch(said.strip()):
            return words.format(**found.groupdict())
    return said


def unknown(wanted: str) -> bool:
    """Tell whether there is no such language."""
    return wanted not in LANGUAGES


def _all(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _all(one)


def _in_chinese(command: Any) -> None:
    """Put a command's help into Chinese; the library keeps it as plain attributes."""
    for part in ("help", "short_help"):
        setattr(command, part, _said(getattr(command, part, None)))
    own = command.get_help_option(typer.Context(command))
    for one in [*command.params, *([own] if own else [])]:
        if getattr(one, "help", None):
            one.help = "显示本说明。" if one.help == HELP else tr(one.help)
    command.get_usage = _usage(command.get_usage)


def _said(text: str | None) -> str | None:
    return tr(text) if text else text


def _usage(known: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda context: known(context).replace(USAGE, "用法：", 1)
