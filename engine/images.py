"""Pictures between bytes, files and pixels: safe decoding, fitting, encoding. No torch."""

from __future__ import annotations

import numpy as np
from PIL import Image

from engine.errors import ImageError


def fit(image: np.ndarray, height: int, width: int, resize: int | None = None) -> np.ndarray:
    """Resize the shorter side (to `resize`, or so that it just covers), then crop the centre.

    uint8 (H, W, C) -> uint8 (height, width, C); anti-aliased bilinear, torchvision's evaluation
    transform on PIL images.
    """
    if image.shape[:2] == (height, width) and resize is None:
        return image
    rows, columns = image.shape[:2]
    scale = max(height / rows, width / columns, (resize or 0) / min(rows, columns))
    new = max(height, round(rows * scale)), max(width, round(columns * scale))
    grey = image.shape[2] == 1
    picture = Image.fromarray(image[:, :, 0] if grey else image)
    picture = picture.resize((new[1], new[0]), Image.Resampling.BILINEAR)
    top, left = round((new[0] - height) / 2), round((new[1] - width) / 2)
    array = np.asarray(picture)[top : top + height, left : left + width]
    return np.ascontiguousarray(array[:, :, None] if grey else array)


def with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """uint8 (..., C) as grey (1) or RGB (3): grey is repeated, RGB weighed as ITU-R BT.601."""
    if images.shape[-1] == channels:
        return images
    if images.shape[-1] == 1 and channels == 3:
        return np.repeat(images, 3, axis=-1)
    if images.shape[-1] == 3 and channels == 1:
        weights = np.array([299, 587, 114], dtype=np.uint32)
        return ((images @ weights + 500) // 1000).astype(np.uint8)[..., None]
    raise ImageError(f"Cannot turn {images.shape[-1]} channels into {channels}; use 1 or 3.")
