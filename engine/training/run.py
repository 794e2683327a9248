"""The run: the loop that follows a recipe, and the checkpoints from which it goes on.

Stochastic gradient descent with Nesterov momentum, a short warm-up, then a cosine down to zero. All
randomness of an epoch derives from (seed, epoch), so a run that was killed goes on from its last
epoch and ends with the weights that it would have had anyway (to the last bit on the same CPU).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from engine.classifiers.cards import listed_card
from engine.classifiers.drawing import Drawing
from engine.classifiers.labels import labels_of
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import build
from engine.datasets import ImageSet
from engine.errors import WeightsError
from engine.progress import Reporter
from engine.random import derive
from engine.training.recipes import Recipe


class Run:
    """One training run: network, optimiser, images, and the epoch that it is in."""

    def __init__(
        self,
        name: str,
        recipe: Recipe,
        data: ImageSet,
        device: torch.device,
        limit: int | None = None,
    ) -> None:
        listing = LISTINGS[name]
        self.recipe, self.device = recipe, device
        self.loss = math.log(len(listing.classes))
        network: Any = build(
            listing.architecture, listing.input_shape[0], len(listing.classes), recipe.seed
        )
        self.network: nn.Module = network.to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.SGD(
            self.network.parameters(),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            weight_decay=recipe.weight_decay,
            nesterov=recipe.momentum > 0,
        )
        count = min(limit or len(data), len(data))
        rows = np.arange(count) * len(data) // count
        labels = labels_of(data, listed_card(name))
        rows = rows[labels[rows] >= 0]  # an image of an unknown class teaches nothing
        self.images = torch.from_numpy(data.batch(rows).transpose(0, 3, 1, 2).copy())
        self.labels = torch.from_numpy(labels[rows])
        shape = (1, -1, 1, 1)
        self.mean = torch.tensor(listing.mean, device=device).view(shape)
        self.std = torch.tensor(listing.std, device=device).view(shape)
        self.tag = hashlib.sha256(
            json.dumps([name, recipe.to_dict(), data.digest(), count]).encode()
        ).hexdigest()

    def fit(self, checkpoint: Path, report: Reporter) -> None:
        """Train from the checkpoint, if there is one of this very run, to the last epoch."""
        for epoch in range(self._resume(checkpoint), self.recipe.epochs):
            loss = self.epoch(epoch, report)
            if not math.isfinite(loss):
                raise WeightsError(
                    f"Training diverged in epoch {epoch + 1}: the loss is not a finite number. "
                    f"Use a learning rate below {self.recipe.learning_rate}."
                )
            save(self.state(), checkpoint, {"tag": self.tag, "epochs": str(epoch + 1)})
        self.network.eval()

    def epoch(
        self, epoch: int, report: Reporter, after: Callable[[int], None] | None = None
    ) -> float:
        """Pass number `epoch` over the images, from 0; returns the mean loss.

        `after` is called after each batch with the batches since the start of training; it may look at
        the network, but must leave it as it is.
        """
        source = torch.Generator().manual_seed(derive(self.recipe.seed, f"epoch {epoch}"))
        dropout = torch.Generator(self.device)
        dropout.manual_seed(derive(self.recipe.seed, f"dropout {epoch}"))
        self.network.train()
        batches = [*self._batches(source)]
        total = torch.zeros((), device=self.device)
        for step, rows in enumerate(batches):
            done = epoch + (step + 0.5) / len(batches)
            if step % 10 == 9:  # reading the loss waits for the GPU
                self.loss = float(total) / step
            report(done, self.recipe.epochs, epoch=epoch + 1, loss=self.loss)
            self._set_learning_rate(done / self.recipe.epochs)
            total += self._step(rows, source, dropout)
            if after:
                after(epoch * len(batches) + step + 1)
        return float(total) / len(batches)

    def estimate_statistics(self, network: nn.Module, count: int) -> None:
        """Estimate the statistics of `network`'s batch normalisation anew, from `count` training images.

        They are the means of those of batches as large as the training's.
        """
        norms = [one for one in network.modules() if isinstance(one, nn.BatchNorm2d)]
        network.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean of all batches
            norm.train()
        rows = torch.arange(min(count, len(self.images))) * len(self.images) // count
        with torch.no_grad():
            for some in rows.split(self.recipe.batch):
                network(self._seen(self.images[some]))
        network.eval()

    def _seen(self, images: torch.Tensor) -> torch.Tensor:
        """Images of the set (N, C, H, W) as the network takes them."""
        images = (images.to(self.device).float() / 255 - self.mean) / self.std
        return images.contiguous(memory_format=torch.channels_last)

    def _batches(self, source: torch.Generator) -> Iterator[torch.Tensor]:
        """Rows of each batch; a last one too small for BatchNorm is left out."""
        order = torch.randperm(len(self.images), generator=source)
        return (rows for rows in order.split(self.recipe.batch) if len(rows) > 1)

    def _set_learning_rate(self, done: float) -> None:
        """Linear rise over the warm-up, then a cosine to zero; `done` is in [0, 1]."""
        rise = self.recipe.warm_up
        rest = (done - rise) / (1 - rise)
        factor = done / rise if done < rise else 0.5 + 0.5 * math.cos(math.pi * rest)
        self.optimiser.param_groups[0]["lr"] = self.recipe.learning_rate * factor

    def _step(
        self, rows: torch.Tensor, source: torch.Generator, dropout: torch.Generator
    ) -> torch.Tensor:
        images = self._seen(augment(self.images[rows], self.recipe, source))
        labels = self.labels[rows].to(self.device)
        if self.recipe.attack:
            images = self._attacked(images, labels, source)
        half = torch.autocast("cuda", torch.bfloat16, enabled=self.device.type == "cuda")
        with half, Drawing(dropout):
            logits = self.network(images)
        loss = F.cross_entropy(
            logits.float(),
            labels,
            label_smoothing=self.recipe.label_smoothing,
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def _attacked(
        self, images: torch.Tensor, labels: torch.Tensor, source: torch.Generator
    ) -> torch.Tensor:
        """The worst that projected gradient descent finds near images, all as the network takes them."""
        size = self.recipe.attack / self.std
        low = torch.maximum(images - size, -self.mean / self.std)
        high = torch.minimum(images + size, (1 - self.mean) / self.std)
        start = 2 * torch.rand(images.shape, generator=source) - 1
        moved = torch.clamp(images + size * start.to(self.device), low, high)
        self.network.eval()
        for _ in range(self.recipe.attack_steps):
            moved.requires_grad_()
            loss = F.cross_entropy(self.network(moved), labels, reduction="sum")
            (uphill,) = torch.autograd.grad(loss, moved)
            step = 2.5 * size / self.recipe.attack_steps * uphill.sign()
            moved = torch.clamp(moved.detach() + step, low, high)
        self.network.train()
        return moved

    def state(self) -> dict[str, torch.Tensor]:
        """Everything that a checkpoint keeps between epochs: weights, statistics, momentum."""
        momenta = {
            f"momentum.{name}": self.optimiser.state[weight]["momentum_buffer"]
            for name, weight in self.network.named_parameters()
            if "momentum_buffer" in self.optimiser.state[weight]
        }
        return {f"network.{n}": v for n, v in self.network.state_dict().items()} | momenta

    def _resume(self, checkpoint: Path) -> int:
        """Take up the state of a checkpoint; the number of epochs it has behind it (0: none)."""
        try:
            with safe_open(checkpoint, framework="pt") as file:
                about = file.metadata() or {}
            if about.get("tag") != self.tag:
                return 0
            state = load_file(checkpoint, device=str(self.device))
        except (OSError, SafetensorError):
            return 0
        self.restore(state)
        return int(about["epochs"])

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """Go back to a `state()`, on any device."""
        own = {n.removeprefix("network."): v for n, v in state.items() if n.startswith("network.")}
        self.network.load_state_dict(own)
        for name, weight in self.network.named_parameters():
            if f"momentum.{name}" in state:
                momentum = state[f"momentum.{name}"].to(weight.device, copy=True)
                self.optimiser.state[weight]["momentum_buffer"] = momentum


def augment(images: torch.Tensor, recipe: Recipe, source: torch.Generator) -> torch.Tensor:
    """Images (N, C, H, W) mirrored, turned and shifted at random, each on its own."""
    count, _, height, width = images.shape

    def half() -> torch.Tensor:
        return (torch.rand(count, generator=source) < 0.5)[:, None, None, None]

    if recipe.mirror:
        images = torch.where(half(), images.flip(3), images)
    if recipe.turn:
        images = torch.where(half(), images.transpose(2, 3), images)
    if recipe.shift:
        margin = recipe.shift
        wide = F.pad(images, (margin,) * 4)
        top, left = torch.randint(0, 2 * margin + 1, (2, count, 1), generator=source)
        rows, columns = top + torch.arange(height), left + torch.arange(width)
        which = torch.arange(count)[:, None, None]
        images = wide[which, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return images


def save(tensors: dict[str, torch.Tensor], path: Path, about: dict[str, str] | None = None) -> None:
    """Write tensors as safetensors, whole or not at all; WeightsError where that fails."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    partial = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            save_file(plain, partial, about)
            partial.chmod(0o644)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"The weights cannot be written to {path}: {error}") from error
