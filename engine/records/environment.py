"""Where a record was computed: versions, device, precision, seed, time. Imports no torch."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from engine.experiments.base import Spec
from engine.version import __version__


def environment_of(spec: Spec, device: str, seconds: float) -> dict[str, Any]:
    """What `environment.json` holds; `seconds` is the wall time of the computation."""
    values = spec.to_dict()
    environment = {
        "engine": __version__,
        "revision": spec.revision,
        "python": platform.python_version(),
        "torch": _version("torch"),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "device": device,
        "precision": _found("precision", values) or "float32",
        "seconds": round(seconds, 3),
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "digests": spec.digests(),
    }
    seed = _found("seed", values)
    return environment if seed is None else {**environment, "seed": seed}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _found(name: str, values: Mapping[str, Any]) -> Any:
    """The first parameter of this name, here or in nested parameters."""
    nested = (_found(name, value) for value in values.values() if isinstance(value, Mapping))
    return values.get(name, next((value for value in nested if value is not None), None))
