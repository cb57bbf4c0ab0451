"""What enrollment answers over request/reply: the roster equation."""

from chassis.service import Runtime
from contracts import questions
from contracts.money import format_yuan
from contracts.questions import AboutYear, TownshipAnswer
from services.enrollment import store
from services.enrollment.equation import equation

QUEUE = "enrollment"
MUST_ENROL = (
    "DESTITUTE", "ORPHAN", "DE_FACTO_ORPHAN", "SUBSISTENCE", "BACK_TO_POVERTY",
    "UNSTABLE_OUT_OF_POVERTY", "MARGINAL_AT_RISK", "SUDDEN_HARDSHIP",
)  # fmt: skip
"""The groups that must be enrolled (应保尽保人群): S4's six classes, orphans with the destitute."""


def answer_questions(runtime: Runtime) -> None:
    """Register the subscribers; they read, and change nothing."""

    @runtime.broker.subscriber(questions.ENROLLMENT_EQUATION, queue=QUEUE)
    async def equation_of(question: AboutYear) -> list[TownshipAnswer]:
        """Return the equation of a coverage year, a line per township."""
        async with runtime.engine.connect() as connection:
            members = await store.roster_members(connection, MUST_ENROL, question.year)
        return [
            TownshipAnswer(
                township=township,
                roster=len(balance.roster),
                enrolled=len(balance.enrolled),
                justified=len(balance.justified),
                missing=len(balance.missing),
                overlap=len(balance.overlap),
                completion=f"{format_yuan(balance.completion_bp)}%",
            )
            for township, balance in equation(members).items()
        ]
