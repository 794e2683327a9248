"""Below a verdict stands who disagrees and why, and nothing that did not decide looks like a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.experiments.detection.contestants import CONTESTANTS, decider_of
from engine.experiments.detection.verdict import Verdict
from engine.records import Record, Store
from pages.detector.verdict.agreement import agreement_words, agreements_words
from pages.detector.verdict.judged import Judged
from tests.keeping import keep
from tests.pages.detections import benchmark_spec, verdict_findings

PAGE = "pages/detector/page.py"
FOLDS = ["dt_says", "dt_context"]
OTHERS = "What the other detectors measure"
Open = Callable[..., AppTest]
Calls = Mapping[str, list[bool]]
"""Name of each detector, the one that decides first -> whether it says attack, of each image."""


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def judged(store: Store, calls: Calls) -> Record:
    """A record of verdicts in which the detectors say this."""
    decider, verdicts = next(iter(calls.items()))
    spec = Verdict(
        benchmark=benchmark_spec(detectors=tuple(calls)),
        images=range(len(verdicts)),
    )
    found = verdict_findings(spec, np.where(verdicts, 0.004, 0.6))
    alarms = np.where(np.concatenate(list(calls.values())), 0.004, 0.6)
    opinions = {
        "image": np.tile(np.arange(len(verdicts)), len(calls)),
        "detector": np.repeat(list(calls), len(verdicts)),
        "title": np.repeat([CONTESTANTS[name].title for name in calls], len(verdicts)),
        "score": 1 - alarms,
        "false_alarm": alarms,
        "attack": alarms <= spec.false_alarms,
    }
    if "mode-connectivity" not in calls:
        found = replace(found, arrays={n: a for n, a in found.arrays.items() if n[:5] != "curve"})
    tables = {**found.tables, "opinions": opinions}
    summary = {**found.summary, "decider": decider}
    return keep(store, spec, replace(found, tables=tables, summary=summary))


def test_a_red_verdict_says_which_detectors_disagree_and_why(app: Open, store: Store) -> None:
    calls = {"ensemble": [True], "mode-connectivity": [False], "lid-corrected": [False]}
    test = app(PAGE, FOLDS, run=judged(store, calls).key)
    assert not test.exception
    assert "**Attack.**" in words(test)
    assert (
        "**Mode connectivity** and **LID corrected** see no sign of an attack. **Ensemble** decides "
        "wherever a benchmark has it"
    ) in words(test)


def test_a_feature_of_a_detector_that_did_not_decide_says_so(app: Open, store: Store) -> None:
    """Its title and its own call stand above it, and below a heading that names it as what it is."""
    calls = {"ensemble": [True], "mode-connectivity": [False], "short-paths": [True]}
    test = app(PAGE, FOLDS, run=judged(store, calls).key)
    headings = [element.value for element in test.header]
    assert headings == [OTHERS]
    folds = [box.label for box in test.expander]
    says = folds.index("What each detector says")
    assert folds[says + 1] == "Context: its logits, and the nearest known images"
    assert "**Mode connectivity: no sign of an attack**" in words(test)
    assert "The verdict is that of Ensemble, and what is shown here did not decide it." in words(
        test
    )
    assert "Context only: this does not decide." in words(test)
    assert "Its loss curve" not in words(test)


def test_the_same_curve_is_labelled_with_the_call_of_its_image(app: Open, store: Store) -> None:
    calls = {"short-paths": [True, True], "mode-connectivity": [True, False]}
    test = app(PAGE, FOLDS, run=judged(store, calls).key)
    assert "**Mode connectivity: attack**" in words(test)
    test.selectbox(key="dt_look").set_value(1).run()
    assert not test.exception
    assert "**Mode connectivity: no sign of an attack**" in words(test)


def test_where_all_agree_that_is_said_briefly(app: Open, store: Store) -> None:
    calls = {"short-paths": [False], "mode-connectivity": [False]}
    told = words(app(PAGE, FOLDS, run=judged(store, calls).key))
    assert "All 2 detectors of the benchmark agree." in told
    assert "decides" not in told


@pytest.mark.parametrize("name", ["mode-connectivity", "short-paths"])
def test_a_detector_that_is_alone_decides(app: Open, store: Store, name: str) -> None:
    """Its own features are those of the verdict; and where it is another, there is no curve at all."""
    test = app(PAGE, FOLDS, run=judged(store, {name: [True]}).key)
    assert not test.exception
    told = words(test)
    assert f"**{CONTESTANTS[name].title}** is the only detector of this benchmark" in told
    assert OTHERS not in told
    assert ("What the detector that decides measures" in told) == (name == "mode-connectivity")
    assert len(test.get("vega_lite_chart")) == (3 if name == "mode-connectivity" else 2)


def test_of_several_images_the_table_tells_who_disagrees(app: Open, store: Store) -> None:
    calls = {
        "short-paths": [True, False, False],
        "mode-connectivity": [False, False, True],
        "lid": [False, False, False],
    }
    record = judged(store, calls)
    test = app(PAGE, FOLDS, run=record.key)
    assert not test.exception
    assert (
        "On 2 of 3 images other detectors disagree, most often **Mode connectivity**. **Short paths** "
        "decides"
    ) in words(test)
    expected = ["Mode connectivity, LID as published", "", "Mode connectivity"]
    assert list(test.dataframe[0].value["Detectors against"]) == [2, 0, 1]
    assert list(Judged.of(record).table["disagree"]) == expected
    test.selectbox(key="dt_look").set_value(2).run()
    assert "**Mode connectivity** sees an attack. **Short paths** decides" in words(test)


@pytest.mark.parametrize(
    ("contestants", "decides", "reason"),
    [
        (("lid", "short-paths", "ensemble"), "ensemble", "wherever a benchmark has it"),
        (("lid", "short-paths"), "short-paths", "where a benchmark has no Ensemble"),
        (("lid", "mahalanobis"), "lid", "as the first of a benchmark that has neither"),
    ],
)
def test_the_reason_is_that_of_the_rule(
    contestants: tuple[str, ...], decides: str, reason: str
) -> None:
    assert decider_of(contestants) == decides
    titles = {name: CONTESTANTS[name].title for name in contestants}
    told = agreement_words(["Mahalanobis"], titles, decides, attack=True)
    assert f"**{titles[decides]}** decides {reason}" in told
    _, why = told.split(". ")
    assert why in agreements_words([["LID"], []], titles, decides)
