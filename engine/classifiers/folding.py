"""Folding: a BatchNorm that follows a convolution, in evaluation mode, is part of its weights.

The network computes the same function with half as many passes over its activations. Modules stay
where they are (a folded BatchNorm becomes Identity), so that hooks and indices into them still hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from engine.classifiers.graph import Graph, Step, Value, names, tidied

CONVOLUTION = torch.ops.aten.conv2d.default
BATCH_NORM = torch.ops.aten.batch_norm.default
LOOKS_AT_VALUES = {
    getattr(torch.Tensor, name)
    for name in ("__bool__", "__float__", "__index__", "__int__", "item", "numpy", "tolist")
}


def fold_modules(network: nn.Module, input_shape: tuple[int, int, int]) -> None:
    """Fold, in place, each BatchNorm2d that is all that takes a Conv2d's output.

    What takes what is seen on one black image. Tracing with `torch.fx` would change `nn.Module` for
    all threads of the process, and other jobs may be computing in them; tensors that have shapes but
    no values would load PyTorch's compiler, which takes longer than all the rest. A network that
    decides by the values that it sees is left as it is.
    """
    network.eval()
    observer = _Observer()
    try:
        observer.watch(network, input_shape)
    except (RuntimeError, TypeError, ValueError):
        return
    for conv, norm in observer.pairs():
        _fold_pair(network.get_submodule(conv), network.get_submodule(norm))
        folded = network.get_submodule(norm)
        for name, module in list(network.named_modules(remove_duplicate=False)):
            if module is folded:
                network.set_submodule(name, nn.Identity())


def fold_graph(
    graph: Graph, held: dict[str, torch.Tensor]
) -> tuple[Graph, dict[str, torch.Tensor]]:
    """The graph with each BatchNorm that is all that takes a convolution's output made part of that one.

    `held` are its tensors by the names of its inputs, of which only those are left that it then takes.
    """
    uses = Counter(
        [*(name for step in graph.steps for name in step.takes()), *names(graph.outputs)]
    )
    steps: dict[str, Step] = {}
    for number, step in enumerate(graph.steps):
        before = steps.get(step.args[0].name) if step.target is BATCH_NORM else None
        if before and before.target is CONVOLUTION and uses[before.results[0]] == 1:
            fused = _fused_steps(before, step, held)
            if fused:
                new = [f"folded {number} {what}" for what in ("weight", "bias")]
                held = held | dict(zip(new, fused, strict=True))
                args = (before.args[0], *map(Value, new), *before.args[3:])
                steps[before.results[0]] = replace(before, args=args, results=step.results)
                continue
        steps[step.results[0] if step.results else f"step {number}"] = step
    left = [*steps.values()]
    needed = {*(name for step in left for name in step.takes()), *names(graph.outputs)}
    held = {name: tensor for name, tensor in held.items() if name in needed}
    return tidied(Graph([*held, graph.inputs[-1]], left, graph.outputs)), held


class _Observer(TorchFunctionMode):
    """Notes what is done with tensors, in this thread alone, while a network sees an image."""

    def __init__(self) -> None:
        super().__init__()
        self._names: dict[nn.Module, str] = {}
        self._calls: dict[nn.Module, list[tuple[torch.Tensor, torch.Tensor]]] = {}
        self._taken: Counter[int] = Counter()
        self._kept: list[Any] = []
        """All tensors met, so that no two have the same id."""

    def watch(self, network: nn.Module, input_shape: tuple[int, int, int]) -> None:
        """Send a black image (C, H, W) through the network."""
        with ExitStack() as stack:
            for name, module in network.named_modules():
                if type(module) in (nn.Conv2d, nn.BatchNorm2d):
                    self._names[module] = name
                    stack.callback(module.register_forward_hook(self._called).remove)
            image = torch.zeros(1, *input_shape)
            with torch.no_grad(), self:
                self._take(network(image))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Names of (convolution, BatchNorm), each used once, the second alone taking what the first gives."""
        once = {module: calls[0] for module, calls in self._calls.items() if len(calls) == 1}
        source = {id(given): conv for conv, (_, given) in once.items() if type(conv) is nn.Conv2d}
        for norm, (taken, _) in once.items():
            conv = source.get(id(taken))
            if type(norm) is nn.BatchNorm2d and conv is not None:
                alone = (taken, conv.weight, norm.running_mean)
                if all(self._taken[id(tensor)] == 1 for tensor in alone):
                    yield self._names[conv], self._names[norm]

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        if func in LOOKS_AT_VALUES:
            raise TypeError("the network decides by the values that it sees")
        result = func(*args, **(kwargs or {}))
        made = any(isinstance(leaf, torch.Tensor) for leaf in tree_leaves(result))
        if made or result is None:  # what gives something else, such as `size`, takes no values
            self._take((args, kwargs))
            self._kept.append(result)
        return result

    def _take(self, values: Any) -> None:
        tensors = [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]
        self._kept += tensors
        self._taken.update(map(id, tensors))

    def _called(self, module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        self._calls.setdefault(module, []).append((inputs[0], output))


def _fused_steps(
    convolution: Step, norm: Step, held: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Weight and bias that do both; None where they depend on more than the tensors that are held."""
    if len(norm.args) < 8 or norm.args[5] or not isinstance(norm.args[7], float):
        return None
    weight, bias = (*convolution.args[1:3], None)[:2]
    scale, shift, mean, variance = norm.args[1:5]
    constants = [weight, bias, mean, variance, scale, shift]
    if any(value is not None and value.name not in held for value in constants):
        return None
    return fuse([value and held[value.name] for value in constants], norm.args[7])


def _fold_pair(conv: Any, norm: Any) -> None:
    constants = (conv.weight, conv.bias, norm.running_mean, norm.running_var)
    weight, bias = fuse([*constants, norm.weight, norm.bias], norm.eps)
    conv.weight = nn.Parameter(weight, requires_grad=False)
    conv.bias = nn.Parameter(bias, requires_grad=False)


def fuse(constants: list[Any], epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of the convolution that does both; worked out in float64, rounded once.

    `constants` are weight, bias, mean, variance, scale and shift; all but the first, mean and
    variance may be None.
    """
    precise: list[Any] = [None if value is None else value.double() for value in constants]
    weight, bias, mean, variance, scale, shift = precise
    fused = fuse_conv_bn_weights(weight, bias, mean, variance, epsilon, scale, shift)
    kind = constants[0].dtype
    return fused[0].detach().to(kind), fused[1].detach().to(kind)
