"""Files of this machine that a spec may name: file:PATH, folder:PATH and parquet:PATH.

A hosted server refuses all of them alike, in words that do not tell what is there. The two functions
here decide it: one for a whole spec, before anything else is done with it, and one on the only way from
such a name to the disk. No torch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.errors import ParameterError
from engine.parameters import Parameters

VARIABLE = "ISTHMUS_MODE"
SCHEMES = ("file", "folder", "parquet")

_NAME = re.compile(rf"(?:^|[\s,;:])({'|'.join(SCHEMES)}):", re.IGNORECASE)
"""Such a name wherever it stands in a text: alone, in a list, or behind another scheme."""


def local_path(scheme: str, path: str) -> Path:
    """Where scheme:PATH leads; ParameterError where this machine's files may not be read."""
    if _hosted():
        raise _refusal(scheme)
    return Path(path).expanduser()


def check_names(spec: Parameters) -> None:
    """ParameterError for a spec that names a local file in any field, where none may be read."""
    if _hosted():
        for text in _texts(spec.to_dict()):
            if name := _NAME.search(text):
                raise _refusal(name[1].lower())


def _hosted() -> bool:
    # A word that nobody knows must not open what it was perhaps meant to close.
    return os.environ.get(VARIABLE, "").strip() not in ("", "local")


def _texts(value: Any) -> Iterator[str]:
    """All texts in a spec's values, however deep they stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _refusal(scheme: str) -> ParameterError:
    return ParameterError(
        f"{scheme}: is not available on this hosted demo, because it would read the server's own disk. "
        "Upload images instead, or run Isthmus on your machine."
    )
