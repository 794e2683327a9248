"""A ranking as its users ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.classifiers.labels import UNKNOWN, spec_names
from engine.experiments.result import Array, Result, Told
from engine.words import share


@dataclass(frozen=True, repr=False)
class SurveyResult(Result):
    """How a classifier sees N images of a set."""

    index = Array("Places in the set, (N,).")
    loss = Array("Losses in nats with respect to the predicted class, (N,).")
    prediction = Array("Predicted classes, (N,).")
    label = Array(
        "The set's labels as classes of the classifier, (N,); negative where it has none."
    )

    classes = Told[list[str]]("What the classifier calls its classes.")

    @property
    def accuracy(self) -> float | None:
        """The share of correctly classified images; None where no label is known."""
        return self.summary["accuracy"]

    @property
    def outcome(self) -> str:
        right = (
            f", {share(self.accuracy)} correctly classified" if self.accuracy is not None else ""
        )
        lost = f", {self.damaged_count:,} left out as damaged" if self.damaged_count else ""
        return f"{self.summary['count']:,} images{right}{lost}"

    @property
    def damaged_count(self) -> int:
        """How many pictures could not be read, and are left out."""
        return int(self.summary.get("damaged", {}).get("count", 0))

    @property
    def damaged(self) -> list[str]:
        """What is wrong with the first of them, each in a sentence that names it."""
        return list(self.summary.get("damaged", {}).get("first", ()))

    @cached_property
    def by_class(self) -> dict[str, np.ndarray]:
        """Class name -> rows of images that are seen as it and may be right, lowest loss first."""
        order = np.argsort(self.loss, kind="stable")
        seen, known = self.prediction[order], self.label[order]
        right = order[(known == seen) | (known == UNKNOWN)]
        groups: dict[str, np.ndarray] = {}
        for number, name in enumerate(spec_names(self.classes)):
            groups[name] = right[self.prediction[right] == number]
        return {name: rows for name, rows in groups.items() if len(rows)}

    @property
    def seen_as(self) -> str:
        """What can be said of the images of a class: whether it is right, only the set's labels tell."""
        told = bool((self.label != UNKNOWN).all())
        return "correctly classified as" if told else "classified as"
