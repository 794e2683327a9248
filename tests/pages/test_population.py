"""The population view: an honest finding, every pair within reach, and what is missing is said."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine.datasets import registry
from engine.experiments.base import PARTS, POPULATIONS
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.shards import Forecast
from engine.progress import Cancelled
from engine.records import Record, Store
from pages.real_adversarial.population.depth import adversarial_query, real_query
from pages.real_adversarial.population.sentences import (
    attacks_finding,
    finding,
    in_numbers,
    left_out_words,
)
from pages.real_adversarial.population.view import forecast_words, seconds_left, stored_parts
from pages.runs.listing import group_of, rows
from pages.shared import downloads, image_sets, service
from tests.keeping import keep
from tests.pages.conftest import choose
from tests.pages.populations import PAIRS, attacks_record, population_record

PAGE = "pages/real_adversarial/page.py"
VIEW = {"ra_view": "Population"}
FOLDS = ["pop_box", "pop_beside", "pop_paths"]
DIGITS = {**VIEW, "pop_classifier": "digits-resnet", "pop_dataset": "digits"}
Open = Callable[..., AppTest]


@pytest.fixture
def measured(store: Store) -> Record:
    """A population whose adversarial gaps are higher."""
    return population_record(store, left_out=("zero", "one"))


def words(test: AppTest) -> str:
    """Everything that is written on the page."""
    elements: list[Any] = [*test.markdown, *test.error, *test.warning, *test.info, *test.success]
    return "\n".join(str(element.value) for element in [*elements, *test.caption, *test.header])


def test_a_link_opens_its_result_and_fills_the_controls(app: Open, measured: Record) -> None:
    test = app(PAGE, FOLDS, run=measured.key)
    assert not test.exception
    assert test.selectbox(key="pop_classifier").value == "digits-resnet"
    assert test.number_input(key="pop_pairs").value == PAIRS
    assert test.number_input(key="pop_adam_iterations").value == 512
    assert test.button(key="pop_measure").disabled
    told = words(test)
    assert "settings of what is shown" in told
    assert "as the paper finds" in told
    assert "2 classes have too few images for a real–adversarial pair" in told
    assert "zero, one" in told
    assert "The attack succeeded on 87 % of 15 images" in told


def test_a_higher_gap_and_a_lower_one_are_told_as_they_are(tmp_path: Path) -> None:
    store = Store(tmp_path, shipped=None)
    found = population_record(store, shift=2.0).result
    up = finding(found)
    assert "is **3.05 nats**" in up
    assert "real–real pairs **1.05 nats**" in up
    assert "tend to be **higher**, as the paper finds" in up
    even = population_record(store, shift=0.0, seed=1).result
    assert "does **not show** here: the interval holds chance" in finding(even)
    assert "50 % of cases" in in_numbers(even)
    down = finding(population_record(store, shift=-0.45, seed=2).result)
    assert "tend to be lower" in down
    assert "The paper has medians of 5.3 and 0.47 nats" in in_numbers(found)


def test_a_pair_is_chosen_by_its_number_and_the_next_follows(app: Open, measured: Record) -> None:
    test = app(PAGE, run=measured.key, pop_pair=str(PAIRS - 1))
    assert f"**Pair {PAIRS - 1}**, real–real" in words(test)
    test.button(key="pop_next").click().run()
    assert not test.exception
    told = words(test)
    assert f"**Pair {PAIRS}**, real–adversarial, class **3**" in told
    assert "Height 2.5 nats, gap 2.5 nats, barrier at t = 0.500" in told
    test.number_input(key="pop_pair").set_value(2 * PAIRS - 1).run()
    test.button(key="pop_next").click().run()
    assert test.number_input(key="pop_pair").value == 2 * PAIRS - 1


def test_a_pair_beyond_the_last_is_the_first(app: Open, measured: Record) -> None:
    test = app(PAGE, run=measured.key, pop_pair="999999")
    assert not test.exception
    assert test.number_input(key="pop_pair").value == 0


def test_without_the_image_set_the_curve_is_left(
    app: Open, measured: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_sets, "here", lambda dataset, split: False)
    test = app(PAGE, FOLDS, run=measured.key)
    assert not test.exception
    told = words(test)
    assert "The image set digits is not on this machine. The curve and the numbers" in told
    assert "what is measured depends on it" in told
    assert not test.get("imgs")


def test_looking_for_a_set_downloads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("ISTHMUS_DATA", raising=False)
    image_sets._known().clear()

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("urllib.request.urlopen", forbidden)
    with pytest.raises(Cancelled):
        registry.load_dataset("cifar10", report=image_sets._refuse)
    assert image_sets.pictures("shapes-resnet", "cifar10", "test", [0])[0] is None
    assert not list(tmp_path.rglob("*.gz*"))


def test_measuring_starts_a_sweep_that_keeps_its_parts(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, **DIGITS, pop_pairs="31")
    assert not test.exception
    assert "Nothing is measured yet" in words(test)
    assert [job.spec.kind for job in queue.jobs()] == ["forecast"]
    test.button(key="pop_measure").click().run()
    job = queue.job(test.query_params["run"])
    assert job.spec == PairStatistics(classifier="digits-resnet", dataset="digits", pairs=31)
    test.button(key="pop_job_cancel").click().run()
    assert job.state == "cancelled"
    assert "What is measured so far is kept; start again" in words(test)


def test_what_is_stored_opens_without_being_asked_for(
    app: Open, measured: Record, queue: Any
) -> None:
    queue.held = True
    test = app(PAGE, ["pop_more"], **DIGITS, pop_pairs="12")
    test.number_input(key="pop_points").set_value(41).run()
    assert not test.exception
    assert test.query_params["run"] == measured.key
    assert "as the paper finds" in words(test)


def test_the_first_visit_opens_what_is_shipped(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Store(tmp_path / "shipped", shipped=None)
    population_record(shipped, classifier="shapes-resnet", dataset="shapes", pairs=200)
    monkeypatch.setattr(service, "store", lambda: Store(tmp_path / "own", shipped=shipped.root))
    test = app(PAGE, FOLDS, **VIEW)
    assert not test.exception
    assert test.query_params == VIEW, "what nobody has asked for is not in the address"
    assert test.number_input(key="pop_pairs").value == 200
    assert "as the paper finds" in words(test)


def test_only_the_chosen_attack_has_settings(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, **DIGITS)
    test.selectbox(key="pop_method").select("deepfool").run()
    assert not test.exception
    names = [element.key for element in test.number_input]
    assert "pop_deepfool_overshoot" in names
    assert not [name for name in names if name.startswith(("pop_adam", "pop_bim", "pop_cw"))]
    aim = test.toggle(key="pop_deepfool_aim")
    assert aim.disabled
    assert not aim.value


def test_a_link_to_nothing_says_where_to_look(app: Open, queue: Any) -> None:
    queue.held = True
    test = app(PAGE, **VIEW, run="0" * 24)
    assert not test.exception
    assert "There is no result" in words(test)
    test.button(key="pop_afresh").click().run()
    assert "run" not in test.query_params


def test_a_result_of_another_kind_is_sent_elsewhere(
    app: Open, measured: Record, store: Store, queue: Any
) -> None:
    queue.held = True
    assert isinstance(measured.spec, PairStatistics)
    part = keep(store, measured.spec.shards()[1], measured.findings)
    test = app(PAGE, **VIEW, run=part.key)
    assert "is of another kind (pair-shard)" in words(test)


def test_all_attacks_are_told_by_their_numbers(app: Open, measured: Record, store: Store) -> None:
    record = attacks_record(store, {"adam": measured.key}, {"adam": 0.5, "fgsm": 0.45})
    test = app(PAGE, run=record.key)
    assert not test.exception
    told = words(test)
    assert "the pairs of no attack stand out" in told
    assert "**C&W** is missing: No adversarial pair" in told
    test.button(key="pop_open_adam").click().run()
    assert test.query_params["run"] == measured.key
    assert "as the paper finds" in words(test)


def test_the_order_of_attacks_is_the_numbers_own(tmp_path: Path) -> None:
    store = Store(tmp_path, shipped=None)

    def told(**areas: float) -> str:
        record = attacks_record(store, {}, areas, seed=len(store.records()))
        return attacks_finding(record.tables["attacks"].to_dict("records"))

    alike = told(fgsm=0.55, deepfool=0.8, cw=0.9)
    assert "pairs of C&W (AUC 90 %) and DeepFool (AUC 80 %) stand out" in alike
    assert "FGSM (AUC 55 %) cannot be told from them" in alike
    assert "Those of FGSM (AUC 30 %) have lower gaps" in told(fgsm=0.3)


def test_the_forecast_counts_what_is_stored_and_what_is_missing() -> None:
    cpu = {"name": "CPU, 2 threads", "real_s": 0.1, "adversarial_s": {"adam": 0.3}, "total_s": 40}
    none, half = {"real": (0, 4), "adam": (0, 4)}, {"real": (4, 4), "adam": (2, 4)}
    assert seconds_left(cpu, 1000, none) == pytest.approx(400)
    assert seconds_left(cpu, 1000, half) == pytest.approx(150)
    told = forecast_words({"devices": {"cpu": cpu}}, 1000, none)
    assert told == (
        "About 6 min 40 s on one worker here (CPU, 2 threads), about 3 min 20 s on two such "
        "workers. There is no GPU on this machine."
    )
    gpu = {**cpu, "name": "H100", "real_s": 0.001, "adversarial_s": {"adam": 0.005}}
    both = forecast_words({"devices": {"cpu": cpu, "cuda": gpu}}, 1000, half)
    assert both.startswith("About 2.5 s on the GPU (H100).")
    assert "6 of 8 parts are stored already" in both
    whole = {"real": (4, 4), "adam": (4, 4)}
    assert "only the statistics" in forecast_words({"devices": {"cpu": cpu}}, 1000, whole)


def test_stored_parts_are_found_by_their_keys(queue: Any, store: Store) -> None:
    spec = PairStatistics(classifier="digits-resnet", dataset="digits", pairs=33, seed=5)
    shards = spec.shards()
    real = [shard for shard in shards if shard.branch == "real"]
    assert stored_parts(spec) == {"real": (0, len(real)), "adam": (0, len(shards) - len(real))}
    (store.root / "pair-shard" / real[0].key()).mkdir(parents=True)
    assert stored_parts(spec)["real"] == (1, len(real))


def test_a_pair_leads_to_its_page_with_the_same_attack(store: Store) -> None:
    measured = population_record(store).result
    real, attacked = (measured.pairs.iloc[row].to_dict() for row in (1, PAIRS))
    query = real_query(measured.spec, real)
    assert (query["rr_first"], query["rr_second"], query["rr_label"]) == ("11", "101", "5")
    query = adversarial_query(measured.spec, attacked)
    assert (query["ra_first"], query["ra_source"]) == (str(PAIRS + 10), str(PAIRS + 100))
    assert query["ra_attack_adam_high_frequency_weight"] == "1e-08"
    assert query["ra_attack_adam_clamp"] == "true"
    assert "ra_attack_fgsm_eps" not in query


def test_populations_are_listed_and_their_parts_are_not_at_first(measured: Record) -> None:
    assert group_of(measured) == POPULATIONS
    assert POPULATIONS.news
    assert not PARTS.news
    row = rows([measured]).iloc[0]
    assert row["what"] == "12 + 12 pairs, Targeted Adam, digits, digits-resnet"
    assert row["outcome"] == "Median gap 3.05 nats, of real pairs 1.05 nats"
    assert measured.spec.doing().startswith("Measuring 12 + 12 pairs")
    assert isinstance(measured.spec, PairStatistics)
    assert Forecast.of(measured.spec).words().startswith("Timing a pair, Targeted Adam")
    part = measured.spec.shards()[0]
    assert part.words().startswith("Part of 12 pairs, real, blocks 0 to ")


def test_parts_have_no_page_to_open(app: Open, measured: Record, store: Store) -> None:
    assert isinstance(measured.spec, PairStatistics)
    part = keep(store, measured.spec.shards()[0], measured.findings)
    assert group_of(part) == PARTS
    test = app("pages/runs/page.py", runs_kinds=PARTS.title)
    choose(test, [part.key])
    assert not test.exception
    labels = [link.proto.label for link in test.get("page_link")]
    assert "Open" not in labels
    assert "Choose pictures from it" not in labels


def test_the_curves_are_taken_away_as_they_are(measured: Record) -> None:
    curves = measured.arrays["curves"]
    back = np.load(io.BytesIO(downloads.as_npy(curves)), allow_pickle=False)
    assert back.dtype == np.float32
    assert np.array_equal(back, curves)
    assert len(curves) == len(measured.tables["pairs"])


def test_many_left_out_classes_are_counted() -> None:
    told = left_out_words([f"class {k}" for k in range(23)], "real–real")
    assert told.startswith("23 classes have too few images for a real–real pair")
    assert told.endswith("class 19 and 3 more.")
