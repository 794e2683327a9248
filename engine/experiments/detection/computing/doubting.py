"""Why an image cannot be judged, or a verdict on it should be taken with care, in words."""

from __future__ import annotations

import numpy as np

from engine.classifiers import cards
from engine.classifiers.labels import FOREIGN
from engine.experiments.base import Context
from engine.experiments.detection.computing.world import LAYOUT, LOOK, RECOGNISED, SURE, Measures
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict, in_set
from engine.experiments.images.references import picture_of, read_file
from engine.picture_notes import GREY, notes_on

STRETCH = 2.0
"""An image that was this many times larger or smaller than the network takes is another image now."""

WORDS = {
    LOOK: "It looks unlike the clean images that the detectors know.",
    LAYOUT: "Its light and colours lie unlike those of the clean images that the detectors know.",
    RECOGNISED: "The classifier is sure of no class in it, nor in the same image smoothed, mirrored or "
    "shifted.",
    SURE: "The classifier is less sure of its class than it is of nearly all clean images.",
}


def objections(spec: Verdict, far: Measures, attack: np.ndarray, context: Context) -> list[str]:
    """Why each image is outside what the detectors can judge; empty where it is inside.

    An attack may leave the classifier unsure, so that alone never takes back that an image is one.
    """
    of = spec.benchmark
    found = []
    for k, reference in enumerate(spec.images):
        words = [_class(of, reference), _size(of, reference, context, beyond=True)]
        words += [WORDS[name] for name in (LOOK, LAYOUT, RECOGNISED) if far[name][k]]
        if not any(words) and far[SURE][k] and not attack[k]:
            words.append(WORDS[SURE])
        found.append(" ".join(filter(None, words)))
    return found


def doubts(of: Detection, reference: str, context: Context) -> str:
    """What speaks against trusting a verdict on an image; empty where nothing does."""
    words = [_size(of, reference, context, beyond=False)]
    if reference.startswith("file:"):
        grey = cards.card(of.classifier).input_shape[0] == 1
        notes = notes_on(read_file(reference.removeprefix("file:")))
        words += [note for note in notes if not (grey and note == GREY)]
    return " ".join(filter(None, words))


def _class(of: Detection, reference: str) -> str:
    """That an image of the set shows what the classifier does not know."""
    if not (index := in_set(reference)):
        return ""
    data, labels = of.labelled()
    if labels[int(index)] != FOREIGN:
        return ""
    shown = data.classes[data.labels[int(index)]]
    return f"It shows {shown}, a class that {of.classifier} does not know."


def _size(of: Detection, reference: str, context: Context, beyond: bool) -> str:
    """That an image came in another size, `beyond` what detectors bear or within that."""
    picture = picture_of(reference, context)
    _, height, width = cards.card(of.classifier).input_shape
    if picture is None or picture.shape[:2] == (height, width):
        return ""
    rows, columns = picture.shape[:2]
    ratio = min(rows, columns) / min(height, width)
    if (max(ratio, 1 / ratio) > STRETCH) != beyond:
        return ""
    return (
        f"It was {columns} × {rows} pixels and has been resized to {width} × {height}: "
        "resizing wipes out much of what an attack leaves."
    )
