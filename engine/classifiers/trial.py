"""Trial: whether a network is one that can be looked into, found out on a few random images.

Paths, attacks and detectors take for granted that an image has one row of logits, whatever other images
come with it and whenever it comes, and that the logits have a gradient with respect to it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.classifiers.cards import Card
from engine.errors import ParameterError
from engine.random import generator

IMAGES = 4

TOLERANCE = 1e-4
"""By which part of the largest logit an image's logits may differ: kernels round in their own ways."""


def try_out(network: nn.Module, card: Card, device: torch.device) -> None:
    """ParameterError where a network in evaluation mode is none that the rest of the engine can use."""
    forked = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=forked), torch.enable_grad():
        trial = _Trial(network, card, device)
        logits = trial.checked(trial.images)
        trial.compare(logits, trial.checked(trial.images), "twice", _CHANCE)
        alone = torch.cat([trial.checked(image[None]) for image in trial.images])
        trial.compare(logits, alone, "in a batch and alone", _COMPANY)
        trial.differentiate()


_CHANCE = (
    "Something in it draws at random in evaluation mode too (dropout called with training=True, added "
    "noise). Switch it off."
)
_COMPANY = (
    "Something in it looks at the whole batch in evaluation mode too (BatchNorm without running "
    "statistics, a softmax over images). Take it out."
)


class _Trial:
    """A network and the images that it is tried on, in [0, 1] before its normalisation."""

    def __init__(self, network: nn.Module, card: Card, device: torch.device) -> None:
        self.network, self.card = network, card
        self.who = f"module: {card.name}"
        pixels = generator(0, "trial").random((IMAGES, *card.input_shape), dtype="float32")
        self.images = torch.from_numpy(pixels).to(device)
        self.mean, self.std = (
            torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)
            for values in (card.mean, card.std)
        )

    def checked(self, images: torch.Tensor) -> torch.Tensor:
        """Float32 logits (N, K) of images (N, C, H, W), checked to be some."""
        logits = self._passed(images)
        classes = len(self.card.classes)
        if not isinstance(logits, torch.Tensor) or logits.shape != (len(images), classes):
            raise ParameterError(
                f"{self.who}: expected logits of shape ({len(images)}, {classes}), one for each class, "
                f"got {_words(logits)}. Wrap a module that returns the logits alone."
            )
        if not logits.is_floating_point() or not bool(logits.isfinite().all()):
            raise ParameterError(
                f"{self.who}: expected finite logits of images in [0, 1], got {_odd(logits)}. Check its "
                "weights, and mean and std."
            )
        return logits.float()

    def compare(self, one: torch.Tensor, other: torch.Tensor, how: str, hint: str) -> None:
        """Refuse logits of the same images that differ by more than rounding."""
        difference = float((one - other).abs().max())
        if difference > TOLERANCE * max(float(one.abs().max()), 1e-3):
            raise ParameterError(
                f"{self.who}: expected the same logits for the same images {how}, got some that differ "
                f"by {difference:.3g}. {hint}"
            )

    def differentiate(self) -> None:
        """Refuse logits without a gradient, or with one that is zero or no number everywhere."""
        images = self.images.clone().requires_grad_(True)
        logits = self.checked(images)
        gradient = None
        if logits.requires_grad:
            weights = torch.linspace(-1, 1, logits.shape[1], device=logits.device)
            (gradient,) = torch.autograd.grad((logits * weights).sum(), images, allow_unused=True)
        if gradient is None or not bool(gradient.isfinite().all()) or not bool(gradient.any()):
            kind = "none" if gradient is None else "zeros" if not bool(gradient.any()) else "NaN"
            raise ParameterError(
                f"{self.who}: expected a gradient of the logits with respect to the images, got {kind}. "
                "Leave out torch.no_grad, detach, numpy and rounding between them."
            )

    def _passed(self, images: torch.Tensor) -> Any:
        try:
            return self.network((images - self.mean) / self.std)
        # A network is somebody's own code, and fails in its own way.
        except Exception as error:
            shape = ("N", *self.card.input_shape)
            raise ParameterError(
                f"{self.who} does not run on {len(images)} float32 images of shape {shape} "
                f"({type(error).__name__}: {str(error)[:300]}). Check input_shape."
            ) from error


def _words(logits: Any) -> str:
    if isinstance(logits, torch.Tensor):
        return f"shape {tuple(logits.shape)}"
    kind = type(logits).__name__
    return f"{kind} with {', '.join(map(str, logits))[:80]}" if isinstance(logits, dict) else kind


def _odd(logits: torch.Tensor) -> str:
    return "NaN or infinite ones" if logits.is_floating_point() else str(logits.dtype)
