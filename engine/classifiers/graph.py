"""Graph: a program as steps, each an operator on what came before. It is run by whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch


@dataclass(frozen=True)
class Value:
    """Stands for a tensor or a size that is computed when the graph runs."""

    name: str


@dataclass(frozen=True)
class Device:
    """Stands for the device that the graph runs on."""


@dataclass(frozen=True)
class Step:
    """One operator with its arguments, which may hold a `Value` or a `Graph`, and names for its results."""

    target: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    results: list[str]
    done: tuple[str, ...] = ()
    """Values that nothing after it takes."""

    def takes(self) -> Iterator[str]:
        """The names of all values in its arguments."""
        return names([self.args, [*self.kwargs.values()]])


@dataclass(frozen=True)
class Graph:
    """Steps from values called `inputs` to `outputs`, which may hold any `Value`."""

    inputs: list[str]
    steps: list[Step]
    outputs: list[Any]

    def __call__(self, *given: Any, device: torch.device) -> list[Any]:
        """The outputs, with the inputs given in their order."""
        values: dict[str, Any] = dict(zip(self.inputs, given, strict=True))
        for step in self.steps:
            args = [_filled(argument, values, device) for argument in step.args]
            kwargs = {key: _filled(value, values, device) for key, value in step.kwargs.items()}
            results = flat(step.target(*args, **kwargs))
            if step.results:
                values.update(zip(step.results, results, strict=True))
            for name in step.done:
                del values[name]
        return [_filled(value, values, device) for value in self.outputs]


def _filled(value: Any, values: dict[str, Any], device: torch.device) -> Any:
    """An argument with what it stands for."""
    if isinstance(value, Value):
        return values[value.name]
    if isinstance(value, list):
        return [_filled(part, values, device) for part in value]
    if isinstance(value, Device):
        return device
    return partial(value, device=device) if isinstance(value, Graph) else value


def names(values: Any) -> Iterator[str]:
    """The names of all values in arguments or outputs."""
    return (value.name for value in flat(values) if isinstance(value, Value))


def flat(values: Any) -> Iterator[Any]:
    """What is in lists and tuples, however deep it stands."""
    if isinstance(values, list | tuple):
        for part in values:
            yield from flat(part)
    else:
        yield values


def tidied(graph: Graph) -> Graph:
    """The graph, each step of which says what is not needed after it."""
    needed = set(names(graph.outputs))
    steps = []
    for step in reversed(graph.steps):
        here = {*step.takes(), *step.results}
        steps.append(replace(step, done=tuple(here - needed)))
        needed |= here
    return replace(graph, steps=steps[::-1])
