"""Classifier: a network with its normalisation, frozen. Pixels in [0, 1] go in, logits come out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import nn

from engine.classifiers.identity import content_digest, design_of
from engine.errors import ImageError
from engine.images import fit, with_channels
from engine.pixels import check_range, check_shape, with_axis

if TYPE_CHECKING:
    from engine.classifiers.description import Card


class Classifier(nn.Module):
    """Images float32 (N, C, H, W) in [0, 1] -> logits float32 (N, K).

    In evaluation mode with frozen parameters, so it may be called from several threads at once;
    differentiable with respect to the images. Normalisation is part of it. `digest` is that of the weights
    where whoever built it knows one. `doubts` are sentences on what is probably a mistake in it (a softmax
    at its end, statistics of pixels from 0 to 255, the same logits for every image).
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        card: Card,
        network: nn.Module,
        device: torch.device | str = "cpu",
        layout: torch.memory_format = torch.contiguous_format,
        digest: str = "",
        doubts: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.card = card
        self.doubts = doubts
        self._digest = digest
        # Taken now, for a network may count its passes or keep what it saw.
        self._design = "" if digest else design_of(network, card)
        self.network = network
        self.layout = layout
        for name, values in (("mean", card.mean), ("std", card.std)):
            self.register_buffer(name, torch.tensor(values).view(1, -1, 1, 1))
        self.requires_grad_(False)
        self.train(False)
        # PyTorch's type stubs know `memory_format` only for tensors.
        cast(Any, self).to(device, memory_format=layout)

    @property
    def name(self) -> str:
        """The name that `load_classifier` knows it by."""
        return self.card.name

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names, in the order of the logits."""
        return self.card.classes

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the images it takes."""
        return self.card.input_shape

    @property
    def resize(self) -> int | None:
        """Length of a picture's shorter side before its centre is cropped (None: just cover)."""
        return self.card.resize

    @property
    def device(self) -> torch.device:
        """Where the network is and the logits will be."""
        return self.mean.device

    @property
    def grey(self) -> torch.Tensor:
        """An even grey image (1, C, H, W) on its device, for what looks at the network alone."""
        return torch.full((1, *self.input_shape), 0.5, device=self.device)

    @property
    def digest(self) -> str:
        """Hexadecimal digits that tell its weights from any others, wherever it lies.

        Of a network that was loaded by name: the digest of its weights when they were loaded. Of any
        other: SHA-256 of what the network is, and of what the card says that it takes.
        """
        return self._digest or content_digest(self.network, self._design)

    def __call__(self, images: torch.Tensor | np.ndarray) -> torch.Tensor:
        """Logits (N, K) of images (N, C, H, W) in [0, 1], a tensor on any device or an array.

        One image (C, H, W) counts as N = 1. ImageError for another shape, for whole numbers where [0, 1]
        is meant, and for pixels outside it. Searches whose images may leave it call `forward`.
        """
        pixels = self._given(with_axis(images))
        # What has no values, such as a traced tensor, cannot be checked for them.
        with suppress(RuntimeError):
            check_range(pixels)
        return super().__call__(pixels)

    def forward(self, images: torch.Tensor | np.ndarray) -> torch.Tensor:
        """Logits (N, K) of images (N, C, H, W) whose pixels may lie outside [0, 1]."""
        pixels = self._given(images).to(self.device, self.mean.dtype, memory_format=self.layout)
        return self.network((pixels - self.mean) / self.std).to(self.mean.dtype)

    def _given(self, images: torch.Tensor | np.ndarray) -> torch.Tensor:
        """Images as a tensor of the right shape and kind; ImageError for others."""
        pixels = images if isinstance(images, torch.Tensor) else torch.from_numpy(_owned(images))
        check_shape(self, pixels)
        if not pixels.is_floating_point():
            raise ImageError(
                f"{self.name} takes float images in [0, 1], got {pixels.dtype}. Divide bytes by 255."
            )
        return pixels

    def prepare(self, picture: np.ndarray) -> np.ndarray:
        """A picture uint8 (H, W, C) resized, cropped and coloured as the network takes it."""
        channels, height, width = self.input_shape
        return with_channels(fit(picture, height, width, self.resize), channels)

    def train(self, mode: bool = True) -> Classifier:
        """A classifier always evaluates; training works on a bare network (see `engine.training`)."""
        return super().train(False)

    def __repr__(self) -> str:
        shape = " x ".join(str(side) for side in self.input_shape)
        return f"<Classifier {self.name!r}: {shape} -> {len(self.classes)} classes, {self.device}>"


def fast_layout(
    network: nn.Module, input_shape: tuple[int, int, int], device: torch.device
) -> torch.memory_format:
    """The order of dimensions in memory that a network runs fastest in, of those it can run in.

    On the CPU, channels last is 1.1 to 2 times as fast; a network that views its activations as
    another shape may not allow it.
    """
    if device.type != "cpu":
        return torch.contiguous_format
    images = torch.zeros(2, *input_shape).contiguous(memory_format=torch.channels_last)
    try:
        with torch.inference_mode():
            network(images)
    except RuntimeError:
        return torch.contiguous_format
    return torch.channels_last


def _owned(images: np.ndarray) -> np.ndarray:
    """An array that PyTorch can wrap: in order, and writable."""
    array = np.ascontiguousarray(images)
    return array if array.flags.writeable else array.copy()
