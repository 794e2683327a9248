"""What an attack showed to the classifier on its way: some of its pictures, evenly spread."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.experiments.base import Columns
from engine.images import to_bytes

MOST = 24
"""Steps that are kept of an attack at most."""

LEAST = 8
BYTES = 2_000_000
"""What their pictures may take in a record, about: of large pictures fewer are kept, but not under LEAST."""


class Witness:
    """A classifier for the attack on one image that keeps what it is shown; all else is the classifier's.

    However long the attack, it holds at most twice as many pictures as it is to keep.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.most = max(LEAST, min(MOST, BYTES // int(np.prod(classifier.input_shape))))
        self.stride, self.looks = 1, 0
        self.kept: list[tuple[int, torch.Tensor]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.classifier, name)

    @property
    def view(self) -> Classifier:
        """Itself, for what asks for a classifier."""
        return cast(Classifier, self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of images (N, C, H, W), of which the first is kept where its turn has come."""
        if self.looks % self.stride == 0:
            self._keep(images[:1].detach().float().cpu().clone())
        self.looks += 1
        return self.classifier.forward(images)

    def _keep(self, image: torch.Tensor) -> None:
        if self.kept and torch.equal(self.kept[-1][1], image):
            return
        self.kept.append((self.looks, image))
        if len(self.kept) >= 2 * self.most:
            self.kept, self.stride = self.kept[::2], 2 * self.stride

    def steps(self, source: int, reached: int, last: torch.Tensor) -> tuple[np.ndarray, Columns]:
        """The steps from K to K′, which is `last` (C, H, W): pictures uint8 (S, H, W, C), and their rows.

        A row has the number of the look, the probabilities of K's class and of that of K′, and the class
        seen, all from a pass in float32.
        """
        # The passes that judge K and K′ are no steps: K is the first look, K′ comes last.
        way = [one for one in self.kept if not torch.equal(one[1][0], last)]
        chosen = np.unique(np.linspace(0, len(way) - 1, min(len(way), self.most - 1)).round())
        shown = [*(way[int(k)] for k in chosen), (self.looks - 1, last[None])]
        pictures = torch.cat([image for _, image in shown])
        with torch.inference_mode():
            odds = self.classifier.forward(pictures).float().softmax(1).cpu().numpy()
        rows = {
            "look": np.array([look for look, _ in shown]),
            "source": odds[:, source],
            "reached": odds[:, reached],
            "prediction": odds.argmax(1),
        }
        return to_bytes(pictures.numpy()), rows
