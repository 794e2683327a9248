"""CIFAR-10 and CIFAR-100: a Parquet file where one lies ready, else the authors' binary archive.

The binary version is read, not the Python one: that is a pickle, which can run code when loaded.
"""

from __future__ import annotations

import os
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.datasets.imageset import ArraySet, ImageSet
from engine.datasets.local import cache_folder, download, local_file
from engine.datasets.parquet import parquet_set
from engine.errors import DataError
from engine.local_files import DATA
from engine.progress import Reporter

IMAGE_BYTES = 3 * 32 * 32


@dataclass(frozen=True)
class Archive:
    """A published archive: where it is, and which of its files hold what.

    Records are `label_bytes` bytes of labels, the last one being the class, then 3 x 32 x 32 bytes.
    """

    url: str
    md5: str
    files: dict[str, tuple[str, ...]]
    names: str
    label_bytes: int


ARCHIVES = {
    "cifar10": Archive(
        url="https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
        md5="c32a1d4ab5d03f1284b67883e8d87530",
        files={
            "train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
            "test": ("test_batch.bin",),
        },
        names="batches.meta.txt",
        label_bytes=1,
    ),
    "cifar100": Archive(
        url="https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
        md5="03b5dce01913d631647c71ecec9e9cb8",
        files={"train": ("train.bin",), "test": ("test.bin",)},
        names="fine_label_names.txt",
        label_bytes=2,
    ),
}


def open_cifar(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "cifar10" or "cifar100"; downloads 160 MB once if it is nowhere on this machine."""
    local = local_file(name, split)
    if local:
        return parquet_set(name, split, local)
    kept = cache_folder() / f"{name}-{split}.npz"
    if not kept.is_file():
        _fetch(name, report)
    return _load(name, split, kept)


def _fetch(name: str, report: Reporter) -> None:
    """Download the archive and keep its splits as plain arrays beside it."""
    archive = ARCHIVES[name]
    path = cache_folder() / archive.url.rsplit("/", 1)[-1]
    instead = (
        f"Without a network, put {name}-train.parquet and {name}-test.parquet (Hugging Face "
        f"layout) into the folder that {DATA} names, or use another set: shapes or digits."
    )
    if not path.is_file():
        download(archive.url, path, archive.md5, report, instead)
    for split, arrays in _read_archive(archive, path).items():
        _keep(cache_folder() / f"{name}-{split}.npz", arrays)
    path.unlink(missing_ok=True)


def _read_archive(archive: Archive, path: Path) -> dict[str, dict[str, np.ndarray]]:
    """Split -> images (N, 32, 32, 3), labels (N,), classes (K,)."""
    try:
        with tarfile.open(path) as tar:
            content = {
                member.name.rsplit("/", 1)[-1]: stream.read()
                for member in tar
                if member.isfile() and (stream := tar.extractfile(member))
            }
        classes = np.array(content[archive.names].decode().split())
        splits: dict[str, dict[str, np.ndarray]] = {}
        for split, files in archive.files.items():
            records = np.frombuffer(b"".join(content[file] for file in files), dtype=np.uint8)
            records = records.reshape(-1, archive.label_bytes + IMAGE_BYTES)
            planes = records[:, archive.label_bytes :].reshape(-1, 3, 32, 32)
            labels = records[:, archive.label_bytes - 1].astype(np.int64)
            images = np.ascontiguousarray(planes.transpose(0, 2, 3, 1))
            splits[split] = {"images": images, "labels": labels, "classes": classes}
        return splits
    except (tarfile.TarError, OSError, EOFError, KeyError, ValueError) as error:
        raise DataError(f"{path} is not the archive that was expected ({error}). Delete it.") from (
            error
        )


def _keep(target: Path, arrays: dict[str, np.ndarray]) -> None:
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(name, target)
    except OSError as error:
        raise DataError(f"Cannot write {target}: {error.strerror}.") from error
    finally:
        Path(name).unlink(missing_ok=True)


def _load(name: str, split: str, path: Path) -> ImageSet:
    try:
        with np.load(path, allow_pickle=False) as kept:
            classes = tuple(str(one) for one in kept["classes"])
            images, labels = kept["images"], kept["labels"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is damaged ({error}). Delete it to download again.") from error
    identity = f"{name} {ARCHIVES[name].md5} {split}"
    return ArraySet(name, split, classes, labels, images, identity=identity)
