"""How a path is searched. Defaults are the paper's; no torch here, for the pages read this too."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.declared import LearningRate, LongestStride, Precision
from engine.errors import ParameterError
from engine.finders import FINDERS
from engine.methods import OpenSettings
from engine.parameters import Field, Parameter, fields_of, without

MEASURING = ("rounds", "threshold", "search_points", "verify_points")
"""The settings that make a difference where the straight line is all that is measured."""


@dataclass(frozen=True, init=False, repr=False)
class ConnectSettings(OpenSettings):
    """Settings of `connect` and `connect_many` (Vrabel et al. 2024, sec. 3.2 and 4.1).

    Beside those of every search stand the settings of each finder; finders share those of one name.
    """

    method: Annotated[
        str,
        Parameter(
            "Path finder: the paper's, which goes around a barrier within a hyperplane, or one of its "
            "peers.",
            choices=FINDERS,
        ),
    ] = "hyperplane"
    threshold: Annotated[
        float,
        Parameter(
            "A path is connected when no interior point has a higher loss than this.",
            unit="nats",
            low=1e-6,
            high=10,
        ),
    ] = 0.05
    rounds: Annotated[
        int,
        Parameter(
            "Rounds at most; each bends every segment that is still too high. 0 measures the "
            "straight line only.",
            unit="rounds",
            low=0,
            high=8,
        ),
    ] = 4
    stop: Annotated[
        Literal["threshold", "iterations"],
        Parameter(
            "When a round ends: as soon as the path is below the threshold, or after all "
            "iterations, as in the paper.",
        ),
    ] = "threshold"
    iterations: Annotated[
        int, Parameter("Optimisation steps a round at most.", unit="steps", low=1, high=100_000)
    ] = 1024
    learning_rate: LearningRate = 0.005
    patience: Annotated[
        int,
        Parameter(
            "With the threshold rule: a round ends early for a segment whose path has not improved "
            "for this long; the best path is kept. 0 waits for all iterations. A longer stride counts "
            "as one step.",
            unit="steps",
            low=0,
            high=100_000,
            advanced=True,
        ),
    ] = 32
    longest_stride: LongestStride = 1
    search_points: Annotated[
        int,
        Parameter(
            "Points a segment on which a search looks for barriers.",
            unit="points",
            low=16,
            high=4096,
            advanced=True,
        ),
    ] = 32
    verify_points: Annotated[
        int,
        Parameter(
            "Points a segment on which a path is verified, in float32. Must exceed the search's.",
            unit="points",
            low=17,
            high=100_000,
            advanced=True,
        ),
    ] = 100
    precision: Precision = "float32"

    @classmethod
    def declared(cls) -> tuple[Field, ...]:
        """The settings of the finders, each once; TypeError where one name means two things."""
        found: dict[str, Field | None] = {field.name: None for field in dataclasses.fields(cls)}
        for finder in FINDERS.values():
            for field in fields_of(finder.settings_class):
                if found.setdefault(field.name, field) != field:
                    raise TypeError(f"{finder.title}: {field.name} is the name of another setting.")
        return tuple(field for field in found.values() if field)

    def relevant(self) -> dict[str, Any]:
        """Without what the chosen finder, or one that only measures, makes no use of."""
        values = super().relevant()
        if self.rounds == 0:
            return {name: values[name] for name in MEASURING}
        used = {field.name for field in fields_of(FINDERS[self.method].settings_class)}
        idle = {field.name for field in self.declared()} - used
        if self.stop == "iterations":
            idle.add("patience")
        return without(values, *idle)

    def check(self) -> None:
        if self.verify_points <= self.search_points:
            raise ParameterError(
                f"verify_points: expected more than search_points ({self.search_points}), got "
                f"{self.verify_points}. A path is verified on a finer grid than it was found on."
            )
