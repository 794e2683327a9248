"""Drawing: what PyTorch draws at random comes from a generator of one's own, in this thread alone.

PyTorch's global generator belongs to all threads of a process: who seeds it changes what others draw.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

DRAWS = {
    *("uniform_", "normal_", "random_", "bernoulli_", "exponential_", "geometric_", "log_normal_"),
    *("rand", "randn", "randint", "randperm", "bernoulli", "normal", "multinomial", "cauchy_"),
}
"""Functions of PyTorch's own that take a generator, by name."""


class Drawing(TorchFunctionMode):
    """`with Drawing(torch.Generator().manual_seed(3)):` draws what `torch.manual_seed(3)` would have drawn.

    Initial weights and dropout included; of dropout on a GPU, other numbers of the same kind.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is F.dropout:
            return self._dropout(*args, **kwargs)
        if _takes_generator(func) and kwargs.get("generator") is None:
            kwargs = {**kwargs, "generator": self.generator}
        return func(*args, **kwargs)

    def _dropout(
        self, values: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> torch.Tensor:
        if not training or p == 0:
            return values
        kept = torch.empty_like(values).bernoulli_(1 - p, generator=self.generator).div_(1 - p)
        return values.mul_(kept) if inplace else values * kept


@cache
def _takes_generator(func: Any) -> bool:
    if inspect.isfunction(func):
        return "generator" in inspect.signature(func).parameters
    return getattr(func, "__name__", "") in DRAWS
