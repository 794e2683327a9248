"""Folding: a BatchNorm that follows a convolution, in evaluation mode, is part of its weights.

The network computes the same function with half as many passes over its activations. Modules stay
where they are (a folded BatchNorm becomes Identity), so that hooks and indices into them still hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

_CONVOLUTION = torch.ops.aten.conv2d.default
_BATCH_NORM = torch.ops.aten.batch_norm.default


def fold_modules(network: nn.Module) -> None:
    """Fold, in place, each BatchNorm2d that is all that sees a Conv2d's output.

    A network whose flow of data cannot be traced is left as it is.
    """
    network.eval()
    try:
        graph = fx.Tracer().trace(network)
    except (fx.proxy.TraceError, TypeError, ValueError, RuntimeError):
        return
    calls = Counter(node.target for node in graph.nodes if node.op == "call_module")
    for conv, norm in _module_pairs(graph, network):
        if calls[conv] == calls[norm] == 1:
            _fold_pair(network.get_submodule(conv), network.get_submodule(norm))
            network.set_submodule(norm, nn.Identity())


def fold_program(network: fx.GraphModule) -> None:
    """Fold, in place, each `batch_norm` of an exported program that is all that sees a `conv2d`."""
    norms = [node for node in network.graph.nodes if node.target is _BATCH_NORM]
    for number, norm in enumerate(norms):
        conv = norm.args[0]
        if conv.target is _CONVOLUTION and len(conv.users) == 1 and len(norm.args) >= 8:
            _fold_nodes(network, conv, norm, f"folded_{number}")
    network.graph.eliminate_dead_code()
    network.delete_all_unused_submodules()
    network.recompile()


def _module_pairs(graph: fx.Graph, network: nn.Module) -> Iterator[tuple[str, str]]:
    """Names of (convolution, BatchNorm) where the second alone takes what the first gives."""
    modules = dict(network.named_modules())
    for node in graph.nodes:
        source = node.args[0] if node.args else None
        if not isinstance(source, fx.Node) or {node.op, source.op} != {"call_module"}:
            continue
        conv, norm = str(source.target), str(node.target)
        kinds = type(modules[conv]), type(modules[norm])
        if kinds == (nn.Conv2d, nn.BatchNorm2d) and len(source.users) == 1:
            yield conv, norm


def _fold_pair(conv: Any, norm: Any) -> None:
    constants = (conv.weight, conv.bias, norm.running_mean, norm.running_var)
    weight, bias = _fused([*constants, norm.weight, norm.bias], norm.eps)
    conv.weight = nn.Parameter(weight, requires_grad=False)
    conv.bias = nn.Parameter(bias, requires_grad=False)


def _fold_nodes(network: fx.GraphModule, conv: fx.Node, norm: fx.Node, name: str) -> None:
    """Give `conv` the weights that make `norm` superfluous, and take `norm` out of the graph."""
    image, weight, bias, *rest = (*conv.args, None)[: max(len(conv.args), 3)]
    scale, shift, mean, variance, training, _, epsilon = norm.args[1:8]
    if training or not isinstance(epsilon, float):
        return
    nodes = (weight, bias, mean, variance, scale, shift)
    fused = _fused([_constant(network, node) for node in nodes], epsilon)
    with network.graph.inserting_before(conv):
        folded = []
        for part, tensor in zip(("weight", "bias"), fused, strict=True):
            network.register_parameter(f"{name}_{part}", nn.Parameter(tensor, requires_grad=False))
            folded.append(network.graph.get_attr(f"{name}_{part}"))
    conv.args = (image, *folded, *rest)
    norm.replace_all_uses_with(conv)
    network.graph.erase_node(norm)


def _constant(network: fx.GraphModule, node: Any) -> Any:
    """The tensor that a graph's node stands for, None for None."""
    if node is None:
        return None
    value: Any = network
    for part in node.target.split("."):
        value = getattr(value, part)
    return value


def _fused(constants: list[Any], epsilon: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of the convolution that does both; worked out in float64, rounded once.

    `constants` are weight, bias, mean, variance, scale and shift; all but the first, mean and
    variance may be None.
    """
    precise: list[Any] = [None if value is None else value.double() for value in constants]
    weight, bias, mean, variance, scale, shift = precise
    fused = fuse_conv_bn_weights(weight, bias, mean, variance, epsilon, scale, shift)
    kind = constants[0].dtype
    return fused[0].detach().to(kind), fused[1].detach().to(kind)
