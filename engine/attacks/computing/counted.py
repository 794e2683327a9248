"""The classifier as an attack sees it: every pass is counted, image by image, and tells of progress."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

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
