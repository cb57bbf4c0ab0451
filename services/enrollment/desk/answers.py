"""What the desk answers over request/reply: the equation, passes, problems, counts, check lists."""

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.asking import Confirmed
from contracts.questions import (
    ENROLLMENT_ISSUES,
    ENROLLMENT_PROMISE,
    ENROLLMENT_REVIEW,
    ENROLLMENT_REVIEWS,
    AboutYear,
    IssueAnswer,
    IssuePage,
    IssuePromise,
    PastReview,
    ReviewAnswer,
    ReviewOrder,
)
from contracts.vocabulary import ProblemKind
from services.enrollment.desk import check_answers, count_answers, figure_answers
from services.enrollment.desk import store as desk_store
from services.enrollment.desk.jobs import run_review
from services.enrollment.desk.rules import FOLLOW_UP_ZH


async def review_year(runtime: Runtime, order: ReviewOrder) -> ReviewAnswer:
    """Run a pass: open what is newly wrong, close what is mended, look back at promises."""
    answer = await run_review(runtime, order)
    if answer is None:
        raise RuntimeError("a pass that is ordered is run")
    return answer


async def reviews(runtime: Runtime, about: AboutYear) -> list[PastReview]:
    """Return the passes that were run over a year, the latest first."""
    async with runtime.look() as connection:
        rows = await desk_store.reviews(connection, about.year)
    return [PastReview(**row) for row in rows]


async def issues(runtime: Runtime, page: IssuePage) -> list[IssueAnswer]:
    """Return a page of the problem desk."""
    async with runtime.look() as connection:
        rows = await desk_store.issues(connection, page.model_dump())
    return [IssueAnswer(**row, follow_up=FOLLOW_UP_ZH[ProblemKind(row["kind"])]) for row in rows]


async def promise(runtime: Runtime, promised: IssuePromise) -> Confirmed:
    """Write who mends an issue until when."""
    async with runtime.turn() as turn:
        return Confirmed(found=await desk_store.promise(turn.tx, promised.model_dump()))


ANSWERS = (
    *figure_answers.ANSWERS,
    answers(ENROLLMENT_REVIEW, review_year),
    answers(ENROLLMENT_REVIEWS, reviews),
    answers(ENROLLMENT_ISSUES, issues),
    answers(ENROLLMENT_PROMISE, promise),
    *count_answers.ANSWERS,
    *check_answers.ANSWERS,
)
