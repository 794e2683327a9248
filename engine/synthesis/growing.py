"""The optimisation problem of synthesis: parameters become images, images are transformed and judged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

import torch

from engine.objectives import CrossEntropy, Objective
from engine.optimise import Problem
from engine.synthesis.parameterisations import Parameterisation
from engine.synthesis.preview import Preview
from engine.synthesis.transforms import Transforms


@dataclass
class Growing(Problem):
    """P images growing at once. The loss that is traced is that of the images as they are transformed.

    An image ends when its loss is at most `goal` (None: never before the last step); with `together`
    all end when the last of them does. `places` (P,), on the CPU, number the images for the preview.
    """

    form: Parameterisation
    objective: Objective
    targets: torch.Tensor
    transforms: Transforms | None
    goal: float | None
    together: bool
    preview: Preview
    places: torch.Tensor
    plain: torch.Tensor = field(default_factory=lambda: torch.empty(0), repr=False)

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        self.plain = self.form.images(variables)
        self.preview.note(self.places, self.plain)
        return self.transforms.apply(self.plain, step) if self.transforms else self.plain

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # Penalties are for the image itself, whatever the transforms make of it.
        return self.objective(self.plain, logits), CrossEntropy(self.targets)(images, logits)

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        if self.goal is None:
            return super().is_solved(variables, loss, step)
        done = loss <= self.goal
        return done.all().expand(len(done)) if self.together else done

    def take(self, rows: torch.Tensor) -> Self:
        return replace(
            self,
            objective=self.objective.take(rows),
            targets=self.targets[rows],
            transforms=self.transforms.take(rows) if self.transforms else None,
            places=self.places[rows.cpu()],
        )
