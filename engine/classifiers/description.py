"""The description of a classifier, and one that somebody gives along with an experiment. No torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.classifiers.listings import Statistics

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


@dataclass(frozen=True)
class Card:
    """A classifier in words and numbers.

    `input_shape` is (C, H, W); `resize` is the length the shorter side gets before the centre is
    cropped (None: just cover the crop); `mean` and `std` have one entry a channel, for pixels in
    [0, 1]; `accuracy` is the share of its own data set's test images that it gets right, if known;
    `dataset` names that set, if there is one.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]
    mean: Statistics
    std: Statistics
    resize: int | None = None
    accuracy: float | None = None
    dataset: str | None = None
    note: str = ""

    @property
    def untrained(self) -> bool:
        """Whether its weights are random, so that its class names tell nothing of what it sees."""
        return self.name.startswith("untrained:")


@dataclass(frozen=True)
class Given:
    """A classifier that was given, with the digest that it had then."""

    classifier: Classifier
    digest: str

    @property
    def card(self) -> Card:
        return self.classifier.card

    def on(self, device: str | None) -> Classifier:
        """The classifier itself, or a copy where another device is wanted."""
        if not device:
            return self.classifier
        from engine.devices import choose_device

        chosen = choose_device(device)
        same = self.classifier.device == chosen
        return self.classifier if same else deepcopy(self.classifier).to(chosen)


_GIVEN: ContextVar[Given | None] = ContextVar("given", default=None)


@contextmanager
def giving(classifier: Classifier) -> Iterator[None]:
    """Let the classifier be found by its name, before any other of that name."""
    token = _GIVEN.set(Given(classifier, classifier.digest))
    try:
        yield
    finally:
        _GIVEN.reset(token)


def given(name: str) -> Given | None:
    """What was given under this name here, if anything was."""
    here = _GIVEN.get()
    return here if here and here.card.name == name else None
