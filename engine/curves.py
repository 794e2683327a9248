"""The loss along a path, and its barrier: numbers, whatever computed them. No torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.plots.grammar import Drawing
    from engine.plots.tracks import Track


@dataclass(frozen=True)
class Barrier:
    """The highest point of a loss curve: `height` and `gap` in nats, `position` in [0, 1].

    The gap is what the barrier adds to the higher of the two ends, so it is never negative.
    """

    height: float
    gap: float
    position: float


@dataclass(frozen=True)
class LossCurve:
    """Cross-entropy in nats and predicted class at N points of a path: `t` strictly increases.

    `target` is the class that the loss is with respect to. `places` (M,) says where the path's nodes stand
    between its two ends, and `classes` what the classes are called. Where only some points were `measured`
    (N,), the others are interpolated.
    """

    t: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray
    target: int
    places: np.ndarray = field(default_factory=lambda: np.array([0.0, 1.0]))
    classes: tuple[str, ...] = ()
    measured: np.ndarray | None = None

    @property
    def passes(self) -> int:
        """How many of its points were measured."""
        return len(self.t) if self.measured is None else int(self.measured.sum())

    def barrier(self) -> Barrier:
        """Height, gap and position of the barrier (METHOD: sec. 4.1)."""
        return barrier_of(self.t, self.loss)

    def track(self, number: int) -> Track:
        """The curve as figures take it; see `engine.plots.tracks.Track`."""
        from engine.plots.tracks import Track

        return Track(number, self.places.reshape(-1, 1, 1, 1), self.t, self.loss, self.prediction)

    def plot(self, threshold: float = 0.05, logarithmic: bool = False) -> Drawing:
        """The app's figure of the curve, an Altair chart, with a line at `threshold` (nats)."""
        from engine.plots.curves import loss_curves
        from engine.plots.tracks import ANY, Drawn

        track = self.track(0 if len(self.places) == 2 else ANY)
        return loss_curves(Drawn([track], threshold, self.classes), logarithmic)[0]

    def __repr__(self) -> str:
        barrier, named = self.barrier(), self.target < len(self.classes)
        target = self.classes[self.target] if named else f"class {self.target}"
        return (
            f"<LossCurve of {target!r}: {len(self.t):,} points, highest {barrier.height:.3g} nats at "
            f"t = {barrier.position:.3g}, gap {barrier.gap:.3g} nats>"
        )


def barrier_of(t: np.ndarray, loss: np.ndarray) -> Barrier:
    """The barrier of a curve given as arrays of equal length; t in [0, 1], loss in nats."""
    top = int(np.argmax(loss))
    height = float(loss[top])
    return Barrier(height, height - float(max(loss[0], loss[-1])), float(t[top]))
