"""What is put right around torchattacks: gradients that never vanish, and a start of PGD that is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from engine.attacks.computing.counted import Counted


class Steep(nn.Module):
    """A classifier whose cross-entropy for `classes` (n,) keeps its gradient however sure it is.

    In float32, softmax(z)[label] - 1 rounds to zero from a margin of 17 nats on, so the label's share of
    the gradient is lost; all of it underflows from some 90 nats on, sooner where it is divided by the
    batch. So logits are float64, the label's entry is what makes the gradient's sum zero, as it must be,
    and each image's largest entry is brought to 1 before the gradient goes back through the network in
    float32. Signs are those of the exact gradient, and they are all that is used of it here.
    """

    def __init__(self, model: Counted, classes: torch.Tensor) -> None:
        super().__init__()
        self.model, self.column = model, classes[:, None]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.model(images).double()
        if logits.requires_grad:
            logits.register_hook(self._mended)
        return logits

    def _mended(self, gradient: torch.Tensor) -> torch.Tensor:
        others = gradient.scatter(1, self.column, 0.0)
        whole = others.scatter(1, self.column, -others.sum(1, keepdim=True))
        largest = whole.abs().amax(1, keepdim=True)
        return whole / largest.clamp(min=torch.finfo(whole.dtype).tiny)


class Start(TorchFunctionMode):
    """While it is active in this thread, `Tensor.uniform_` fills in `noise` and draws nothing."""

    def __init__(self, noise: torch.Tensor) -> None:
        super().__init__()
        self.noise = noise

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is torch.Tensor.uniform_:
            return args[0].copy_(self.noise)
        return func(*args, **(kwargs or {}))
