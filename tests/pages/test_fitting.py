"""A set of other classes than the classifier's: every page says so, offers what fits, and shows no result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.datasets import load_dataset
from engine.experiments.base import Spec
from engine.experiments.detection.detection import Detection
from engine.experiments.images import spec as sets
from engine.experiments.pair.real_real import RealReal
from engine.experiments.population.pair_statistics import PairStatistics
from engine.records import Record, Store
from tests.keeping import keep

REAL, ADVERSARIAL = "pages/real_real/page.py", "pages/real_adversarial/page.py"
DETECTOR, MANIFOLD = "pages/detector/page.py", "pages/manifold/page.py"
ALIEN = {"classifier": "digits-resnet", "dataset": "shapes"}
SENTENCE = "shapes are of 10 classes (disc, ring, half disc ...), and digits-resnet tells apart 10"
Open = Callable[..., AppTest]


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def asked(prefix: str, **more: str) -> dict[str, str]:
    return {**{f"{prefix}_{name}": value for name, value in ALIEN.items()}, **more}


@pytest.mark.parametrize(
    ("page", "query", "keys"),
    [
        (REAL, asked("rr"), ("rr_classifier", "rr_dataset")),
        (REAL, asked("rr", rr_first="3", rr_second="5"), ("rr_classifier", "rr_dataset")),
        (ADVERSARIAL, asked("ra"), ("ra_classifier", "ra_dataset")),
        (
            ADVERSARIAL,
            asked("pop", ra_view="Population"),
            ("pop_classifier", "pop_dataset"),
        ),
        (DETECTOR, asked("bm", dt_view="Benchmark"), ("bm_classifier", "bm_dataset")),
        (
            MANIFOLD,
            {
                "mf_view": "Many modes",
                "mf_classifier": "digits-resnet",
                "mf_many_dataset": "shapes",
            },
            ("mf_classifier", "mf_many_dataset"),
        ),
    ],
    ids=["pair", "named pair", "adversarial pair", "population", "benchmark", "modes"],
)
def test_the_page_says_so_and_offers_both_ways_out(
    app: Open, queue: Any, page: str, query: dict[str, str], keys: tuple[str, str]
) -> None:
    test = app(page, **query)
    assert not test.exception
    assert [SENTENCE in str(error.value) for error in test.error] == [True]
    assert not test.success
    assert not test.get("vega_lite_chart")
    assert not queue.jobs()
    assert "Nothing" not in words(test)
    fitting = {key: test.button(key=f"{key}_fitting").label for key in keys}
    assert list(fitting.values()) == [
        "Take the classifier shapes-resnet",
        "Take the image set digits",
    ]
    test.button(key=f"{keys[1]}_fitting").click().run()
    assert not test.exception
    assert test.session_state[keys[1]] == "digits"
    assert SENTENCE not in words(test)


def test_no_picture_is_offered_and_no_path_drawn(app: Open) -> None:
    told = words(app(REAL, **asked("rr")))
    for nonsense in (
        "correctly classified as",
        "The straight path",
        "lowest loss first",
        "sees **",
    ):
        assert nonsense not in told


def test_a_fitting_classifier_is_a_click_away(app: Open) -> None:
    test = app(REAL, **asked("rr"))
    test.button(key="rr_classifier_fitting").click().run()
    assert not test.exception
    assert test.selectbox(key="rr_classifier").value == "shapes-resnet"
    assert test.selectbox(key="rr_dataset").value == "shapes"
    assert "The classifier sees **" in words(test)


@pytest.mark.parametrize(
    ("page", "prefix", "query"),
    [
        (REAL, "rr", {}),
        (ADVERSARIAL, "ra", {}),
        (ADVERSARIAL, "pop", {"ra_view": "Population"}),
        (DETECTOR, "bm", {"dt_view": "Benchmark"}),
    ],
)
def test_an_address_with_a_classifier_alone_brings_its_own_set(
    app: Open, page: str, prefix: str, query: dict[str, str]
) -> None:
    test = app(page, **{f"{prefix}_classifier": "digits-resnet"}, **query)
    assert not test.exception
    assert test.selectbox(key=f"{prefix}_dataset").value == "digits"
    assert "no class in common" not in words(test)


def test_a_set_that_is_named_is_left_alone(app: Open) -> None:
    test = app(REAL, rr_classifier="untrained:digits-resnet", rr_dataset="shapes")
    assert test.selectbox(key="rr_dataset").value == "shapes"
    assert not test.error


def test_hosted_visitors_cannot_look_for_files_by_an_address(app: Open, monkeypatch: Any) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    asked_for = []
    is_file = Path.is_file
    monkeypatch.setattr(Path, "is_file", lambda path: asked_for.append(path) or is_file(path))
    test = app(REAL, rr_classifier="file:/model.pt2")
    assert Path("/model.pt2") not in asked_for
    assert not test.exception
    assert test.selectbox(key="rr_classifier").value == "shapes-resnet"


def test_two_pictures_of_one_s_own_need_no_set(app: Open, store: Store) -> None:
    test = app(REAL, **asked("rr"))
    assert len(test.get("file_uploader")) == 1
    data = load_dataset("digits")
    threes = np.flatnonzero(data.labels == 3)[:2]
    first, second = (store.put_image(data.images[k].repeat(3, 2)) for k in threes)
    own = {"rr_first": f"upload:{first}", "rr_second": f"upload:{second}"}
    test = app(REAL, **asked("rr", **own))
    assert not test.exception
    assert "The classifier sees **3** in A" in words(test)
    assert not test.error
    assert test.selectbox(key="rr_label").value == "3"


@pytest.mark.parametrize(
    ("page", "spec"),
    [
        (REAL, RealReal(**ALIEN, first="253", second="257")),
        (ADVERSARIAL, PairStatistics(**ALIEN, pairs=10)),
        (DETECTOR, Detection(**ALIEN)),
    ],
    ids=["pair", "population", "benchmark"],
)
def test_a_result_from_before_is_not_shown(
    app: Open, connected: Record, store: Store, monkeypatch: Any, page: str, spec: Spec
) -> None:
    """One that was stored when such sets were not refused yet, and may end in a green "Connected"."""
    with monkeypatch.context() as before:
        before.setattr(sets, "labels_of", lambda data, seen: data.labels)
        record = keep(store, spec, connected.findings)
    test = app(page, run=record.key)
    store.delete(record.key)
    assert not test.exception
    assert "This result says nothing. The images of shapes" in words(test)
    assert not test.success
    assert "Take it with you" not in [box.label for box in test.expander]


def test_no_benchmark_on_a_set_of_other_classes_is_proposed(app: Open) -> None:
    test = app(DETECTOR, dt_classifier="torchvision:googlenet")
    assert not test.exception
    assert "from a set of its classes that you name" in words(test)
    assert "images of shapes" not in words(test)
    assert not test.code
