"""Files of this machine that a spec may name: file:PATH, folder:PATH and parquet:PATH.

A hosted server refuses all of them alike, in words that do not tell what is there. The two functions
here decide it: one for a whole spec, before anything else is done with it, and one on the only way from
such a name to the disk. A relative path begins in the folder of whoever asked, on a worker too; what is
not there is looked for in the folder that ISTHMUS_DATA names, so that a name need not tell a machine's
path. No torch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from engine.errors import ParameterError
from engine.parameters import Parameters

VARIABLE = "ISTHMUS_MODE"
DATA = "ISTHMUS_DATA"
SCHEMES = ("file", "folder", "parquet")

_NAME = re.compile(rf"(?:^|[\s,;:])({'|'.join(SCHEMES)}):", re.IGNORECASE)
"""Such a name wherever it stands in a text: alone, in a list, or behind another scheme."""


def local_path(scheme: str, path: str) -> Path:
    """Where scheme:PATH leads; ParameterError where this machine's files may not be read, or not be found."""
    if hosted():
        raise _refusal(scheme)
    try:
        asked = Path(_FOLDER.get(), Path(path).expanduser())
        data = data_folder()
        elsewhere = data / path if data else asked
        return elsewhere if not _is_there(asked) and _is_there(elsewhere) else asked
    except RuntimeError as error:  # of a user without a home folder
        raise ParameterError(f"{scheme}:{path}: {error} Write the whole path.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ParameterError(
            f"{scheme}:{path} cannot be looked for: {reason}. Check the path."
        ) from error


def _is_there(path: Path) -> bool:
    """As `Path.exists`; but what cannot be such a path at all, or lies where nobody may look, is an error."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def data_folder() -> Path | None:
    """The folder that ISTHMUS_DATA names, or None."""
    value = os.environ.get(DATA, "").strip()
    return Path(value).expanduser() if value else None


def asking_folder() -> str:
    """The folder of whoever asked for what is computed here, where relative paths begin."""
    return _FOLDER.get() or os.getcwd()


@contextmanager
def asked_from(folder: str) -> Iterator[None]:
    """Let relative paths begin in `folder`, in this thread alone."""
    token = _FOLDER.set(folder)
    try:
        yield
    finally:
        _FOLDER.reset(token)


_FOLDER: ContextVar[str] = ContextVar("folder", default="")


def check_names(spec: Parameters) -> None:
    """ParameterError for a spec that names a local file in any field, where none may be read."""
    if hosted():
        for text in _texts(spec.to_dict()):
            if name := _NAME.search(text):
                raise _refusal(name[1].lower())


def hosted() -> bool:
    """Whether this is a server for visitors, and not one's own machine."""
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
