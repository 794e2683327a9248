"""A classifier that somebody gives along with an experiment: known by its name while that one runs.

What is given is seen in its own context alone (see `contextvars`), so a run in another thread of the same
process, whose network may have the same name, never meets it. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.classifiers.description import Card


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
