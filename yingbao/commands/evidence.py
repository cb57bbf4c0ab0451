"""``yingbao evidence``: what an auditor asks for."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, Data


def evidence(
    out: Annotated[
        Path, typer.Option(help="Folder for the files; made if it is not there.")
    ] = Path("evidence"),
    data: Data = DATA,
    days: Annotated[
        int, typer.Option(min=1, help="So many days of the access log, up to today.")
    ] = 183,
) -> None:
    """Write what an auditor asks for (等保三级、个人信息保护合规审计), as files in a folder.

    Permissions as declared and as they are, who read whom and why, ages of keys, drills, a check for
    tampering, where personal data lies. No person stands in it. Exit code 1 if something is not as it
    should be.
    """
    from chassis.clock import system_clock, today
    from yingbao.commands.recovery import database_of
    from yingbao.running.backing_up import BackupError
    from yingbao.running.evidence import CONTENTS, gather, wrong_in
    from yingbao.running.place import MONITOR, place_of

    last = today(system_clock)
    port = place_of(data).ports.get(MONITOR)
    monitor = "" if port is None else f"http://127.0.0.1:{port}"
    try:
        parts = asyncio.run(
            gather(data, database_of(data), monitor, last - timedelta(days=days), last)
        )
    except (BackupError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    listed = [f"# 审计证据（{last}）", ""]
    for name, part in parts.items():
        text = json.dumps(part, ensure_ascii=False, indent=1, default=str)
        (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        listed.append(f"- `{name}.json`：{CONTENTS[name]}")
    wrong = wrong_in(parts)
    listed += ["", "## 需要处理", "", *(f"- {one}" for one in wrong or ["无"])]
    (out / "README.md").write_text("\n".join(listed) + "\n", encoding="utf-8")
    told = tr("{count} files, {wrong} to look at", count=len(parts), wrong=len(wrong))
    typer.echo(f"{out}: {told}")
    for one in wrong:
        typer.echo(f"  {one}")
    if wrong:
        raise typer.Exit(1)
