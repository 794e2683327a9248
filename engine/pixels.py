"""Pixels at the border: what a caller gives as images becomes float32 (N, C, H, W), or is refused.

Inside, the nodes of a path may leave [0, 1], for the paper's search does. What comes from a caller is an
image, and lies in it.
"""

from __future__ import annotations

from typing import Any, Protocol

from engine.errors import ImageError
from engine.lazy import torch

SLACK = 1e-6
"""How far rounding may carry a pixel out of [0, 1]."""

WHITE = 255
"""The highest level of a pixel with 8 bits."""


class Taking(Protocol):
    """What takes images (N, C, H, W) of one shape (C, H, W): a classifier."""

    @property
    def name(self) -> str: ...
    @property
    def input_shape(self) -> tuple[int, int, int]: ...


def as_images(images: Any) -> torch.Tensor:
    """Images as a float32 tensor (N, C, H, W), where they are; ImageError for what is none.

    Those of a list may lie on several devices, and come to the CPU.
    """
    if isinstance(images, list | tuple):
        images = torch.stack([torch.as_tensor(image).cpu() for image in images])
    tensor = torch.as_tensor(images)
    if tensor.ndim != 4:
        raise ImageError(
            f"Expected images of shape (N, C, H, W), got {tuple(tensor.shape)}. "
            "A single image needs a leading axis."
        )
    if not tensor.is_floating_point():
        raise ImageError(
            f"Expected floating-point pixels in [0, 1], got {tensor.dtype}. Divide bytes by 255."
        )
    tensor = tensor.detach().to(torch.float32)
    if not bool(torch.isfinite(tensor).all()):
        raise ImageError("The images contain NaN or infinite pixels.")
    return tensor


def pictures_for(classifier: Taking, images: Any, purpose: str) -> torch.Tensor:
    """Images as float32 (N, C, H, W) on the CPU, checked to be what a classifier takes, for a `purpose`.

    One image (C, H, W) counts as N = 1. ImageError for none at all, another shape, or pixels outside
    [0, 1].
    """
    pixels = as_images(with_axis(images)).cpu()
    if not len(pixels):
        raise ImageError(f"There are no images to {purpose}. Give at least one.")
    check_shape(classifier, pixels)
    check_range(pixels)
    return pixels.clamp(0, 1)


def kept_by_files(
    pixels: torch.Tensor, around: torch.Tensor | None = None, limit: float | None = None
) -> torch.Tensor:
    """Pixels (N, C, H, W) as a file with 8 bits a value keeps them: clipped to [0, 1] and rounded.

    With a `limit` they are at the nearest level that is no further than that from `around`; where no level
    is so near, at the one nearest to `around`. Gradients pass through as if nothing had been rounded.
    """
    levels = (pixels.detach() * WHITE).round()
    if around is not None and limit is not None:
        least = ((around - limit) * WHITE - SLACK * WHITE).ceil()
        most = ((around + limit) * WHITE + SLACK * WHITE).floor()
        levels = torch.where(least <= most, levels.clamp(least, most), (around * WHITE).round())
    kept = levels.clamp(0, WHITE) / WHITE
    return kept + (pixels - pixels.detach()) if pixels.requires_grad else kept


def with_axis(images: Any) -> Any:
    """`images` with a leading axis where it is a single image (C, H, W), a tensor or an array."""
    return images[None] if getattr(images, "ndim", 0) == 3 else images


def check_shape(classifier: Taking, pixels: torch.Tensor) -> None:
    """ImageError unless images (N, C, H, W) have the shape that a classifier takes."""
    if pixels.ndim != 4 or tuple(pixels.shape[1:]) != tuple(classifier.input_shape):
        raise ImageError(
            f"{classifier.name} takes images of shape {('N', *classifier.input_shape)}, "
            f"got {tuple(pixels.shape)}."
        )


def check_range(pixels: torch.Tensor) -> None:
    """ImageError for pixels outside [0, 1], with the values that came."""
    if not pixels.numel():
        return
    low, high = (float(value) for value in pixels.detach().aminmax())
    if low >= -SLACK and high <= 1 + SLACK:
        return
    raise ImageError(
        f"Expected pixels in [0, 1], got values from {low:.6g} to {high:.6g}. "
        "Clip them, or divide bytes by 255."
    )
