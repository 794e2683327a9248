"""Importing torchvision beside a PyTorch that it was not compiled for.

Torchvision from the registry next to a CPU-only PyTorch lacks its compiled operators, and then its
import fails on two that only object detection uses. Declaring their schemas is enough for all else
to work. Whoever needs torchvision imports it through here.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from types import ModuleType

import torch

OPERATORS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


_IMPORTING = Lock()
"""Two threads that come first at once must not declare the same operators."""


def torchvision() -> ModuleType:
    """The package `torchvision`, imported with its missing operators declared if need be."""
    with _IMPORTING:
        return _imported()


@cache
def _imported() -> ModuleType:
    try:
        import torchvision as package
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        _declared()
        import torchvision as package
    return package


@cache
def _declared() -> torch.library.Library:
    """The library that holds the declarations: they last as long as it is kept."""
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        library.define(name + _SIGNATURE)
    return library
