"""What learns from features: scikit-learn's models, kept as arrays, and the registry of all models."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC

from engine.detectors.computing.model import Model, weights_of
from engine.detectors.computing.neighbours import Neighbours
from engine.errors import unknown_name

COSTS = (0.01, 0.1, 1.0)
"""Costs of an error (C) to choose from; of equally good ones the smallest, which is the smoothest."""

ITERATIONS = 100
"""Most steps of logistic regression, scikit-learn's default."""

# Once for all: a filter for the time of a fit would be one for all threads, and outlast it by chance.
warnings.filterwarnings("ignore", category=ConvergenceWarning, module=r"sklearn\.linear_model")

BLOCK = 2048
"""Columns of a large table that are taken to float64 at once."""


class Logistic(Model):
    """Logistic regression as scikit-learn has it by default: C = 1, L2, L-BFGS, 100 iterations.

    Features are not scaled, which the benchmark's code does not do either; on raw spectra it may end
    before it has converged, and that is taken as it is. With more features than images, it is fitted to
    the images' coordinates in the space that they span: penalty and steps of L-BFGS are the same in
    rotated coordinates, in a fraction of the time. Only where it stops may differ by some steps, for it
    looks at the largest coordinate of the gradient.
    """

    kind = "logistic"

    def __init__(self) -> None:
        self.weights, self.intercept = np.empty(0), np.empty(())

    def fit(
        self,
        features: np.ndarray,
        attacked: np.ndarray,
        choosing: np.ndarray,
        choosing_attacked: np.ndarray,
        seed: int,
    ) -> None:
        """There is nothing to choose; clean and attacked images count alike."""
        regression = LogisticRegression(max_iter=ITERATIONS)
        wide = features.shape[1] > len(features)
        rows, back = _in_their_span(features) if wide else (features.astype(np.float64), None)
        regression.fit(rows, attacked, sample_weight=weights_of(attacked))
        (found,) = regression.coef_
        self.weights = found if back is None else _combined(features, back @ found)
        self.intercept = regression.intercept_[0]

    def score(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of attack (N,)."""
        return expit(self.log_odds(features))

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        return _sums(features, self.weights) + self.intercept

    def slope(self) -> np.ndarray:
        return self.weights

    def arrays(self) -> dict[str, np.ndarray]:
        """`weights` float64 (F,) and `intercept`."""
        return {"weights": self.weights, "intercept": np.asarray(self.intercept)}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The regression that `arrays` described."""
        model = cls()
        model.weights, model.intercept = arrays["weights"], arrays["intercept"]
        return model


class Scaled(Model):
    """Logistic regression on features of mean 0 and variance 1; its penalty is chosen by the largest AUC."""

    kind = "scaled"

    def __init__(self) -> None:
        self._arrays: dict[str, np.ndarray] = {}

    def fit(
        self,
        features: np.ndarray,
        attacked: np.ndarray,
        choosing: np.ndarray,
        choosing_attacked: np.ndarray,
        seed: int,
    ) -> None:
        """Clean and attacked images count alike."""
        mean, spread = features.mean(0, dtype=np.float64), features.std(0, dtype=np.float64)
        scale = 1 / np.where(spread > 0, spread, 1)
        rows, best = (features - mean) * scale, -1.0
        for cost in COSTS:
            regression = LogisticRegression(C=cost, max_iter=2000)
            regression.fit(rows, attacked, sample_weight=weights_of(attacked))
            tried = {
                "mean": mean,
                "scale": scale,
                "weights": regression.coef_[0],
                "intercept": regression.intercept_[0],
                "cost": np.array(cost),
            }
            auc = roc_auc_score(choosing_attacked, type(self).of(tried).score(choosing))
            if auc > best:
                best, self._arrays = auc, tried

    def score(self, features: np.ndarray) -> np.ndarray:
        """Probabilities of attack (N,)."""
        return expit(self.log_odds(features))

    def log_odds(self, features: np.ndarray) -> np.ndarray:
        kept = self._arrays
        rows = (features - kept["mean"]) * kept["scale"]
        return _sums(rows, kept["weights"]) + kept["intercept"]

    def slope(self) -> np.ndarray:
        slope: np.ndarray = self._arrays["scale"] * self._arrays["weights"]
        return slope

    def arrays(self) -> dict[str, np.ndarray]:
        """Mean, scale and weights float64 (F,), intercept, and the cost of an error that was chosen."""
        return {name: np.asarray(array) for name, array in self._arrays.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The regression that `arrays` described."""
        model = cls()
        model._arrays = dict(arrays)
        return model


class Kernel(Model):
    """A support vector machine with an RBF kernel on features scaled to [0, 1] by what it learnt from.

    A score is the logistic function of the distance from its border, 0.5 at the border.
    """

    kind = "kernel"

    def __init__(self, gamma: float, cost: float) -> None:
        self.gamma, self.cost = gamma, cost
        self._arrays: dict[str, np.ndarray] = {}

    def fit(
        self,
        features: np.ndarray,
        attacked: np.ndarray,
        choosing: np.ndarray,
        choosing_attacked: np.ndarray,
        seed: int,
    ) -> None:
        """There is nothing to choose; clean and attacked images count alike."""
        low = features.min(0)
        span = features.max(0) - low
        scale = 1 / np.where(span > 0, span, 1)
        machine = SVC(C=self.cost, gamma=self.gamma)
        machine.fit((features - low) * scale, attacked, sample_weight=weights_of(attacked))
        self._arrays = {
            "low": low,
            "scale": scale,
            "vectors": machine.support_vectors_.astype(np.float32),
            "coefficients": machine.dual_coef_[0],
            "intercept": machine.intercept_[0],
            "gamma": np.array(self.gamma),
            "cost": np.array(self.cost),
        }

    def score(self, features: np.ndarray) -> np.ndarray:
        """Scores (N,)."""
        kept = self._arrays
        rows = (features - kept["low"]) * kept["scale"]
        near = np.exp(-kept["gamma"] * cdist(rows, kept["vectors"], "sqeuclidean"))
        return expit(_sums(near, kept["coefficients"]) + kept["intercept"])

    def arrays(self) -> dict[str, np.ndarray]:
        """Scaling, support vectors float32 (S, F) and their coefficients."""
        return {name: np.asarray(array) for name, array in self._arrays.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """The machine that `arrays` described."""
        model = cls(float(arrays["gamma"]), float(arrays["cost"]))
        model._arrays = dict(arrays)
        return model


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
