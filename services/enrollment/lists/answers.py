"""What enrollment answers and does about lists: full lists and their state, words, who stood before."""

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts import lists
from contracts.asking import Confirmed
from contracts.lists import (
    AboutDigest,
    AboutWords,
    Again,
    Confirmation,
    ListAnswer,
    ListPage,
    StandingAnswer,
    StandingPage,
    WaitingPage,
    WaitingRowAnswer,
    Withdrawal,
    WordsAnswer,
)
from services.enrollment.access import READ, VAULT, identities_of, opened_of, sealed
from services.enrollment.lists import store as list_store
from services.enrollment.lists import words_store as waiting_rows
from services.enrollment.lists.withdrawing import withdraw

_STANDING = text(
    # Of each category the list before that speaks about it, as its closing compares.
    "WITH before AS (SELECT DISTINCT ON (name) name, batch FROM full_list CROSS JOIN LATERAL"
    " unnest(names) AS named (name) WHERE source = :source AND state = 'closed' AND month <= :month"
    " AND name = ANY(CAST(:categories AS text[])) ORDER BY name, month DESC, received DESC)"
    f" SELECT one.person || '/' || one.category AS at, one.person, one.category, township, village, {VAULT}"
    " FROM before JOIN listing AS one ON one.source = :source AND one.batch = before.batch"
    " AND one.category = before.name AND one.present JOIN resident USING (person)"
    " WHERE one.person || '/' || one.category > :after ORDER BY 1 LIMIT :most"
)
_NOT_NAMED = text(
    # Of a month's lists that speak of some of these categories, what they say beyond them.
    "SELECT DISTINCT name FROM full_list CROSS JOIN LATERAL unnest(names) AS named (name)"
    " WHERE source = :source AND month = :month AND state IN ('closed', 'question')"
    " AND names && CAST(:categories AS text[]) AND name <> ALL(CAST(:categories AS text[])) ORDER BY name"
)


async def full_lists(runtime: Runtime, page: ListPage) -> list[ListAnswer]:
    """Return a page of full lists with their state."""
    async with runtime.look() as connection:
        rows = await list_store.shown_lists(connection, page.most, page.offset)
    return [ListAnswer(**row) for row in rows]


async def confirm(runtime: Runtime, question: Confirmation) -> Confirmed:
    """Answer the question of a list that shrank: its absences are meant."""
    async with runtime.turn() as turn:
        return Confirmed(found=await list_store.confirm_list(turn.tx, question.batch))


async def take_back(runtime: Runtime, question: Withdrawal) -> Confirmed:
    """Answer the question of a list, or undo an answer: it is not so."""
    return Confirmed(found=await withdraw(runtime, question))


async def again(runtime: Runtime, about: AboutDigest) -> Again:
    """Say whether a file that comes in again counts again."""
    async with runtime.look() as connection:
        times = await list_store.times_before(
            connection, about.source.value, about.month, about.digest
        )
    return Again(again=times)


async def words(runtime: Runtime, about: AboutWords) -> WordsAnswer:
    """Return what was learned of words, and what is asked."""
    async with runtime.look() as connection:
        return WordsAnswer(
            learned=await waiting_rows.learned_words(connection, about),
            open=await waiting_rows.open_words(connection, about),
        )


async def waiting(runtime: Runtime, page: WaitingPage) -> list[WaitingRowAnswer]:
    """Return a page of the rows that wait for a word."""
    async with runtime.look() as connection:
        rows = await waiting_rows.waiting_page(connection, page)
    return [WaitingRowAnswer(**row) for row in rows]


async def standing(runtime: Runtime, page: StandingPage) -> StandingAnswer:
    """Return a page of the people of the list before, by name; who asked, and why, is written down."""
    asked = page.model_dump(include={"month", "categories", "after", "most"})
    asked |= {"source": page.source.value}
    async with runtime.turn() as turn:
        rows = (await turn.tx.execute(_STANDING, asked)).all()
        beyond = (await turn.tx.execute(_NOT_NAMED, asked)).scalars().all()
        if rows:
            said = {
                "holder": page.holder, "what": "full_list", "area": "", "why": page.why,
                "people": len(rows),
            }  # fmt: skip
            await turn.tx.execute(READ, said)
    identities = identities_of(runtime.settings)
    lines = [
        (
            row.person,
            row.category,
            opened_of(row, row.person, identities).name,
            row.township,
            row.village,
        )
        for row in rows
    ]
    return StandingAnswer(
        sealed=sealed(runtime, lines),
        after=rows[-1].at if len(rows) == page.most else "",
        not_named=list(beyond),
    )


ANSWERS = (
    answers(lists.ENROLLMENT_LISTS, full_lists),
    answers(lists.ENROLLMENT_CONFIRM_LIST, confirm),
    answers(lists.ENROLLMENT_WITHDRAW_LIST, take_back),
    answers(lists.ENROLLMENT_LIST_BATCH, again),
    answers(lists.ENROLLMENT_WORDS, words),
    answers(lists.ENROLLMENT_WAITING_ROWS, waiting),
    answers(lists.ENROLLMENT_STANDING, standing),
)
