"""A preview of the images as they grow, sent with the progress: a small picture, now and then."""

from __future__ import annotations

import base64
import math
import time

import numpy as np
import torch

from engine.images import encode_png, thumbnail, to_bytes
from engine.progress import Reporter

SECONDS = 0.3
"""The least time between two previews: drawing one must not slow the search."""

SHOWN = 8
"""Images in a preview at most."""

SIDES = (128, 96, 64, 48)
"""Longer sides that are tried until the picture is small enough to travel often."""

LIMIT = 14_000
"""Bytes of a preview's PNG file at most; as text it grows by a third."""


class Preview:
    """A reporter that adds the images noted last, as the metric `preview`, a data URI."""

    def __init__(self, report: Reporter, count: int) -> None:
        self._report = report
        self._latest: list[torch.Tensor | None] = [None] * min(count, SHOWN)
        self._drawn, self._next = "", 0.0

    def note(self, places: torch.Tensor, images: torch.Tensor) -> None:
        """Remember images (n, C, H, W) of the problems at `places` (n,), on the CPU."""
        for place, image in zip(places.tolist(), images.detach(), strict=True):
            if place < len(self._latest):
                self._latest[place] = image

    def __call__(self, step: float, total: float, **metrics: float | str) -> None:
        shown = [image for image in self._latest if image is not None]
        if shown and time.monotonic() >= self._next:
            self._drawn = picture(np.stack([image.cpu().numpy() for image in shown]))
            self._next = time.monotonic() + SECONDS
        more = {"preview": self._drawn} if self._drawn else {}
        self._report(step, total, **more, **metrics)


def picture(images: np.ndarray) -> str:
    """Images float (N, C, H, W), side by side in rows of four, as a data URI of a small PNG file."""
    levels = to_bytes(images)
    columns = min(len(levels), 4)
    rows = math.ceil(len(levels) / columns)
    _, height, width, channels = levels.shape
    sheet = np.full((rows * height, columns * width, channels), 127, np.uint8)
    for place, image in enumerate(levels):
        row, column = divmod(place, columns)
        sheet[row * height :, column * width :][:height, :width] = image
    return f"data:image/png;base64,{base64.b64encode(_small(sheet)).decode('ascii')}"


def _small(sheet: np.ndarray) -> bytes:
    """The sheet as it is if that is small enough, else the largest thumbnail of it that is."""
    png = encode_png(sheet)
    for side in SIDES:
        if len(png) > LIMIT and side < max(sheet.shape[:2]):
            png = thumbnail(sheet, side)
    return png
