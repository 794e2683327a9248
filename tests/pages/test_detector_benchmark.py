"""The benchmark view: its words and marks follow the record, whatever came out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine.classifiers.listings import class_names
from engine.experiments.base import DETECTION, PARTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.paper import set_with
from engine.experiments.detection.results import FLOAT, ROUNDED
from engine.records import Record, Store
from pages.detector.benchmark import notes, sentences
from pages.detector.benchmark.effort import cost_table
from pages.detector.benchmark.table import as_table, cell_of
from pages.detector.benchmark.view import parts_of
from pages.runs.listing import group_of, rows
from tests.keeping import keep
from tests.pages.detections import (
    AREAS,
    ATTACKS,
    benchmark_record,
    benchmark_spec,
    verdict_record,
)

PAGE = "pages/detector/page.py"
VIEW = {"dt_view": "Benchmark"}
FOLDS = ["bm_box", "bm_single", "bm_fail", "bm_effort", "bm_made"]
DIGITS = {**VIEW, "bm_classifier": "digits-resnet", "bm_dataset": "digits"}
Open = Callable[..., AppTest]


@pytest.fixture
def measured(store: Store) -> Record:
    return benchmark_record(store, adaptive=True, seed=3)


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def test_a_link_opens_its_result_and_fills_the_controls(app: Open, measured: Record) -> None:
    test = app(PAGE, FOLDS, run=measured.key)
    assert not test.exception
    assert test.selectbox(key="bm_classifier").value == "digits-resnet"
    assert test.number_input(key="bm_images").value == 100
    assert test.multiselect(key="bm_attacks").value == ["fgsm", "deepfool"]
    assert test.multiselect(key="bm_detectors").value == list(AREAS)
    assert test.button(key="bm_measure").disabled
    told = words(test)
    assert "**Short paths** has the highest mean AUC, **96.5 %**" in told
    assert "settings of what is shown" in told
    assert "C&W succeeded on 3 images, fewer than 25" in told
    assert len(test.get("vega_lite_chart")) == 8


def test_the_switch_for_pixels_and_the_choices_change_the_figures(
    app: Open, measured: Record
) -> None:
    test = app(PAGE, FOLDS, run=measured.key, bm_pixels="8-bit")
    assert "**93.5 %**" in words(test)
    test.selectbox(key="bm_one").set_value("lid-corrected").run()
    assert not test.exception
    assert "**Scores: LID corrected, FGSM**" in words(test)


def test_what_is_chosen_is_measured_and_can_be_stopped(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, ["bm_more"], **DIGITS, bm_images="120")
    assert not test.exception
    told = words(test)
    assert "Nothing is measured yet" in told
    assert "10 of 10 batches of up to 100 images are still to be attacked" in told
    test.multiselect(key="bm_attacks").set_value(["fgsm"]).run()
    test.multiselect(key="bm_detectors").set_value(["lid", "input-mfs"]).run()
    test.number_input(key="bm_attack_fgsm_eps").set_value(0.05).run()
    test.button(key="bm_measure").click().run()
    job = queue.job(test.query_params["run"])
    assert isinstance(job.spec, Detection)
    assert (job.spec.attacks, job.spec.detectors) == (("fgsm",), ("lid", "input-mfs"))
    assert job.spec.attack.fgsm.eps == 0.05
    assert job.spec.images == 120
    test.button(key="bm_job_cancel").click().run()
    assert job.state == "cancelled"
    assert "is kept; start again" in words(test)


def test_what_a_detector_rests_on_and_was_never_shown_is_told(app: Open, measured: Record) -> None:
    test = app(PAGE, FOLDS, run=measured.key)
    test.selectbox(key="bm_one").set_value("short-paths").run()
    assert not test.exception
    assert "Most of that rests on paths, which alone reach 90.0 %" in words(test)
    told = " ".join(str(one.value.to_dict()) for one in test.table)
    assert "31.0 (1.0 to 99.0)" in told
    assert "clean images: noise" in told
    assert "plain, misclassified" in told
    assert cell_of({**measured.result.headline(FLOAT).iloc[0]}, 1.0, "").lines == ("n = 40",)


def test_nothing_chosen_is_told(app: Open) -> None:
    test = app(PAGE, **DIGITS)
    test.multiselect(key="bm_attacks").set_value([]).run()
    assert not test.exception
    assert any("attacks: expected a list of texts, at least 1" in one.value for one in test.error)


def test_the_finding_names_who_leads_where(measured: Record) -> None:
    told = sentences.finding(measured.result, FLOAT)
    assert "LID corrected follows with 85 %" in told.replace("85.0", "85")
    assert "Mode connectivity, is number 3 of 3" in told
    told = sentences.more_words(measured.result, FLOAT)
    assert "first against all 2 attacks" in told
    assert "lowest against FGSM (70.0 %) and highest against DeepFool (97.0 %)" in told
    assert "paper's own figures" not in told


def test_beside_the_paper_only_where_the_paper_has_such_images(tmp_path: Path) -> None:
    store = Store(tmp_path, shipped=None)
    record = benchmark_record(store)
    assert record.result.paper("lid-corrected", "fgsm") == ""
    del record.__dict__["result"]
    record.__dict__["spec"] = Detection(dataset="cifar10", attacks=("fgsm", "deepfool"))
    cifar = record.result
    assert cifar.paper("lid-corrected", "deepfool") == "78.9/86.6"
    assert cifar.paper("mode-connectivity", "fgsm") == "69.8/76.8"
    assert cifar.paper("short-paths", "fgsm") == ""
    told = sentences.more_words(cifar, FLOAT)
    assert "on average 3.4 points below the paper's own figures" in told
    assert "may have been through JPEG" in sentences.beware(cifar)


def test_a_copy_of_the_papers_set_is_known_by_its_classes(tmp_path: Path) -> None:
    names = class_names("cifar10")
    assert set_with(["Truck", *names[:9]]) == ""
    record = benchmark_record(Store(tmp_path, shipped=None))
    record.__dict__["summary"] = {**record.summary, "paper_set": set_with(names[::-1])}
    rows = record.result.headline(FLOAT).set_index(["detector", "attack"], drop=False)
    assert record.result.paper_auc("mode-connectivity", "fgsm") == 0.768
    assert record.result.holds(rows.loc["mode-connectivity", "fgsm"]) == "partly"
    assert record.result.holds(rows.loc["short-paths", "fgsm"]) == ""


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.7, 0.8, "holds"), (0.5, 0.7, "partly"), (0.95, 1, "does not hold"), (0.787, 0.9, "holds")],
)
def test_a_figure_of_the_papers_holds_near_our_interval(
    measured: Record, low: float, high: float, words: str
) -> None:
    """Against FGSM the paper's detector has an AUC of 76.8 %."""
    found = measured.result
    del measured.__dict__["result"]
    measured.__dict__["spec"] = Detection(dataset="cifar10", attacks=("fgsm", "deepfool"))
    cifar = measured.result
    row = {"detector": "mode-connectivity", "attack": "fgsm", "auc_low": low, "auc_high": high}
    assert cifar.holds(row) == words
    assert found.holds(row) == "", "other images"
    assert cifar.holds({**row, "detector": "short-paths"}) == ""


def test_the_best_of_a_column_is_marked_by_more_than_colour(measured: Record) -> None:
    rows_ = measured.result.headline(FLOAT)
    best = rows_.loc[rows_["auc"].idxmax()]
    cell = cell_of(best, best["auc"], "69.8/76.8", "holds")
    assert (cell.words, cell.marked) == ("98.0 ★", True)
    assert "paper 76.8" in cell.lines
    assert "ACC / AUC 69.8 / 76.8: holds" in cell.hover
    other = cell_of(best, best["auc"] + 0.01, "")
    assert (other.words, other.marked) == ("98.0", False)


def test_the_table_holds_the_rows_of_the_protocol(measured: Record) -> None:
    table = as_table(measured.result, FLOAT)
    assert len(table) == len(AREAS) * 2
    assert dict(zip(table["title"], table["trained"], strict=True)) == {
        "Mode connectivity": "all",
        "LID corrected": "own",
        "Short paths": "all",
    }


def test_rounding_transfer_costs_and_falls_are_told_as_they_are(measured: Record) -> None:
    found = measured.result
    assert "lowers the mean AUC of 3 detectors" in sentences.rounding_words(found)
    rates = found.rates("mode-connectivity", FLOAT)
    told = sentences.transfer_words(rates, "Mode connectivity")
    assert "Worst from DeepFool to FGSM: AUC 50.0 %" in told
    assert "its lowest is 70.0 %" in told
    costs = notes.cost_words(cost_table(found, ROUNDED))
    assert "The best, Short paths, takes 12 passes and 4 ms" in costs
    fallen = found.with_titles(measured.tables["adaptive"])
    assert "Mode connectivity falls most, from 95.0 to 50.0 %" in notes.adaptive_words(fallen)
    suspected = notes.negatives_words(found.with_titles(measured.tables["negatives"]))
    assert "Short paths, which calls 25 % of" in suspected


def test_parts_are_counted_once(measured: Record) -> None:
    spec = benchmark_spec(seed=4)
    attacked, judged = parts_of(spec.canonical(), spec)
    assert len({key for _, key in (*attacked, *judged)}) == len(attacked) + len(judged)
    assert (len(attacked), len(judged)) == (len(ATTACKS), len(AREAS))


def test_runs_list_benchmarks_and_verdicts_but_not_their_parts(
    store: Store, measured: Record
) -> None:
    verdict = verdict_record(store, [0.01, 0.5])
    part = keep(store, benchmark_spec().judgements()[0], measured.findings)
    assert [group_of(record) for record in (measured, verdict, part)] == [
        DETECTION,
        DETECTION,
        PARTS,
    ]
    assert DETECTION.news
    assert not PARTS.news
    table = rows([measured, verdict])
    assert table["outcome"][0] == "3 detectors, best Short paths: mean AUC 96.5 %"
    assert table["outcome"][1] == "1 of 2 images look attacked"
    assert verdict.spec.words() == "Verdict on 2 images, digits, digits-resnet"
    assert measured.spec.doing() == (
        "Detector benchmark, 100 images, FGSM, DeepFool, digits, digits-resnet"
    )
    assert part.spec.words().startswith("One detector of a benchmark, mode-connectivity")


def test_what_an_attack_that_knows_leaves_is_told_of_the_best_that_it_was_tried_on() -> None:
    table = pd.DataFrame(
        {"title": ["One", "Two", "Three"], "images": 30, "adaptive": [0.2, 0.736, None]}
    )
    assert notes.known_words(table).endswith("than Two, with 73.6 % (n = 30).")
    assert not notes.known_words(table[2:])
