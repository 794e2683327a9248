"""The limit: the best throughput of a network on this machine, found by trying what there is to choose.

One after the other, what is best of each is kept: precision, layout, images a pass, threads, compilation.
"""

from __future__ import annotations

import copy
import math
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any, cast

import torch
from torch import nn

from engine.batches import batch_size
from engine.classifiers.classifier import Classifier
from engine.progress import SILENT, Reporter

MOST_IMAGES = 512
MOST_VALUES = 40_000_000
"""N x C x H x W of the largest pass that is tried."""

LEAST_S = 0.25
"""A choice is timed for at least so long, and in at least `PASSES` passes."""

PASSES = 3

Forward = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Needs:
    """Images through the network: in float32 (what is told is verified so), and with gradients."""

    verified: float = 0
    gradients: float = 0


@dataclass(frozen=True)
class Choice:
    """How images go through a network."""

    images: int
    threads: int
    bfloat16: bool = False
    channels_last: bool = False
    compiled: bool = False

    def __str__(self) -> str:
        parts = (
            "bfloat16" if self.bfloat16 else "float32",
            "channels last" if self.channels_last else "channels first",
            f"{self.images} images",
            f"{self.threads} threads",
            "compiled" if self.compiled else "",
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True)
class Best:
    """Seconds an image at the best choice."""

    seconds: float
    choice: Choice


@dataclass(frozen=True)
class Limit:
    """The best of a network: forward in float32, forward and backward in any precision."""

    network: str
    forward: Best
    gradient: Best
    again: Callable[[], tuple[float, float]] = field(repr=False)
    """Seconds an image of both as they are just now: machines are faster at times than at others."""

    def at(self, found: Sequence[tuple[float, float]]) -> Limit:
        """The limit as it was found in several turns."""
        forward, gradient = (median(seconds) for seconds in zip(*found, strict=True))
        return replace(
            self,
            forward=replace(self.forward, seconds=forward),
            gradient=replace(self.gradient, seconds=gradient),
        )

    def seconds(self, needs: Needs) -> float:
        """What these passes take at the least."""
        return needs.verified * self.forward.seconds + needs.gradients * self.gradient.seconds

    def as_json(self) -> dict[str, Any]:
        """The limit as plain JSON values."""
        return {
            "task": "limit",
            "network": self.network,
            "forward_s": self.forward.seconds,
            "gradient_s": self.gradient.seconds,
            "forward": str(self.forward.choice),
            "gradient": str(self.gradient.choice),
        }

    def __str__(self) -> str:
        return "; ".join(
            f"{name} {1000 * best.seconds:.3g} ms an image ({best.choice})"
            for name, best in (("forward", self.forward), ("with gradient", self.gradient))
        )


def measure_limit(
    classifier: Classifier, *, compiled: bool = True, report: Reporter = SILENT
) -> Limit:
    """The limit of a network where it is; `compiled` tries PyTorch's compiler too, which takes minutes."""
    trials = [_Trial(classifier, gradient) for gradient in (False, True)]
    with _threads_kept():
        found = [_search(classifier, trial, compiled, report) for trial in trials]

    def again() -> tuple[float, float]:
        with _threads_kept():
            forward, gradient = (
                trial.seconds(best.choice) for trial, best in zip(trials, found, strict=True)
            )
        return forward, gradient

    return Limit(classifier.name, found[0], found[1], again)


def _search(classifier: Classifier, trial: _Trial, compiled: bool, report: Reporter) -> Best:
    size = batch_size(classifier.input_shape, classifier.device)
    threads = torch.get_num_threads()
    choice = Choice(
        min(size, MOST_IMAGES),
        threads,
        channels_last=classifier.layout == torch.channels_last,
    )
    best = Best(trial.seconds(choice), choice)
    stage = f"Limit of {classifier.name}"

    def keep(**other: Any) -> bool:
        nonlocal best
        report(0, 1, stage=stage)
        tried = replace(best.choice, **other)
        with suppress(RuntimeError):  # a network that does not run so
            seconds = trial.seconds(tried)
            if seconds < best.seconds:
                best = Best(seconds, tried)
                return True
        return False

    if trial.gradient:
        keep(bfloat16=True)
    keep(channels_last=not best.choice.channels_last)
    for factor in (2, 0.5):
        worse = 0
        images = best.choice.images * factor
        while worse < 2 and _possible(images, classifier):
            worse = 0 if keep(images=int(images)) else worse + 1
            images *= factor
    if classifier.device.type == "cpu":
        for fewer in (threads // 2, threads // 4):
            if fewer:
                keep(threads=fewer)
    if compiled and (classifier.device.type == "cuda" or shutil.which("g++")):
        keep(compiled=True)
    return best


def _possible(images: float, classifier: Classifier) -> bool:
    values = images * math.prod(classifier.input_shape)
    return 1 <= images <= MOST_IMAGES and values <= MOST_VALUES


class _Trial:
    """A network in the forms that are tried, each made once."""

    def __init__(self, classifier: Classifier, gradient: bool) -> None:
        self.classifier, self.gradient = classifier, gradient
        self._forms: dict[tuple[bool, bool, bool], Forward] = {}

    def seconds(self, choice: Choice) -> float:
        """Seconds an image, the median of several passes."""
        torch.set_num_threads(choice.threads)
        forward = self._form(choice)
        pixels = torch.rand(
            choice.images, *self.classifier.input_shape, device=self.classifier.device
        ).contiguous(memory_format=_layout(choice))
        passes: list[float] = []
        self._pass(forward, pixels)
        began = time.perf_counter()
        while len(passes) < PASSES or time.perf_counter() - began < LEAST_S:
            passes.append(self._pass(forward, pixels))
        return median(passes) / choice.images

    def _pass(self, forward: Forward, pixels: torch.Tensor) -> float:
        began = time.perf_counter()
        if self.gradient:
            torch.autograd.grad(forward(pixels.requires_grad_(True)).sum(), pixels)
        else:
            with torch.no_grad():
                forward(pixels)
        if pixels.is_cuda:
            torch.cuda.synchronize()
        return time.perf_counter() - began

    def _form(self, choice: Choice) -> Forward:
        key = (choice.bfloat16, choice.channels_last, choice.compiled)
        if key not in self._forms:
            self._forms[key] = self._made(choice)
        return self._forms[key]

    def _made(self, choice: Choice) -> Forward:
        """The classifier with its weights in this precision and order."""
        whole = copy.deepcopy(self.classifier)
        whole.layout = _layout(choice)
        network: Any = whole.network
        network.to(memory_format=whole.layout)
        if choice.bfloat16:
            network = self._rounded(network, whole.layout)
        whole.network = cast(nn.Module, torch.compile(network)) if choice.compiled else network
        return whole.forward

    def _rounded(self, network: nn.Module, layout: torch.memory_format) -> nn.Module:
        """A network with weights in bfloat16, or that rounds them in every pass where it cannot hold them."""
        held = copy.deepcopy(network).to(torch.bfloat16)
        try:
            with torch.no_grad():
                held(self.classifier.grey.to(torch.bfloat16, memory_format=layout))
        except RuntimeError:
            return _Autocast(network)
        return _Held(held)


class _Held(nn.Module):
    """A network that takes bfloat16."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.network(pixels.to(torch.bfloat16))


class _Autocast(_Held):
    """A network whose operations round by themselves."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        with torch.autocast(pixels.device.type, dtype=torch.bfloat16):
            return self.network(pixels)


def _layout(choice: Choice) -> torch.memory_format:
    return torch.channels_last if choice.channels_last else torch.contiguous_format


@contextmanager
def _threads_kept() -> Iterator[None]:
    """The number of threads as it was before."""
    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)
