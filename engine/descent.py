"""Optimisers for many independent problems at once, each with a clock of its own.

PyTorch's optimisers have one clock and one step length for all that they move. Here problems come and go
while others are under way, and one that only creeps may take a longer stride than its neighbour.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from engine.lazy import torch

BETAS = (0.9, 0.999)
EPSILON = 1e-8

Rule = Literal["adam", "sgd"]


@dataclass(frozen=True)
class Strides:
    """When one step may stand for several: where a problem is all but solved, Adam only creeps.

    While a problem's loss stays at or below `calm` nats, its stride doubles after every `every` steps, up
    to `longest`. Moments and clock advance by as many steps as the stride stands for, so the path in
    image space is the one of single steps, followed in larger pieces.
    """

    calm: float = 0.01
    every: int = 4
    longest: int = 32

    def after(self, quiet: torch.Tensor) -> torch.Tensor:
        """Strides (P,) of problems whose loss has been calm for `quiet` (P,) steps."""
        # More doublings than these change nothing, and some more would not fit into an integer.
        doublings = (quiet // self.every).clamp(max=self.longest.bit_length())
        return (2**doublings).clamp(max=self.longest)


class Descent(ABC):
    """Moves variables (P, ...) against their gradients; `clock` (P,) counts the steps taken."""

    def __init__(self, variables: torch.Tensor, learning_rate: float, weight_decay: float) -> None:
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.clock = torch.zeros(len(variables), dtype=torch.long, device=variables.device)

    def step(
        self, variables: torch.Tensor, gradient: torch.Tensor, stride: torch.Tensor
    ) -> torch.Tensor:
        """The variables after a step that stands for `stride` (P,) of them."""
        if self.weight_decay:
            gradient = gradient + self.weight_decay * variables
        self.clock = self.clock + stride
        return variables - self.learning_rate * self._direction(gradient, stride)

    @abstractmethod
    def _direction(self, gradient: torch.Tensor, stride: torch.Tensor) -> torch.Tensor:
        """What is subtracted, in units of the learning rate."""

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with the problems in `rows` alone."""
        self.clock = self.clock[rows]

    def restart(self, row: int) -> None:
        """Forget what is known of the problem in `row`: another takes its place."""
        self.clock[row] = 0


class GradientDescent(Descent):
    """Plain steps against the gradient."""

    def _direction(self, gradient: torch.Tensor, stride: torch.Tensor) -> torch.Tensor:
        return _column(stride, gradient) * gradient


class Adam(Descent):
    """Kingma and Ba 2017, as `torch.optim.Adam` computes it where all strides are 1."""

    def __init__(self, variables: torch.Tensor, learning_rate: float, weight_decay: float) -> None:
        super().__init__(variables, learning_rate, weight_decay)
        self.mean = torch.zeros_like(variables)
        self.square = torch.zeros_like(variables)

    def _direction(self, gradient: torch.Tensor, stride: torch.Tensor) -> torch.Tensor:
        fading, rare = (_column(beta ** stride.double(), gradient) for beta in BETAS)
        self.mean = torch.lerp(gradient, self.mean, fading)
        self.square = torch.lerp(gradient.square(), self.square, rare)
        # The averages begin at zero; this makes up for it.
        young, rising = (_column(1 - beta ** self.clock.double(), gradient) for beta in BETAS)
        scale = _column(stride, gradient) / young
        return scale * self.mean / ((self.square / rising).sqrt() + EPSILON)

    def keep(self, rows: torch.Tensor) -> None:
        super().keep(rows)
        self.mean, self.square = self.mean[rows], self.square[rows]

    def restart(self, row: int) -> None:
        super().restart(row)
        self.mean[row], self.square[row] = 0, 0


METHODS: dict[Rule, type[Descent]] = {"adam": Adam, "sgd": GradientDescent}


def _column(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return values.to(like.dtype).reshape(-1, *[1] * (like.ndim - 1))
