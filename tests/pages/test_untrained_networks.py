"""The page's sections on untrained networks and on training: records shown and told, also empty ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments.base import PARTS
from engine.experiments.pair.results import PairResult
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.records import Record, Store, run
from pages.runs.listing import rows
from pages.shared.figures import stage_barriers, stage_curves
from pages.shared.words import counted
from pages.untrained.networks import stretch
from tests.pages.conftest import choose

PAGE = "pages/untrained/page.py"
Open = Callable[..., AppTest]

EASY = Untrained(
    network="digits-resnet", classes=2, threshold=1.2, steps=250, rounds=1, iterations=5, points=60
)
HARD = replace(EASY, steps=2, threshold=0.001)
SHORT = Evolution(
    classifier="digits-resnet", batches=2, epochs=1, pairs=1, images=128, points=5, steps=12,
    threshold=2.25,
)  # fmt: skip


@pytest.fixture(scope="module")
def joined(store: Store) -> Record:
    return run(EASY, store=store)


@pytest.fixture(scope="module")
def failed(store: Store) -> Record:
    return run(HARD, store=store)


@pytest.fixture(scope="module")
def trained(store: Store) -> Record:
    return run(SHORT, store=store)


def texts(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption))


def test_an_untrained_record_is_shown(app: Open, joined: Record) -> None:
    test = app(PAGE, ["un_drawer", "ut_more", "ut_pairs", "ut_take"], run=joined.key)
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == 2
    assert f"of {joined.summary['converged']}** connected below 1.2 nats" in texts(test)
    assert "for at most 5 steps. Where the loss is below 0.01 nats, one step stands for" in texts(
        test
    )
    assert test.number_input(key="ut_rounds").value == 1
    assert any(joined.command in element.value for element in test.code)


def test_inputs_that_did_not_converge_are_told_and_nothing_is_drawn_of_them(
    app: Open, failed: Record
) -> None:
    test = app(PAGE, ["ut_pairs"], run=failed.key)
    assert not test.exception
    assert "nothing to connect" in test.warning[0].value
    assert "Every new node" not in texts(test)
    assert len(test.get("vega_lite_chart")) == 1, "only the losses on the way"


def test_an_evolution_record_is_shown(app: Open, trained: Record) -> None:
    test = app(PAGE, ["ev_method", "ev_curves_fold"], run=trained.key)
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == 2
    assert "Before training the barrier is" in texts(test)
    assert "at each of 4 moments" in texts(test)


def test_settings_become_a_job_and_the_link_names_it(app: Open, queue: Any, failed: Record) -> None:
    queue.held = True
    test = app(PAGE, ["un_drawer"], run=failed.key)
    test.number_input(key="ut_networks").set_value(3)
    test.button(key="ut_compute").click().run()
    assert not test.exception
    assert queue.job(test.query_params["run"]).spec == replace(HARD, networks=3)


def test_stretched_pictures_keep_their_places(joined: Record) -> None:
    pair = joined.found(PairResult)
    drawn, low, high = stretch(pair)
    for before, after in zip(pair.tracks, drawn.tracks, strict=True):
        assert after.nodes.min() >= 0
        assert after.nodes.max() <= 1
        np.testing.assert_allclose(after.nodes * (high - low) + low, before.nodes, atol=1e-5)
        np.testing.assert_allclose(after.stations, before.stations, atol=1e-5)


def test_figures_draw_one_phase(trained: Record) -> None:
    _, data = stage_barriers(trained.tables["barriers"], "batch")
    assert list(data["number"]) == [0, 1, 2]
    chart, curves = stage_curves(trained.tables["curves"], "epoch")
    assert set(curves["number"]) <= {0, 1}
    assert chart.to_dict()["layer"]


def test_they_are_listed_in_words(joined: Record, failed: Record, trained: Record) -> None:
    table = rows([joined, failed, trained])
    assert table["what"][0] == "Untrained networks, digits-resnet, 1 network, 2 classes"
    assert table["what"][2] == "Connectivity in training, digits-resnet, 1 epoch"
    assert table["outcome"][1] == "0 of 0 pairs connected"
    assert table["outcome"][2].startswith("Mean barrier ")
    assert SHORT.parts[0].doing() == f"{SHORT.parts[0].title}, digits-resnet, 1 epoch, part 1"
    assert [counted(1, name) for name in ("classes", "batches", "pairs")] == [
        "1 class",
        "1 batch",
        "1 pair",
    ]


def test_a_part_of_a_training_can_be_looked_up_among_the_runs(
    app: Open, store: Store, trained: Record
) -> None:
    part = store.find(SHORT.parts[0].key())
    assert part
    test = app("pages/runs/page.py", runs_kinds=PARTS.title)
    choose(test, [part.key])
    assert not test.exception
