"""Figures of a population of pairs: distributions, mean curves, every pair, and attack by attack."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.branches import COLORS, MARKS, NAMES, Samples, color_of, measure_title
from engine.plots.curves import LOG_FLOOR, LOSS
from engine.plots.histograms import bin_samples, histogram
from engine.plots.palette import ADVERSARIAL, MARK
from pages.shared.words import figure, nats

HEIGHT = 270
BINS = 30
MOST_STEPS = 400
"""Of larger samples a distribution function is drawn at this many of its steps, evenly chosen."""

HOVER_POINTS = 161


def histograms(samples: Samples, measure: str) -> g.Figure:
    """Both branches over the same bins, as shares of the branch, and the table of the bins."""
    table = histogram_table(samples)
    x = g.across("from (nats)", measure_title(measure), domain=[0, _highest(samples) or 1.0])
    bars, catcher = histogram(table, x, g.up("share (%)", "Share of the pairs (%)"), COLORS)
    medians = [
        g.rule(x, float(np.median(values)), color=color_of(name), size=2)
        for name, values in samples.items()
        if len(values)
    ]
    return g.draw(bars, *medians, catcher, height=HEIGHT), table


def histogram_table(samples: Samples) -> pd.DataFrame:
    """One row a bin and branch: its edges, the pairs in it, and their share of the branch in percent."""
    edges = np.linspace(0, _highest(samples) or 1.0, BINS + 1)
    return bin_samples(samples, edges, ("branch", "from (nats)", "to (nats)", "pairs"))


def distribution_functions(samples: Samples, measure: str) -> g.Figure:
    """For every value the share of pairs at or below it, and the table of the steps."""
    value = f"{measure} (nats)"
    table = function_table(samples).rename(columns={"value": value})
    x = g.across(value, measure_title(measure), domain=[0, _highest(samples)])
    y = g.up("at or below (%)", "Pairs at or below (%)", domain=[0, 100])
    look: g.Look = {"color": g.colors("branch", COLORS, **g.STROKE), "interpolate": "step-after"}
    places = np.linspace(0, _highest(samples), HOVER_POINTS)
    told = pd.DataFrame(
        {value: places, **{name: _words(values, places) for name, values in samples.items()}}
    )
    steps = g.line(table, x, y, strokeWidth=2.5, **look)
    return g.draw(steps, g.hover(told, x, list(told)), height=HEIGHT), table


def function_table(samples: Samples) -> pd.DataFrame:
    """One row a step: the value and the share of its branch at or below it, in percent; from 0 to 100."""
    parts = []
    for name, values in samples.items():
        steps, share = distribution(values)
        chosen = g.evenly(len(steps), MOST_STEPS)
        value = np.r_[0, steps[chosen], _highest(samples)]
        below = np.r_[0, share[chosen], share[-1:]]
        parts.append(pd.DataFrame({"branch": name, "value": value, "at or below (%)": below}))
    return pd.concat(parts, ignore_index=True)


def distribution(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The empirical distribution function: its steps in order, and the percentage at or below each."""
    steps, counts = np.unique(values, return_counts=True)
    return steps, 100 * counts.cumsum() / max(1, len(values))


def _highest(samples: Samples) -> float:
    return max(float(values.max(initial=0)) for values in samples.values())


def _words(values: np.ndarray, places: np.ndarray) -> list[str]:
    """The share of a sample at or below each place."""
    below = np.searchsorted(np.sort(values), places, side="right")
    return [f"{share:.0f} % at or below" for share in 100 * below / max(1, len(values))]


MOST_POINTS = 126
"""Of finer curves this many points are drawn, both ends among them."""

DASHES = dict(zip(COLORS, ([6, 3], [1, 0]), strict=True))
MEAN, MEDIAN = "mean (nats)", "median (nats)"
QUARTILES = ("lower quartile (nats)", "upper quartile (nats)")
X = g.across("t", "Place t (0 = first image, 1 = second)", domain=[0, 1])


def mean_curves(t: np.ndarray, curves: Mapping[str, np.ndarray]) -> g.Figure:
    """The mean loss along the straight paths of each branch over its band of quartiles, and the table.

    `curves` (N, points) of each branch, in nats, by its name.
    """
    table = pd.concat(
        (band_table(t, own).assign(branch=name) for name, own in curves.items()), ignore_index=True
    )
    y, color = g.up(MEAN, LOSS), g.colors("branch", COLORS, **g.STROKE)
    tips = ["branch", "t", MEAN, MEDIAN, *QUARTILES]
    look: g.Look = {"color": color, "strokeDash": g.dashes("branch", DASHES), "strokeWidth": 2.5}
    area = g.band(table, X, y, *QUARTILES, color=color)
    return g.draw(area, g.line(table, X, y, tips, **look), params=[g.zoom()]), table


def pair_curve(t: np.ndarray, curve: np.ndarray, branch: str, others: np.ndarray) -> g.Figure:
    """One pair's curve with its barrier, over the quartile band of `others` (N, points), and the table."""
    quartiles = band_table(t, others)
    own = pd.DataFrame({"t": t, "loss": curve})
    high = 1.12 * max(float(curve.max()), float(quartiles[QUARTILES[1]].max()))
    y, color = g.up("loss", LOSS, domain=[0, high or 1.0]), color_of(branch)
    drawn = own.iloc[g.evenly(len(t), MOST_POINTS)]
    chart = g.draw(
        g.band(quartiles, X, y, *QUARTILES, color=MARK, opacity=0.28),
        g.line(drawn, X, y, list(own), color=color, strokeWidth=2.5),
        _barrier(own, y, color),
        params=[g.zoom()],
    )
    return chart, own.merge(quartiles[["t", *QUARTILES]], how="left", on="t")


def band_table(t: np.ndarray, curves: np.ndarray) -> pd.DataFrame:
    """One row a place t: mean, median and quartiles of the curves (N, points) there, in nats."""
    rows = g.evenly(len(t), MOST_POINTS)
    drawn = curves[:, rows].astype(np.float64)
    low, median, high = np.quantile(drawn, [0.25, 0.5, 0.75], axis=0)
    columns = {"t": t[rows], MEAN: drawn.mean(0), QUARTILES[0]: low, MEDIAN: median}
    return pd.DataFrame({**columns, QUARTILES[1]: high})


def _barrier(curve: pd.DataFrame, y: alt.Y, color: str) -> g.Layers:
    """The top of the curve, and a rule from the higher end up to it: the gap."""
    loss = curve["loss"]
    height, end = float(loss.max()), float(max(loss.iloc[0], loss.iloc[-1]))
    words = f"height {figure(height)}, gap {nats(height - end)}"
    top = curve.iloc[[int(np.argmax(loss))]].assign(end=end, words=words)
    look: g.Look = {"fontSize": 12, "dy": -9, "color": color, **g.beside(top["t"].iloc[0], 0.5)}
    return [
        g.mark("rule", top, x=X, y=y, y2="end", color=MARK, size=1.5, strokeDash=[4, 3]),
        g.points(top, X, y, size=80, color=color),
        g.mark("text", top, x=X, y=y, text="words", **look),
    ]


SCATTER_HEIGHT = 340
ACROSS = {
    "end": "Larger end loss (nats)",
    "height": "Height (nats)",
    "gap": "Gap (nats)",
    "position": "Place of the barrier (t)",
    "l2": "Change of the source, L2 (pixel range)",
    "linf": "Change of the source, L∞ (pixel range)",
}
"""What may lie on the horizontal axis."""

PERTURBATION = ("l2", "linf")
"""Known of real-adversarial pairs alone: a real image was not changed."""


def pair_scatter(pairs: pd.DataFrame, across: str, measure: str, chosen: int) -> g.Figure:
    """A mark for each pair, the chosen one larger and on top, and the table of all marks.

    Its selection holds the `pair` of the mark that was clicked. It has another name for each chosen
    pair, so that a mark can be clicked again after another pair was chosen by other means.
    `across` is one of ACROSS, `measure` what goes up; columns of `pairs` as the record has them.
    """
    data = scatter_table(pairs, across, measure)
    on_top = data.iloc[np.argsort(data["pair"].to_numpy() == chosen, kind="stable")]
    is_chosen = f"datum.pair === {int(chosen)}"
    pick = alt.selection_point(name=f"pick_{int(chosen)}", fields=["pair"], on="click", empty=False)
    form: g.Look = {"log": True, "nice": False} if across == "end" else {"zero": True, "nice": True}
    look: g.Look = {
        **g.marks("branch", MARKS),
        "size": alt.condition(is_chosen, alt.value(260), alt.value(55)),
        "opacity": alt.condition(is_chosen, alt.value(1), alt.value(0.6)),
    }
    title, high = ACROSS[across], measure_title(measure)
    x, y = g.across(title, title, **form), g.up(high, high)
    chart = g.points(on_top, x, y, list(data), **look)
    return chart.add_params(pick).properties(height=SCATTER_HEIGHT), data


def scatter_table(pairs: pd.DataFrame, across: str, measure: str) -> pd.DataFrame:
    """One row a mark: pair, branch, class, and both coordinates."""
    ends = np.maximum(pairs["loss_first"], pairs["loss_second"])
    data = pd.DataFrame(
        {
            "pair": pairs["pair"],
            "branch": pairs["branch"].map(NAMES),
            "class": pairs["class"],
            ACROSS[across]: ends.clip(lower=LOG_FLOOR) if across == "end" else pairs[across],
            measure_title(measure): pairs[measure],
        }
    )
    if across in PERTURBATION:
        data = data[pairs["branch"] == "adversarial"]
    return data.reset_index(drop=True)


ROW = 46
CHANCE = 0.5
LOW, HIGH = "AUC, 95 % interval from", "AUC, 95 % interval to"


def separations(attacks: pd.DataFrame) -> g.Figure:
    """A point with its interval for each attack, chance as a dashed line, and the table.

    `attacks` has columns title, auc, auc_low and auc_high.
    """
    names = {"title": "attack", "auc": "auc", "auc_low": LOW, "auc_high": HIGH}
    table = attacks[list(names)].rename(columns=names).reset_index(drop=True)
    title = "AUC of the gap (%; 50 is chance, 100 apart)"
    x = g.across("auc", title, domain=[0, 1], tickCount=5, labelExpr=g.PERCENT)
    y = g.listed("attack", table["attack"])
    tips = {name: name + g.SHARE for name in table} | {"attack": "Attack", "auc": "AUC" + g.SHARE}
    chart = g.draw(
        g.rule(x, CHANCE, "chance"),
        g.interval(table, x, LOW, HIGH, tips, y=y, color=ADVERSARIAL),
        g.points(table, x, y, tips, size=110, color=ADVERSARIAL),
        height=ROW * len(table) + 40,
    )
    return chart, table
