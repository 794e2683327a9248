"""The optimal-manifold page: modes on demand, a path between two, a graph of many, and clear words."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.classifiers.labels import spec_names
from engine.datasets import load_dataset
from engine.experiments.synthesis.modes import Manifold, Modes
from engine.experiments.synthesis.results import ModesResult
from engine.records import Record, Store, run
from engine.synthesis.settings import NATURAL, PATTERN
from pages.manifold.wall import wall_data
from pages.manifold.wall.near import NEAREST, neighbours
from pages.runs.listing import rows
from tests.pages.conftest import choose

PAGE = "pages/manifold/page.py"
DIGITS = {"mf_classifier": "digits-resnet", "mf_label": "3"}
A, C = replace(NATURAL, steps=60), replace(PATTERN, steps=100)
Open = Callable[..., AppTest]


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


@pytest.fixture(scope="module")
def two(store: Store) -> Record:
    """Two modes of the digit 1, which have a barrier between them."""
    spec = Manifold(classifier="digits-resnet", label="1", natural=A, pattern=C, points=60)
    record = run(replace(spec, plane_resolution=7), store=store)
    assert record.summary["rounds"] > 0
    return record


@pytest.fixture(scope="module")
def many(store: Store) -> Record:
    spec = Modes(classifier="digits-resnet", dataset="digits", label="3", hull_steps=5)
    return run(replace(spec, natural_settings=A, pattern_settings=C, points=60), store=store)


def test_a_first_visit_says_what_to_press(app: Open) -> None:
    test = app(PAGE, **DIGITS)
    assert not test.exception
    assert "Nothing made for 3" in words(test)
    assert "run" not in test.query_params


def test_making_two_modes_leads_to_a_result_with_a_link(app: Open, store: Store) -> None:
    test = app(PAGE, ["mf_a_group", "mf_take"], **DIGITS)
    test.number_input(key="mf_a_steps").set_value(30)
    test.number_input(key="mf_two_seed").set_value(5)
    test.button(key="mf_two_start").click().run()
    assert not test.exception
    key = test.query_params["run"]
    record = store.find(key)
    assert record is not None
    spec = record.spec.to_dict()
    assert (spec["label"], spec["seed"], spec["natural"]["steps"]) == ("3", 5, 30)
    assert spec["pattern"] == PATTERN.to_dict()
    assert record.summary["status"] in words(test)
    assert any(f"?run={key}" in code.value for code in test.code)


def test_a_link_opens_its_result_and_fills_the_controls(app: Open, two: Record) -> None:
    test = app(PAGE, ["mf_box", "mf_c_group", "mf_side"], run=two.key)
    assert not test.exception
    assert two.summary["status"] in words(test)
    assert test.selectbox(key="mf_classifier").value == "digits-resnet"
    assert test.selectbox(key="mf_label").value == "1"
    assert test.number_input(key="mf_c_steps").value == 100
    assert "settings differ" not in words(test)
    for heading in (
        "The path between them",
        "The picture that the first round found",
    ):
        assert heading in words(test)
    assert len(test.get("bidi_component")) == 1


def test_other_settings_are_announced_and_another_class_leaves(app: Open, two: Record) -> None:
    test = app(PAGE, ["mf_box", "mf_a_group"], run=two.key)
    test.number_input(key="mf_a_steps").set_value(61).run()
    assert "settings differ" in words(test)
    assert test.query_params["run"] == two.key
    test.selectbox(key="mf_label").select("5").run()
    assert "run" not in test.query_params
    assert "Nothing made for 5" in words(test)


def test_what_is_made_is_found_again_without_pressing(app: Open, two: Record) -> None:
    asked = {"mf_label": "1", "mf_a_steps": "60", "mf_c_steps": "100", "mf_two_points": "60"}
    test = app(PAGE, **{**DIGITS, **asked, "mf_two_plane_resolution": "7"})
    assert not test.exception
    assert "run" not in test.query_params
    assert two.summary["status"] in words(test)


def test_what_did_not_converge_is_no_mode_and_shows_how_it_grew(app: Open, store: Store) -> None:
    hasty = replace(A, steps=1, finish=0)
    record = run(Manifold(classifier="digits-resnet", natural=hasty, pattern=C), store=store)
    test = app(PAGE, run=record.key)
    assert not test.exception
    assert "A is not a mode" in test.warning[0].value
    assert "How they grew" in words(test)
    assert "The path between them" not in words(test)


def test_many_modes_show_graph_walk_and_hull(app: Open, many: Record) -> None:
    test = app(PAGE, run=many.key)
    assert not test.exception
    assert test.segmented_control(key="mf_view").value == "Many modes"
    assert many.summary["status"] in words(test)
    pairs = many.tables["pairs"]
    highest = int(pairs["height_before"].to_numpy().argmax())
    assert test.selectbox(key="mf_edge_row").value == highest
    test.selectbox(key="mf_edge_row").set_value(3).run()
    first, second = int(pairs["first"][3]) + 1, int(pairs["second"][3]) + 1
    assert f"From mode {first} to mode {second}" in words(test)
    assert len(test.multiselect(key="mf_corners").value) == 3
    test.multiselect(key="mf_corners").set_value([1, 2]).run()
    assert "Choose three modes" in words(test)
    assert not test.exception


def test_exploring_asks_for_what_the_shell_would(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, mf_view="Many modes", **DIGITS)
    assert test.selectbox(key="mf_many_dataset").value == "digits"
    test.number_input(key="mf_many_real").set_value(1)
    test.button(key="mf_many_start").click().run()
    job = queue.job(test.query_params["run"])
    assert job.spec == Modes(classifier="digits-resnet", dataset="digits", label="3", real=1)


def test_too_many_modes_are_refused_in_words(app: Open) -> None:
    test = app(PAGE, mf_view="Many modes", **DIGITS)
    test.number_input(key="mf_many_natural").set_value(12).run()
    assert not test.exception
    assert "expected 2 to 12 modes" in words(test)
    assert test.button(key="mf_many_start").disabled


def test_a_search_under_way_shows_its_pictures_and_can_be_cancelled(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, **{**DIGITS, "mf_label": "7"})
    test.button(key="mf_two_start").click().run()
    job = queue.job(test.query_params["run"])
    job.preview = 'data:image/png;base64,AAAA"onload="alert(1)'
    test.run()
    html = next(block.proto.body for block in test.get("html") if "base64" in block.proto.body)
    assert 'src="data:image/png;base64,AAAA&quot;onload=&quot;alert(1)"' in html
    assert test.button(key="mf_two_start").disabled
    test.button(key="mf_job_cancel").click().run()
    assert job.state == "cancelled"
    assert "nothing is lost" in words(test)


@pytest.mark.parametrize(
    ("key", "told"),
    [("../../etc/passwd", "is not the key of a record"), ("0" * 24, "There is no result")],
)
def test_bad_links_are_explained_and_the_page_works(app: Open, key: str, told: str) -> None:
    test = app(PAGE, run=key, **DIGITS)
    assert told in words(test)
    test.button(key="mf_afresh").click().run()
    assert "Nothing made for" in words(test)


def test_a_result_of_another_page_is_not_drawn_here(app: Open, connected: Record) -> None:
    test = app(PAGE, run=connected.key, **DIGITS)
    assert not test.exception
    assert "is of another kind (real-real)" in words(test)


def test_hosted_visitors_get_no_local_files(app: Open, monkeypatch: Any) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    test = app(PAGE, mf_view="Many modes", mf_many_dataset="folder:/", **DIGITS)
    assert not test.exception
    assert "hosted demo" in words(test)
    test = app(PAGE, ["mf_box"], mf_classifier="file:/model.pt2")
    assert test.selectbox(key="mf_classifier").value == "shapes-resnet"


def test_both_kinds_are_listed_among_the_runs(app: Open, two: Record, many: Record) -> None:
    test = app("pages/runs/page.py")
    assert not test.exception
    table = rows([two, many])
    outcomes = dict(zip(table["key"], table["outcome"], strict=True))
    assert outcomes[two.key].startswith("Connected: ")
    assert outcomes[many.key] == many.summary["status"]
    choose(test, [two.key, many.key])
    assert not test.exception


def test_classes_that_share_a_name_go_by_number() -> None:
    assert spec_names(("crane", "ox", "Crane", "ox")) == ["crane", "1", "Crane", "3"]


def test_an_edge_has_the_record_s_own_path(many: Record) -> None:
    pairs = many.tables["pairs"]
    bent = int(np.flatnonzero(pairs["rounds"] > 0)[0])
    found = many.found(ModesResult)
    pair = found.paths(bent)
    assert pair.final is not None
    ends = many.arrays["modes"][[pairs["first"][bent], pairs["second"][bent]]]
    for track in pair.tracks:
        assert np.array_equal(track.nodes[[0, -1]], ends)
    assert pair.straight.loss.max() == pytest.approx(pairs["height_before"][bent])
    assert pair.final.loss.max() == pytest.approx(pairs["height_after"][bent])
    assert pair.final.t[[0, -1]].tolist() == [0, 1]
    straight = int(np.flatnonzero(pairs["rounds"] == 0)[0])
    assert found.paths(straight).final is None
    assert found.paths(bent).key != found.paths(straight).key


def test_the_wall_has_the_places_and_the_paths_of_the_record(many: Record) -> None:
    found = many.found(ModesResult)
    near = neighbours(found)
    sent = wall_data(found, near)
    spots = np.array(sent["places"]["By image distance"])
    assert ((spots >= 0) & (spots <= 100)).all()
    for own, true in zip(spots.T, found.arrays["map_images"].T * [[1], [-1]], strict=True):
        # The same places but for a stretch and a shift of each axis.
        assert abs(np.corrcoef(own, true)[0, 1]) == pytest.approx(1, abs=1e-3)
    side = sent["side"][0] * sent["side"][1]
    for row, edge in enumerate(sent["edges"]):
        paths, told = found.paths(row), found.pairs.iloc[row]
        assert (edge["first"], edge["second"]) == (told["first"], told["second"])
        final = paths.final or paths.straight
        assert edge["after"]["stations"] == final.stations.tolist()
        assert len(edge["after"]["inner"]) == len(final.nodes) - 2
        assert max(edge["before"]["loss"]) <= told["height_before"] * 1.01
        for text in edge["after"]["inner"]:
            assert len(base64.b64decode(text)) % side == 0


def test_real_neighbours_are_the_nearest_of_the_class(many: Record) -> None:
    found = many.found(ModesResult)
    data = load_dataset(found.spec.dataset)
    own = data.images[data.labels == found.summary["target"]].astype(np.float64) / 255
    for mode, kind, near in zip(found.images, found.modes["kind"], neighbours(found), strict=True):
        assert len(near) == (0 if kind == "real" else NEAREST)
        apart = np.sort(((own - np.moveaxis(mode, 0, -1)) ** 2).sum((1, 2, 3)))
        for picture, best in zip(near, apart, strict=False):
            distance = ((picture / 255 - np.moveaxis(mode, 0, -1)) ** 2).sum()
            assert distance == pytest.approx(best, rel=1e-4)
