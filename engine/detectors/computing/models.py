"""What learns from features, kept as arrays. A score is a probability of attack.

Scores are worked out image by image from what `arrays` keeps: so a reloaded model gives the same bits, and
neither order nor number of the images matters.
"""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, Self

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit, logit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

from engine.errors import unknown_name

COSTS = (0.01, 0.1, 1.0)
"""Costs of an error (C) to choose from; of equally good ones the smallest, which is the smoothest."""

ITERATIONS = 100
"""Most steps of logistic regression, scikit-learn's default."""

# Once for all: a filter for the time of a fit would be one for all threads, and outlast it by chance.
warnings.filterwarnings("ignore", category=ConvergenceWarning, module=r"sklearn\.linear_model")

BLOCK = 2048
"""Columns of a large table that are taken to float64 at once."""

NEIGHBOURS = (51, 25, 15, 9, 5, 3, 1)
"""Numbers of neighbours to choose from; of equally good ones the most, whose scores are finest."""

BALANCES = (1.0, 0.3, 3.0, 0.1, 10.0, 0.03, 0.01)
"""Weights of the second part to choose from, the first being 1; of equally good ones that nearest to 1."""

TOUCHING = 1e-6
"""A neighbour nearer than this part of the features' spread counts as being there."""

ROWS = 256
"""Images that are compared at once with all that was learnt from."""

Labelled = tuple[np.ndarray, np.ndarray]
"""Features (N, F), and whether each is attacked, bool (N,)."""


class Model(ABC):
    """A classifier of features (N, F) into clean and attacked. Whatever it learns, both count alike."""

    kind: ClassVar[str]
    kept: ClassVar[tuple[str, ...]]
    """The attributes that a fitted model is."""

    @abstractmethod
    def fit(self, learning: Labelled, choosing: Labelled, seed: int) -> None:
        """Learn from the first; the second chooses what is left to choose."""

    @abstractmethod
    def score(self, features: np.ndarray) -> np.ndarray:
        """Scores (N,) in [0, 1] of features (N, F), above 0.5 for what is called an attack."""

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Logarithms (N,) of the odds of an attack, from features (N, F)."""
        return logit(self.score(features))

    def slope(self) -> np.ndarray | None:
        """What a score's logit grows by with each feature, float64 (F,), where the model is linear."""
        return None

    def arrays(self) -> dict[str, np.ndarray]:
        """What the fitted model is."""
        return {name: np.asarray(getattr(self, name)) for name in self.kept}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The model that `arrays` described."""
        model = cls.__new__(cls)
        vars(model).update({name: arrays[name] for name in cls.kept})
        return model


class Logistic(Model):
    """Logistic regression as scikit-learn has it by default: C = 1, L2, L-BFGS, 100 iterations.

    Features are not scaled, which the benchmark's code does not do either; on raw spectra it may end
    before it has converged, and that is taken as it is. With more features than images, it is fitted to
    the images' coordinates in the space that they span: penalty and steps of L-BFGS are the same in
    rotated coordinates, in a fraction of the time. Only where it stops may differ by some steps, for it
    looks at the largest coordinate of the gradient.
    """

    kind = "logistic"
    kept = ("weights", "intercept")
    weights: np.ndarray
    intercept: np.ndarray

    def __init__(self) -> None:
        self.intercept = np.empty(())

    def fit(self, learning: Labelled, choosing: Labelled, seed: int) -> None:
        """There is nothing to choose."""
        features, attacked = learning
        regression = LogisticRegression(max_iter=ITERATIONS)
        wide = features.shape[1] > len(features)
        rows, back = _in_their_span(features) if wide else (features.astype(np.float64), None)
        regression.fit(rows, attacked, sample_weight=weights_of(attacked))
        (found,) = regression.coef_
        self.weights = found if back is None else _combined(features, back @ found)
        self.intercept = regression.intercept_[0]

    def score(self, features: np.ndarray) -> np.ndarray:
        return expit(self.log_odds(features))

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        return _sums(features, self.weights) + self.intercept

    def slope(self) -> np.ndarray:
        return self.weights


class Scaled(Model):
    """Logistic regression on features of mean 0 and variance 1; its penalty is chosen by the largest AUC."""

    kind = "scaled"
    kept = ("mean", "scale", "weights", "intercept", "cost")
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    intercept: np.ndarray

    def fit(self, learning: Labelled, choosing: Labelled, seed: int) -> None:
        """Try every penalty."""
        features, attacked = learning
        mean, spread = features.mean(0, dtype=np.float64), features.std(0, dtype=np.float64)
        scale = 1 / np.where(spread > 0, spread, 1)
        rows, best = (features - mean) * scale, -1.0
        for cost in COSTS:
            regression = LogisticRegression(C=cost, max_iter=2000)
            regression.fit(rows, attacked, sample_weight=weights_of(attacked))
            found = (mean, scale, regression.coef_[0], regression.intercept_[0], np.array(cost))
            tried = self.of(dict(zip(self.kept, found, strict=True)))
            auc = roc_auc_score(choosing[1], tried.score(choosing[0]))
            if auc > best:
                best = auc
                vars(self).update(vars(tried))

    def score(self, features: np.ndarray) -> np.ndarray:
        return expit(self.log_odds(features))

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        return _sums((features - self.mean) * self.scale, self.weights) + self.intercept

    def slope(self) -> np.ndarray:
        return self.scale * self.weights


class Kernel(Model):
    """A support vector machine with an RBF kernel on features scaled to [0, 1] by what it learnt from.

    A score is the logistic function of the distance from its border, 0.5 at the border.
    """

    kind = "kernel"
    kept = ("low", "scale", "vectors", "coefficients", "intercept", "gamma", "cost")
    low: np.ndarray
    scale: np.ndarray
    vectors: np.ndarray
    coefficients: np.ndarray
    intercept: np.ndarray

    def __init__(self, gamma: float, cost: float) -> None:
        self.gamma, self.cost = gamma, cost

    def fit(self, learning: Labelled, choosing: Labelled, seed: int) -> None:
        """There is nothing to choose."""
        features, attacked = learning
        self.low = features.min(0)
        span = features.max(0) - self.low
        self.scale = 1 / np.where(span > 0, span, 1)
        rows = (features - self.low) * self.scale
        machine = SVC(C=self.cost, gamma=self.gamma)
        machine.fit(rows, attacked, sample_weight=weights_of(attacked))
        self.vectors = machine.support_vectors_.astype(np.float32)
        self.coefficients, self.intercept = machine.dual_coef_[0], machine.intercept_[0]

    def score(self, features: np.ndarray) -> np.ndarray:
        rows = (features - self.low) * self.scale
        near = np.exp(-self.gamma * cdist(rows, self.vectors, "sqeuclidean"))
        return expit(_sums(near, self.coefficients) + self.intercept)


class Neighbours(Model):
    """Nearest neighbours among what it learnt from, for features of two kinds (sec. 4.2.1).

    Features have two parts: the columns before `divide`, and those from there on.
    Squared distances add up, each part's divided by its total variance, so that at a balance of 1 both
    count alike on average, however many columns they have; columns are not scaled one by one, for some
    hardly vary and would only add noise. A neighbour votes by 1 / distance. Number of neighbours and
    balance are those of the largest AUC on the choosing images.
    """

    kind = "neighbours"
    kept = ("features", "attacked", "divide", "count", "balance")
    features: np.ndarray
    attacked: np.ndarray

    def __init__(self, divide: int) -> None:
        self.divide, self.count, self.balance = divide, 1, 1.0

    def fit(self, learning: Labelled, choosing: Labelled, seed: int) -> None:
        """Keep the features; choose how many neighbours vote, and the balance of the parts."""
        self.features, self.attacked = learning
        parts = self._distances(choosing[0])
        best = -1.0
        counts = sorted({min(count, len(self.features)) for count in NEIGHBOURS}, reverse=True)
        for balance in BALANCES:
            apart, votes = self._nearest(parts, balance, counts[0])
            for count in counts:
                auc = roc_auc_score(choosing[1], _share(apart[:, :count], votes[:, :count]))
                if auc > best:
                    best, self.count, self.balance = auc, count, balance

    def score(self, features: np.ndarray) -> np.ndarray:
        """The attacked neighbours' share (N,) of the votes."""
        scores = np.empty(len(features))
        for begin in range(0, len(features), ROWS):
            parts = self._distances(features[begin : begin + ROWS])
            scores[begin : begin + ROWS] = _share(*self._nearest(parts, self.balance, self.count))
        return scores

    def _distances(self, features: np.ndarray) -> list[np.ndarray]:
        """Scaled squared distances (N, L) to what it learnt from, in each of the parts."""
        parts = []
        for part in (slice(None, self.divide), slice(self.divide, None)):
            known = self.features[:, part].astype(np.float64)
            variance = float(known.var(0).sum())
            apart = cdist(features[:, part], known, "sqeuclidean")
            parts.append(apart / variance if variance else apart)
        return parts

    def _nearest(
        self, parts: list[np.ndarray], balance: float, count: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Distances (N, count) to the nearest, in increasing order, and their votes, clean ones below 0."""
        apart = np.sqrt(parts[0] + balance**2 * parts[1])
        rows = np.argpartition(apart, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(apart, rows, axis=1)
        order = np.argsort(near, axis=1, kind="stable")
        votes = np.where(self.attacked, 1, -1) * weights_of(self.attacked)
        return np.take_along_axis(near, order, axis=1), votes[
            np.take_along_axis(rows, order, axis=1)
        ]


def _share(apart: np.ndarray, votes: np.ndarray) -> np.ndarray:
    """The share (N,) of attacked neighbours, votes (N, k) above 0, among all, weighted by nearness."""
    weights = np.abs(votes) / np.maximum(apart, TOUCHING)
    return np.sum(weights * (votes > 0), axis=1) / np.sum(weights, axis=1)


def weights_of(attacked: np.ndarray) -> np.ndarray:
    """Weights (N,) under which clean and attacked images count alike, of mean 1."""
    share = np.where(attacked, attacked.mean(), 1 - attacked.mean())
    return 0.5 / share


def _sums(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted sums (N,) of rows (N, F), each by itself: a matrix product would depend on the others."""
    return np.array([np.sum(row * weights) for row in rows], dtype=np.float64)


def _in_their_span(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (N, r) of wide features (N, F), and (N, r) that leads back.

    With X = U S V', these are U S and U / S; directions that are rounding alone are left out.
    """
    gram = np.zeros((len(features), len(features)))
    for block in _blocks(features.T):
        columns = block.T.astype(np.float64)
        gram += columns @ columns.T
    squares, axes = np.linalg.eigh(gram)
    there = squares > squares[-1] * 1e-14
    there[-1] = True  # Where all features are zero, one direction is as good as another.
    lengths = np.sqrt(np.maximum(squares[there], np.finfo(np.float64).tiny))
    return axes[:, there] * lengths, axes[:, there] / lengths


def _combined(features: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The sum (F,) of features (N, F), each times its share (N,), in float64."""
    return np.concatenate([block.astype(np.float64) @ shares for block in _blocks(features.T)])


def _blocks(table: np.ndarray) -> Iterator[np.ndarray]:
    """A table's rows, some at once."""
    return (table[begin : begin + BLOCK] for begin in range(0, len(table), BLOCK))


MODELS: dict[str, type[Model]] = {
    model.kind: model for model in (Logistic, Scaled, Kernel, Neighbours)
}


def model_of(kind: str, arrays: Mapping[str, np.ndarray]) -> Model:
    """The fitted model of this kind that `arrays` described."""
    if kind not in MODELS:
        raise unknown_name("model", kind, MODELS)
    return MODELS[kind].of(arrays)
