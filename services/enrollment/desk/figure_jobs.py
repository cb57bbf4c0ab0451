"""Works figures out again that somebody looked at and that are old: the next look finds them newer."""

from chassis.jobs import Job
from chassis.runtime import Runtime
from contracts.questions import AboutYear
from services.enrollment.desk import figures_store
from services.enrollment.desk.figure_answers import keep, worked_out

EVERY_SECONDS = 5.0


async def work_out(runtime: Runtime) -> bool:
    """Work out what was asked for, the longest waiting first."""
    async with runtime.look() as connection:
        asked = await figures_store.asked(connection)
    for key in asked[:1]:
        about = AboutYear.model_validate({"year": key.year, "level": key.level})
        await keep(runtime, key, *await worked_out(runtime, key.name, about))
    return len(asked) > 1


JOBS = (Job("figures", work_out, seconds=EVERY_SECONDS),)
