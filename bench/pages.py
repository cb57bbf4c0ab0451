"""``make bench-pages``: every page of the console over a county's data, and finding somebody by name.

A register, a roster with phones, a tax list and bills of a year come in first: for a million residents that
takes a quarter of an hour and more. Each page is then asked for by a signed-in clerk, one after the other.
"""

import argparse
import asyncio
import csv
import re
import shutil
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import httpx2
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.enrollment import YEAR, closed, numbers, send
from bench.load import bills
from chassis.bus import publish
from chassis.privacy import person_key
from yingbao.running.accounts import add_account
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack, temporary_directory
from yingbao.world.people import GIVEN, SURNAMES, TOWNSHIPS

PASSWORD = "a clerk measures pages"  # noqa: S105  of an account that lives as long as the measurement
TIMES = 20
CHUNK = 2_000
WAIT_SECONDS = 3_600.0
CATEGORIES = ("低保对象", "特困人员", "低保边缘户")
PAGES = (
    "/", "/lists", "/desk", "/tasks", "/calls", "/bills", "/adjustments", "/reports", "/sheets", "/city",
    "/officers", "/policy", "/access", "/letters", "/what-if", "/approvals", "/keys",
)  # fmt: skip


def name_of(n: int) -> str:
    """Return a name of three characters: 40,000 different ones, so that five people have each."""
    first, second = divmod(n // len(SURNAMES), len(GIVEN))
    return SURNAMES[n % len(SURNAMES)] + GIVEN[first % len(GIVEN)] + GIVEN[second]


def write_lists(room: Path, enrolled: int, listed: int) -> dict[str, Path]:
    """Write register, roster and tax list; whoever is on the roster is in all three."""
    files = {name: room / f"{name}.csv" for name in ("register", "roster", "tax")}
    heads = {
        "register": ["姓名", "身份证号", "乡镇"],
        "roster": ["姓名", "身份证号", "人员类别", "乡镇", "村", "联系电话"],
        "tax": ["姓名", "身份证号", "乡镇", "村", "缴费年度", "缴费金额", "缴费日期"],
    }
    opened = {name: path.open("w", encoding="gb18030", newline="") for name, path in files.items()}
    writers = {name: csv.writer(file) for name, file in opened.items()}
    for name, head in heads.items():
        writers[name].writerow(head)
    for n, number in enumerate(numbers(enrolled)):
        name, town, village = name_of(n), TOWNSHIPS[n % len(TOWNSHIPS)], f"村{n % 300}"
        writers["register"].writerow([name, number, town])
        if n < listed:
            phone = f"199{n:08d}"
            word = CATEGORIES[n % len(CATEGORIES)]
            writers["roster"].writerow([name, number, word, town, village, phone])
            writers["tax"].writerow(
                [name, number, town, village, YEAR, "350.00", f"{YEAR - 1}-12-20"]
            )
    for file in opened.values():
        file.close()
    return files


async def fill(stack: Stack, enrolled: int, listed: int, count: int, bars: Progress) -> None:
    """Bring a county's data in and wait until everything is decided, billed and told."""
    bar = bars.add_task("lists", total=None)
    files = write_lists(stack.directory, enrolled, listed)
    month = f"{YEAR}-05-01"
    await asyncio.to_thread(send, stack, "bureau", f"/v1/registers/{YEAR}", files["register"])
    await asyncio.to_thread(send, stack, "tax", "/v1/rosters/tax", files["tax"], month=month)
    await asyncio.to_thread(
        send, stack, "civil_affairs", "/v1/rosters/civil_affairs", files["roster"], month=month,
        full="true",
    )  # fmt: skip
    async with Asker(stack.bus()) as asker:
        await closed(stack)
        await asker.quiet(seconds=WAIT_SECONDS)
        bars.update(bar, description="bills", total=count)
        key = stack.keys()["person_key"]
        persons = [person_key(key, number) for number in numbers(listed)]
        load = bills(persons, count)
        nc = await stack.bus().connect(max_reconnect_attempts=-1)
        for begin in range(0, count, CHUNK):
            await publish(nc, load[begin : begin + CHUNK])
            bars.advance(bar, CHUNK)
        await asker.quiet(seconds=WAIT_SECONDS)
        await nc.close()


class Clerk:
    """Somebody of the bureau with a browser."""

    def __init__(self, stack: Stack) -> None:
        add_account(
            stack.directory, stack.county, "clerk", "县局甲", "", PASSWORD, second_factor=False
        )
        self.http = httpx2.Client(base_url=stack.console_url, follow_redirects=True, timeout=120)
        self.token = ""
        self.get("/login")
        self.post("/login", login="clerk", password=PASSWORD)
        self.get("/purpose")
        self.post("/purpose", purpose="measuring pages", then="/")
        self.get(f"/?year={YEAR}")

    def get(self, path: str) -> str:
        """Return a page."""
        answer = self.http.get(path)
        answer.raise_for_status()
        if found := re.search(r'name="form" value="([^"]+)"', answer.text):
            self.token = found[1]
        return answer.text

    def file(self, path: str) -> bytes:
        """Return a file."""
        return self.http.get(path).raise_for_status().content

    def post(self, path: str, **said: str) -> str:
        """Return the page that follows a form."""
        answer = self.http.post(path, data={"form": self.token, **said})
        answer.raise_for_status()
        return answer.text


def timed(do: Callable[[], object]) -> list[float]:
    """Return how long something took each time, in milliseconds, sorted; the first time does not count."""
    found = []
    for _ in range(TIMES + 1):
        begun = time.perf_counter()
        do()
        found.append((time.perf_counter() - begun) * 1_000)
    return sorted(found[1:])


def visits(clerk: Clerk) -> Iterable[tuple[str, Callable[[], object]]]:
    """Yield each page and how it is asked for."""
    for path in PAGES:
        yield path, partial(clerk.get, path)
    yield "/desk, a township", partial(clerk.get, f"/desk?township={TOWNSHIPS[1]}")
    for what, word in (("name", name_of(7)), ("initials", "wwf"), ("phone", "19900000007")):
        yield f"somebody by {what}", partial(clerk.post, "/people", word=word)
    person = re.search(r'href="(/people/p[^"]+)"', clerk.post("/people", word=name_of(7)))
    if person is None:
        raise LookupError("nobody is found by name")
    yield "a person's page", partial(clerk.get, person[1])
    if bill := re.search(r'href="(/bills/[^"]+)"', clerk.get(person[1])):
        yield "a bill's page", partial(clerk.get, bill[1])
        yield "a bill as PDF", partial(clerk.file, f"{bill[1]}/sheet")


def measure(clerk: Clerk, console: Console) -> None:
    """Ask for every page, and print how long it took."""
    table = Table("page", "p50 ms", "p95 ms")
    for name, visit in visits(clerk):
        took = timed(visit)
        table.add_row(name, f"{took[len(took) // 2]:.0f}", f"{took[int(len(took) * 0.95) - 1]:.0f}")
    console.print(table)


def main() -> None:
    """Run once on servers and services of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--enrolled", type=int, default=1_060_000)
    options.add_argument("--listed", type=int, default=200_000)
    options.add_argument("--bills", type=int, default=500_000)
    chosen = options.parse_args()
    directory, console = temporary_directory("bench"), Console()
    try:
        with Stack(directory, synthetic=True, console=True) as stack:
            with Progress(console=Console(stderr=True)) as bars:
                begun = time.monotonic()
                asyncio.run(fill(stack, chosen.enrolled, chosen.listed, chosen.bills, bars))
            console.print(f"filled in {time.monotonic() - begun:.0f} s")
            measure(Clerk(stack), console)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
