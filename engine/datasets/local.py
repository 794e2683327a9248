"""Image sets that lie ready on this machine, and files that are downloaded once, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO

from engine.datasets.imageset import SPLITS
from engine.errors import DataError, OfflineError
from engine.local_files import data_folder
from engine.progress import Reporter


def local_file(name: str, split: str) -> Path | None:
    """`<name>-<split>.parquet` in the folder that ISTHMUS_DATA names, or None."""
    folder = data_folder()
    path = folder / f"{name}-{split}.parquet" if folder else None
    return path if path and path.is_file() else None


def local_names() -> tuple[str, ...]:
    """Names of the sets with a Parquet file for any split in the folder that ISTHMUS_DATA names."""
    folder = data_folder()
    if not folder or not folder.is_dir():
        return ()
    found = {
        path.name.removesuffix(f"-{split}.parquet")
        for split in SPLITS
        for path in folder.glob(f"*-{split}.parquet")
    }
    return tuple(sorted(found))


def cache_folder() -> Path:
    """Where downloaded image sets are kept: $XDG_CACHE_HOME/isthmus, by default in ~/.cache."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "isthmus" / "datasets"


CHUNK_BYTES = 2**18
TIMEOUT_S = 30.0


def download(
    url: str, target: Path, digest: str, report: Reporter, instead: str, algorithm: str = "md5"
) -> None:
    """Fetch `url` to `target` and check that its sum, in hexadecimal, begins with `digest`.

    `algorithm` is hashlib's name for the sum. `instead` says what to do without a network; it ends
    the message of the OfflineError. A file whose sum is wrong raises DataError, and nothing is kept
    of it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    except OSError as error:
        raise DataError(f"Cannot write to {target.parent}: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            found = _fetch(url, file, report, instead, algorithm)
        if not found.startswith(digest):
            raise DataError(
                f"The download of {target.name} is damaged: expected {algorithm.upper()} sum {digest}, "
                f"got {found}. Try again."
            )
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def _fetch(url: str, file: IO[bytes], report: Reporter, instead: str, algorithm: str) -> str:
    """Copy what is at `url` into `file`; its sum in hexadecimal."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    name = url.rsplit("/", 1)[-1]
    report(0, 1, stage=f"Downloading {name}")
    try:
        # The addresses are constants, of https servers.
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as response:  # nosec B310
            total = int(response.headers.get("Content-Length") or 0)
            done = 0
            while chunk := response.read(CHUNK_BYTES):
                _write(file, chunk)
                digest.update(chunk)
                done += len(chunk)
                report(done, max(total, done), stage=f"Downloading {name}")
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise OfflineError(f"Cannot download {url} ({reason}). {instead}") from error
    if done < total:
        raise OfflineError(f"The download of {url} broke off. Try again. {instead}")
    return digest.hexdigest()


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
        file.flush()
    except OSError as error:
        raise DataError(
            f"Cannot keep the download: {error.strerror}. Free some space and try again."
        ) from error
