"""``yingbao demo``: the whole way from nothing, with checks of its own that decide the exit code."""

import asyncio
import hashlib
import json
import secrets
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.clock import system_clock, today
from chassis.language import language, tr
from contracts.funds import AMOUNTS
from yingbao.commands.report import Outcome, print_report
from yingbao.running.accounts import add_account
from yingbao.running.asking import Asker
from yingbao.running.elsewhere import Platform
from yingbao.running.keys import HAND_OUT
from yingbao.running.phones import write_from_phone
from yingbao.running.private_files import write_private
from yingbao.running.stack import Stack
from yingbao.world.hospital import paced
from yingbao.world.simulate import Town, made_up_officers, simulate

LINES_A_CALL = 200
DEMO_ACCOUNTS = (("xianju", "县局经办", ""), ("zhangcun", "张村镇专干", "张村镇"))
SINGLE_CALLS = 40
ANSWER_LOOKS = 200
SOURCES = (
    ("civil_affairs", "civil_affairs.xlsx"),
    ("rural_revitalisation", "rural_revitalisation.xlsx"),
    ("tax", "tax.csv"),
)


class Demo:
    """Runs a made-up town's year through the platform."""

    def __init__(self, platform: Platform, town: Town, console: Console) -> None:
        self._platform = platform
        self._town = town
        self._console = console
        self._keys = platform.keys()
        self._http = httpx2.Client(base_url=platform.gateway_url, timeout=60)
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Send everything, wait until it is quiet, look at the result."""
        async with Asker(self._platform.bus()) as asker:
            with self._bars() as bars:
                await self._send_rosters(bars, asker)
                await self._send_bills(bars, asker)
                await self._send_late(bars, asker)
                await self._call_like_a_hospital(bars, asker)
                await self._write_like_a_citizen(bars, asker)
            await self._check(asker)
            await print_report(self._console, asker, self._platform, self.outcome)
        self._http.close()
        return self.outcome

    def _bars(self) -> Progress:
        return Progress(
            TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), console=self._console,
        )  # fmt: skip

    async def _send_rosters(self, bars: Progress, asker: Asker) -> None:
        for officer in made_up_officers():
            self._post("/v1/officers", "bureau", json=officer)
        task = bars.add_task(tr("部门名册"), total=len(SOURCES))
        for source, name in SOURCES:
            content = (self._town.directory / name).read_bytes()
            self.outcome.receipts[source] = self._post(
                f"/v1/rosters/{source}?month=2023-01-01&year=2023", source,
                files={"file": (name, content)},
            )  # fmt: skip
            bars.advance(task)
        for report in self._town.elsewhere:
            path = "/v1/reports/employee_insurance/CoverageElsewhereReported"
            self._post(path, "employee_insurance", json=report)
        await asker.quiet()

    async def _send_bills(self, bars: Progress, asker: Asker) -> None:
        bills = self._town.stream.bills
        task = bars.add_task(tr("医院结算"), total=len(bills) - self._town.stream.duplicates)
        started = time.monotonic()
        batches = _by_hospital(bills)
        for provider, lines in batches:
            answer = self._post("/v1/claims/batch", f"hospital/{provider}", content=lines)
            self.outcome.sent += answer["accepted"]
            if answer["refused"]:
                self.outcome.problems.append(f"a good bill was refused: {answer['refused'][0]}")
            bars.update(task, completed=(await asker.progress()).claims)
        self.outcome.seconds = await asker.quiet() - started
        bars.update(task, completed=(await asker.progress()).claims)

    async def _send_late(self, bars: Progress, asker: Asker) -> None:
        """A late bill, a reversal, and a status that civil affairs should have told in January."""
        task = bars.add_task(tr("迟到与冲销"), total=3)
        stream, late = self._town.stream, self._town.late_status
        hit = self._inpatient_bill_of(late["certno"])
        self.outcome.adjusted = f"{hit['provider']}:{hit['claim']}"
        self.outcome.before = self._bill(hit)
        bill = stream.late_bill
        self._post(
            "/v1/claims/batch", f"hospital/{bill['provider']}", content=json.dumps(bill).encode()
        )
        bars.advance(task)
        reversal = stream.reversal
        self._post(
            f"/v1/claims/{reversal['claim']}/reversal", f"hospital/{reversal['provider']}",
            json=reversal["body"],
        )  # fmt: skip
        bars.advance(task)
        self._post("/v1/reports/civil_affairs/StatusReported", "civil_affairs", json=late)
        bars.advance(task)
        await asker.quiet()
        self.outcome.after = self._bill(hit)

    async def _call_like_a_hospital(self, bars: Progress, asker: Asker) -> None:
        """Single calls that wait for their bill, at 20 a second."""
        stays = [bill for bill in self._town.stream.bills if bill["kind"] == "inpatient"]
        originals = [*{bill["claim"]: bill for bill in stays}.values()]
        calls = self.outcome.calls = min(SINGLE_CALLS, len(originals))
        task = bars.add_task(tr("单笔实时结算"), total=calls)
        async with httpx2.AsyncClient(base_url=self._platform.gateway_url, timeout=30) as http:

            async def call(number: int) -> None:
                bill = originals[number] | {"claim": f"R{number:07d}"}
                for amount in ("total_fee", "in_scope"):  # another stay, not the same one again
                    bill[amount] = str(Decimal(bill[amount]) + 1)
                key = self._keys[f"hospital/{bill['provider']}"]
                begun = time.monotonic()
                answer = await http.post("/v1/claims", json=bill, headers={"X-Yingbao-Key": key})
                self.outcome.latencies.append(time.monotonic() - begun)
                self._note_single(answer.status_code, answer.json())
                bars.advance(task)

            await paced(call, calls, per_second=20)
        await asker.quiet()

    async def _write_like_a_citizen(self, bars: Progress, asker: Asker) -> None:
        """Somebody who is insured this year files treatment in another province by SMS."""
        port = self._platform.ports.get("notify") if isinstance(self._platform, Stack) else None
        if port is None:  # the phones are where notify runs
            return
        task = bars.add_task(tr("短信备案"), total=1)
        one = next(person for person in self._town.residents if person.paid and person.age > 18)
        day = today(system_clock)
        premium = {
            "certno": one.id_number, "name": one.name, "phone": one.phone, "township": one.township,
            "village": one.village, "coverage_year": day.year, "amount": "400.00",
            "paid_on": day.isoformat(),
        }  # fmt: skip
        self._post("/v1/reports/tax/PremiumPaid", "tax", json=premium)
        await asker.quiet()
        said = f"备案#{one.name}#{one.id_number[-6:]}#江苏省南京市#{day:%Y%m%d}"
        write_from_phone(self._platform.phone_log, port, one.phone, said)
        if not await self._is_answered(one.phone):
            self.outcome.problems.append("a filing by SMS was not answered")
        bars.advance(task)

    async def _is_answered(self, phone: str) -> bool:
        for _ in range(ANSWER_LOOKS):
            lines = self._platform.phone_log.read_text(encoding="utf-8").splitlines()
            if any(phone in line and "备案已办成" in line for line in lines):
                return True
            await asyncio.sleep(0.1)
        return False

    def _note_single(self, status: int, answer: dict[str, Any]) -> None:
        bill = answer.get("bill")
        if status == 200 and bill:
            if bill["medical_assistance"] != "0.00" or not self.outcome.single:
                self.outcome.single = bill
        elif answer.get("reason") != "not_enrolled":
            self.outcome.problems.append(f"a hospital's call was answered {status}: {answer}")

    async def _check(self, asker: Asker) -> None:
        """The demo's own checks; each failure is a problem, and problems are exit code 1."""
        outcome, stream = self.outcome, self._town.stream
        progress = await asker.progress()
        expected = len(stream.bills) - stream.duplicates + 1 + outcome.calls
        if progress.claims != expected:
            outcome.problems.append(f"{expected} bills were sent, {progress.claims} are known")
        settled = progress.outcomes.get("settled", 0)
        if progress.outcomes.get("reversed", 0) != 1:
            outcome.problems.append(f"one reversal was sent: {progress.outcomes}")
        if progress.billed < settled:
            outcome.problems.append(f"{settled} settled, only {progress.billed} billed")
        outcome.audits = await asker.audits()
        for name, audit in zip(("settlement", "assistance"), outcome.audits, strict=True):
            outcome.problems += [f"{name}: {one}" for one in audit.differences]
            if audit.chain_breaks:
                outcome.problems.append(f"{name}: {audit.chain_breaks} breaks in the ledger chain")
        if outcome.before == outcome.after:
            outcome.problems.append("the late status changed nothing")
        for bill in (outcome.single, outcome.before, outcome.after):
            if bill and not adds_up(bill):
                outcome.problems.append(f"bill {bill['claim']} does not add up")
        if any(not receipt["rejected"] for receipt in outcome.receipts.values()):
            outcome.problems.append("every list has bad rows, and one came back without any")

    def _inpatient_bill_of(self, certno: str) -> dict[str, Any]:
        bills = [
            bill
            for bill in self._town.stream.bills
            if bill["certno"] == certno and bill["kind"] == "inpatient"
        ]
        return max(bills, key=lambda bill: int(str(bill["in_scope"]).replace(".", "")))

    def _bill(self, bill: dict[str, Any]) -> dict[str, Any]:
        key = self._keys[f"hospital/{bill['provider']}"]
        answer = self._http.get(f"/v1/claims/{bill['claim']}", headers={"X-Yingbao-Key": key})
        found: dict[str, Any] = answer.json().get("bill", {})
        return found

    def _post(self, path: str, holder: str, **content: Any) -> dict[str, Any]:
        headers = {"X-Yingbao-Key": self._keys[holder], "Accept-Language": language()}
        answer = self._http.post(path, headers=headers, **content)
        found: dict[str, Any] = answer.json()
        if answer.status_code >= 400:
            self.outcome.problems.append(f"{path}: {answer.status_code} {found}")
        return found


def adds_up(bill: dict[str, Any]) -> bool:
    """Tell whether a bill's layers and the family's share sum to its total, to the fen."""
    fen = {key: int(str(bill[key]).replace(".", "")) for key in AMOUNTS}
    return fen.pop("total_fee") == sum(fen.values())


def _by_hospital(bills: list[dict[str, Any]]) -> list[tuple[str, bytes]]:
    """Return (provider, JSON lines) batches, each of one hospital, in mixed order."""
    found: list[tuple[str, bytes]] = []
    open_: dict[str, list[bytes]] = {}
    for bill in bills:
        lines = open_.setdefault(bill["provider"], [])
        lines.append(json.dumps(bill).encode())
        if len(lines) == LINES_A_CALL:
            found.append((bill["provider"], b"\n".join(open_.pop(bill["provider"]))))
    return found + [(provider, b"\n".join(lines)) for provider, lines in open_.items()]


def run_demo_at(
    platform: Platform, directory: Path, *, seed: int, people: int, bills: int, console: Console
) -> tuple[int, Outcome]:
    """Run the demo on a platform that runs already. Returns as ``run_demo``."""
    town = simulate(directory / "town", seed=seed, people=people, bills=bills)
    outcome = asyncio.run(Demo(platform, town, console).run())
    return (1 if outcome.problems else 0), outcome


def _accounts(stack: Stack) -> str:
    """Open two accounts on made-up people, one of the bureau and one of a township; return what they are."""
    password, place = secrets.token_urlsafe(9), (stack.directory, stack.county)
    for login, name, township in DEMO_ACCOUNTS:
        add_account(*place, login, name, township, password, second_factor=False)
    logins = "、".join(f"{login}（{name}）" for login, name, _ in DEMO_ACCOUNTS)
    return tr("账号 {logins}，密码 {password}", logins=logins, password=password)


def _addresses(stack: Stack) -> list[str]:
    """Return where everything is, for whoever looks around in a demo that goes on."""
    return [
        tr("\n工作台 {url}    {accounts}", url=stack.console_url, accounts=_accounts(stack)),
        tr("\n网关 {url}/openapi.json    总线 {bus}", url=stack.gateway_url, bus=stack.nats_url),
        tr("数据目录 {folder}，部门、医院、乡镇的密钥在 {keys}，发放后请删除。按 Ctrl-C 结束。",
           folder=stack.directory, keys=HAND_OUT),
    ]  # fmt: skip


def run_demo(
    directory: Path, *, seed: int, people: int, bills: int, console: Console, keep: bool
) -> tuple[int, Outcome]:
    """Run the demo in a directory. Returns (exit code, outcome): 0 only if every check held.

    Its made-up people get the same keys each time, so that the same seed ends in the same digests.
    """
    town = simulate(directory / "town", seed=seed, people=people, bills=bills)
    if not (directory / "keys.json").exists():
        person_key = hashlib.sha256(f"yingbao demo {seed}".encode()).hexdigest()
        write_private(directory / "keys.json", {"person_key": person_key})
    with Stack(directory, synthetic=True, console=keep) as stack:
        outcome = asyncio.run(Demo(stack, town, console).run())
        if keep:
            for line in _addresses(stack):
                console.print(line, highlight=False)
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                console.print(tr("正在停止 …"))
    return (1 if outcome.problems else 0), outcome
