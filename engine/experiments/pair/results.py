"""A pair of images and the paths between them, as pages and notebooks ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.curves import LossCurve
from engine.experiments.result import Array, Result, Table, Told
from engine.plots.tracks import ADVERSARIAL_ENDS, REAL_ENDS, Track
from engine.words import counted, figure, nats

if TYPE_CHECKING:
    import pandas as pd

    from engine.plots.grammar import Drawing

COMPARED = "real_"
"""Begins the names of what a real-adversarial record holds of its real pair."""


@dataclass(frozen=True, repr=False)
class PairResult(Result):
    """The paths from one image to another: the straight one, and the one after every round of the search.

    `prefix` begins the names of its arrays and tables. Losses are in nats, with respect to the class of
    both images.
    """

    prefix: str = ""
    ends: tuple[str, str] = REAL_ENDS

    @cached_property
    def tracks(self) -> list[Track]:
        """The paths with their curves; their nodes are places where the record holds no pictures."""
        tracks: list[Track] = []
        while f"{self.prefix}loss_{len(tracks)}" in self.arrays:
            k = len(tracks)
            parts = (
                self.arrays[f"{self.prefix}{name}_{k}"] for name in ("t", "loss", "prediction")
            )
            tracks.append(Track(k, self._nodes(k), *parts))
        return tracks

    @cached_property
    def curves(self) -> list[LossCurve]:
        """The loss along the straight path and along the path after every round."""
        return [
            LossCurve(
                track.t,
                track.loss,
                track.prediction,
                self.target,
                track.stations,
                tuple(self.classes),
            )
            for track in self.tracks
        ]

    @property
    def straight(self) -> Track:
        return self.tracks[0]

    @property
    def final(self) -> Track | None:
        """The path that the search ended with, None where the straight one was left as it is."""
        return self.tracks[-1] if len(self.tracks) > 1 else None

    @property
    def pictured(self) -> bool:
        """Whether the record holds the pictures, not curves and numbers alone."""
        return f"{self.prefix}nodes_0" in self.arrays

    @property
    def numbers(self) -> Mapping[str, Any]:
        """What the summary says of these paths."""
        return self.summary

    @property
    def connected(self) -> bool:
        """Whether a path of low loss was found, and verified."""
        return bool(self.numbers["connected"])

    @property
    def status(self) -> str:
        """How the search ended, in a sentence."""
        return str(self.numbers["status"])

    threshold = Told[float]("The loss below which a path is connected, nats.")

    classes = Told[list[str]]("What the classifier calls its classes.")

    target = Told[int]("The class of both images.")

    target_name = Told[str]("The name of that class.")

    @property
    def rounds(self) -> pd.DataFrame:
        """A row for the straight path and for every round: segments, height, gap, position, connected.

        Where curves are interpolated, also how many of their points were measured.
        """
        return self.tables[f"{self.prefix}rounds"]

    @property
    def bends(self) -> pd.DataFrame:
        """A row for every segment that a round bent: the barrier before and after, steps, accuracy."""
        return self.tables[f"{self.prefix}bends"]

    @property
    def trace(self) -> pd.DataFrame:
        """The loss of every new node at every look of the search."""
        return self.tables[f"{self.prefix}trace"]

    @property
    def passes(self) -> int:
        """Passes of one image through the network, forward and backward, that the search took."""
        return int(self.numbers["forward_passes"] + self.numbers["backward_passes"])

    @property
    def outcome(self) -> str:
        before = self.numbers["height_before"]
        if not self.numbers["rounds"]:
            return (
                f"Connected already: {nats(before)}"
                if self.connected
                else f"Barrier of {nats(before)}"
            )
        verdict = "Connected" if self.connected else "Not connected"
        return f"{verdict}: {figure(before)} to {nats(self.numbers['height_after'])}"

    def label(self, index: int) -> str:
        """The name of a class by its number."""
        return self.classes[index] if 0 <= index < len(self.classes) else f"class {index}"

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        return list(self.straight.nodes) if self.pictured else ()

    @property
    def sketch(self) -> Sequence[np.ndarray]:
        return [track.loss for track in (*self.tracks[:1], *self.tracks[1:][-1:])]

    def plot(self, logarithmic: bool = False) -> Drawing:
        """The loss along every path, with a line at the threshold."""
        from engine.plots.curves import loss_curves

        return loss_curves(self, logarithmic)[0]

    def _nodes(self, number: int) -> np.ndarray:
        """A path's nodes; without pictures, ones of one value that have their places."""
        if self.pictured:
            return self.arrays[f"{self.prefix}nodes_{number}"]
        return self.arrays[f"{self.prefix}stations_{number}"].reshape(-1, 1, 1, 1)


@dataclass(frozen=True, repr=False)
class BarrierPairResult(Result):
    """The pairs that were tried, and the one that was taken: `first` and `second` are places in the set."""

    first = Told[str]("The place of the first image in the set.")

    second = Told[str]("The place of the other one.")

    @property
    def gaps(self) -> np.ndarray:
        """The gap of each pair's straight path, nats, float32 (P,), in the order in which they were tried."""
        return self.arrays["gap"]

    @property
    def outcome(self) -> str:
        tried = counted(len(self.gaps), "pairs")
        return f"A gap of {nats(self.summary['gap'])}, the highest of {tried} that were tried"


@dataclass(frozen=True, repr=False)
class ComparedResult(PairResult):
    """The real pair that a real-adversarial record holds for comparison."""

    prefix: str = COMPARED

    @property
    def numbers(self) -> Mapping[str, Any]:
        return self.summary["real"]


@dataclass(frozen=True)
class Attacked:
    """How K became K′. Distances are in units of the pixel range; `eight_bit` tells of K′ in 8 bits."""

    name: str
    targeted: bool
    apart: float
    prediction: int
    probability: float
    success: bool
    l2: float
    linf: float
    rms: float
    outside: float
    forward_passes: int
    backward_passes: int
    seconds: float
    eight_bit: Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class AdversarialResult(PairResult):
    """The paths from A to K′, the attack that made K′ from K, and the paths from A to C beside them."""

    ends: tuple[str, str] = ADVERSARIAL_ENDS

    @cached_property
    def real(self) -> PairResult | None:
        """The paths from A to the real C; None where A is the only image of its class."""
        if self.summary["real"] is None:
            return None
        return ComparedResult(self.spec, self.arrays, self.tables, self.summary, self.key)

    @cached_property
    def attack(self) -> Attacked:
        """The attack in numbers."""
        return Attacked(**self.summary["attack"])

    source = Array("K, float32 (C, H, W) in [0, 1].")
    adversarial = Array("K′, float32 (C, H, W).")

    @property
    def pictures(self) -> dict[str, np.ndarray]:
        """The pictures of the attack by name, the attacked one first; float32 (C, H, W) each."""
        return {
            "K′, attacked": self.adversarial,
            "K, before the attack": self.source,
            "A": self.straight.nodes[0],
        }

    @property
    def portrait(self) -> Sequence[np.ndarray]:
        return (self.source, self.adversarial) if self.pictured else ()

    attack_trace = Table(
        "The loss at every look of the attack; empty for those that keep no trace."
    )

    @property
    def attack_steps(self) -> pd.DataFrame | None:
        """Steps from K to K′, evenly spread: the look, the probabilities of K's class (source) and of that
        of K′ (reached), the class seen (prediction). None in records made before steps were kept.
        """
        return self.tables.get("attack_steps")

    @property
    def attack_pictures(self) -> np.ndarray | None:
        """The pictures of `attack_steps`, uint8 (S, H, W, C); None where the record holds none."""
        return self.arrays.get("attack_pictures")
