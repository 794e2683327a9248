"""Widgets follow what specs declare, and what a browser sends is checked again."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments import spec_class
from engine.finders.settings import ConnectSettings
from engine.parameters import fields_of
from pages.shared import controls
from pages.shared.controls import help_words, marks, shown, step_of
from pages.shared.words import plain
from tests.kinds import KINDS
from tests.test_parameters import Lists


def form() -> None:
    import streamlit as st

    from engine.experiments.pair.real_real import RealReal
    from pages.shared.form import Form

    form = Form(RealReal, "t", {"connect": "t"})
    form.block("connect")
    spec = form.spec()
    st.session_state["result"] = spec.connect.to_dict() if spec else None


@pytest.fixture
def opened() -> Callable[..., AppTest]:
    def run(**state: object) -> AppTest:
        test = AppTest.from_function(form)
        for name, value in state.items():
            test.session_state[name] = value
        return test.run()

    return run


def test_an_untouched_form_gives_the_defaults(opened: Callable[..., AppTest]) -> None:
    test = opened()
    assert not test.exception
    assert test.session_state["result"] == ConnectSettings().to_dict()


def test_every_parameter_has_one_widget_with_help(opened: Callable[..., AppTest]) -> None:
    test = opened(t_more=True)
    widgets = [*test.selectbox, *test.number_input, *test.toggle, *test.text_input]
    assert {w.key for w in widgets} == {f"t_{field.name}" for field in fields_of(ConnectSettings)}
    assert all(w.help for w in widgets)


def test_units_are_named_once(opened: Callable[..., AppTest]) -> None:
    labels = [w.label for w in opened().number_input]
    assert "Threshold (nats)" in labels
    assert "Rounds" in labels


def test_a_widgets_value_reaches_the_settings(opened: Callable[..., AppTest]) -> None:
    test = opened().number_input(key="t_rounds").set_value(2).run()
    assert test.session_state["result"]["rounds"] == 2


def lists() -> None:
    import streamlit as st

    from pages.shared.form import Form
    from tests.test_parameters import Lists

    form = Form(Lists, "t")
    form.draw(*form.settings)
    st.session_state["result"] = form.spec()


def test_a_list_is_chosen_or_written() -> None:
    test = AppTest.from_function(lists).run()
    assert test.session_state["result"] == Lists(counts=())
    assert test.text_input(key="t_names").value == "'a b'"
    assert test.text_input(key="t_levels").value == "0.5 1.0"
    test.text_input(key="t_names").set_value("'my cat, 1.png' 3")
    test.text_input(key="t_counts").set_value("1, 2,3 4")
    test.text_input(key="t_levels").set_value("0.05 0.2")
    test.multiselect(key="t_rules").set_value(["a", "b"]).run()
    made = Lists(("my cat, 1.png", "3"), (1, 2, 3, 4), (0.05, 0.2), ("b", "a"))
    assert test.session_state["result"] == made
    for field in fields_of(Lists):
        key = f"t_{field.name}"
        widget = test.multiselect(key=key) if field.choices else test.text_input(key=key)
        widget.set_value(shown(field, getattr(made, field.name)))
    assert test.run().session_state["result"] == made
    test.text_input(key="t_names").set_value("it's 3").run()
    assert test.session_state["result"].names == ("it's", "3")
    test.text_input(key="t_levels").set_value("0.1 small").run()
    assert test.session_state["result"] is None
    words = "levels[1]: expected a number, at most 9 nats, got 'small'"
    assert plain(words) in test.error[0].value


@pytest.mark.parametrize(("name", "value"), [("threshold", float("nan")), ("rounds", 10**6)])
def test_what_is_out_of_range_is_said_and_not_used(
    opened: Callable[..., AppTest], name: str, value: float
) -> None:
    test = opened()
    try:
        test.number_input(key=f"t_{name}").set_value(value).run()
    except ValueError:
        pytest.fail("the form must not break")
    assert test.session_state["result"] is None or name not in _changed(test)
    assert not test.exception


@pytest.mark.parametrize("kind", KINDS)
def test_help_says_range_and_default(kind: str) -> None:
    for field in fields_of(spec_class(kind)):
        words = help_words(field)
        assert "Default:" in words or hasattr(field.default, "to_dict")
        assert field.parameter.span in words


@pytest.mark.parametrize(("default", "step"), [(0.05, 0.01), (0.1, 0.1), (1e-7, 1e-7), (0, 0.01)])
def test_steps_fit_the_number(default: float, step: float) -> None:
    assert step_of(default) == pytest.approx(step)


def _changed(test: AppTest) -> set[str]:
    values, defaults = test.session_state["result"], ConnectSettings().to_dict()
    return {name for name in defaults if values[name] != defaults[name]}


def test_the_list_of_networks_says_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ISTHMUS_DATA", raising=False)
    marked = marks()
    assert marked("shapes-vgg") == "shapes-vgg ✓"
    assert marked("torchvision:googlenet").removeprefix("torchvision:googlenet ") in (
        "✓",
        "· downloaded first",
    )
    assert marked("untrained:resnet18") == "untrained:resnet18"
    assert marked("file:/tmp/mine.pt2") == "file:/tmp/mine.pt2"


@pytest.mark.parametrize(("fragments", "held"), [(["poll"], "new"), (None, "old")])
def test_a_timer_does_not_put_back_what_the_page_has_changed(
    monkeypatch: pytest.MonkeyPatch, fragments: list[str] | None, held: str
) -> None:
    """What a fragment's run brings of the widgets outside of it is what the browser showed before."""
    state, called = {"key": "new"}, []
    monkeypatch.setattr(controls.st, "session_state", state)
    run = SimpleNamespace(fragment_ids_this_run=fragments)
    monkeypatch.setattr(controls, "get_script_run_ctx", lambda: run)
    change = controls.by_hand("key", lambda: called.append("by hand"))
    state["key"] = "old"
    change()
    assert state["key"] == held
    assert bool(called) == (fragments is None)
