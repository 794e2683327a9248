"""Many visitors at once, over Streamlit's own protocol: how long a page takes, and what it costs.

    python -m tests.load.visitors --visitors 1 10 25 50 --seconds 60

starts a server with a store of its own, sends the visitors from page to page every two to six seconds,
and prints a row for each number of them. `--sweep` lets a population be computed meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.e2e.serving import Server, start, stop

PAGES = (
    "",
    "real-real",
    "real-adversarial",
    "real-adversarial?ra_view=population",
    "manifold",
    "untrained",
    "detector",
    "detector?detector_view=benchmark",
    "runs",
)
THINKING = (2.0, 6.0)
SWEEP = ("run", "population", "--pairs", "2000")
PATIENCE_SECONDS = 120.0


@dataclass
class Visit:
    """What one visitor saw: seconds from asking for a page until it was whole, page by page."""

    seconds: list[tuple[str, float]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


async def visitor(server: Server, until: float, dice: random.Random, visit: Visit) -> None:
    """Go from page to page in one session, as a browser does, until the time is up."""
    await asyncio.sleep(dice.uniform(0, THINKING[0]))
    url = server.url.replace("http", "ws") + "/_stcore/stream"
    async with websockets.connect(url, subprotocols=["streamlit"], max_size=None) as line:  # type: ignore[list-item]
        while time.monotonic() < until:
            page = dice.choice(PAGES)
            begun = time.monotonic()
            try:
                await asyncio.wait_for(_ask(line, page), PATIENCE_SECONDS)
            except TimeoutError:
                visit.failures.append(f"/{page}: not whole after {PATIENCE_SECONDS:.0f} s")
                return
            visit.seconds.append((page, time.monotonic() - begun))
            await asyncio.sleep(dice.uniform(*THINKING))


async def _ask(line: websockets.ClientConnection, page: str) -> None:
    name, _, query = page.partition("?")
    message = BackMsg()
    message.rerun_script.page_name = name
    message.rerun_script.query_string = query
    await line.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await line.recv(decode=False))
        if answer.WhichOneof("type") == "script_finished" and answer.script_finished in {
            ForwardMsg.FINISHED_SUCCESSFULLY,
            ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
        }:
            return


@dataclass(frozen=True)
class Load:
    """A row of the table."""

    visitors: int
    pages: int
    median: float
    p95: float
    slowest: str
    cpu_per_page: float
    megabytes: float
    failures: int

    @staticmethod
    def header() -> str:
        return (
            "| visitors | page runs | median, s | 95 %, s | slowest page | CPU, s a page "
            "| server, MB | failures |"
        )

    def row(self) -> str:
        return (
            f"| {self.visitors} | {self.pages} | {self.median:.2f} | {self.p95:.2f} | {self.slowest} "
            f"| {self.cpu_per_page:.3f} | {self.megabytes:.0f} | {self.failures} |"
        )


async def load(server: Server, visitors: int, seconds: float, seed: int = 0) -> Load:
    """Let so many visitors come for so many seconds."""
    process = psutil.Process(server.process.pid)
    before = sum(process.cpu_times()[:2])
    until = time.monotonic() + seconds
    visits = [Visit() for _ in range(visitors)]
    dice = [random.Random(f"{seed}/{k}") for k in range(visitors)]
    await asyncio.gather(
        *(visitor(server, until, own, one) for own, one in zip(dice, visits, strict=True))
    )
    seen = [one for visit in visits for one in visit.seconds]
    times = [one[1] for one in seen]
    by_page = {page: [s for name, s in seen if name == page] for page in {name for name, _ in seen}}
    slowest = max(by_page, key=lambda page: statistics.median(by_page[page]))
    return Load(
        visitors=visitors,
        pages=len(times),
        median=statistics.median(times),
        p95=statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0],
        slowest=f"/{slowest} ({statistics.median(by_page[slowest]):.2f})",
        cpu_per_page=(sum(process.cpu_times()[:2]) - before) / len(times),
        megabytes=process.memory_info().rss / 1e6,
        failures=sum(len(visit.failures) for visit in visits),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 10, 25, 50])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--sweep", action="store_true", help="compute a population meanwhile")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder) / "store")
        sweep = None
        try:
            asyncio.run(load(server, 1, 20.0))  # what is made once is made
            if chosen.sweep:
                sweep = subprocess.Popen([sys.executable, "-m", "engine", *SWEEP])
            print(Load.header(), "|---" * 8 + "|", sep="\n", flush=True)
            for visitors in chosen.visitors:
                print(asyncio.run(load(server, visitors, chosen.seconds)).row(), flush=True)
        finally:
            if sweep:
                sweep.terminate()
            stop(server)


if __name__ == "__main__":
    main()
