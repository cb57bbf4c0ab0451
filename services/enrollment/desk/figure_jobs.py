"""Works figures out again that somebody looked at: the next look, or the first of a day, finds them newer."""

from dataclasses import replace

from chassis.jobs import Job
from chassis.runtime import Runtime
from services.enrollment.desk import figures_store
from services.enrollment.desk.figure_answers import keep, worked_out

EVERY_SECONDS = 5.0


async def work_out(runtime: Runtime) -> bool:
    """Work out the figure that waits longest; tell whether another one waits."""
    async with runtime.look() as connection:
        due = await figures_store.due(connection, runtime.clock(), most=2)
    for key, looked in due[:1]:
        _, figure = await worked_out(runtime, key)
        await keep(runtime, key, replace(figure, asked=min(looked, figure.asked)))
    return len(due) > 1


JOBS = (Job("figures", work_out, seconds=EVERY_SECONDS),)
