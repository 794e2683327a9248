"""torch as files take it that are read without it: it is imported when something of it is first used.

Pages and the shell read what attacks, detectors and path finders declare, and compute nothing. So that the
code of a method can stand in the same file, that file has `from engine.lazy import F, torch`. What a class is
made of needs the module itself: bases, decorators, default values.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["F", "torch"]

if TYPE_CHECKING:
    import torch
    import torch.nn.functional as F
else:

    class _Later(ModuleType):
        """Stands for the module of its name."""

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self.__name__), name)

    torch, F = _Later("torch"), _Later("torch.nn.functional")
