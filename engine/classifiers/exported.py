"""Exported programs: somebody's own network as a `.pt2` file, with a JSON file beside it.

What of the program's conditions on sizes matters, how many images it takes at once, is kept here; the
rest is tried out (see `trial`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.classifiers.archive import read_archive
from engine.classifiers.cards import Card
from engine.classifiers.program import DTYPES, read_program
from engine.errors import WeightsError

SYMBOL = re.compile(r"(?:Symbol\(')?(\w+)('[^()]*\))?")
"""The name of a size in an expression that is nothing but that."""

ENDLESS = 2**31
"""Where a limit is as large as this, there is none."""


class Exported(nn.Module):
    """An exported network that takes any number of images, whatever batches it was exported for."""

    def __init__(self, network: nn.Module, low: int, high: int | None) -> None:
        super().__init__()
        self.network = network
        self.low, self.high = low, high

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (N, K) of normalised images (N, C, H, W), in batches that the program accepts."""
        if self.low <= len(images) and (self.high is None or len(images) <= self.high):
            return self.network(images)
        batches = images.split(self.high) if self.high else (images,)
        return torch.cat([self._padded(batch) for batch in batches])

    def _padded(self, batch: torch.Tensor) -> torch.Tensor:
        missing = max(self.low - len(batch), 0)
        if not missing:
            return self.network(batch)
        rest = batch[-1:].expand(missing, -1, -1, -1)
        return self.network(torch.cat([batch, rest]))[: len(batch)]

    def train(self, mode: bool = True) -> Exported:
        """An exported program stays in the mode that it was exported in."""
        self.training = False
        return self


def load_exported(path: Path, card: Card, device: torch.device) -> nn.Module:
    """The network of a file; WeightsError if it is none, cannot be run, or is not what `card` says."""
    archive = read_archive(path)
    program, image = read_program(archive, path)
    sizes = [_size(side) for side in image["sizes"]]
    if len(sizes) != 4 or DTYPES[image["dtype"]] != torch.float32:
        raise WeightsError(
            f"{path}: expected a program that takes float32 images (N, C, H, W), got one that takes "
            f"{_words(image)}. Export a module that takes such images."
        )
    wanted = zip(sizes[1:], card.input_shape, strict=True)
    if any(isinstance(side, int) and side != other for side, other in wanted):
        raise WeightsError(
            f"{path} takes images {_words(image)}, but its JSON says input_shape "
            f"{list(card.input_shape)}. Correct the JSON, or export a network that takes such images."
        )
    low, high = _batches(sizes[0], archive.program["range_constraints"])
    return Exported(program.to(device), low, high)


def _size(side: dict[str, Any]) -> int | str:
    """A side of a tensor: a number, or the name of one that is free."""
    return side["as_int"] if "as_int" in side else str(side["as_expr"]["expr_str"])


def _batches(count: int | str, limits: dict[str, Any]) -> tuple[int, int | None]:
    """The smallest and the largest batch that the program takes (None: any)."""
    if isinstance(count, int):
        return count, count
    name = SYMBOL.fullmatch(count)
    about = limits.get(name[1], {}) if name else {}
    low, high = about.get("min_val") or 1, about.get("max_val")
    return max(low, 1), high if high is not None and high < ENDLESS else None


def _words(image: dict[str, Any]) -> str:
    sides = ", ".join(
        "any" if isinstance(side := _size(s), str) else str(side) for s in image["sizes"]
    )
    return f"{str(DTYPES[image['dtype']]).removeprefix('torch.')} ({sides})"
