"""The page on untrained networks: the lattice answers, records are shown and told, links lead to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments.base import THEORY
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.plots.palette import BYPASS, LAND, STRAIGHT
from engine.records import Record, Store, run
from pages.runs.listing import group_of, rows
from pages.shared.figures import plane_map
from pages.shared.words import plain
from pages.untrained.conjecture_words import limits, verdict
from pages.untrained.section import sections
from tests.pages.conftest import choose

PAGE = "pages/untrained/page.py"
Open = Callable[..., AppTest]

FEW = Percolation(highest=3, sites=100, lattices=2, points=6, samples=20, steps=100)
TINY = Conjecture(
    largest=4,
    tolerances=(0.2, 0.5),
    networks=2,
    pairs=4,
    width=8,
    depth=1,
    grid=32,
    rounds=2,
    steps=20,
)


@pytest.fixture(scope="module")
def percolated(store: Store) -> Record:
    return run(FEW, store=store)


@pytest.fixture(scope="module")
def measured(store: Store) -> Record:
    return run(TINY, store=store)


def texts(test: AppTest) -> str:
    return "\n".join(element.value for element in (*test.markdown, *test.caption))


def test_the_page_opens_without_any_record(app: Open) -> None:
    test = app(PAGE)
    assert not test.exception
    assert [element.value for element in test.title] == ["Why it works"]
    told = sum("no result to show yet" in element.value for element in test.info)
    assert told == len(sections()) >= 4, "also of kinds that other tests have declared by now"


def test_a_percolation_record_is_shown(app: Open, percolated: Record) -> None:
    test = app(PAGE, ["un_drawer", "pc_numbers", "pc_take"], run=percolated.key)
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == 1
    assert "within" in texts(test)
    assert test.number_input(key="pc_highest").value == 3
    assert any(percolated.command in element.value for element in test.code)


def test_a_conjecture_record_is_shown(app: Open, measured: Record) -> None:
    test = app(PAGE, ["cj_method"], run=measured.key)
    assert not test.exception
    assert len(test.get("vega_lite_chart")) == 2
    told = texts(test)
    for words in ("**Straight lines** join", "**After 2 rounds** paths join", "does not show"):
        assert words in told
    test.selectbox(key="cj_pair").set_value(1).run()
    assert not test.exception


def test_settings_become_a_job_and_the_link_names_it(app: Open, queue: Any) -> None:
    test = app(PAGE, ["un_drawer", "pc_more"])
    for name, value in (("lowest", 2), ("highest", 2), ("sites", 144), ("lattices", 2)):
        test.number_input(key=f"pc_{name}").set_value(value)
    test.number_input(key="pc_samples").set_value(20)
    test.button(key="pc_compute").click().run()
    assert not test.exception
    key = test.query_params["run"]
    assert queue.job(key).spec == Percolation(
        lowest=2, highest=2, sites=144, lattices=2, samples=20
    )
    assert len(test.get("vega_lite_chart")) == 1


def test_tolerances_come_from_links_and_from_results(
    app: Open, queue: Any, measured: Record
) -> None:
    queue.held = True
    test = app(PAGE, ["un_drawer"], run=measured.key)
    assert test.text_input(key="cj_tolerances").value == "0.2 0.5"
    test = app(PAGE, ["un_drawer"], cj_tolerances="0.2 0.05, 0.2")
    test.button(key="cj_compute").click().run()
    assert not test.exception
    assert queue.job(test.query_params["run"]).spec == Conjecture(tolerances=(0.05, 0.2))


def test_wrong_settings_are_explained(app: Open) -> None:
    test = app(PAGE, ["un_drawer"])
    test.text_input(key="cj_tolerances").set_value("small").run()
    words = plain("tolerances[0]: expected a number")
    assert any(words in element.value for element in test.error)
    assert test.button(key="cj_compute").disabled


def test_a_bad_link_keeps_the_page_usable(app: Open, connected: Record) -> None:
    test = app(PAGE, run="0" * 24)
    assert "There is no result" in test.error[0].value
    assert "is of another kind" in app(PAGE, run=connected.key).error[0].value


def test_both_kinds_are_listed_and_open(app: Open, percolated: Record, measured: Record) -> None:
    assert group_of(percolated) == group_of(measured) == THEORY
    table = rows([percolated, measured])
    assert list(table["what"]) == [
        "Percolation, 2 to 3 dimensions",
        "Conjecture 5.1, MLPs in 2 to 4 dimensions",
    ]
    assert "of the literature" in table["outcome"][0]
    assert table["outcome"][1].startswith("32 pairs, ")
    assert TINY.doing() == "Conjecture 5.1, MLPs in 2 to 4 dimensions"
    test = app("pages/runs/page.py")
    choose(test, [percolated.key, measured.key])
    assert not test.exception
    assert len(test.get("page_link")) >= 2


def tables(
    fractions: list[tuple[int, int, float, float, float]], theory: list[float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables of a record as it might have come out: (dimension, round, fraction, low, high)."""
    names = ["dimension", "round", "fraction", "low", "high"]
    dimensions = sorted({row[0] for row in fractions})
    beside = {"dimension": dimensions, "theory": theory, "occupied": 0.1, "on_grid": np.nan}
    return (
        pd.DataFrame(fractions, columns=names).assign(delta=0.2),
        pd.DataFrame(beside).assign(delta=0.2),
    )


def test_sentences_follow_the_numbers() -> None:
    spec = Conjecture(rounds=1)
    rising = [(2, 0, 0.2, 0.1, 0.3), (2, 1, 0.5, 0.4, 0.6), (64, 0, 0.7, 0.6, 0.8)]
    told = verdict(spec, *tables([*rising, (64, 1, 1.0, 0.97, 1.0)], [0.0, 0.999]), 0.2)
    assert (
        "lines** join 20 % (10 % to 30 %) of the pairs in 2 dimensions, 70 % (60 % to 80 %) in 64"
        in told
    )
    assert "from 64 dimensions on at least 95 %" in told
    assert "would join 0 % and 99.9 %" in told
    flat = [(2, 0, 0.5, 0.4, 0.6), (2, 1, 0.5, 0.4, 0.6), (64, 0, 0.5, 0.4, 0.6)]
    told = verdict(spec, *tables([*flat, (64, 1, 0.6, 0.5, 0.7)], [0.5, 1.0]), 0.2)
    assert "95 % is not reached" in told
    assert "would join 50 % and 100 %" in told


def test_what_is_left_open_depends_on_what_was_tried() -> None:
    assert "The first layer has 256 units" in limits(Conjecture())
    assert "The first layer" not in limits(Conjecture(largest=128))


def test_the_map_draws_land_line_and_path() -> None:
    values = np.full((64, 64), 9.0)
    values[32:] = 0.0
    nodes = np.array([[-4.0, 1.0], [0.0, 4.0], [4.0, 1.0]])
    image = plane_map(values, 5.0, nodes, level=0.0, goal=0.5)
    side = len(image)

    def at(x: float, y: float) -> list[int]:
        return list(image[side - 1 - int((y + 5) / 10 * side), int((x + 5) / 10 * side)])

    def color(name: str) -> list[int]:
        return list(bytes.fromhex(name[1:]))

    assert at(-4.5, 3) == color(LAND)
    assert at(-4.5, -3) != color(LAND)
    assert at(0, 1) == at(-4, 1) == color(STRAIGHT)
    assert at(0, 4) == at(2, 2.5) == color(BYPASS)
