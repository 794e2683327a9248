"""A kind of experiment that no file of Isthmus knows takes part in everything, from the shell to /runs."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

import engine
from engine.__main__ import main
from engine.experiments import spec_class
from engine.experiments.base import Spec
from engine.jobs import Jobs
from engine.records import Store, run
from pages.runs.listing import rows
from pages.shared import service
from pages.shared.shell import page_of
from pages.shared.tray import worth_listing
from tests.coin import Coin, CoinResult
from tests.pages.conftest import InlineJobs

Open = Callable[..., AppTest]

Spec.kinds.pop("coin")


@pytest.fixture(autouse=True)
def _declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing its file declared it; other tests are to know nothing of it."""
    monkeypatch.setitem(Spec.kinds, "coin", Coin)


def test_python_knows_it(store: Store) -> None:
    assert "coin" in engine.experiments()
    assert spec_class("coin") is Coin
    record = run(Coin(tosses=4), store=store)
    assert isinstance(record.result, CoinResult)
    assert 0 <= record.result.heads <= 1
    assert record.outcome.endswith("heads")
    assert repr(record.result) == f"<CoinResult: {record.outcome}>"
    found = store.find(record.key)
    assert found is not None
    assert found.spec == Coin(tosses=4)


def test_the_shell_knows_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ISTHMUS_STORE", str(store.root))
    monkeypatch.setattr(sys, "argv", ["isthmus", "run", "coin", "--tosses", "6"])
    assert main() == 0
    assert f"coin {Coin(tosses=6).key()}" in capsys.readouterr().out


def test_workers_know_it(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    store = Store(tmp_path, shipped=None)
    jobs = Jobs(store)
    try:
        job = jobs.submit(Coin(tosses=3))
        assert job.wait(60)
        assert (job.state, job.error) == ("done", "")
    finally:
        jobs.close()
    assert store.find(Coin(tosses=3).key()) is not None


def test_runs_lists_it_and_an_altered_summary_does_no_harm(
    app: Open, store: Store, queue: InlineJobs
) -> None:
    record = run(Coin(), store=store)
    assert not app("pages/runs/page.py").exception
    row = rows(service.my_records()).set_index("key").loc[record.key]
    assert (row["what"], row["kind"]) == ("Coin, 10 tosses", "Theory")
    assert row["outcome"].endswith("heads")
    record.__dict__["summary"] = {"accuracy": "heads"}
    record.__dict__.pop("result", None)
    assert rows([record]).iloc[0]["outcome"] == "Its summary is not one of this experiment"


def test_jobs_tell_what_they_do(queue: InlineJobs) -> None:
    job = service.submit(Coin(tosses=5))
    assert job.spec.doing() == "Coin, 5 tosses"
    assert worth_listing(job.spec)
    assert page_of(job.spec) == "pages/untrained/page.py"


def test_its_page_has_a_section_for_it(app: Open, store: Store, queue: InlineJobs) -> None:
    test = app("pages/untrained/page.py", ["un_drawer"])
    assert not test.exception
    assert "Coin" in [element.value for element in test.header]
    test.number_input(key="coin_tosses").set_value(12)
    test.button(key="coin_compute").click().run()
    assert not test.exception
    key = Coin(tosses=12).key()
    assert test.query_params["run"] in (key, [key])
    assert any("heads**" in element.value for element in test.markdown)
    assert "tails" in test.dataframe[0].value["side"].tolist()
    linked = app("pages/untrained/page.py", ["un_drawer"], run=key)
    assert linked.number_input(key="coin_tosses").value == 12


def test_an_unknown_kind_names_those_that_are_known() -> None:
    with pytest.raises(engine.IsthmusError, match="coin"):
        spec_class("dice")
