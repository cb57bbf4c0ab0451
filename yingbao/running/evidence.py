"""What an auditor asks for, as files: permissions, declared and as they are, reads, keys, drills, tampering.

For the yearly assessment of 等保 level 3 (GB/T 22239-2019) and for audits under PIPL. No person stands in it:
whoever was read is an opaque key.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import BaseModel
from sqlmodel import SQLModel

from chassis.bus_health import told_by
from chassis.clock import system_clock
from chassis.embedded.nats import USERS_FILE, users_text
from chassis.permissions import allows
from chassis.settings import servers_of
from contracts.events.base import Event
from contracts.subjects import EVENTS
from services.gateway.partner_keys import read_keys
from yingbao.running.bus_keys import BUS_KEYS, PARTNER_KEYS, own_permissions, public_of, users_of
from yingbao.running.keys import OWN_KEYS
from yingbao.running.private_files import read_private
from yingbao.running.reconciling import CHECKS, reconcile

_GRANTS = (
    "SELECT grantee, table_schema, table_name, array_agg(privilege_type::text ORDER BY privilege_type) AS may"
    " FROM information_schema.role_table_grants WHERE grantee LIKE 'yingbao\\_%'"
    " GROUP BY grantee, table_schema, table_name ORDER BY 1, 2, 3"
)
_LOGINS = (
    "SELECT rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
    " WHERE rolname LIKE 'yingbao\\_%' ORDER BY 1"
)
_ACCESS = (
    "SELECT at::text, holder, what, area, why, people FROM enrollment.access"
    " WHERE at >= $1::date AND at < $2::date + 1 ORDER BY at"
)
_APPROVALS = (
    "SELECT kind, says, holder, made::text, outcome, decider, decided::text, why FROM gateway.proposal"
    " WHERE made >= $1::date AND made < $2::date + 1 ORDER BY made, id"
)
Part = dict[str, Any]
PERSONAL = {"person", "new_person", "household", "name_tag", "payload", "body", "identity"}
"""Fields that hold an opaque key of somebody, or a text in which one stands; sealed ones are named so."""
CONTENTS = {
    "bus-permissions": "消息总线权限：声明的、服务器实际加载的、当前连接中超出声明的",
    "database-permissions": "数据库权限：各服务登录、授权，是否有越权或超级用户",
    "access-log": "个人信息查阅记录：时间、单位、内容、范围、用途、人数",
    "approvals": "经办、复核记录：事项、经办人、复核人、结果、退回原因",
    "keys": "密钥台账：编号、持有人、启用和停用日期、天数；密钥文件权限",
    "drills": "备份与恢复演练记录",
    "tampering": "防篡改核对：入口、各服务、账本逐项比对的结果",
    "data-map": "个人信息分布：哪些事件、哪些表含个人信息（均为密文或不可逆代码）",
}


async def gather(
    data: Path, database_url: str, monitor_url: str, first: date, last: date
) -> dict[str, Part]:
    """Return file name → content. ``first``, ``last``: the period of the access log, in days."""
    database = await asyncpg.connect(database_url)
    try:
        grants = [dict(row) for row in await database.fetch(_GRANTS)]
        logins = [dict(row) for row in await database.fetch(_LOGINS)]
        access = [dict(row) for row in await database.fetch(_ACCESS, first, last)]
        approvals = [dict(row) for row in await database.fetch(_APPROVALS, first, last)]
    finally:
        await database.close()
    differences = [str(one) for one in await reconcile(database_url)]
    return {
        "bus-permissions": bus_permissions(data, monitor_url),
        "database-permissions": {
            "logins": logins, "grants": grants,
            "mighty": [one["rolname"] for one in logins if one["rolsuper"] or one["rolcreaterole"]],
            "across": [one for one in grants if one["grantee"] != f"yingbao_{one['table_schema']}"],
        },
        "access-log": {"from": first.isoformat(), "to": last.isoformat(), "reads": access},
        "approvals": {"from": first.isoformat(), "to": last.isoformat(), "proposals": approvals},
        "keys": keys(data),
        "drills": {"drills": drills(data)},
        "tampering": {"checks": [asdict(one) for one in CHECKS], "differences": differences},
        "data-map": {"events": personal_fields(), "tables": personal_columns()},
    }  # fmt: skip


def bus_permissions(data: Path, monitor_url: str) -> Part:
    """Return who may what on the bus: as declared, as the server was told, and what is open right now."""
    declared = users_of(data)
    names = {public_of(seed): name for name, seed in read_private(data / BUS_KEYS).items()}
    names |= {one.bus: one.holder for one in read_keys(data / PARTNER_KEYS)}
    told = data / "nats" / USERS_FILE
    beyond = []
    for connection in _connections(monitor_url):
        may = declared.get(connection.get("authorized_user") or connection.get("nkey") or "")
        wrong = [] if may is None else [
            subject
            for subject in connection.get("subscriptions_list") or ()
            if not allows(may.subscribe, subject)
        ]  # fmt: skip
        if may is None or wrong:
            beyond.append(
                {
                    "name": connection.get("name", ""),
                    "subscriptions": wrong,
                    "known": may is not None,
                }
            )
    return {
        "declared": {names.get(key, key): asdict(may) for key, may in declared.items()},
        "as_told_to_the_server": not told.exists() or told.read_text() == users_text(declared),
        "open_now_beyond_what_is_declared": beyond,
        "processes": sorted(own_permissions()),
    }


def _connections(monitor_url: str) -> list[Mapping[str, Any]]:
    # Each is asked by itself: what one server does not tell would be missing in silence.
    return [
        connection
        for url in servers_of(monitor_url)
        for page in told_by(url, "connz?subs=true&auth=true", seconds=5)
        for connection in page["connections"]
    ]


def keys(data: Path) -> Part:
    """Return the ages of keys, never a key."""
    now = system_clock()
    partners = [
        one.model_dump(mode="json", include={"id", "holder", "created", "expires", "revoked"})
        | {"state": one.state_on(now), "days": (now - one.created).days}
        for one in read_keys(data / PARTNER_KEYS)
    ]
    files = {}
    for name in (OWN_KEYS, BUS_KEYS):
        path = data / name
        if path.exists():
            state = path.stat()
            days = int((now.timestamp() - state.st_mtime) / 86400)
            files[name] = {"mode": oct(state.st_mode & 0o777), "days": days}
    return {"partners": partners, "files": files}


def drills(data: Path) -> list[Part]:
    """Return when backups were made and brought back."""
    path = data / "drills.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def personal_fields() -> dict[str, list[str]]:
    """Return event → its fields about a person: sealed ones, and opaque keys."""
    return {event.NAME: found for event in EVENTS if (found := _personal(event))}


def _personal(event: type[Event] | type[BaseModel]) -> list[str]:
    return sorted(name for name in event.model_fields if _is_personal(name))


def personal_columns() -> dict[str, list[str]]:
    """Return table → its columns about a person, of every service."""
    found = {}
    for name, table in SQLModel.metadata.tables.items():
        columns = sorted(column.name for column in table.columns if _is_personal(column.name))
        if columns:
            found[name if "." in name else f"every service.{name}"] = columns
    return found


def _is_personal(name: str) -> bool:
    return name.endswith("_sealed") or name in PERSONAL


def wrong_in(parts: Mapping[str, Part]) -> list[str]:
    """Return in Chinese what is not as it should be."""
    bus, database = parts["bus-permissions"], parts["database-permissions"]
    found = [f"总线连接超出声明：{one['name']}" for one in bus["open_now_beyond_what_is_declared"]]
    if not bus["as_told_to_the_server"]:
        found.append("总线服务器加载的用户与声明不一致")
    found += [f"数据库登录权限过大：{one}" for one in database["mighty"]]
    found += [
        f"跨服务授权：{one['grantee']} 可用 {one['table_schema']}" for one in database["across"]
    ]
    found += [
        f"本人复核：{one['says']}"
        for one in parts["approvals"]["proposals"]
        if one["outcome"] == "approved" and one["holder"] == one["decider"]
    ]
    loose = [name for name, one in parts["keys"]["files"].items() if one["mode"] != "0o600"]
    found += [f"密钥文件他人可读：{name}" for name in loose]
    if not any(one["what"] == "backup" for one in parts["drills"]["drills"]):
        found.append("尚无备份记录")
    if not any(one["what"] == "restore" for one in parts["drills"]["drills"]):
        found.append("尚无恢复演练记录")
    return found + [f"账实不符：{one}" for one in parts["tampering"]["differences"]]
