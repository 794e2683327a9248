"""Attacking images by the name of an attack, and the checks of what a caller gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from engine.attacks import ATTACKS
from engine.attacks.base import Survive
from engine.attacks.result import AttackResult
from engine.errors import ParameterError, unknown_name
from engine.lazy import torch
from engine.parameters import Parameters
from engine.pixels import pictures_for
from engine.progress import SILENT, Reporter
from engine.random import generator
from engine.targets import classes_of

if TYPE_CHECKING:
    from engine.attacks.base import Attack
    from engine.classifiers.classifier import Classifier


def attack(
    name: str,
    classifier: Classifier,
    images: Any,
    labels: Any,
    *,
    target: Any = None,
    seed: int = 0,
    reproducible: bool = False,
    survive: Survive = "no",
    report: Reporter = SILENT,
    settings: Parameters | None = None,
    **values: Any,
) -> AttackResult:
    """Change images (N, C, H, W) in [0, 1] so that the classifier no longer sees `labels` in them.

    One image (C, H, W) counts as N = 1. `labels` and `target` are N classes or one for all, by index or
    by name; `target` is the class to be seen instead. "adam"
    always has one: another class drawn for each image where None is given. With `survive="8-bit"` the
    attack sees its images as a file with 8 bits a value keeps them, returns them so, and is judged by
    them; by default pixels are floats, and many an attack is lost in a file. `values` are fields of the
    attack's settings (`eps=0.01`), or `settings` is an instance of them. An image that is misclassified
    already is left alone. With `reproducible`, no bit of an image's result depends on which others are
    attacked with it (C&W: only with `early_abort=False`); it costs full batches for few images.
    Errors: UnknownNameError, ParameterError, and ImageError, also where no image is left to attack.
    """
    chosen = ATTACKS[name]
    if survive not in (known := get_args(Survive)):
        raise unknown_name("survive", survive, known)
    method = chosen(chosen.settings_class.combine(name, settings, values), survive)
    pixels = pictures_for(classifier, images, "attack")
    classes = classes_of(classifier, labels, len(pixels), "labels")
    targets = _targets(method, classifier, classes, target, seed)
    return method(classifier, pixels, classes, targets, seed, reproducible, report)


def _targets(
    method: Attack, classifier: Classifier, labels: torch.Tensor, target: Any, seed: int
) -> torch.Tensor | None:
    """The class that each image shall be seen as, int64 (N,), or None."""
    count = len(labels)
    if target is None:
        return _drawn(classifier, labels, seed) if method.aims == "must" else None
    if method.aims == "never":
        able = ", ".join(name for name, other in ATTACKS.items() if other.aims != "never")
        raise ParameterError(
            f"target: {method.title} leads to the nearest other class and takes none. "
            f"Attacks that take one: {able}."
        )
    targets = classes_of(classifier, target, count, "target")
    same = int((targets == labels).sum())
    if same:
        raise ParameterError(
            f"target: expected another class than the label, got the same one for {same} of "
            f"{count} image{'s' * (count != 1)}."
        )
    return targets


def _drawn(classifier: Classifier, labels: torch.Tensor, seed: int) -> torch.Tensor:
    """A class other than its label for each image, all others being equally likely."""
    classes = len(classifier.classes)
    shift = generator(seed, "target").integers(1, classes, size=len(labels))
    return (labels + torch.from_numpy(shift)) % classes
