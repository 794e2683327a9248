"""Small image sets of every kind, made on the spot."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.datasets import cifar
from engine.images import encode_png

Pictures = Callable[..., np.ndarray]


@pytest.fixture(autouse=True)
def _own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test of image sets sees the real data or cache unless it asks for them."""
    monkeypatch.delenv("ISTHMUS_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def pictures() -> Pictures:
    """Draws random pictures: (count, H, W, C, seed=0) -> uint8 (count, H, W, C)."""
    return _pictures


@pytest.fixture
def write_parquet() -> Callable[..., Path]:
    """Writes pictures and labels as a Parquet file in the Hugging Face layout."""

    def write(
        path: Path,
        images: np.ndarray | list[np.ndarray],
        labels: list[int | None] | None = None,
        names: object = None,
        image_column: str = "img",
        label_column: str = "label",
        rows_a_group: int = 1000,
    ) -> Path:
        cells = [{"bytes": encode_png(image), "path": None} for image in images]
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        columns = {image_column: pa.array(cells, kind)}
        if labels is not None:
            columns[label_column] = pa.array(labels, pa.int64())
        table = pa.table(columns)
        if names is not None:
            features = {label_column: {"names": names, "_type": "ClassLabel"}}
            note = {"huggingface": json.dumps({"info": {"features": features}})}
            table = table.replace_schema_metadata(note)
        pq.write_table(table, path, row_group_size=rows_a_group)
        return path

    return write


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """An ImageFolder: 3 frogs of 12 x 10 pixels and 2 owls of 20 x 16."""
    root = tmp_path / "zoo"
    for name, count, shape in (("owl", 2, (20, 16, 3)), ("frog", 3, (12, 10, 3))):
        (root / name).mkdir(parents=True)
        for number, image in enumerate(_pictures(count, *shape, seed=count)):
            (root / name / f"{number}.png").write_bytes(encode_png(image))
    return root


@pytest.fixture
def cifar_archives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Path]:
    """Archives in CIFAR's binary layout, 20 training and 10 test images, in the published place."""
    paths = {}
    for name, archive in cifar.ARCHIVES.items():
        paths[name] = path = tmp_path / "server" / archive.url.rsplit("/", 1)[-1]
        path.parent.mkdir(exist_ok=True)
        with tarfile.open(path, "w:gz") as tar:
            for file in archive.files["train"]:
                _add(tar, file, _records(archive, 20 // len(archive.files["train"]), file))
            _add(tar, archive.files["test"][0], _records(archive, 10, "test"))
            _add(tar, archive.names, "\n".join(f"class{k}" for k in range(10)).encode())
        sum_ = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        copy = cifar.Archive(path.as_uri(), sum_, archive.files, archive.names, archive.label_bytes)
        monkeypatch.setitem(cifar.ARCHIVES, name, copy)
    return paths


@pytest.fixture
def cifar_records() -> Callable[[cifar.Archive, int, str], bytes]:
    """Writes records as an archive holds them: (archive, count, file name) -> bytes."""
    return _records


def _records(archive: cifar.Archive, count: int, seed: str) -> bytes:
    """Coarse labels are 77, classes count up, pixels are random."""
    random = np.random.default_rng(sum(seed.encode()))
    records = random.integers(0, 256, (count, archive.label_bytes + 3072), dtype=np.uint8)
    records[:, 0] = 77
    records[:, archive.label_bytes - 1] = np.arange(count) % 10
    return records.tobytes()


def _pictures(count: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(f"cifar-folder/{name}")
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))
