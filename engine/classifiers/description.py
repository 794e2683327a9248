"""The description of a classifier: what it is called, what goes in, what comes out. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from engine.classifiers.listings import Statistics


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
