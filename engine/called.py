"""Rooms that answer when they are called: `engine.attacks` is a package, and `engine.attacks()` a list."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any


def answers(name: str, answer: Callable[..., Any]) -> None:
    """Let the module called `name` be called; what it gives is what `answer` gives."""

    class Answering(ModuleType):
        __doc__ = answer.__doc__

        def __call__(self, *values: Any, **named: Any) -> Any:
            return answer(*values, **named)

        def __reduce__(self) -> tuple[Any, ...]:
            return import_module, (name,)

    sys.modules[name].__class__ = Answering
