"""Polyline paths through image space, the loss along them, and their barriers.

A path is a chain of straight segments between images (its nodes). Its parameter t runs over [0, 1] and
gives every segment the same share, wherever its nodes lie (Vrabel et al. 2024, sec. 4.1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.batches import batch_size, filled
from engine.curves import LossCurve
from engine.errors import ImageError, ParameterError
from engine.lazy import F, torch
from engine.pixels import as_images, check_range, check_shape
from engine.places import stations
from engine.progress import SILENT, Reporter
from engine.refining import refine
from engine.targets import class_of, seen

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

TOGETHER = 4
"""Passes whose points are made at once, for whoever may know some of them already."""


class Polyline:
    """A chain of M >= 2 images, `nodes` float32 (M, C, H, W), joined by straight segments."""

    def __init__(self, nodes: Any) -> None:
        self.nodes = as_images(nodes)
        if len(self.nodes) < 2:
            raise ImageError(f"A path needs at least two images, got {len(self.nodes)}.")

    @property
    def segments(self) -> int:
        """The number of straight segments, M - 1."""
        return len(self.nodes) - 1

    def __repr__(self) -> str:
        return f"<Polyline: {len(self.nodes)} images of {tuple(self.nodes.shape[1:])}>"

    def at(self, t: Any) -> torch.Tensor:
        """The image (C, H, W) at a number t of [0, 1], or images (N, C, H, W) at N of them."""
        times = torch.as_tensor(t, dtype=torch.float64, device=self.nodes.device)
        if not bool(((times >= 0) & (times <= 1)).all()):
            raise ParameterError(f"t must lie in 0 to 1, got {t!r}.")
        segment, fraction = _split(times.reshape(-1), self.segments)
        images = blend(self.nodes[segment], self.nodes[segment + 1], fraction)
        return images[0] if times.ndim == 0 else images

    def times(self, points_per_segment: int) -> np.ndarray:
        """Strictly increasing t: that many points for each segment, every node among them."""
        p = points_per_segment
        if p < 2:
            raise ParameterError(f"A segment needs at least 2 points, got {p}.")
        first = np.linspace(0, 1, p)
        others = [k + np.arange(1, p + 1) / p for k in range(1, self.segments)]
        return np.concatenate([first, *others]) / self.segments

    def sample(self, points_per_segment: int) -> torch.Tensor:
        """Images (segments * points_per_segment, C, H, W) at `times(points_per_segment)`."""
        return self.at(self.times(points_per_segment))


def blend(start: torch.Tensor, end: torch.Tensor, fraction: torch.Tensor) -> torch.Tensor:
    """(1 - f) start + f end, image by image; exact at both ends. Images (N, C, H, W), f (N,)."""
    return torch.lerp(start, end, fraction.to(start.dtype).reshape(-1, *[1] * (start.ndim - 1)))


def loss_curve(
    classifier: Classifier,
    path: Polyline | Any,
    target: int | str | None = None,
    points: int = 1000,
    report: Reporter = SILENT,
    *,
    tolerance: float = 0.0,
) -> LossCurve:
    """Loss with respect to `target` and prediction along a path.

    `path` is a Polyline, or the images (M, C, H, W) in [0, 1] that it joins. `target` is a class, by index
    or by name; without it, the one that the first image is seen as. Every segment gets points / segments
    points, rounded up. Float32, whatever precision a search used. With a `tolerance` (nats), the curve is
    measured from coarse to fine and interpolated elsewhere; see `engine.refining`. ImageError for images
    outside [0, 1] (a Polyline may leave it, as a bypass does) or of another shape, ParameterError or
    UnknownNameError for an unknown target.
    """
    path = path if isinstance(path, Polyline) else _joined(path)
    check_shape(classifier, path.nodes)
    first = seen(classifier, path.nodes[:1]) if target is None else target
    target = class_of(classifier, first)
    t = path.times(max(2, -(-points // path.segments)))
    segment, fraction = _split(torch.from_numpy(t), path.segments)
    nodes = path.nodes.to(classifier.device)
    targets = torch.full((path.segments,), target)

    def measure(
        _: np.ndarray, where: np.ndarray, report: Reporter
    ) -> tuple[np.ndarray, np.ndarray]:
        loss, prediction = losses_at(
            classifier, nodes[:-1], nodes[1:], segment[where], fraction[where], targets, report
        )
        return loss.numpy(), prediction.numpy()

    each = len(t) // path.segments
    knots = [k * each - 1 for k in range(1, path.segments)]
    found = refine(measure, 1, len(t), tolerance, knots, report)
    places = stations(path.nodes.cpu().numpy())
    return LossCurve(
        t, found.loss[0], found.prediction[0], target, places, classifier.classes, found.measured[0]
    )


def _joined(images: Any) -> Polyline:
    """The path that joins images, which must be some."""
    path = Polyline(images)
    check_range(path.nodes)
    return path


def losses_at(
    classifier: Classifier,
    starts: torch.Tensor,
    ends: torch.Tensor,
    segment: torch.Tensor,
    fraction: torch.Tensor,
    targets: torch.Tensor,
    report: Reporter = SILENT,
    lanes: int | None = None,
    look: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss and prediction at Q points of S segments: the one place where curves are evaluated.

    `starts`, `ends` (S, C, H, W) on the classifier's device, `targets` (S,); point q lies at
    `fraction[q]` of segment `segment[q]`. With `lanes`, every pass takes exactly that many images, so
    that no loss depends on the other points. `look` gives logits of points where they shall not be those of
    one pass: it is asked for those of `TOGETHER` passes. Returns float32 and int64 tensors (Q,) on the CPU.
    """
    device = starts.device
    count = len(segment)
    size = (lanes or batch_size(starts.shape[1:], device)) * (TOGETHER if look else 1)
    look = look or classifier.forward
    if lanes:
        segment, fraction = filled(segment, lanes), filled(fraction, lanes)
    segment, targets = segment.to(device), targets.to(device)
    losses, predictions = [], []
    with torch.inference_mode():
        for begin in range(0, count, size):
            report(begin, count)
            which = segment[begin : begin + size]
            f = fraction[begin : begin + size].to(device)
            logits = look(blend(_rows(starts, which), _rows(ends, which), f)).float()
            losses.append(F.cross_entropy(logits, targets[which], reduction="none").cpu())
            predictions.append(logits.argmax(1).cpu())
    report(count, count)
    return torch.cat(losses)[:count], torch.cat(predictions)[:count]


def _rows(images: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
    """`images[which]`, without copying where all rows are the same one."""
    if len(images) == 1:
        return images.expand(len(which), *images.shape[1:])
    return images[which]


def _split(times: torch.Tensor, segments: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Segment index and fraction within it for times in [0, 1]; nodes are hit exactly."""
    scaled = times * segments
    nearest = scaled.round()
    scaled = torch.where((scaled - nearest).abs() < 1e-12, nearest, scaled)
    segment = scaled.floor().clamp(max=segments - 1).long()
    return segment, scaled - segment
