"""Two samples compared: summaries with intervals, effect sizes, tests. Numpy and SciPy, no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from engine.errors import DataError

EXACT = 10_000
"""Pairs of values below which the Kolmogorov-Smirnov test is exact."""


@dataclass(frozen=True)
class Summary:
    """A sample in numbers; each `_low`, `_high` is the bootstrap interval of what it follows."""

    count: int
    mean: float
    mean_low: float
    mean_high: float
    median: float
    median_low: float
    median_high: float
    deviation: float
    lower_quartile: float
    upper_quartile: float

    def row(self) -> dict[str, float]:
        """As a row of a table."""
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """How far sample two lies above sample one.

    `auc` is the probability that a draw from two exceeds one from one, ties counting half, with its
    interval (DeLong et al. 1988); `cliffs_delta` = 2 auc - 1; `cohens_d` is the difference of means in
    pooled standard deviations; the p-values are those of the two-sided Mann-Whitney and of the
    two-sample Kolmogorov-Smirnov test, and `ks` is the latter's statistic.
    """

    auc: float
    auc_low: float
    auc_high: float
    cliffs_delta: float
    cohens_d: float
    mann_whitney_p: float
    ks: float
    ks_p: float

    def row(self) -> dict[str, float]:
        """As a row of a table."""
        return asdict(self)


def summarise(
    values: np.ndarray, draws: np.random.Generator, resamples: int = 2000, level: float = 0.95
) -> Summary:
    """Summary of a sample (N,); percentile bootstrap intervals of the mean and the median."""
    values = _sample(values)
    mean = _interval(values, np.mean, draws, resamples, level)
    median = _interval(values, np.median, draws, resamples, level)
    return Summary(
        count=len(values),
        mean=float(values.mean()),
        mean_low=mean[0],
        mean_high=mean[1],
        median=float(np.median(values)),
        median_low=median[0],
        median_high=median[1],
        deviation=float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        lower_quartile=float(np.quantile(values, 0.25)),
        upper_quartile=float(np.quantile(values, 0.75)),
    )


def compare(one: np.ndarray, two: np.ndarray, level: float = 0.95) -> Comparison:
    """Compare two samples (N,) and (M,)."""
    one, two = _sample(one), _sample(two)
    area, error = _auc(one, two)
    reach = float(stats.norm.ppf(0.5 + level / 2)) * error
    alike = bool(np.ptp(np.concatenate([one, two])) == 0)
    rank_p = 1.0 if alike else float(stats.mannwhitneyu(two, one).pvalue)
    # The exact distribution is worth its cost for small samples only.
    method = "exact" if len(one) * len(two) < EXACT else "asymp"
    apart = stats.ks_2samp(one, two, method=method)
    return Comparison(
        auc=area,
        auc_low=max(0.0, area - reach),
        auc_high=min(1.0, area + reach),
        cliffs_delta=2 * area - 1,
        cohens_d=_cohens_d(one, two),
        mann_whitney_p=rank_p,
        ks=float(apart.statistic),
        ks_p=float(apart.pvalue),
    )


def auc(one: np.ndarray, two: np.ndarray) -> float:
    """The probability that a draw from two (M,) exceeds one from one (N,), ties counting half."""
    return float(_share_below(np.sort(one), two).mean())


def _sample(values: np.ndarray) -> np.ndarray:
    sample = np.asarray(values, dtype=np.float64).ravel()
    if not len(sample):
        raise DataError("There is nothing to summarise: a sample is empty. Ask for more pairs.")
    return sample


def _interval(
    values: np.ndarray,
    statistic: object,
    draws: np.random.Generator,
    resamples: int,
    level: float,
) -> tuple[float, float]:
    if len(values) < 2:
        return float(values[0]), float(values[0])
    found = stats.bootstrap(
        (values,),
        statistic,
        n_resamples=resamples,
        confidence_level=level,
        method="percentile",
        batch=256,
        rng=draws,
    ).confidence_interval
    return float(found.low), float(found.high)


def _auc(one: np.ndarray, two: np.ndarray) -> tuple[float, float]:
    """The area under the ROC curve and its standard error, from placements of each in the other."""
    below = _share_below(np.sort(one), two)
    above = 1 - _share_below(np.sort(two), one)
    spread = [part.var(ddof=1) / len(part) if len(part) > 1 else 0.0 for part in (below, above)]
    return float(below.mean()), float(np.sqrt(sum(spread)))


def _share_below(ordered: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The share of `ordered` below each of `values`, ties counting half."""
    left, right = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    return (left + right) / (2 * len(ordered))


def _cohens_d(one: np.ndarray, two: np.ndarray) -> float:
    free = len(one) + len(two) - 2
    pooled = (one.var() * len(one) + two.var() * len(two)) / free if free > 0 else 0.0
    apart = float(two.mean() - one.mean())
    return apart / float(np.sqrt(pooled)) if pooled > 0 else 0.0


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a fraction; 0 to 1 where nothing was tried."""
    if not trials:
        return 0.0, 1.0
    interval = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
