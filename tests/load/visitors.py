"""Many visitors at once, over Streamlit's own protocol: how long a page takes, and what it costs.

    python -m tests.load.visitors --visitors 1 10 25 50 --seconds 60

starts a hosted server with a store of its own, sends the visitors from page to page every two to six seconds,
and prints a row for each number of them. `--sweep` lets the server's workers compute a population meanwhile.
`--servers 2` starts two servers on one store and lets each visitor stay at one, as the proxy of compose.yaml
does. `--rest 300` waits so long after the visitors of a row have left, and looks at the memory again.
`--minutes 60` keeps so many visitors there, each for a minute to three, and looks at the memory now and then.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from engine.experiments.population.pair_statistics import AttackPopulations
from engine.jobs.ledger import Entry, Ledger
from engine.serving import Server, start, stop

PAGES = (
    "",
    "real-real",
    "real-adversarial",
    "real-adversarial?ra_view=Population",
    "manifold",
    "untrained",
    "detector",
    "detector?dt_view=Benchmark",
    "claims",
    "runs",
)
THINKING = (2.0, 6.0)
COMING = 10.0
"""Seconds in which the visitors of a row come, one after the other; what they see then is not counted."""

STAYING = (60.0, 180.0)
"""Seconds for which a visitor of a steady load stays, until another takes his place."""

LOOK_MINUTES = 5.0
SWEEP = AttackPopulations(pairs=20_000)
PATIENCE_SECONDS = 120.0
ENDS = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR}
LEAST_WORK = 0.1
"""Cores that a sweep must have had, or it was none."""


class Browser:
    """What a browser keeps of what it was sent, so that the server need not send it again.

    As Streamlit's own: large parts of a page by their digests, for so many runs as the server says.
    """

    def __init__(self) -> None:
        self.runs = 0
        self.age = 0
        self.held: dict[str, int] = {}

    def take(self, message: ForwardMsg) -> bool:
        """Look at a message as a browser does; whether it is the page's last."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.age = message.new_session.config.max_cached_message_age
        elif kind == "ref_hash":
            if message.ref_hash not in self.held:
                raise LookupError(f"The server believes that {message.ref_hash} was sent before.")
            self.held[message.ref_hash] = self.runs
        elif message.metadata.cacheable:
            self.held[message.hash] = self.runs
        if kind != "script_finished" or message.script_finished not in ENDS:
            return False
        self.runs += 1
        self.held = {key: run for key, run in self.held.items() if self.runs - run <= self.age}
        return True


@dataclass
class Visit:
    """What one visitor saw: seconds from asking for a page until it was whole, page by page."""

    seconds: list[tuple[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def visitor(
    server: Server, counted: float, until: float, dice: random.Random, visit: Visit
) -> None:
    """Go from page to page in one session, as a browser does; pages asked for from `counted` on count."""
    await asyncio.sleep(dice.uniform(0, COMING))
    url, browser = server.url.replace("http", "ws") + "/_stcore/stream", Browser()
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=None) as line:  # type: ignore[list-item]
        while time.monotonic() < until:
            page = dice.choice(PAGES)
            begun = time.monotonic()
            try:
                await asyncio.wait_for(_ask(line, page, browser), PATIENCE_SECONDS)
            except TimeoutError:
                visit.failures.append(f"/{page}: not whole after {PATIENCE_SECONDS:.0f} s")
                return
            if begun >= counted:
                visit.seconds.append((page, time.monotonic() - begun))
            await asyncio.sleep(dice.uniform(*THINKING))


async def _ask(line: websockets.ClientConnection, page: str, browser: Browser) -> None:
    name, _, query = page.partition("?")
    message = BackMsg()
    message.rerun_script.page_name = name
    message.rerun_script.query_string = query
    message.rerun_script.cached_message_hashes.extend(browser.held)
    await line.send(message.SerializeToString())
    answer = ForwardMsg()
    while not browser.take(answer):
        answer.ParseFromString(await line.recv(decode=False))


@dataclass(frozen=True)
class Load:
    """A row of the table. `megabytes` are those of the largest server, `rest` those after a rest.

    `workers` is what the workers computed meanwhile, in cores; `stored` the parts of the sweep done then.
    `client` is what the visitors themselves took of the same cores.
    """

    visitors: int
    pages: int
    median: float
    p95: float
    slowest: str
    cpu_per_page: float
    megabytes: float
    workers: float
    client: float
    stored: int
    failures: list[str]
    rest: float = 0.0

    @staticmethod
    def header() -> str:
        names = (
            "visitors",
            "page runs",
            "median, s",
            "95 %, s",
            "slowest page",
            "CPU, s a page",
            "server, MB",
            "after a rest, MB",
            "workers, cores",
            "visitors, cores",
            "parts stored",
            "failures",
        )
        return f"| {' | '.join(names)} |\n{'|---' * len(names)}|"

    def row(self) -> str:
        cells = (
            self.visitors,
            self.pages,
            f"{self.median:.2f}",
            f"{self.p95:.2f}",
            self.slowest,
            f"{self.cpu_per_page:.3f}",
            f"{self.megabytes:.0f}",
            f"{self.rest:.0f}" if self.rest else "",
            f"{self.workers:.2f}",
            f"{self.client:.2f}",
            self.stored,
            len(self.failures),
        )
        return f"| {' | '.join(map(str, cells))} |"


async def load(
    servers: Sequence[Server], visitors: int, seconds: float, rest: float = 0.0, seed: int = 0
) -> Load:
    """Let so many visitors come for so many seconds, evenly to all servers, and then nobody."""
    store, begun = servers[0].store, time.monotonic() + COMING
    until = begun + seconds
    visits = [Visit() for _ in range(visitors)]
    coming = [
        asyncio.create_task(
            visitor(servers[k % len(servers)], begun, until, random.Random(f"{seed}/{k}"), visit)
        )
        for k, visit in enumerate(visits)
    ]
    await asyncio.sleep(COMING)
    before, worked, stored = _cpu(servers), _worked(servers), _parts(store)
    mine = time.process_time()
    await asyncio.gather(*coming)
    took, mine = time.monotonic() - begun, time.process_time() - mine
    seen = [one for visit in visits for one in visit.seconds]
    times = [one[1] for one in seen]
    by_page = {page: [s for name, s in seen if name == page] for page in {name for name, _ in seen}}
    slowest = max(by_page, key=lambda page: statistics.median(by_page[page]))
    cpu, megabytes = _cpu(servers) - before, _megabytes(servers)
    workers, parts = (_worked(servers) - worked) / took, _parts(store) - stored
    await asyncio.sleep(rest)
    return Load(
        visitors=visitors,
        pages=len(times),
        median=statistics.median(times),
        p95=statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0],
        slowest=f"/{slowest} ({statistics.median(by_page[slowest]):.2f})",
        cpu_per_page=cpu / len(times),
        megabytes=megabytes,
        workers=workers,
        client=mine / took,
        stored=parts,
        failures=[words for visit in visits for words in visit.failures],
        rest=_megabytes(servers) if rest else 0.0,
    )


async def steady(servers: Sequence[Server], visitors: int, minutes: float) -> list[str]:
    """Keep so many visitors there, and print the memory as time goes by; returns what failed."""
    begun, visits = time.monotonic(), list[Visit]()
    ends = begun + 60 * minutes

    async def place(k: int) -> None:
        dice = random.Random(f"steady/{k}")
        while (now := time.monotonic()) < ends:
            visits.append(Visit())
            until = min(ends, now + dice.uniform(*STAYING))
            await visitor(servers[k % len(servers)], now, until, dice, visits[-1])

    places = [asyncio.create_task(place(k)) for k in range(visitors)]
    print("| minutes | visitors so far | page runs | server, MB |\n|---|---|---|---|", flush=True)
    while not all(task.done() for task in places):
        await asyncio.wait(places, timeout=60 * LOOK_MINUTES, return_when=asyncio.ALL_COMPLETED)
        pages, past = sum(len(visit.seconds) for visit in visits), (time.monotonic() - begun) / 60
        row = (f"{past:.0f}", len(visits), pages, f"{_megabytes(servers):.0f}")
        print(f"| {' | '.join(map(str, row))} |", flush=True)
    await asyncio.gather(*places)
    return [words for visit in visits for words in visit.failures]


def _cpu(servers: Sequence[Server]) -> float:
    return sum(sum(psutil.Process(one.process.pid).cpu_times()[:2]) for one in servers)


def _megabytes(servers: Sequence[Server]) -> float:
    return max(psutil.Process(one.process.pid).memory_info().rss for one in servers) / 1e6


def _worked(servers: Sequence[Server]) -> float:
    """Seconds of computing of all workers."""
    total = 0.0
    for server in servers:
        for process in psutil.Process(server.process.pid).children(recursive=True):
            with suppress(psutil.Error):
                if "spawn_main" in " ".join(process.cmdline()):
                    total += sum(process.cpu_times()[:2])
    return total


def _parts(store: Path) -> int:
    return len(list(store.glob("pair-shard/*")))


def ask_for_sweep(store: Path) -> None:
    """Leave a sweep to the server that starts next, as one that was killed would."""
    ledger = Ledger(store)
    ledger.note(SWEEP.key(), Entry(SWEEP, 0, (None,)))
    ledger.close()


def main() -> int:
    """Print the table; returns 1 where a page was not shown, or the sweep was not computed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 25, 50])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rest", type=float, default=0.0)
    parser.add_argument("--minutes", type=float, help="of steady load")
    parser.add_argument("--servers", type=int, default=1)
    parser.add_argument("--sweep", action="store_true", help="compute a population meanwhile")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end too
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        if chosen.sweep:
            ask_for_sweep(store)
        servers: list[Server] = []
        try:
            servers.extend(start(store, ISTHMUS_MODE="hosted") for _ in range(chosen.servers))
            # What is made once is made.
            asyncio.run(load(servers, 2 * len(servers), 40.0))
            print(
                f"{os.cpu_count()} cores, servers before: {_megabytes(servers):.0f} MB", flush=True
            )
            if chosen.minutes:
                for visitors in chosen.visitors:
                    wrong += asyncio.run(steady(servers, visitors, chosen.minutes))
                return _told(wrong)
            print(Load.header(), flush=True)
            for visitors in chosen.visitors:
                row = asyncio.run(load(servers, visitors, chosen.seconds, chosen.rest))
                print(row.row(), flush=True)
                wrong += row.failures
                if chosen.sweep and row.workers < LEAST_WORK:
                    wrong.append(f"With {visitors} visitors the sweep was hardly computed.")
        finally:
            for server in servers:
                stop(server)
    return _told(wrong)


def _told(wrong: list[str]) -> int:
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
