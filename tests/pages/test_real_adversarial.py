"""The real–adversarial page: at once an attack and its barrier, on demand a path, always a clear word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.attacks.gradient_sign import FgsmSettings
from engine.attacks.settings import AttackSettings
from engine.datasets import load_dataset
from engine.experiments.base import CONNECTIONS
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.results import AdversarialResult, PairResult
from engine.finders.settings import ConnectSettings
from engine.records import Record, Store, run
from pages.real_adversarial.pictures import pictures_of
from pages.real_adversarial.sentences import eight_bit_words
from pages.real_adversarial.steps import steps_data
from pages.runs.listing import group_of
from pages.shared.pair.view import straight_of
from tests.pages.conftest import choose
from tests.pages.test_real_real import joined_but_for_its_map, words

PAGE = "pages/real_adversarial/page.py"
DIGITS = {"ra_classifier": "digits-resnet", "ra_dataset": "digits", "ra_label": "3"}
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def attacked(store: Store) -> Record:
    """A finished search between a handwritten digit and another one that was attacked into its class."""
    spec = RealAdversarial(
        classifier="digits-resnet",
        dataset="digits",
        label="3",
        seed=1,
        connect=ConnectSettings(rounds=2),
        points=100,
        plane_resolution=11,
    )
    return run(spec, store=store)


def test_a_first_visit_shows_the_attack_and_both_straight_paths(app: Open) -> None:
    test = app(PAGE, **DIGITS)
    assert not test.exception
    told = words(test)
    assert "The straight path from A to K′" in told
    assert "Targeted Adam. No colour value" in told
    assert len(test.get("vega_lite_chart")) == 2
    assert len(set(test.session_state["ra_laid"].values())) == 3
    assert test.query_params == DIGITS


def test_connect_leads_to_a_result_with_a_link(app: Open, store: Store) -> None:
    test = app(PAGE, ["ra_get"], **DIGITS)
    test.number_input(key="ra_rounds").set_value(1)
    test.button(key="ra_connect").click().run()
    assert not test.exception
    record = store.find(test.query_params["run"])
    assert record is not None
    assert record.kind == "real-adversarial"
    assert record.summary["status"] in words(test)
    assert any(f"?run={record.key}" in code.value for code in test.code)
    assert any("python -m engine run real-adversarial" in code.value for code in test.code)


def test_a_link_opens_its_result_and_fills_the_controls(app: Open, attacked: Record) -> None:
    test = app(PAGE, ["ra_box"], run=attacked.key)
    assert not test.exception
    summary = attacked.summary
    assert summary["status"] in words(test)
    assert test.session_state["ra_source"] == summary["source"]["source"]
    assert test.selectbox(key="ra_source_label").value == summary["source"]["class"]
    assert test.selectbox(key="ra_attack_method").value == "adam"
    assert test.number_input(key="ra_rounds").value == 2
    assert [f"to C: {summary['real']['rounds']}"] == [
        metric.delta for metric in test.metric if metric.label == "Rounds"
    ]


def test_barriers_are_seen_while_the_planes_are_measured(
    app: Open, queue: Any, store: Store
) -> None:
    test = app(PAGE, **DIGITS)
    joined_but_for_its_map(test, "ra_connect", queue, store)
    assert "From A to the real C" in words(test)


def test_only_the_settings_of_the_chosen_attack_are_shown(app: Open) -> None:
    test = app(PAGE, **DIGITS)
    shown = {widget.key for widget in test.number_input}
    assert "ra_attack_adam_iterations" in shown
    test.selectbox(key="ra_attack_method").select("fgsm").run()
    assert not test.exception
    shown = {widget.key for widget in test.number_input}
    assert "ra_attack_fgsm_eps" in shown
    assert not [key for key in shown if key and key.startswith("ra_attack_adam")]


def test_an_attack_that_fails_says_what_it_reached_and_what_to_try(app: Open) -> None:
    test = app(PAGE, ra_attack_method="fgsm", ra_attack_fgsm_eps="0.0001", **DIGITS)
    assert not test.exception
    told = words(test)
    assert "FGSM did not take K to '3'" in told
    assert "Try a larger eps" in told


def test_without_an_aim_only_k_is_asked_for(app: Open) -> None:
    test = app(PAGE, ra_attack_method="deepfool", **DIGITS)
    assert not test.exception
    assert "whatever class K′ lands in" in words(test)
    assert test.selectbox(key="ra_label").disabled
    assert "DeepFool. No colour value" in words(test)


def test_another_attack_leaves_the_result(app: Open, attacked: Record) -> None:
    test = app(PAGE, ["ra_box"], run=attacked.key)
    test.number_input(key="ra_attack_adam_iterations").set_value(300).run()
    assert not test.exception
    assert "run" not in test.query_params
    assert "The straight path from A to K′" in words(test)


def test_ones_own_picture_is_attacked(app: Open, store: Store) -> None:
    """A digit of the set, uploaded: the page attacks it as it would the one in the set."""
    five = next(i for i in range(200) if load_dataset("digits").labels[i] == 5)
    digest = store.put_image(load_dataset("digits").batch([five])[0].repeat(3, 2))
    test = app(PAGE, ra_source=f"upload:{digest}", **DIGITS)
    assert not test.exception
    records = [record for record in store.records() if record.uploads == {digest}]
    assert [record.summary["source"]["class"] for record in records] == ["5"]


def test_the_steps_that_are_sent_lead_from_k_to_k_prime(attacked: Record) -> None:
    pair = attacked.found(AdversarialResult)
    sent = steps_data(pair)
    first, last = sent["steps"][0], sent["steps"][-1]
    assert first["picture"] == sent["k"]
    assert (first["seen"], last["seen"]) == (sent["names"]["source"], sent["names"]["reached"])
    assert last["reached"] == pytest.approx(pair.attack.probability, abs=1e-5)
    assert len({step["change"] for step in sent["steps"]}) > 2
    old = replace(pair, tables={"attack_trace": pair.attack_trace})
    only = steps_data(old)["steps"]
    assert [step["picture"] for step in only] == [last["picture"]]
    assert only[0]["source"] is None, "nobody recorded it"


def test_a_picture_of_a_s_own_class_is_refused_as_k(app: Open) -> None:
    three = next(i for i in range(200) if load_dataset("digits").labels[i] == 3)
    test = app(PAGE, ra_source=str(three), **DIGITS)
    assert not test.exception
    assert "needs a K of another class than A's" in words(test)


def test_a_record_without_pictures_shows_its_curves_and_says_so(
    app: Open, attacked: Record, store: Store
) -> None:
    assert isinstance(attacked.spec, RealAdversarial)
    bare = run(replace(attacked.spec, keep_pictures=False), store=store)
    test = app(PAGE, ["ra_depth"], run=bare.key)
    assert not test.exception
    assert "holds no pictures" in words(test)
    assert "No colour value" not in words(test)
    assert len(test.get("vega_lite_chart")) >= 4
    pictured, pair = attacked.found(PairResult), bare.found(PairResult)
    assert not pair.pictured
    for ours, theirs in zip(pair.tracks, pictured.tracks, strict=True):
        assert ours.places == pytest.approx(theirs.places, abs=1e-9)


def test_a_link_to_another_kind_of_result_is_explained(app: Open, connected: Record) -> None:
    test = app(PAGE, run=connected.key, **DIGITS)
    assert not test.exception
    assert "is of another kind (real-real)" in words(test)


def test_runs_list_compare_and_open_such_results(
    app: Open, attacked: Record, connected: Record
) -> None:
    assert group_of(attacked) == CONNECTIONS
    test = app("pages/runs/page.py")
    choose(test, [attacked.key, connected.key])
    assert not test.exception
    assert "Side by side" in words(test)


def test_the_page_asks_for_what_the_shell_would(app: Open, queue: Any) -> None:
    laid = {"first": "1", "source": "5", "second": "3"}
    query = {f"ra_{slot}": number for slot, number in laid.items()}
    app(PAGE, ra_attack_method="fgsm", ra_attack_fgsm_eps="0.1", **query, **DIGITS)
    attack = AttackSettings(method="fgsm", fgsm=FgsmSettings(eps=0.1))
    named = RealAdversarial(classifier="digits-resnet", dataset="digits", attack=attack, **laid)
    assert queue.jobs()[-1].spec == straight_of(named)
    assert pictures_of("3", laid, targeted=False) == {
        "label": "",
        "first": "",
        "source": "5",
        "second": "",
    }


@pytest.mark.parametrize(
    ("success", "expected"), [(True, "stays adversarial"), (False, "undoes the attack")]
)
def test_what_rounding_does_is_said(success: bool, expected: str) -> None:
    rounded = {"prediction": 0, "probability": 0.9, "success": success}
    summary: dict[str, Any] = {"classes": ["disc"], "attack": {"eight_bit": rounded}}
    assert expected in eight_bit_words(summary)
    assert "disc (90 % sure)" in eight_bit_words(summary)
