"""Training: makes the weights of the named networks, by their recipes.

`recipes` says how each is trained, `run` does it; here the result is tested, described and stored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.classifiers.cards import listed_card
from engine.classifiers.labels import labels_of
from engine.classifiers.listings import LISTINGS
from engine.classifiers.weights import training_folder
from engine.datasets import load_dataset
from engine.errors import WeightsError, unknown_name
from engine.images import to_pixels
from engine.progress import SILENT, Reporter, part
from engine.training.recipes import RECIPES, Recipe
from engine.version import __version__

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.datasets import ImageSet

__all__ = ["RECIPES", "Recipe", "train"]

TEST_BATCH = 100
"""Images that are classified at once when the result is tested."""


def train(
    name: str,
    report: Reporter = SILENT,
    epochs: int | None = None,
    *,
    recipe: Recipe | None = None,
    folder: Path | None = None,
    device: str | None = None,
    limit: int | None = None,
) -> Path:
    """Train the listed classifier `name`; writes <name>.safetensors and <name>.json, returns the former.

    `recipe` and `epochs` replace the registered ones; `limit` is the number of training images used.
    The folder is the shipped one for embedded networks, else `ISTHMUS_DATA` if it can be written to,
    else the user's own. After each epoch a checkpoint is written there, from which a killed run
    resumes. WeightsError if training diverges or nothing can be written.
    """
    from engine.classifiers.classifier import Classifier, fast_layout
    from engine.devices import choose_device
    from engine.training.run import Run, save

    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    recipe = recipe or RECIPES[name]
    recipe = recipe if epochs is None else replace(recipe, epochs=epochs)
    target = (folder or training_folder(name)) / f"{name}.safetensors"
    reading = part(report, 0, 0.02, "Reading the training images")
    reading(0, 1)
    images = _images(name, "train", recipe.side, reading)
    run = Run(name, recipe, images, choose_device(device), limit)
    checkpoint = target.with_suffix(".partial.safetensors")
    run.fit(checkpoint, part(report, 0.02, 0.96, "Training"))
    layout = fast_layout(run.network, LISTINGS[name].input_shape, run.device)
    classifier = Classifier(listed_card(name), run.network, run.device, layout)
    accuracy = _accuracy(classifier, part(report, 0.96, 1, "Testing"))
    save(run.network.state_dict(), target)
    _describe(classifier, recipe, accuracy, target)
    checkpoint.unlink(missing_ok=True)
    report(1, 1, accuracy=accuracy)
    return target


def _images(name: str, split: str, side: int, report: Reporter) -> ImageSet:
    """A split of the network's own data set, of its own size if `side` is 0."""
    channels, *own = LISTINGS[name].input_shape
    height, width = (side or length for length in own)
    return load_dataset(LISTINGS[name].dataset, split, (height, width), channels, report=report)


def _accuracy(classifier: Classifier, report: Reporter) -> float:
    """Share of the data set's test images that the classifier gets right."""
    import torch

    data = _images(classifier.name, "test", 0, report)
    labels = labels_of(data, classifier.card)
    right = 0
    with torch.inference_mode():
        for begin in range(0, len(data), TEST_BATCH):
            report(begin, len(data))
            rows = np.arange(begin, min(begin + TEST_BATCH, len(data)))
            seen = classifier(to_pixels(data.batch(rows))).argmax(1).cpu().numpy()
            right += int((seen == labels[rows]).sum())
    return right / len(data)


def _describe(classifier: Classifier, recipe: Recipe, accuracy: float, weights: Path) -> None:
    """Write the JSON beside the weights: what they are, how they came about, how good they are."""
    described = classifier.card
    values = {
        "name": described.name,
        "classes": described.classes,
        "input_shape": described.input_shape,
        "mean": described.mean,
        "std": described.std,
        "dataset": described.dataset,
        "accuracy": accuracy,
        "parameters": sum(weight.numel() for weight in classifier.network.parameters()),
        "digest": hashlib.sha256(weights.read_bytes()).hexdigest(),
        "engine": __version__,
        "torch": version("torch"),
        "recipe": recipe.to_dict(),
    }
    partial = weights.with_suffix(".json.tmp")
    try:
        partial.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
        partial.replace(weights.with_suffix(".json"))
    except OSError as error:
        raise WeightsError(
            f"The description cannot be written beside {weights}: {error}"
        ) from error
