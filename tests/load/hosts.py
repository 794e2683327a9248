"""Isthmus on four hosts that share nothing but a network: a scheduler, two workers and the server, on TLS.

    python -m tests.load.hosts

makes a network namespace for each (on Linux, as root), lets the server's queue compute a sweep, kills a
worker in the middle of another, asks without keys, and says what came of it. It removes what it made.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from engine.jobs import keys

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ("scheduler", "worker1", "worker2", "server")
ADDRESSES = {host: f"10.77.0.{number}" for number, host in enumerate(HOSTS, start=1)}
SCHEDULER = f"tls://{ADDRESSES['scheduler']}:8786"
PATIENCE_SECONDS = 120

SWEEP = """
import sys
from engine.experiments import spec_class
from engine.jobs import Jobs
from engine.records import Store

jobs = Jobs(Store())
attack = {"method": "bim", "bim": {"eps": 0.4}}
tiny = {"classifier": "digits-resnet", "dataset": "digits", "attack": attack}
spec = spec_class("pair-statistics").from_dict({**tiny, "pairs": int(sys.argv[1])})
job = jobs.submit(spec)
while not job.wait(0.5):
    print(f"{job.done:.2f} {job.stage}", flush=True)
record = Store().find(spec.key())
print(f"ended: {job.state} {job.error}", "and stored here" if record else "", flush=True)
jobs.close()
"""
ASK = f"from distributed import Client; Client({SCHEDULER!r}, timeout=5)"
HEALTH = (
    "import urllib.request as u; "
    f"print(u.urlopen('http://{ADDRESSES['server']}:8501/_stcore/health', timeout=5).status)"
)


class Hosts:
    """The hosts and what runs on them; all of it ends with the `with` block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = ExitStack()
        files = keys.written(keys.made(), str(folder))
        names = {"CA_FILE": "tls_ca_file", "CERT": "tls_client_cert", "KEY": "tls_client_key"}
        self._keys = {name: str(files[key]) for name, key in names.items()}

    def __enter__(self) -> Hosts:
        self._space("lan")
        self._ip("-n", "isthmus-lan", "link", "add", "bridge", "type", "bridge")
        self._ip("-n", "isthmus-lan", "link", "set", "bridge", "up")
        for host, address in ADDRESSES.items():
            self._space(host)
            space, port = f"isthmus-{host}", f"to-{host}"
            self._ip("-n", space, "link", "set", "lo", "up")
            ends = ("type", "veth", "peer", "name", port, "netns", "isthmus-lan")
            self._ip("link", "add", "out", "netns", space, *ends)
            self._ip("-n", "isthmus-lan", "link", "set", port, "master", "bridge", "up")
            self._ip("-n", space, "address", "add", f"{address}/24", "dev", "out")
            self._ip("-n", space, "link", "set", "out", "up")
        return self

    def __exit__(self, *_: object) -> None:
        self._made.close()

    def start(self, host: str, *words: str, secret: bool = True) -> subprocess.Popen[str]:
        """Start a command of Python's on a host, with a store of its own and, if `secret`, the keys."""
        environment = {
            **os.environ,
            "ISTHMUS_STORE": str(self._folder / host),
            "PYTHONPATH": str(ROOT),
        }
        if secret:
            prefix = "DASK_DISTRIBUTED__COMM__TLS__"
            environment["ISTHMUS_SCHEDULER"] = SCHEDULER
            environment[f"{prefix}CA_FILE"] = self._keys["CA_FILE"]
            for role in ("CLIENT", "WORKER", "SCHEDULER"):
                for what in ("CERT", "KEY"):
                    environment[f"{prefix}{role}__{what}"] = self._keys[what]
        process = subprocess.Popen(
            ["ip", "netns", "exec", f"isthmus-{host}", sys.executable, *words],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=(self._folder / f"{host}.log").open("a"),
            text=True,
        )
        self._made.callback(process.wait)
        self._made.callback(process.kill)
        return process

    def said(self, host: str, *words: str, secret: bool = True) -> list[str]:
        """What a command on a host prints, line by line."""
        return self.start(host, *words, secret=secret).communicate(timeout=600)[0].splitlines()

    def _space(self, name: str) -> None:
        self._ip("netns", "add", f"isthmus-{name}")
        self._made.callback(self._ip, "netns", "delete", f"isthmus-{name}")

    def _ip(self, *words: str) -> None:
        subprocess.run(["ip", *words], check=True)


def main() -> None:
    """Start the hosts, and print a line for each thing that is tried."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    with tempfile.TemporaryDirectory() as folder, Hosts(Path(folder)) as hosts:
        dask = ("-m", "dask")
        where = ("--host", f"tls://{ADDRESSES['scheduler']}", "--port", "8786", "--no-dashboard")
        hosts.start("scheduler", *dask, "scheduler", *where)
        workers = [
            hosts.start(
                host, *dask, "worker", SCHEDULER, "--nthreads", "2", "--no-dashboard", "--no-nanny"
            )
            for host in ("worker1", "worker2")
        ]
        app = ("-m", "streamlit", "run", "app.py", "--server.headless", "true")
        hosts.start(
            "server", *app, "--server.port", "8501", "--server.address", ADDRESSES["server"]
        )
        _told("the server's health, asked from another host", _healthy(hosts))
        begun = time.monotonic()
        _told("a sweep of 32 pairs", hosts.said("server", "-c", SWEEP, "32")[-1])
        _told("  seconds", f"{time.monotonic() - begun:.0f}")
        _told(
            "results at the workers", str({h: _stored(folder, h) for h in ("worker1", "worker2")})
        )
        sweep = hosts.start("server", "-c", SWEEP, "48")
        line = ""
        for line in sweep.stdout or ():
            if workers[0].poll() is None and line[:4] >= "0.30" and line.startswith("0."):
                workers[0].kill()
                workers[0].wait()
                _told("a worker is killed at", line.strip())
        _told("a sweep of 48 pairs", line.strip())
        stranger = hosts.start("worker2", "-c", ASK, secret=False)
        _told("who has no keys", "refused" if stranger.wait(60) else "let in")


def _told(what: str, answer: str) -> None:
    print(f"{what:45} {answer}", flush=True)


def _stored(folder: str, host: str) -> int:
    return len(list(Path(folder, host).glob("*/*/manifest.json")))


def _healthy(hosts: Hosts) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if hosts.said("worker1", "-c", HEALTH) == ["200"]:
            return "200"
        time.sleep(1)
    return "none"


if __name__ == "__main__":
    main()
