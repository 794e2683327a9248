"""The wheel, built, and installed where nothing leads to the checkout. No network is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.request import urlopen
from zipfile import ZipFile

from tests.jobs.conftest import until

ROOT = Path(__file__).parents[1]
PIP = (sys.executable, "-m", "pip", "--no-cache-dir", "--disable-pip-version-check")
PATIENCE = 180.0
"""Seconds after which a program hangs."""


@dataclass(frozen=True)
class Installed:
    """An environment that has the wheel, and an empty folder to use it from."""

    packages: Path
    folder: Path

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.packages.parents[2] / "bin" / "python"

    @property
    def isthmus(self) -> Path:
        """The environment's command."""
        return self.python.with_name("isthmus")

    @property
    def environment(self) -> dict[str, str]:
        """This process's variables, but for those that lead elsewhere, and a store of its own."""
        elsewhere = ("ISTHMUS_", "PYTHON", "STREAMLIT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(elsewhere)}
        return {**kept, "ISTHMUS_STORE": str(self.folder.parent / "store")}

    @property
    def distribution(self) -> Distribution:
        """What the environment's installer knows of the package."""
        (found,) = distributions(name="isthmus", path=[str(self.packages)])
        return found

    def output(self, *words: str | Path) -> str:
        """What a program prints that is run in the empty folder; it must succeed."""
        return output(*words, cwd=self.folder, env=self.environment)

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of its app, whose health is green when this is given."""
        log = self.folder.parent / "log"
        flags = ("--server.address", "127.0.0.1", "--server.port", "0", "--server.headless", "true")
        with log.open("wb") as sink:
            server = subprocess.Popen(
                [self.isthmus, "app", *flags],
                cwd=self.folder,
                env=self.environment,
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

        def address() -> str:
            assert server.poll() is None, log.read_text()
            return next(iter(re.findall(r"http://127\.0\.0\.1:\d+", log.read_text())), "")

        try:
            until(lambda: address() and healthy(address()), PATIENCE)
            yield address()
        finally:
            server.terminate()
            try:
                server.wait(30)
            finally:
                server.kill()


def healthy(address: str) -> bool:
    """Whether a server answers that it is well."""
    with suppress(OSError), urlopen(f"{address}/_stcore/health", timeout=PATIENCE) as answer:
        return bool(answer.read() == b"ok")
    return False


def output(*words: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """What a program prints; it must succeed."""
    ended = subprocess.run(
        words, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def build(source: Path, folder: Path) -> Path:
    """The wheel of a checkout or source distribution, made in `folder` by the backend that is here."""
    output(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    (wheel,) = folder.glob("isthmus-*.whl")
    return wheel


def contents(wheel: Path) -> set[str]:
    """The files that a wheel installs, without those that describe it."""
    with ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def install(wheel: Path, folder: Path) -> Installed:
    """A wheel in a new environment, which borrows all other packages from the one that runs this."""
    venv.create(folder / "environment", symlinks=True)
    (packages,) = folder.glob("environment/lib/python*/site-packages")
    (folder / "empty").mkdir()
    installed = Installed(packages, folder / "empty")
    output(*PIP, "--python", installed.python, "install", "--no-deps", "--no-index", wheel)
    borrowed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (packages / "borrowed.pth").write_text("\n".join(borrowed))
    return installed
