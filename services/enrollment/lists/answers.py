"""What enrollment answers and does about lists: full lists and their state, words, who stood before."""

import orjson
from sqlalchemy import text

from chassis.privacy import Vault, vault
from chassis.service import Runtime
from contracts import lists
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
from contracts.questions import Confirmed
from services.enrollment.access import PLACE, READ, VAULT, opened_of
from services.enrollment.lists import store as list_store
from services.enrollment.lists import words_store as waiting_rows
from services.enrollment.lists.withdrawing import withdraw

QUEUE = "enrollment"
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


def answer_lists(runtime: Runtime) -> None:
    """Register the questions about full lists and their words."""
    answer_states(runtime)
    answer_words(runtime)
    answer_standing(runtime)


def answer_states(runtime: Runtime) -> None:
    """Register what the bureau asks of full lists, and orders."""

    @runtime.broker.subscriber(lists.ENROLLMENT_LISTS, queue=QUEUE)
    async def full_lists(page: ListPage) -> list[ListAnswer]:
        """Return a page of full lists with their state."""
        async with runtime.engine.connect() as connection:
            rows = await list_store.shown_lists(connection, page.most, page.offset)
        return [ListAnswer(**row) for row in rows]

    @runtime.broker.subscriber(lists.ENROLLMENT_CONFIRM_LIST, queue=QUEUE)
    async def confirm(question: Confirmation) -> Confirmed:
        """Answer the question of a list that shrank: its absences are meant."""
        async with runtime.engine.begin() as tx:
            return Confirmed(found=await list_store.confirm_list(tx, question.batch))

    @runtime.broker.subscriber(lists.ENROLLMENT_WITHDRAW_LIST, queue=QUEUE)
    async def take_back(question: Withdrawal) -> Confirmed:
        """Answer the question of a list, or undo an answer: it is not so."""
        return Confirmed(found=await withdraw(runtime, question))

    @runtime.broker.subscriber(lists.ENROLLMENT_LIST_BATCH, queue=QUEUE)
    async def again(about: AboutDigest) -> Again:
        """Say whether a file that comes in again counts again."""
        async with runtime.engine.connect() as connection:
            times = await list_store.times_before(
                connection, about.source.value, about.month, about.digest
            )
        return Again(again=times)


def answer_words(runtime: Runtime) -> None:
    """Register the questions about words that nobody has explained."""

    @runtime.broker.subscriber(lists.ENROLLMENT_WORDS, queue=QUEUE)
    async def words(about: AboutWords) -> WordsAnswer:
        """Return what was learned of words, and what is asked."""
        async with runtime.engine.connect() as connection:
            return WordsAnswer(
                learned=await waiting_rows.learned_words(connection, about),
                open=await waiting_rows.open_words(connection, about),
            )

    @runtime.broker.subscriber(lists.ENROLLMENT_WAITING_ROWS, queue=QUEUE)
    async def waiting(page: WaitingPage) -> list[WaitingRowAnswer]:
        """Return a page of the rows that wait for a word."""
        async with runtime.engine.connect() as connection:
            rows = await waiting_rows.waiting_page(connection, page)
        return [WaitingRowAnswer(**row) for row in rows]


def answer_standing(runtime: Runtime) -> None:
    """Register the question for a receipt: who stands on the list before, by name."""
    settings = runtime.settings
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)

    @runtime.broker.subscriber(lists.ENROLLMENT_STANDING, queue=QUEUE)
    async def standing(page: StandingPage) -> StandingAnswer:
        """Return a page of the people of the list before; who asked, and why, is written down."""
        return await standing_page(runtime, page, identities, operators)


async def standing_page(
    runtime: Runtime, page: StandingPage, identities: Vault, operators: Vault
) -> StandingAnswer:
    """Open a page of names from the vault, and seal it for the door."""
    asked = {
        "source": page.source.value, "month": page.month, "categories": page.categories,
        "after": page.after, "most": page.most,
    }  # fmt: skip
    async with runtime.engine.begin() as tx:
        rows = (await tx.execute(_STANDING, asked)).all()
        beyond = (await tx.execute(_NOT_NAMED, asked)).scalars().all()
        if rows:
            said = {
                "holder": page.holder, "what": "full_list", "area": "", "why": page.why,
                "people": len(rows),
            }  # fmt: skip
            await tx.execute(READ, said)
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
        sealed=operators.seal(orjson.dumps(lines).decode(), PLACE),
        after=rows[-1].at if len(rows) == page.most else "",
        not_named=list(beyond),
    )
