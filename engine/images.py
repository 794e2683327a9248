"""Pictures as bytes and pixels: fitting, converting, encoding (and decoding, a room beside). No torch.

A picture is uint8 (H, W, C); what a classifier sees is float32 (N, C, H, W) in [0, 1].
"""

from __future__ import annotations

import io
from typing import Any, Literal

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.decoding import decode
from engine.errors import ImageError

__all__ = [
    "amplify",
    "animate",
    "decode",
    "encode_png",
    "fit",
    "thumbnail",
    "to_bytes",
    "to_pixels",
    "with_channels",
]

MAX_RESIZED_PIXELS = 2**24
"""A picture so elongated that covering takes more pixels is first cut at both ends ..."""

SPARE_LENGTH = 8
"""... to this many times the length that the crop will need."""


def fit(image: np.ndarray, height: int, width: int, resize: int | None = None) -> np.ndarray:
    """Resize the shorter side (to `resize`, or so that it just covers), then crop the centre.

    uint8 (H, W, C) -> uint8 (height, width, C); anti-aliased bilinear, as torchvision's evaluation
    transforms do on PIL images. A `resize` too small to cover is enlarged until it does.
    """
    _check_picture(image)
    if image.shape[:2] == (height, width) and resize is None:
        return image
    new_height, new_width = _covering(image.shape[0], image.shape[1], height, width, resize)
    if new_height * new_width > MAX_RESIZED_PIXELS:
        image = _without_far_ends(image, max(height, width) / min(height, width))
        new_height, new_width = _covering(image.shape[0], image.shape[1], height, width, resize)
    picture = _picture(image).resize((new_width, new_height), Image.Resampling.BILINEAR)
    top, left = round((new_height - height) / 2), round((new_width - width) / 2)
    cropped = np.array(picture.crop((left, top, left + width, top + height)))
    return cropped.reshape(height, width, image.shape[2])


def with_channels(images: np.ndarray, channels: int) -> np.ndarray:
    """uint8 (..., C) as grey (1) or RGB (3): grey is repeated, RGB weighed as in ITU-R BT.601."""
    if images.shape[-1] == channels:
        return images
    if images.shape[-1] == 1 and channels == 3:
        return np.repeat(images, 3, axis=-1)
    if images.shape[-1] == 3 and channels == 1:
        red, green, blue = np.moveaxis(images.astype(np.uint32), -1, 0)
        return ((299 * red + 587 * green + 114 * blue + 500) // 1000).astype(np.uint8)[..., None]
    raise ImageError(f"Cannot turn {images.shape[-1]} channels into {channels}: use 1 or 3.")


def encode_png(image: np.ndarray, title: str = "") -> bytes:
    """The picture, uint8 (H, W, 1 or 3), as a PNG file: every pixel survives. `title` is written into it."""
    _check_picture(image)
    about = PngInfo()
    if title:
        about.add_itxt("Title", title)
    # Of a photograph the usual level takes three times as long, for a tenth of its size.
    return _saved(_picture(image), format="PNG", pnginfo=about, compress_level=1)


def thumbnail(image: np.ndarray, side: int) -> bytes:
    """The picture as a PNG file whose longer side is `side` pixels.

    Large ones are averaged down; small ones are enlarged pixel by pixel, so that they stay sharp.
    """
    _check_picture(image)
    longer = max(image.shape[:2])
    height, width = (max(1, round(side * image.shape[axis] / longer)) for axis in (0, 1))
    method = Image.Resampling.NEAREST if side > longer else Image.Resampling.LANCZOS
    small = _picture(image).resize((width, height), method)
    return _saved(small, format="PNG")


def animate(frames: np.ndarray, ms: int, format: Literal["webp", "gif"] = "webp") -> bytes:
    """Frames, uint8 (N, H, W, 1 or 3), as an endless animation of `ms` milliseconds a frame.

    WebP is lossless; GIF has at most 256 colours a frame and whole hundredths of a second.
    """
    frames = np.asarray(frames)
    if frames.ndim != 4 or not len(frames):
        raise ImageError(f"Expected frames of shape (N, H, W, C), got {frames.shape}.")
    if format not in ("webp", "gif"):
        raise ImageError(f"Animations are written as webp or gif, got {format!r}.")
    for frame in frames:
        _check_picture(frame)
    first, *rest = (_picture(frame).convert("RGB") for frame in frames)
    how: dict[str, Any] = {"lossless": True, "method": 2} if format == "webp" else {}
    return _saved(
        first, format=format, save_all=True, append_images=rest, duration=ms, loop=0, **how
    )


def to_pixels(images: np.ndarray) -> np.ndarray:
    """Bytes uint8 (N, H, W, C) as float32 (N, C, H, W) in [0, 1]."""
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4:
        raise ImageError(f"Expected uint8 images (N, H, W, C), got {images.dtype} {images.shape}.")
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """np.ndarray float (..., C, H, W) as bytes uint8 (..., H, W, C): clipped to [0, 1] and rounded."""
    pixels = np.asarray(pixels)
    if pixels.ndim < 3 or pixels.dtype.kind != "f":
        raise ImageError(
            f"Expected float pixels (..., C, H, W), got {pixels.dtype} {pixels.shape}."
        )
    _check_finite(pixels)
    levels = np.rint(np.clip(pixels, 0.0, 1.0) * 255.0).astype(np.uint8)
    return np.ascontiguousarray(np.moveaxis(levels, -3, -1))


def amplify(difference: np.ndarray) -> tuple[np.ndarray, float]:
    """A difference of pixels (C, H, W) as a picture uint8 (H, W, C) centred at mid grey.

    Also returns the factor it was multiplied by so that the largest difference just reaches black
    or white (1 if there is no difference).
    """
    difference = np.asarray(difference, dtype=np.float64)
    _check_finite(difference)
    largest = float(np.abs(difference).max(initial=0.0))
    factor = 0.5 / largest if largest > 1e-300 else 1.0
    return to_bytes(0.5 + difference * factor), factor


def _without_far_ends(image: np.ndarray, aspect: float) -> np.ndarray:
    """The middle of a picture much longer than `aspect`: its ends would be cropped anyway."""
    rows, columns = image.shape[:2]
    keep = int(SPARE_LENGTH * aspect * min(rows, columns)) + 1
    top, left = max(0, (rows - keep) // 2), max(0, (columns - keep) // 2)
    return image[top : top + keep, left : left + keep]


def _covering(
    rows: int, columns: int, height: int, width: int, resize: int | None
) -> tuple[int, int]:
    """The size at which rows x columns covers height x width, in the same proportions."""
    scale = max(height / rows, width / columns)
    if resize is None or resize < min(rows, columns) * scale:
        new = round(rows * scale), round(columns * scale)
    elif rows <= columns:
        new = resize, int(resize * columns / rows)
    else:
        new = int(resize * rows / columns), resize
    return max(height, new[0]), max(width, new[1])


def _check_picture(image: np.ndarray) -> None:
    shape: tuple[int, ...] = getattr(image, "shape", ())
    if getattr(image, "dtype", None) != np.uint8 or len(shape) != 3 or shape[2] not in (1, 3):
        kind = getattr(image, "dtype", type(image).__name__)
        raise ImageError(f"Expected a uint8 picture (H, W, 1 or 3), got {kind} {shape}.")
    if 0 in shape:
        raise ImageError(f"The picture has no pixels: its shape is {shape}.")


def _check_finite(pixels: np.ndarray) -> None:
    if not np.isfinite(pixels).all():
        raise ImageError("The image holds values that are not finite numbers (NaN or infinity).")


def _picture(image: np.ndarray) -> Image.Image:
    grey = image.shape[2] == 1
    return Image.fromarray(np.ascontiguousarray(image[:, :, 0]) if grey else image)


def _saved(picture: Image.Image, **how: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, **how)
    return file.getvalue()
