"""Details: the JSON file beside weights or an exported program, read and checked. No torch."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import WeightsError

MAX_SIDE = 4096
"""Largest height or width of an input, in pixels."""


@dataclass(frozen=True)
class Details:
    """What the JSON says; None for what it leaves out. Names it does not know are left alone.

    `digest` is the SHA-256 sum of the weights that it belongs to, in hexadecimal.
    """

    classes: tuple[str, ...] | None = None
    input_shape: tuple[int, int, int] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    resize: int | None = None
    accuracy: float | None = None
    note: str | None = None
    digest: str | None = None


def read_details(weights: Path, required: Sequence[str] = ()) -> Details:
    """The details beside `weights`, checked; WeightsError says what is wrong with them.

    Where nothing is `required`, the file may be missing.
    """
    path = weights.with_suffix(".json")
    if not required and not path.is_file():
        return Details()
    values = _object(path, weights)
    missing = [name for name in required if name not in values]
    if missing:
        raise WeightsError(
            f"{path}: {', '.join(missing)} missing. Expected the names {', '.join(required)}; "
            f"found {', '.join(values) or 'none'}."
        )
    return _checked(path, values)


def _object(path: Path, weights: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_bytes())  # in any of Unicode's encodings
    except FileNotFoundError as error:
        raise WeightsError(
            f"{path.name} is missing beside {weights}: a JSON object that says what the program "
            'sees, such as {"classes": ["cat", "dog"], "input_shape": [3, 224, 224], '
            '"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}.'
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(values, dict):
        raise WeightsError(f"{path}: expected a JSON object, got {type(values).__name__}.")
    return values


def _checked(path: Path, values: dict[str, Any]) -> Details:
    details = Details(
        classes=_classes(path, values.get("classes")),
        input_shape=_input_shape(path, values.get("input_shape")),
        mean=_numbers(path, values, "mean"),
        std=_numbers(path, values, "std"),
        resize=_resize(path, values.get("resize")),
        accuracy=_accuracy(path, values.get("accuracy")),
        note=str(values["note"]) if "note" in values else None,
        digest=str(values["digest"]) if "digest" in values else None,
    )
    if details.std is not None and min(details.std) <= 0:
        raise _refusal(path, "std", "positive numbers", values["std"])
    channels = details.input_shape[0] if details.input_shape else None
    for name, numbers in (("mean", details.mean), ("std", details.std)):
        if channels and numbers and len(numbers) != channels:
            raise _refusal(path, name, f"one number for each of {channels} channels", numbers)
    return details


def _classes(path: Path, value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
    if not names or len(value) < 2:
        raise _refusal(path, "classes", "a list of at least two class names, none empty", value)
    return tuple(value)


def _input_shape(path: Path, value: Any) -> tuple[int, int, int] | None:
    if value is None:
        return None
    whole = isinstance(value, list) and len(value) == 3 and all(type(v) is int for v in value)
    if not whole or value[0] not in (1, 3) or not all(1 <= side <= MAX_SIDE for side in value[1:]):
        meaning = f"[channels (1 or 3), height, width], sides of 1 to {MAX_SIDE} pixels"
        raise _refusal(path, "input_shape", meaning, value)
    return value[0], value[1], value[2]


def _numbers(path: Path, values: dict[str, Any], name: str) -> tuple[float, ...] | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not value or not all(_is_number(v) for v in value):
        raise _refusal(path, name, "a list of numbers, one a channel, for pixels in [0, 1]", value)
    return tuple(float(v) for v in value)


def _resize(path: Path, value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= MAX_SIDE):
        raise _refusal(path, "resize", f"a whole number of 1 to {MAX_SIDE} pixels", value)
    return value


def _accuracy(path: Path, value: Any) -> float | None:
    if value is None:
        return None
    if not _is_number(value) or not 0 <= value <= 1:
        raise _refusal(path, "accuracy", "a number from 0 to 1", value)
    return float(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and math.isfinite(value)


def _refusal(path: Path, name: str, expected: str, value: Any) -> WeightsError:
    came = repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}..."
    return WeightsError(f"{path}: {name}: expected {expected}, got {came}.")
