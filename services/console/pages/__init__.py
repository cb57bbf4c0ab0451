"""The pages, a router each; what a page may show is decided at the door."""

from services.console.pages import (
    approvals,
    attachments,
    bills,
    city,
    desk,
    letters,
    lists,
    officers,
    people,
    reports,
    settings,
    sheets,
    signing_in,
    tasks,
    today,
    trail,
    trends,
    what_if,
)

ROUTERS = tuple(
    one.router
    for one in (
        signing_in, today, lists, people, desk, attachments, tasks, bills, approvals, reports, sheets, city,
        officers, letters, trends, settings, what_if, trail,
    )
)  # fmt: skip
