"""Classifier: a network with its normalisation, frozen. Pixels in [0, 1] go in, logits come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import nn

from engine.errors import ImageError
from engine.images import fit, with_channels

if TYPE_CHECKING:
    from engine.classifiers.cards import Card


class Classifier(nn.Module):
    """Images float32 (N, C, H, W) in [0, 1] -> logits float32 (N, K).

    In evaluation mode with frozen parameters, so it may be called from several threads at once;
    differentiable with respect to the images. Normalisation is part of it.
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(
        self,
        card: Card,
        network: nn.Module,
        device: torch.device | str = "cpu",
        layout: torch.memory_format = torch.contiguous_format,
    ) -> None:
        super().__init__()
        self.card = card
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

    def forward(self, images: torch.Tensor | np.ndarray) -> torch.Tensor:
        """Logits (N, K) of images (N, C, H, W) in [0, 1], a tensor on any device or an array.

        ImageError for another shape, or for whole numbers where [0, 1] is meant.
        """
        pixels = images if isinstance(images, torch.Tensor) else torch.from_numpy(_owned(images))
        if pixels.ndim != 4 or tuple(pixels.shape[1:]) != self.input_shape:
            raise ImageError(
                f"{self.name} takes images of shape {('N', *self.input_shape)}, "
                f"got {tuple(pixels.shape)}."
            )
        if not pixels.is_floating_point():
            raise ImageError(f"{self.name} takes float images in [0, 1], got {pixels.dtype}.")
        pixels = pixels.to(self.device, self.mean.dtype, memory_format=self.layout)
        return self.network((pixels - self.mean) / self.std).to(self.mean.dtype)

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
