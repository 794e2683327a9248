"""Weights on disk: where they are looked for, what lies beside them, what identifies them. No torch.

Weights are safetensors; a JSON file of the same name beside them holds what belongs to them.
"""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from engine.classifiers.details import read_details
from engine.classifiers.listings import LISTINGS, asset
from engine.errors import WeightsError
from engine.local_files import DATA, data_folder
from engine.shipped import ASSETS


def find_weights(name: str) -> Path | None:
    """The weights file of the classifier called `name`, or None where there is none.

    Looked for in what ships with the software, then in `ISTHMUS_DATA`, then in `home_folder()`.
    """
    candidates = (folder / f"{name}.safetensors" for folder in _folders(name))
    return next((path for path in candidates if path.is_file()), None)


def weights_of(name: str) -> Path:
    """The weights file of a listed classifier; WeightsError with what to do where it is missing."""
    path = find_weights(name)
    if path is None:
        raise WeightsError(
            f"There are no weights for {name!r} on this machine. Train them with "
            f"`python -m engine train {name}`, or put {name}.safetensors into the folder that "
            f"{DATA} names or into {home_folder()}."
        )
    return path


def cached_weights(name: str) -> Path:
    """Where PyTorch keeps the download of torchvision's default weights for `name`."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    torch_home = Path(os.environ.get("TORCH_HOME") or Path(cache) / "torch").expanduser()
    return torch_home / "hub" / "checkpoints" / asset("torchvision.json")[name]["weights"]


def home_folder() -> Path:
    """The user's own folder of weights."""
    return Path.home() / ".local" / "share" / "isthmus" / "weights"


def training_folder(name: str) -> Path:
    """The folder that newly trained weights of `name` are written to."""
    if LISTINGS[name].embedded:
        return ASSETS / "weights"
    folder = data_folder()
    writable = folder is not None and folder.is_dir() and os.access(folder, os.W_OK)
    return folder if folder is not None and writable else home_folder()


def file_digest(path: Path) -> str:
    """Hexadecimal SHA-256 of a file and of the JSON file beside it; kept until either changes."""
    parts = [_hashed(path), _hashed(path.with_suffix(".json"))]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def check_digest(path: Path) -> None:
    """WeightsError if the JSON beside weights belongs to others, or the weights were damaged."""
    expected = read_details(path).digest
    if expected is not None and expected != _hashed(path):
        raise WeightsError(
            f"{path} is not what {path.with_suffix('.json').name} beside it describes: its SHA-256 "
            f"sum is {_hashed(path)[:12]}..., expected {expected[:12]}.... Put an intact pair of "
            "files there, or train again."
        )


def _folders(name: str) -> list[Path]:
    embedded = [ASSETS / "weights"] if name in LISTINGS and LISTINGS[name].embedded else []
    data = data_folder()
    return [*embedded, *([data] if data else []), home_folder()]


def _hashed(path: Path) -> str:
    try:
        status = path.stat()
    except FileNotFoundError:
        return "none"
    try:
        return _hash_of_version(path, status.st_mtime_ns, status.st_size)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=256)
def _hash_of_version(path: Path, modified: int, size: int) -> str:
    """SHA-256 of a file; time and size of its version are part of what the cache goes by."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
