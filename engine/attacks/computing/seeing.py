"""The classifier as attacks see it: every pass counted, and for torchattacks gradients that never vanish."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from engine.classifiers.classifier import Classifier
from engine.progress import Reporter


class Counted(nn.Module):
    """Images (n, C, H, W) -> logits (n, K), for a batch that keeps its order from pass to pass.

    `expected` is the number of passes after which an attack ends at the latest. With `until` (n,), an
    image is counted up to the pass that sees it as another class: what a library computes for it after
    that, because its neighbours are not done, is no query that the attack needs. `view` is what the
    classifier sees of the images, where that is not themselves.
    """

    def __init__(
        self,
        classifier: Classifier,
        count: int,
        expected: int,
        report: Reporter,
        until: torch.Tensor | None = None,
        view: Callable[[torch.Tensor], torch.Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.classifier, self.until, self.view = classifier, until, view
        self.expected, self.report = expected, report
        # torchattacks asks the first parameter where a network lies, and an exported one may have none.
        self.place = nn.Parameter(torch.empty(0, device=classifier.device), requires_grad=False)
        self.open = torch.ones(count, dtype=torch.bool, device=classifier.device)
        self.forward_passes = torch.zeros(count, dtype=torch.long, device=classifier.device)
        self.backward_passes = torch.zeros_like(self.forward_passes)
        self.passes = 0
        self.eval()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.report(min(self.passes, self.expected), self.expected)
        self.passes += 1
        logits = self.classifier.forward(self.view(images) if self.view else images)
        under_way = self.open
        self.forward_passes += under_way
        if logits.requires_grad:
            logits.register_hook(lambda gradient: self._note(under_way))
        if self.until is not None:
            self.open = under_way & (logits.detach().argmax(1) == self.until)
        return logits

    def _note(self, under_way: torch.Tensor) -> None:
        self.backward_passes += under_way


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
