"""Answers for the result of a pass: what goes back to the roster owner, with the right numbers (S1)."""

from typing import Any

import orjson
from sqlalchemy import text

from chassis.asking import answers
from chassis.privacy import Vault
from chassis.runtime import Runtime
from contracts.sheets import ENROLLMENT_RESULT, ResultPage, SheetPageAnswer
from contracts.vocabulary import ProblemKind
from services.enrollment.access import identities_of, opened_of, sealed, write_access
from services.enrollment.desk.rules import FOLLOW_UP_ZH
from services.enrollment.sheets.rules import in_words

COLUMNS = (
    "身份证号", "姓名", "乡镇", "村（社区）", "人员类别", "问题及处理要求", "本次比对",
    "原身份证号（已更正）",
)  # fmt: skip
CHANGE_ZH = {
    "opened": "新发现", "reopened": "再次出现", "still_open": "尚未整改", "closed": "已销号",
}  # fmt: skip
CORRECTED = "身份证号已更正，请按更正后号码修改名册"
_RESULT = text(
    # Two parts in one order of keys: what the pass said of people, then the numbers that were corrected,
    # which every result carries, so that the owner of the roster mends them ('~' sorts behind every kind).
    "SELECT finding.person || '/' || finding.kind AS at, finding.kind, finding.change,"
    " resident.person, resident.township, resident.village, resident.listed, resident.flags,"
    " resident.identity_sealed, resident.identity_of, NULL AS old_sealed, NULL AS old_of,"
    " NULL AS old_person FROM review_finding AS finding JOIN resident USING (person)"
    " WHERE run = :run AND (CAST(:source AS text) = ''"
    " OR resident.file->'rosters' @> jsonb_build_array(jsonb_build_object('source', CAST(:source AS text))))"
    " AND finding.person || '/' || finding.kind > :after"
    " UNION ALL SELECT new.person || '/~' || old.person, 'corrected', '', new.person, new.township,"
    " new.village, new.listed, new.flags, new.identity_sealed, new.identity_of,"
    " old.identity_sealed, old.identity_of, old.person"
    " FROM resident AS new JOIN resident AS old ON old.person = ANY(new.formerly)"
    " WHERE new.formerly <> '{}' AND EXISTS (SELECT 1 FROM review WHERE run = :run)"
    " AND (CAST(:source AS text) = ''"
    " OR new.file->'rosters' @> jsonb_build_array(jsonb_build_object('source', CAST(:source AS text))))"
    " AND new.person || '/~' || old.person > :after ORDER BY at LIMIT :most"
)


async def result_page(runtime: Runtime, page: ResultPage) -> SheetPageAnswer:
    """Return a page of a pass's result; it is written down."""
    asked = page.model_dump(include={"run", "source", "after", "most"})
    async with runtime.turn() as turn:
        rows = (await turn.tx.execute(_RESULT, asked)).all()
        await write_access(turn.tx, page, "review_result", len(rows))
    identities = identities_of(runtime.settings)
    return SheetPageAnswer(
        title="比对结果反馈单",
        columns=list(COLUMNS),
        sealed=sealed(runtime, [_line(row, identities) for row in rows]),
        after=rows[-1].at if len(rows) == page.most else "",
    )


def _line(row: Any, identities: Vault) -> tuple[str, ...]:
    opened = opened_of(row, row.person, identities)
    what = CORRECTED if row.kind == "corrected" else FOLLOW_UP_ZH[ProblemKind(row.kind)]
    old = ""
    if row.old_sealed:
        document = identities.open(row.old_sealed, row.old_of or row.old_person)
        old = orjson.loads(document)["id_number"]
    return (
        opened.id_number, opened.name, row.township, row.village, in_words(row.listed or row.flags),
        what, CHANGE_ZH.get(row.change, ""), old,
    )  # fmt: skip


ANSWERS = (answers(ENROLLMENT_RESULT, result_page),)
