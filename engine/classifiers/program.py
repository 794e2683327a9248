"""Program: the graph of an exported program, read from its JSON and run operator by operator.

It runs in the thread that calls it and changes nothing for any other. Only PyTorch's own operators on
tensors and arithmetic of sizes run; what the graph would check or promise about sizes is left out.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.classifiers.archive import Archive, damaged
from engine.classifiers.folding import fold_graph
from engine.classifiers.graph import Device, Graph, Step, Value, tidied
from engine.errors import WeightsError

FORMAT = 8
"""The major version of the JSON."""

DTYPES = {
    **{1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64},
    **{6: torch.float16, 7: torch.float32, 8: torch.float64, 9: torch.complex32},
    **{10: torch.complex64, 11: torch.complex128, 12: torch.bool, 13: torch.bfloat16},
}
"""Types of numbers by the JSON's codes."""

MEMORY_FORMATS = {
    **{1: torch.contiguous_format, 2: torch.channels_last},
    **{3: torch.channels_last_3d, 4: torch.preserve_format},
}

LARGEST = 2**63
"""Sizes stay below it, so that no arithmetic of a hostile program goes on for ever."""


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > 64:
        raise ValueError("a power of a size is too large")
    return base**exponent


def _bounded(compute: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*args: Any) -> Any:
        result = compute(*args)
        if isinstance(result, int) and abs(result) > LARGEST:
            raise ValueError("a size is too large")
        return result

    return bounded


ARITHMETIC: dict[str, Callable[..., Any]] = {
    **{f"_operator.{name}": getattr(operator, name) for name in ("add", "sub", "mul", "truediv")},
    **{f"_operator.{name}": getattr(operator, name) for name in ("floordiv", "mod", "neg", "eq")},
    **{f"_operator.{name}": getattr(operator, name) for name in ("ne", "lt", "le", "gt", "ge")},
    **{f"_operator.{name}": getattr(operator, name) for name in ("and_", "or_", "getitem")},
    **{f"math.{name}": getattr(math, name) for name in ("ceil", "floor", "trunc")},
    **{"_operator.pow": _power, "torch.sym_max": max, "torch.sym_min": min, "torch.sym_int": int},
    **{"torch.sym_float": float, "torch.sym_not": operator.not_, "torch._sym_sqrt": math.sqrt},
    "torch.sym_ite": lambda condition, one, other: one if condition else other,
    "torch.sym_sum": sum,
}
"""Arithmetic of sizes."""

ATEN = re.compile(r"torch\.ops\.aten\.(?!from_file\b)(\w+)\.(\w+)", re.ASCII)
"""An operator on tensors; `from_file` would write to any file."""

PROMISES = re.compile(r"torch\.ops\.aten\.(_assert_|sym_constrain_range)")
"""Nodes that compute nothing."""


class Program(nn.Module):
    """An exported program: float32 images (N, C, H, W) to its one output.

    `held` are the tensors that it brings, by the names of the first inputs of the graph, whose last input
    takes the images.
    """

    def __init__(self, graph: Graph, held: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.graph, held = fold_graph(graph, held)
        for number, tensor in enumerate(held.values()):
            if isinstance(tensor, nn.Parameter):
                self.register_parameter(f"tensor_{number}", tensor)
            else:
                self.register_buffer(f"tensor_{number}", tensor)

    def forward(self, images: torch.Tensor) -> Any:
        """What the program makes of images."""
        held = self._parameters | self._buffers
        given = [held[f"tensor_{number}"] for number in range(len(held))]
        (output,) = self.graph(*given, images, device=images.device)
        return output


def read_program(archive: Archive, path: Path) -> tuple[Program, dict[str, Any]]:
    """The program in an archive, and what its JSON says of the images; WeightsError where it cannot run."""
    try:
        return _Reader(archive, path).program()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RuntimeError) as error:
        raise damaged(path, error) from error


KINDS: dict[str, Callable[[Any], Any]] = {
    "as_none": lambda value: None,
    "as_layout": lambda value: torch.strided,
    "as_device": lambda value: Device(),
    "as_tensor": lambda value: Value(value["name"]),
    "name": Value,
    "as_name": Value,
    "as_scalar_type": DTYPES.__getitem__,
    "as_memory_format": MEMORY_FORMATS.__getitem__,
    "as_complex": lambda value: complex(value["real"], value["imag"]),
}
"""Arguments that are more than numbers and texts, by what the JSON calls them."""


class _Reader:
    """Reads one program."""

    def __init__(self, archive: Archive, path: Path) -> None:
        self.archive, self.path = archive, path
        self.about = archive.program
        self.writer = self.about.get("torch_version", "another PyTorch")

    def program(self) -> tuple[Program, dict[str, Any]]:
        """The program, and what is said of its one input."""
        version = self.about["schema_version"]["major"]
        if version != FORMAT:
            raise self._refusal(
                f"it was written by PyTorch {self.writer} in format {version}, and format {FORMAT} is read "
                "here. Export it again with this version"
            )
        module = self.about["graph_module"]
        if any("user_output" not in spec for spec in module["signature"]["output_specs"]):
            raise self._refusal(
                "it changes its own tensors, so it was exported in training mode. Call eval() before "
                "torch.export.export"
            )
        held, image = self._inputs(module["signature"]["input_specs"])
        graph = replace(self._graph(module["graph"]), inputs=[*held, image])
        self._check_number("output, logits (N, K)", [value.name for value in graph.outputs])
        return Program(graph, held), module["graph"]["tensor_values"][image]

    def _inputs(self, specs: list[dict[str, Any]]) -> tuple[dict[str, torch.Tensor], str]:
        """The tensors that the program brings, and the name of the one input that is left."""
        held, images = {}, []
        for spec in specs:
            ((kind, about),) = spec.items()
            if kind == "user_input":
                images += [name for name in _names(about["arg"]) if name]
            elif kind in ("parameter", "buffer", "tensor_constant"):
                held[about["arg"]["name"]] = self._tensor(about[f"{kind}_name"], kind)
            elif kind != "constant_input":
                raise self._refusal(f"it takes a {kind}, which a plain network does not need")
        self._check_number("input, images (N, C, H, W)", images)
        return held, images[0]

    def _check_number(self, expected: str, names: list[str]) -> None:
        if len(names) != 1:
            raise WeightsError(
                f"{self.path}: expected a program with one {expected}, got one with {len(names)}: "
                f"{', '.join(names) or 'none'}. Export a module that takes images and returns logits alone."
            )

    def _tensor(self, name: str, kind: str) -> torch.Tensor:
        about, data = self.archive.tensors[name]
        dtype = DTYPES[about["dtype"]]
        sizes, strides = ([side["as_int"] for side in about[what]] for what in ("sizes", "strides"))
        flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
        tensor = flat.as_strided(sizes, strides, about["storage_offset"]["as_int"])
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise WeightsError(f"{self.path} is damaged: {name} holds values that are not finite.")
        return nn.Parameter(tensor, requires_grad=False) if kind == "parameter" else tensor

    def _graph(self, about: dict[str, Any]) -> Graph:
        nodes = [node for node in about["nodes"] if not PROMISES.match(node["target"])]
        inputs = [name for argument in about["inputs"] for name in _names(argument) if name]
        steps = [self._step(node) for node in nodes]
        return tidied(Graph(inputs, steps, [self._value(output) for output in about["outputs"]]))

    def _step(self, node: dict[str, Any]) -> Step:
        target = self._operator(node["target"])
        schema = target._schema.arguments if isinstance(target, torch._ops.OpOverload) else ()
        keywords = {argument.name for argument in schema if argument.kwarg_only}
        args, kwargs = [], {}
        for given in node["inputs"]:
            value = self._value(given["arg"])
            if given.get("kind") == 2 or given["name"] in keywords:
                kwargs[given["name"]] = value
            else:
                args.append(value)
        results = [name for output in node["outputs"] for name in _names(output)]
        return Step(target, tuple(args), kwargs, results)

    def _operator(self, target: str) -> Any:
        """What computes a step; WeightsError for all but tensors and arithmetic of sizes."""
        if target in ARITHMETIC:
            return _bounded(ARITHMETIC[target])
        if target in SWITCHES:
            return SWITCHES[target]
        match = ATEN.fullmatch(target)
        found = match and getattr(getattr(torch.ops.aten, match[1], None), match[2], None)
        # PyTorch also has operators of TorchScript alone, some of which write files.
        if isinstance(found, torch._ops.OpOverload) and torch._C._dispatch_has_kernel(found.name()):
            return found
        if target.startswith(("torch.ops.quantized", "torch.ops.torchao")):
            raise self._refusal(
                "it is quantised, so that its logits have no gradient. Export the network as it was before "
                "it was quantised"
            )
        raise self._refusal(
            f"it uses the operator {target!r}, which is none of PyTorch {torch.__version__}'s own on tensors "
            f"(it was written by PyTorch {self.writer}). Export a network of PyTorch's own operators, with "
            "this version"
        )

    def _value(self, argument: dict[str, Any]) -> Any:
        """An argument as the JSON has it: what it is, and its value."""
        ((kind, value),) = argument.items()
        if kind == "as_graph":
            return self._graph(value["graph"])
        if kind in KINDS:
            return KINDS[kind](value)
        return self._value(value) if isinstance(value, dict) else self._plain(value, kind)

    def _plain(self, value: Any, kind: str) -> Any:
        """Numbers and texts, or lists of them or of arguments."""
        if isinstance(value, list):
            return [self._plain(part, kind) for part in value]
        if isinstance(value, dict):
            return self._value(value)
        # Infinity and NaN are texts in the JSON.
        return float(value) if kind.startswith("as_float") else value

    def _refusal(self, reason: str) -> WeightsError:
        return WeightsError(f"{self.path} is refused: {reason}.")


def _names(argument: Any) -> Iterator[str]:
    """The names in an input or output of the JSON, empty for what has none."""
    if isinstance(argument, list):
        for part in argument:
            yield from _names(part)
    elif isinstance(argument, dict):
        for key, value in argument.items():
            if key in ("name", "as_name"):
                yield value
            else:
                yield from _names(value)
    else:
        yield ""


def _with_grad(enabled: bool, graph: Callable[..., Any], *given: Any) -> Any:
    with torch.set_grad_enabled(enabled):
        return graph(*given)


def _with_autocast(
    kind: str, dtype: Any, enabled: bool, cache: bool | None, graph: Callable[..., Any], *given: Any
) -> Any:
    with torch.autocast(kind, dtype, enabled, cache):
        return graph(*given)


SWITCHES = {
    "torch.ops.higher_order.wrap_with_set_grad_enabled": _with_grad,
    "torch.ops.higher_order.wrap_with_autocast": _with_autocast,
}
"""What runs a graph inside the graph."""
