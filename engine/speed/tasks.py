"""The tasks that are timed: what this engine does, the same written plainly, another library's way.

Each says how many images must pass through the network for it at the least: those that what is told rests
on, in float32, and a pass with gradients for each look of the search that found it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from engine.attacks.attacking import attack
from engine.classifiers.classifier import Classifier
from engine.detectors.detecting import make_detector
from engine.finders.connecting import connect, connect_many
from engine.finders.connection import Connection
from engine.paths import Polyline, loss_curve
from engine.plain import (
    plain_attack,
    plain_connect,
    plain_features,
    plain_losses,
    plain_plane,
    plain_synthesis,
)
from engine.planes import loss_plane
from engine.speed.limits import Needs
from engine.synthesis.settings import PATTERN
from engine.synthesis.visualising import visualise

NAMES = (
    *(
        "curve",
        "curve-refined",
        "plane",
        "connect",
        "connect-many",
        "attack",
        "attack-pgd",
        "synthesis",
        "features",
    ),
    *("spectrum", "verdict", "adversarial"),
)
"""All tasks, in their order."""

POINTS, RESOLUTION, TOLERANCE = 1000, 41, 0.001
IMAGES = 8
"""Images that are attacked at once."""

FEATURED = 32
"""Images whose features are computed at once."""

GROWN = 4
"""Images synthesised at once."""


@dataclass(frozen=True)
class Task:
    """One task in several ways; every way does all of its `pieces`, the plain one `plainly` of them.

    `plain_of` names an earlier task whose plain way is this one's too. `needs` and `note` are told of this
    engine's result.
    """

    name: str
    ours: Callable[[], Any]
    pieces: int = 1
    plain: Callable[[], Any] | None = None
    plainly: int = 1
    plain_of: str = ""
    peer: Callable[[], Any] | None = None
    peer_name: str = ""
    needs: Callable[[Any], Needs] | None = None
    note: Callable[[Any, Any], str] = field(default=lambda ours, plain: "")


def tasks(
    classifier: Classifier, a: torch.Tensor, c: torch.Tensor, targets: torch.Tensor
) -> Iterator[Task]:
    """All tasks on pairs of images a, c (N, C, H, W) of one class each, targets (N,)."""
    pairs = list(zip(a, c, targets.tolist(), strict=True))
    first, last, target = pairs[0]
    path = Polyline(torch.stack([first, last]))
    yield Task(
        "curve",
        lambda: loss_curve(classifier, path, target, POINTS),
        plain=lambda: plain_losses(classifier, first, last, target, POINTS),
        needs=lambda _: Needs(verified=POINTS),
        note=lambda ours, plain: f"{POINTS:,} points",
    )
    yield Task(
        "curve-refined",
        lambda: loss_curve(classifier, path, target, POINTS, tolerance=TOLERANCE),
        plain_of="curve",
        needs=lambda curve: Needs(verified=curve.passes),
        note=lambda ours, plain: f"{ours.passes} of {POINTS:,} points, to {TOLERANCE} nats",
    )
    corners = (first, 1 - first, last)
    yield Task(
        "plane",
        lambda: loss_plane(classifier, *corners, target, RESOLUTION),
        plain=lambda: plain_plane(classifier, *corners, target, RESOLUTION),
        needs=lambda _: Needs(verified=RESOLUTION**2),
        note=lambda ours, plain: f"{RESOLUTION} x {RESOLUTION} points",
    )
    yield Task(
        "connect",
        lambda: [connect(classifier, *pair) for pair in pairs],
        len(pairs),
        plain=lambda: [plain_connect(classifier, *pair) for pair in pairs],
        plainly=len(pairs),
        needs=_of_paths,
        note=_joined,
    )
    yield Task(
        "connect-many",
        lambda: connect_many(classifier, a, c, targets),
        len(pairs),
        plain_of="connect",
        needs=_of_paths,
        note=_joined,
    )
    yield from _attacks(classifier, a, targets)
    yield Task(
        "synthesis",
        lambda: visualise(classifier, target, PATTERN, count=GROWN),
        GROWN,
        plain=lambda: plain_synthesis(classifier, target),
        needs=lambda grown: Needs(GROWN, float(grown.steps.sum())),
        note=lambda ours, plain: f"a pattern of {PATTERN.steps} steps; {GROWN} at once",
    )
    yield from _features(classifier, a, c, targets)


def _of_paths(found: list[Connection]) -> Needs:
    """What verified the paths, and every gradient of their searches."""
    return Needs(
        verified=sum(one.checked_points for one in found),
        gradients=sum(one.backward_passes for one in found),
    )


def _joined(ours: list[Connection], plain: Any) -> str:
    count = sum(one.connected for one in ours)
    other = f", plain {sum(one.connected for one in plain)}" if plain else ""
    return f"connected {count} of {len(ours)}{other}"


def _attacks(classifier: Classifier, a: torch.Tensor, targets: torch.Tensor) -> Iterator[Task]:
    import torchattacks

    images = a[torch.arange(IMAGES) % len(a)].to(classifier.device)
    labels = targets[torch.arange(IMAGES) % len(a)].to(classifier.device)
    goals = (labels + 1 + torch.arange(IMAGES, device=labels.device)) % len(classifier.classes)
    goals = torch.where(goals == labels, (goals + 1) % len(classifier.classes), goals)
    yield Task(
        "attack",
        lambda: attack("adam", classifier, images, labels, target=goals),
        IMAGES,
        plain=lambda: plain_attack(classifier, images[0], int(goals[0])),
        needs=lambda made: Needs(IMAGES, float(made.backward_passes.sum())),
        note=lambda ours, plain: f"the paper's, {IMAGES} images at once",
    )

    def library() -> torch.Tensor:
        pgd = torchattacks.PGD(classifier, eps=0.03, alpha=0.001, steps=40)
        # `set_mode_targeted_by_function` does the same, and prints.
        pgd.targeted, pgd._target_map_function = True, lambda images, labels: goals
        return pgd(images, labels)

    yield Task(
        "attack-pgd",
        lambda: attack("pgd", classifier, images, labels, target=goals),
        IMAGES,
        peer=library,
        peer_name="torchattacks, the same steps",
        needs=lambda made: Needs(IMAGES, float(made.backward_passes.sum())),
    )


def _features(
    classifier: Classifier, a: torch.Tensor, c: torch.Tensor, targets: torch.Tensor
) -> Iterator[Task]:
    images = a[torch.arange(FEATURED) % len(a)]
    connectivity = make_detector("mode-connectivity", classifier, (c, targets))
    ends = {int(target): end for end, target in zip(c, targets, strict=True)}
    points = connectivity.settings.to_dict()["points"]
    yield Task(
        "features",
        lambda: connectivity.features(images),
        FEATURED,
        plain=lambda: plain_features(classifier, images, ends, points),
        plainly=FEATURED,
        needs=lambda _: Needs(verified=FEATURED * connectivity.forward_passes),
        note=lambda ours, plain: f"the paper's detector, {points} points",
    )
    spectrum = make_detector("input-mfs", classifier)
    yield Task(
        "spectrum",
        lambda: spectrum.features(images),
        FEATURED,
        peer=lambda: [
            [np.abs(np.fft.fft2(channel)) for channel in image] for image in images.numpy()
        ],
        peer_name="InputMFS as published: a transform a channel in NumPy",
    )
