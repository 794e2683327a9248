"""The real–real page: at once a curve, on demand a path, and a clear word whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from engine.datasets import load_dataset
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_real import RealReal
from engine.records import Record, Store, run
from pages.shared.link import FEW
from pages.shared.pair.view import COARSE, LOOK, straight_of

PAGE = "pages/real_real/page.py"
DIGITS = {"rr_classifier": "digits-resnet", "rr_dataset": "digits", "rr_label": "3"}
Open = Callable[..., AppTest]


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def test_a_first_visit_shows_a_pair_and_its_straight_path(app: Open) -> None:
    test = app(PAGE, **DIGITS)
    assert not test.exception
    assert "The classifier sees **" in words(test)
    laid = test.session_state["rr_laid"]
    assert laid["first"] != laid["second"]
    assert test.query_params == DIGITS


def test_connect_leads_to_a_result_with_a_link(app: Open, store: Store) -> None:
    test = app(PAGE, ["rr_get"], **DIGITS)
    test.number_input(key="rr_rounds").set_value(1)
    test.button(key="rr_connect").click().run()
    assert not test.exception
    key = test.query_params["run"]
    record = store.find(key)
    assert record is not None
    assert record.spec.to_dict()["connect"]["rounds"] == 1
    assert record.summary["status"] in words(test)
    assert any(f"?run={key}" in code.value for code in test.code)


def test_a_link_opens_its_result_and_fills_the_controls(app: Open, connected: Record) -> None:
    test = app(PAGE, ["rr_box"], run=connected.key)
    assert not test.exception
    assert connected.summary["status"] in words(test)
    assert test.selectbox(key="rr_classifier").value == "digits-resnet"
    assert test.number_input(key="rr_rounds").value == 2
    assert test.session_state["rr_first"] == connected.summary["first"]["source"]


def test_other_settings_are_announced_and_kept_apart(app: Open, connected: Record) -> None:
    test = app(PAGE, ["rr_box"], run=connected.key)
    test.number_input(key="rr_threshold").set_value(0.2).run()
    assert "settings differ" in words(test)
    assert test.query_params["run"] == connected.key


def test_another_class_leaves_the_result(app: Open, connected: Record) -> None:
    test = app(PAGE, ["rr_box"], run=connected.key)
    test.selectbox(key="rr_label").select("5").run()
    assert not test.exception
    assert "run" not in test.query_params
    assert "**5**" in words(test)


def test_a_malformed_link_is_explained_and_the_page_works(app: Open) -> None:
    test = app(PAGE, run="../../etc/passwd", **DIGITS)
    assert "is not the key of a record" in words(test)
    assert "The classifier sees **" in words(test)
    test.button(key="rr_afresh").click().run()
    assert "run" not in test.query_params
    assert "is not the key" not in words(test)


def test_a_link_to_nothing_says_where_to_look(app: Open) -> None:
    test = app(PAGE, run="0" * 24, **DIGITS)
    assert "There is no result" in words(test)
    assert "Bring its ZIP file in" in words(test)


def test_a_search_under_way_can_be_seen_and_cancelled(app: Open, queue: Any) -> None:
    test = app(PAGE, **DIGITS)
    queue.held = True
    test.number_input(key="rr_iterations").set_value(77)
    test.button(key="rr_connect").click().run()
    assert "run" in test.query_params
    job = queue.job(test.query_params["run"])
    assert job.active
    test.button(key="rr_job_cancel").click().run()
    assert job.state == "cancelled"
    assert "nothing is lost" in words(test)
    queue.held = False
    test.button(key="rr_job_retry").click().run()
    assert "Take it with you" in [box.label for box in test.expander]


def joined_but_for_its_map(test: AppTest, button: str, queue: Any, store: Store) -> None:
    """Connect, and see the page while a job has its paths and has no plane yet."""
    queue.held = True
    test.button(key=button).click().run()
    job = queue.job(test.query_params["run"])
    part = run(job.spec.joined, store=store)
    test.run()
    assert not test.exception
    assert job.active
    assert part.summary["status"] in words(test)
    assert "Its map is measured last" in words(test)


def test_a_path_is_seen_while_its_plane_is_measured(app: Open, queue: Any, store: Store) -> None:
    test = app(PAGE, **DIGITS)
    assert "The classifier sees" in words(test)
    joined_but_for_its_map(test, "rr_connect", queue, store)


def test_a_surprise_outlives_a_report_of_the_former_address(app: Open) -> None:
    """A timer may run the page before the browser has heard of the address written last."""
    test = app(PAGE, **DIGITS)
    test.button(key="rr_surprise").click().run()
    chosen, said = test.session_state["rr_laid"], dict(test.query_params)
    assert "rr_first" in said
    test.query_params.clear()
    test.query_params.update(DIGITS)
    test.run()
    assert test.session_state["rr_laid"] == chosen
    assert test.query_params == said


def threes(store: Store) -> dict[str, str]:
    """Two pictures of one's own, of a 3, as an address names them."""
    data = load_dataset("digits")
    pictures = data.images[np.flatnonzero(data.labels == 3)[:2]].repeat(3, 3)
    return dict(
        zip(
            ("rr_first", "rr_second"),
            [f"upload:{store.put_image(picture)}" for picture in pictures],
            strict=True,
        )
    )


def test_two_photographs_need_no_ranking_and_the_class_follows_them(
    app: Open, queue: Any, store: Store
) -> None:
    own = threes(store)
    test = app(PAGE, **{**DIGITS, "rr_label": "5", **own})
    assert not test.exception
    assert [job.spec.kind for job in queue.jobs()] == ["real-real"] * 2
    assert [job.spec.points for job in queue.jobs()] == [COARSE, 1000]
    assert "The classifier sees **3** in A" in words(test)
    assert test.selectbox(key="rr_label").value == "3"


def test_only_the_class_that_is_shown_is_ranked(app: Open, queue: Any) -> None:
    test = app(PAGE, rr_classifier="digits-vgg", rr_dataset="digits", rr_label="6")
    kinds = {job.spec.kind: job.spec for job in queue.jobs()}
    assert kinds["survey"].label == kinds["barrier-pair"].label == "6"
    assert "of 6 that were ranked" in words(test)
    assert "found by trying" in words(test)


def test_connect_takes_the_place_of_a_straight_path_under_way(
    app: Open, queue: Any, store: Store
) -> None:
    queue.held = True
    test = app(PAGE, **{**DIGITS, "rr_classifier": "digits-vgg", **threes(store)})
    straight = queue.jobs()[-1]
    assert straight.active
    test.button(key="rr_connect").click().run()
    search = queue.jobs()[-1]
    assert (straight.state, search.active) == ("cancelled", True)
    assert [job for job in queue.jobs() if job.active] == [search]


def test_the_same_picture_twice_is_no_pair(app: Open) -> None:
    test = app(PAGE, rr_first="7", rr_second="7", **DIGITS)
    assert not test.exception
    assert "same picture" in words(test)


def test_two_classes_are_named_with_their_probabilities(app: Open, store: Store) -> None:
    found = app(PAGE, **DIGITS)
    survey = run(Survey("digits-resnet", "digits"), store=store)
    seen = survey.arrays["prediction"]
    three, five = (str(survey.arrays["index"][np.argmax(seen == k)]) for k in (3, 5))
    test = app(PAGE, **{**DIGITS, "rr_first": three, "rr_second": five})
    assert not found.exception
    assert not test.exception
    assert "sees the first image as '3'" in words(test)
    assert "second as '5'" in words(test)


def test_an_unknown_classifier_lists_the_known_ones(app: Open) -> None:
    test = app(PAGE, rr_classifier="shapes-resnett")
    assert not test.exception
    assert "Did you mean 'shapes-resnet'?" in words(test)


def test_a_picture_that_the_set_does_not_have(app: Open) -> None:
    test = app(PAGE, rr_first="999999", rr_second="1", **DIGITS)
    assert not test.exception
    assert "expected an index from 0 to" in words(test)


def test_hosted_visitors_get_no_local_files(app: Open, monkeypatch: Any) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    test = app(PAGE, rr_dataset="folder:/")
    assert not test.exception
    assert "hosted demo" in words(test)
    assert "rr_add" not in {button.key for button in test.button}


def test_the_page_asks_for_what_the_shell_would(app: Open, queue: Any) -> None:
    """The class counts only where the engine chooses both pictures: elsewhere keys must not differ."""
    app(PAGE, rr_first="7", rr_second="9", **DIGITS)
    asked = queue.jobs()[-1].spec
    named = RealReal(classifier="digits-resnet", dataset="digits", first="7", second="9")
    assert asked == replace(straight_of(named), points=COARSE, connect=LOOK)
    assert asked.connect.rounds == asked.plane_resolution == 0


def test_a_large_network_is_asked_for_fewer_points(app: Open, queue: Any) -> None:
    queue.held = True
    held = [
        {name: app(PAGE, rr_classifier=network, **more).session_state[f"rr_{name}"] for name in FEW}
        for network, more in (
            ("shapes-resnet", {}),
            ("untrained:googlenet", {}),
            ("untrained:googlenet", {"rr_points": "300"}),
        )
    ]
    assert held == [{"points": 1000, "plane_resolution": 41}, FEW, {**FEW, "points": 300}]
