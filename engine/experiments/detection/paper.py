"""What the paper reports: its Table 1."""

from __future__ import annotations

from collections.abc import Sequence

from engine.classifiers.listings import class_names
from engine.datasets.names import plain
from engine.experiments.detection.protocol import PUBLISHED

PAPER: dict[str, dict[str, tuple[str, ...]]] = {
    "cifar10": {
        "lid": ("86.4/90.8", "85.6/93.3", "80.4/90.0", "78.9/86.6", "78.1/85.3"),
        "mahalanobis": ("95.6/98.8", "97.3/99.3", "96.0/98.6", "76.1/84.6", "76.9/84.6"),
        "input-mfs": ("98.1/99.7", "93.5/97.8", "93.6/97.9", "58.0/60.6", "54.7/56.1"),
        "layer-mfs": ("99.6/100", "99.2/100", "98.3/99.9", "72.0/80.3", "69.9/77.7"),
        "layer-pfs": ("97.0/99.9", "98.0/99.9", "96.9/99.6", "86.1/92.2", "86.8/93.3"),
        "mode-connectivity": ("69.8/76.8", "95.2/98.6", "91.8/97.4", "91.4/96.9", "93.7/98.3"),
    },
    "cifar100": {
        "lid": ("72.9/81.1", "76.5/85.0", "79.0/86.9", "58.9/64.4", "61.8/67.2"),
        "mahalanobis": ("90.5/96.3", "73.5/81.3", "76.3/82.1", "89.2/95.3", "89.0/94.7"),
        "input-mfs": ("98.4/95.5", "89.1/94.1", "90.9/95.1", "58.8/62.2", "53.3/54.6"),
        "layer-mfs": ("99.5/100", "97.1/99.5", "97.0/99.7", "83.8/91.0", "87.1/93.0"),
        "layer-pfs": ("96.9/99.3", "90.3/96.7", "92.6/97.6", "78.8/84.4", "79.1/84.0"),
        "mode-connectivity": ("67.3/72.8", "84.3/92.5", "88.9/95.2", "86.8/94.0", "92.9/97.3"),
    },
}
"""Accuracy/AUC in % by detector, for FGSM, BIM, PGD, DeepFool, C&W: the paper's Table 1, on VGG-16."""


def set_with(classes: Sequence[str]) -> str:
    """The paper's image set that has these classes, whatever a copy of it is called; empty for any other."""
    own = {plain(name) for name in classes}
    fitting = (name for name in PAPER if own == {plain(one) for one in class_names(name)})
    return next(fitting, "")


def reported(dataset: str, detector: str, attack: str) -> str:
    """The paper's accuracy/AUC in %; empty where it has none."""
    row = PAPER.get(dataset, {}).get(detector)
    return row[PUBLISHED.index(attack)] if row and attack in PUBLISHED else ""


def reported_auc(dataset: str, detector: str, attack: str) -> float | None:
    """The paper's AUC as a share; None where it has none."""
    words = reported(dataset, detector, attack)
    return float(words.split("/")[1]) / 100 if words else None
