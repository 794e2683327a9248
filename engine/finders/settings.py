"""How a path is searched. Defaults are the paper's; no torch here, for the pages read this too."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from engine.declared import LearningRate, LongestStride, Precision
from engine.errors import ParameterError
from engine.finders import FINDERS
from engine.methods import OpenSettings
from engine.parameters import Field, advanced, fields_of, parameter, within, without

MEASURING = ("rounds", "threshold", "search_points", "verify_points")
"""The settings that make a difference where the straight line is all that is measured."""


@dataclass(frozen=True, init=False, repr=False)
class ConnectSettings(OpenSettings):
    """Settings of `connect` and `connect_many` (Vrabel et al. 2024, sec. 3.2 and 4.1).

    Beside those of every search stand the settings of each finder; finders share those of one name.
    """

    method: str = parameter(
        "hyperplane",
        "The paper's path finder, which goes around a barrier, or another.",
        choices=FINDERS,
    )
    threshold: float = parameter(
        0.05,
        "A path is connected when no interior point has a higher loss.",
        within(1e-6, 10, "nats"),
    )
    rounds: int = parameter(
        4, "Rounds at most. 0 measures the straight line only.", within(0, 8, "rounds")
    )
    stop: Literal["threshold", "iterations"] = parameter(
        "threshold", "A round ends below the threshold, or after all iterations, as in the paper."
    )
    iterations: int = parameter(
        1024, "Optimisation steps a round at most.", within(1, 100_000, "steps")
    )
    learning_rate: LearningRate = 0.005
    patience: int = advanced(
        32,
        "With the threshold rule, a round ends for a segment that has not improved for this "
        "long. 0: never.",
        within(0, 100_000, "steps"),
    )
    longest_stride: LongestStride = 1
    search_points: int = advanced(
        32, "Points a segment on which a search looks for barriers.", within(16, 4096, "points")
    )
    verify_points: int = advanced(
        100,
        "Points a segment on which a path is verified, in float32.",
        within(17, 100_000, "points"),
    )
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
