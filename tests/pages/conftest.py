"""The pages without a browser: a store of the tests' own, and a queue that computes at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.experiments.pair.real_real import RealReal
from engine.experiments.pair.results import PairResult
from engine.finders.settings import ConnectSettings
from engine.jobs import Job
from engine.records import Record, Store, run
from pages.shared import service
from pages.shared.setup import settled

APP = Path(__file__).resolve().parents[2] / "app.py"
SECONDS = 180
"""A bound, not a measure: machines that run tests can be slow."""


class InlineJob(Job):
    """One that has ended already, or is held until a test ends it: there is nothing to wait for."""

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it has ended."""
        return not self.active


class InlineJobs:
    """Stands in for the queue: a job that is submitted has ended when `submit` returns."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.held = False
        self._jobs: dict[str, Job] = {}

    def submit(self, spec: Spec, priority: int = 0, owner: str | None = None) -> Job:
        job = InlineJob(spec, spec.key(), priority, lambda job: None)
        job.join(owner)
        self._jobs[job.key] = job
        if not self.held:
            try:
                record = run(spec, store=self.store)
                if owner:
                    self.store.claim(record, owner)
                job.end("done")
            except IsthmusError as error:
                job.end("failed", str(error))
        return job

    def warm(self, network: str = "") -> None:
        """Everything here is warm."""

    def job(self, key: str) -> Job | None:
        return self._jobs.get(key)

    def jobs(self) -> list[Job]:
        return list(self._jobs.values())


@pytest.fixture(scope="session", autouse=True)
def _no_foreign_components() -> Iterator[None]:
    """Every new `AppTest` would read what each installed package says of itself: none is a component."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """One store for all tests of the pages, so that a ranking is computed once."""
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture
def queue(store: Store, monkeypatch: pytest.MonkeyPatch) -> InlineJobs:
    """The queue that the pages under test use."""
    jobs = InlineJobs(store)
    monkeypatch.setattr(service, "jobs", lambda: jobs)
    monkeypatch.setattr(service, "store", lambda: store)
    monkeypatch.delenv("ISTHMUS_MODE", raising=False)
    st.cache_resource.clear()
    settled.cache_clear()
    return jobs


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Makes this a hosted server with secrets of its own: `secrets("[auth]...")`, bytes, or None."""

    def given(content: str | bytes | None, name: str = "secrets.toml") -> str:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        monkeypatch.setenv("ISTHMUS_MODE", "hosted")
        config.set_option("secrets.files", [str(path)])
        return str(path)

    yield given
    config.get_config_options(force_reparse=True)


@pytest.fixture
def app(queue: InlineJobs) -> Callable[..., AppTest]:
    """Opens a page of the app: `app("pages/runs/page.py", run="...")`, and what is folded on it."""

    def opened(
        page: str | None = None, unfolded: Sequence[str] = (), **query: str | list[str]
    ) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=SECONDS)
        if page:
            # As a link does, not by way of the front page. `switch_page` would need that.
            assert (APP.parent / page).is_file()
            test._page_hash = calc_hash(Path(page).parent.name.replace("_", "-"))
        for name, value in query.items():
            test.query_params[name] = value
        for key in unfolded:
            test.session_state[key] = True
        return test.run()

    return opened


def listed(test: AppTest) -> list[str]:
    """The keys of the results that the page lists."""
    (table,) = test.get("bidi_component")
    names: list[str] = json.loads(table.proto.json)["names"]
    return names


def choose(test: AppTest, keys: list[str]) -> AppTest:
    """Choose results in the list, as its boxes do, and run the page again."""
    assert set(keys) <= set(listed(test))
    test.session_state["runs_chosen"] = keys
    return test.run()


@pytest.fixture(scope="session")
def connected(store: Store) -> Record:
    """A finished search on tiny pictures, two handwritten ones with a barrier between them."""
    settings = ConnectSettings(rounds=2)
    spec = RealReal(
        classifier="digits-resnet",
        dataset="digits",
        first="253",
        second="257",
        connect=settings,
        points=100,
        plane_resolution=11,
    )
    record = run(spec, store=store)
    assert record.summary["rounds"] > 0, "these two pictures must have a barrier between them"
    return record


@pytest.fixture
def pair() -> PairResult:
    """A pair made by hand: A, B′, C with B′ straight above the point at 0.4 between A and C."""
    rng = np.random.default_rng(0)
    first, last, aside = rng.random((3, 3, 6, 5)).astype(np.float32)
    along = (last - first).ravel()
    aside = aside.ravel() - along * (aside.ravel() @ along) / (along @ along)
    bend = 0.6 * first + 0.4 * last + 0.1 * aside.reshape(first.shape)
    t = np.linspace(0, 1, 101)
    loss = (4 * np.exp(-(((t - 0.4) / 0.1) ** 2))).astype(np.float32)
    arrays = {"nodes_0": np.stack([first, last]), "nodes_1": np.stack([first, bend, last])}
    for number, curve in enumerate((loss, loss / 100)):
        arrays |= {f"t_{number}": t, f"loss_{number}": curve}
        arrays[f"prediction_{number}"] = (curve > 1).astype(np.int64)
    summary = {
        "classes": ["disc", "ring"],
        "target": 0,
        "target_name": "disc",
        "threshold": 0.05,
        "height_before": 4.0,
        "height_after": 0.04,
    }
    return PairResult(RealReal(), arrays, {}, summary, "0" * 24)
