"""Every figure of the app with something to show: of the shipped records where they hold it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

from engine.experiments.detection.results import BenchmarkResult, VerdictResult
from engine.experiments.detection.verdict import Verdict
from engine.experiments.pair.results import PairResult
from engine.experiments.population.results import PopulationResult
from engine.gallery import DETECTION
from engine.plots.branches import NAMES, samples_of
from engine.plots.grammar import Figure
from engine.plots.pictures import difference_row, picture_rows
from engine.records import Record
from engine.records.quota import record_folders
from engine.records.store import SHIPPED
from pages.detector.benchmark.effort import cost_table
from pages.shared import figures
from pages.shared.figures.trace import growth
from tests.pages.detections import benchmark_spec, verdict_findings


@cache
def shipped(kind: str, holding: str = "", classifier: str = "") -> Record:
    """The first shipped record of a kind, of a classifier, that holds such an array or table."""
    paths = sorted(path for path in record_folders(SHIPPED) if path.parent.name == kind)
    records = (Record(path, shipped=True) for path in paths)
    return next(
        one
        for one in records
        if (not holding or holding in {*one.arrays, *one.tables})
        and (not classifier or one.spec.to_dict()["classifier"] == classifier)
    )


def pair(kind: str = "real-real") -> PairResult:
    """A pair whose search took two rounds, so that there are three paths."""
    return shipped(kind, "loss_2").found(PairResult)


def curves_of_two() -> Figure:
    return figures.overlaid_curves({"1: one": pair(), "2: two": pair("real-adversarial")})


def standing_of_a_claim() -> Figure:
    rows = [("shapes, one", "decides", 80, 60, 93, 20), ("the paper", "the paper", 97, 97, 97, 0)]
    names = ("trial", "what", "value", "low", "high", "n")
    limits = {"holds": 80.0, "does not hold": 50.0}
    return figures.intervals(pd.DataFrame(rows, columns=names), "Measured (%)", limits)


def rounds() -> Figure:
    pairs = {"branch": ["real", "real", "adversarial"], "rounds": [0, 1, 2], "joined": [1, 1, 0]}
    return figures.rounds_needed(pd.DataFrame(pairs), 2)


def attack() -> Figure:
    return figures.attack_trace(pd.DataFrame({"look": range(40), "loss": 3 * 0.8 ** np.arange(40)}))


def population() -> PopulationResult:
    found = shipped("pair-statistics").result
    assert isinstance(found, PopulationResult)
    return found


def gaps() -> dict[str, np.ndarray]:
    return samples_of(population().pairs, "gap")


def mean_curves() -> Figure:
    found = population()
    return figures.mean_curves(found.t, {name: found.curves(key) for key, name in NAMES.items()})


def one_pair() -> Figure:
    curves = population().curves("adversarial")
    return figures.pair_curve(population().t, curves[3], NAMES["adversarial"], curves)


def boxes_by_attack() -> Figure:
    groups = shipped("attack-populations").tables["pairs"].groupby("group", sort=False)
    names = {"real": "Real–real"}
    samples = {names.get(str(name), str(name)): own["gap"].to_numpy() for name, own in groups}
    return figures.box_plots(samples, "gap")


def benchmark() -> BenchmarkResult:
    found = shipped("detection", "adaptive", classifier=DETECTION.classifier).result
    assert isinstance(found, BenchmarkResult)
    return found


def roc() -> Figure:
    found = benchmark()
    table, first = found.tables["curves"], next(iter(found.attacks))
    rows = table[(table["pixels"] == "float") & (table["attack"] == first)]
    own = found.headline("float").query("attack == @first")
    return figures.roc_curves(
        found.with_titles(rows), dict(zip(own["title"], own["auc"], strict=True))
    )


def rates() -> Figure:
    rows = benchmark().headline("float")
    rows = rows[rows["attack"] == "fgsm"]
    return figures.detection_rates(rows[["title", "detected_1", "detected_5"]])


def scores(name: str) -> Figure:
    table = benchmark().tables["scores"]
    return figures.score_histograms(
        table[(table["detector"] == name) & (table["attack"] == "fgsm")]
    )


def transfer() -> Figure:
    found = benchmark()
    rows = found.rates("mode-connectivity", "float")
    return figures.transfer_map(rows, [*found.attacks.values(), "All together"])


def lessons() -> Figure:
    found = benchmark()
    table = found.tables["intervals"]
    rows = table[(table["detector"] == "mode-connectivity") & (table["pixels"] == "float")]
    rows = rows.assign(tested=rows["attack"].map(found.attacks))
    return figures.lessons(rows, list(found.attacks.values()))


def titled(name: str) -> pd.DataFrame:
    found = benchmark()
    return found.with_titles(found.tables[name])


def opinions() -> Figure:
    rates = [0.002, 0.004, 0.01, 0.02, 0.04, 0.07, 0.2, 0.9]
    titles = list(benchmark().titles.values())[: len(rates)]
    attack = [rate <= 0.05 for rate in rates]
    table = {"title": titles, "false_alarm": rates, "score": rates[::-1], "attack": attack}
    return figures.opinion_dots(pd.DataFrame(table), 0.05)


def judged(name: str) -> np.ndarray:
    spec = Verdict(benchmark=benchmark_spec(), images=(1, 2))
    return verdict_findings(spec, np.array([0.01, 0.5])).arrays[name]


def joined() -> Figure:
    tables = shipped("conjecture").tables
    delta = sorted(tables["dimensions"]["delta"].unique())[1]
    return figures.joined_fractions(tables["fractions"], tables["dimensions"], delta)


def inputs() -> Figure:
    record = shipped("untrained")
    return figures.input_traces(record.tables["search"], record.spec.to_dict()["threshold"])


def grown() -> Figure:
    table = shipped("manifold").tables["synthesis"]
    return growth(table, ["A, natural-looking", "C, high-frequency pattern"], 1e-3)


def attacked() -> Figure:
    arrays = shipped("real-adversarial", "source").arrays
    before, after = (np.stack([arrays[name]] * 4) for name in ("source", "adversarial"))
    name, change = difference_row(before, after)
    rows = {"Before": before, "After": after, name: change}
    return picture_rows(rows, dict.fromkeys(rows, ["in words"] * 4))


FIGURES: dict[str, Callable[[], Figure]] = {
    "curves": lambda: figures.loss_curves(pair()),
    "curves to a higher axis": lambda: figures.loss_curves(pair(), highest=40.0),
    "curves, logarithmic": lambda: figures.loss_curves(pair(), logarithmic=True),
    "curves to an attack": lambda: figures.loss_curves(pair("real-adversarial")),
    "curves of two": curves_of_two,
    "search": lambda: figures.search_trace(pair().trace, pair().threshold),
    "attack": attack,
    "histograms": lambda: figures.histograms(gaps(), "gap"),
    "distributions": lambda: figures.distribution_functions(gaps(), "gap"),
    "boxes": lambda: figures.box_plots(samples_of(population().pairs, "height"), "height"),
    "boxes by attack": boxes_by_attack,
    "mean curves": mean_curves,
    "one pair": one_pair,
    "scatter of ends": lambda: figures.pair_scatter(population().pairs, "end", "gap", 7),
    "scatter of changes": lambda: figures.pair_scatter(population().pairs, "l2", "gap", 250),
    "standing of a claim": standing_of_a_claim,
    "rounds needed": rounds,
    "separations": lambda: figures.separations(shipped("attack-populations").tables["attacks"]),
    "roc": roc,
    "rates": rates,
    "scores": lambda: scores("mode-connectivity"),
    "scores of another": lambda: scores("short-paths"),
    "transfer": transfer,
    "lessons": lessons,
    "alarms": lambda: figures.alarm_bars(titled("negatives")),
    "falls": lambda: figures.falls(titled("adaptive")),
    "costs in time": lambda: figures.accuracy_against_cost(
        cost_table(benchmark(), "float"), "milliseconds"
    ),
    "costs in passes": lambda: figures.accuracy_against_cost(
        cost_table(benchmark(), "float"), "passes"
    ),
    "opinions": opinions,
    "parts of a score": lambda: figures.score_parts(
        shipped("verdict").found(VerdictResult).parts(1)
    ),
    "curve over bands": lambda: figures.curve_over_bands(
        judged("curves")[0], judged("curve_bands")
    ),
    "logits over bands": lambda: figures.logits_over_bands(
        judged("logits")[0], judged("logit_bands")
    ),
    "percolation": lambda: figures.order_parameter(
        shipped("percolation").tables["order"], "largest", "p"
    ),
    "percolation by neighbours": lambda: figures.order_parameter(
        shipped("percolation").tables["order"], "spanning", "neighbours"
    ),
    "joined": joined,
    "detours": lambda: figures.detours(shipped("conjecture").tables["dimensions"]),
    "stages": lambda: figures.stage_curves(shipped("evolution").tables["curves"], "batch"),
    "barriers by stage": lambda: figures.stage_barriers(
        shipped("evolution").tables["barriers"], "batch"
    ),
    "inputs": inputs,
    "growth": grown,
    "pictures": attacked,
}
"""Its name -> a function that draws it."""
