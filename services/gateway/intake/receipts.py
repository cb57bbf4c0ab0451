"""The receipt of a file, in Chinese: what was read and what not, who would enter or leave. Pure."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.language import tr
from contracts.vocabulary import CATEGORY_ZH, SOURCE_ZH, Source
from services.gateway.intake.reading.table import Table
from services.gateway.intake.taken import Rejected, Roster, Taken

SHOWN = 500
"""So many names of each kind stand in a receipt; the counts are whole."""

SKIPPED_ZH = {
    "total": "合计行", "signature": "签字或说明行", "header": "重复表头行", "blank": "无姓名证号的空行",
}  # fmt: skip
NOTED_ZH = {
    "phone_landline": "联系电话为固定电话，收不到短信",
    "phone_unreadable": "联系电话无法识别，收不到短信",
    "head_id_numeric": "户主身份证号为数字格式，后几位已丢失，未采用",
}
LEFT_OUT_ZH = {
    "not_insured": "参保状态为暂停、终止等",
    "employee": "职工参保",
    "other_year": "非本年度",
    "ended": "本年度前已终止",
}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody who would enter or leave, by name."""

    name: str
    category: str
    place: str

    def as_json(self) -> dict[str, str]:
        """Return the line of a receipt."""
        category = CATEGORY_ZH.get(self.category, self.category)
        return {"name": self.name, "category": category, "place": self.place}


@dataclass(frozen=True, slots=True)
class Moves:
    """Who would enter and who would leave a list. ``known``: the list before could be looked at.

    ``not_named``: categories of the month's earlier lists that this one says nothing about: they stand.
    """

    entering: Sequence[Named] = ()
    leaving: Sequence[Named] = ()
    standing: int = 0
    first: bool = False
    known: bool = True
    not_named: Sequence[str] = ()


Standing = Mapping[tuple[str, str], tuple[str, str]]
"""(person, category) → (name, place) of the list before."""


def moves_of_full(
    taken: Iterable[Taken],
    before: Standing,
    waiting: Container[str] = (),
    not_named: Sequence[str] = (),
) -> Moves:
    """Return who would enter and leave by a full list, compared with the one before.

    ``waiting``: people of rows that wait for a word; nobody knows yet what becomes of them.
    """
    entering: list[Named] = []
    here: set[tuple[str, str]] = set()
    for row in taken:
        if row.action == "granted":
            here.add((row.person, row.category))
            if (row.person, row.category) not in before:
                entering.append(Named(row.who.name, row.category, row.who.place))
    leaving = [
        Named(name, category, place)
        for (person, category), (name, place) in before.items()
        if (person, category) not in here and person not in waiting
    ]
    return Moves(entering, leaving, len(before), first=not before, not_named=not_named)


def moves_of_changes(taken: Iterable[Taken]) -> Moves:
    """Return who would enter and leave by a list of changes."""
    entering: list[Named] = []
    leaving: list[Named] = []
    for one in taken:
        named = Named(one.who.name, one.category, one.who.place)
        (entering if one.action == "granted" else leaving).append(named)
    return Moves(entering, leaving)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is said of a file."""

    source: Source
    table: Table
    accepted: int
    rejected: int
    waiting: Sequence[Rejected] = ()
    noted: Sequence[Rejected] = ()
    moves: Moves | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the receipt's JSON; ``text`` is the whole of it as sentences."""
        table = self.table
        return {
            "sheets": [one for one in table.sheets if one],
            "sheets_unread": table.sheets_unread,
            "rows": table.count,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "waiting": [one.as_json() for one in self.waiting],
            "noted": [
                one.as_json() | {"message": tr(NOTED_ZH.get(one.reason, one.reason))}
                for one in self.noted
            ],
            "skipped": [
                {"row": one.row, "sheet": one.sheet, "kind": one.kind,
                 "message": tr(SKIPPED_ZH[one.kind]), "text": one.text}
                for one in table.skipped[:SHOWN]
            ],
            "left_out": {LEFT_OUT_ZH[why]: number for why, number in self.left_out.items()},
            "columns_read": list(table.columns_read),
            "columns_unread": list(table.columns_unread),
            "words_unknown": [
                {"column": column, "word": word, "rows": number}
                for (column, word), number in self.words.items()
            ],
            **(self._moves_json() if self.moves else {}),
            "text": "\n".join(self.lines()),
        }  # fmt: skip

    def _moves_json(self) -> dict[str, Any]:
        moves = self.moves or Moves()
        return {
            "opening": moves.first,
            "previous": moves.standing if moves.known else None,
            "entering_count": len(moves.entering),
            "leaving_count": len(moves.leaving) if moves.known else None,
            "entering": [one.as_json() for one in moves.entering[:SHOWN]],
            "leaving": [one.as_json() for one in moves.leaving[:SHOWN]],
            "not_named": list(moves.not_named),
        }

    def lines(self) -> list[str]:
        """Return the receipt as sentences for a clerk."""
        table = self.table
        said = [
            tr(
                "{source}名册：读到{count}行，接收{accepted}行，退回{rejected}行",
                source=tr(SOURCE_ZH[self.source]),
                count=table.count,
                accepted=self.accepted,
                rejected=self.rejected,
            )
            + (tr("，待答复{count}行", count=len(self.waiting)) if self.waiting else "")
            + "。",
            tr("已读取的列：{columns}。", columns="、".join(table.columns_read) or tr("无")),
            tr("未读取的列：{columns}。", columns="、".join(table.columns_unread) or tr("无")),
        ]
        if len([one for one in table.sheets if one]) > 1:
            said.append(tr("已读取的工作表：{sheets}。", sheets="、".join(table.sheets)))
        if table.sheets_unread:
            said.append(
                tr(
                    "未读取的工作表：{sheets_unread}。",
                    sheets_unread="、".join(table.sheets_unread),
                )
            )
        said += self._aside()
        return said + (_say_moves(self.moves) if self.moves else [])

    def _aside(self) -> list[str]:
        """Say what was read and does not count, waits for an answer, or needs a look."""
        kinds = Counter(one.kind for one in self.table.skipped)
        notes = Counter(one.reason for one in self.noted)
        rows = {kind: _rows(self.table, kind) for kind in kinds}
        return [
            *(tr("{kind}{count}行，不计入人员（第{rows}行）。", kind=tr(SKIPPED_ZH[one]), count=count,
                 rows=rows[one])
              for one, count in kinds.items()),
            *(tr("{why}{count}行，不计为本年度居民参保。", why=tr(LEFT_OUT_ZH[why]), count=count)
              for why, count in self.left_out.items()),
            *(tr("词语“{word}”尚未定义，涉及{count}行，请县医保局答复其含义。", word=word, count=count)
              for (_, word), count in self.words.items()),
            *(tr("{note}：{count}行。", note=tr(NOTED_ZH.get(one, one)), count=count)
              for one, count in notes.items()),
        ]  # fmt: skip


def _rows(table: Table, kind: str) -> str:
    rows = [str(one.row) for one in table.skipped if one.kind == kind]
    return "、".join(rows[:10]) + ("……" if len(rows) > 10 else "")


def _say_moves(moves: Moves) -> list[str]:
    if not moves.known:
        return [tr("上期名册暂时无法查询，进出人员未列出。")]
    beyond = _say_not_named(moves.not_named)
    if moves.first:
        return [tr("首期名册，期初{count}人次。", count=len(moves.entering)), *beyond]
    said = [
        tr(
            "将新增{entering}人次，将退出{leaving}人次。",
            entering=len(moves.entering),
            leaving=len(moves.leaving),
        )
    ]
    for word, people in ((tr("新增"), moves.entering), (tr("退出"), moves.leaving)):
        if people:
            names = "、".join(one.name or tr("（无姓名）") for one in people[:20])
            said.append(f"{word}：{names}{tr('等') if len(people) > 20 else ''}。")
    return said + beyond


def _say_not_named(categories: Sequence[str]) -> list[str]:
    if not categories:
        return []
    names = "、".join(tr(CATEGORY_ZH[one]) for one in categories)
    return [
        tr(
            "本月较早的名册还列有{names}，本表未列，仍按该名册；如已无此类人员，请撤回该名册。",
            names=names,
        )
    ]


def receipt_of(source: Source, roster: Roster, moves: Moves | None) -> Receipt:
    """Return the receipt of a roster."""
    words = Counter((one.field, one.word) for one in roster.waiting)
    return Receipt(
        source, roster.table, roster.accepted, len(roster.rejected), roster.waiting, roster.noted,
        moves, words=dict(words),
    )  # fmt: skip
