"""CIFAR: the binary archives are read right, fetched once, and what is wrong is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import cifar, load_dataset
from engine.datasets.local import cache_folder
from engine.errors import DataError, OfflineError

Archives = dict[str, Path]


@pytest.mark.parametrize("name", ["cifar10", "cifar100"])
@pytest.mark.parametrize(("split", "count"), [("train", 20), ("test", 10)])
def test_records_become_images(
    name: str, split: str, count: int, cifar_archives: Archives, cifar_records: Callable[..., bytes]
) -> None:
    data = load_dataset(name, split)
    assert data.shape == (32, 32, 3)
    assert data.classes == tuple(f"class{k}" for k in range(10))
    per_file = count // len(cifar.ARCHIVES[name].files[split])
    assert data.labels.tolist() == [k % per_file % 10 for k in range(count)]
    file = "test" if split == "test" else cifar.ARCHIVES[name].files["train"][0]
    first = cifar_records(cifar.ARCHIVES[name], per_file, file)
    red, green, blue = np.frombuffer(first, np.uint8)[cifar.ARCHIVES[name].label_bytes :][
        : 3 * 1024
    ].reshape(3, 32, 32)
    np.testing.assert_array_equal(data.images[0], np.stack([red, green, blue], axis=-1))


def test_the_archive_is_fetched_once_and_progress_is_told(cifar_archives: Archives) -> None:
    told: list[tuple[float, float]] = []

    def report(step: float, total: float, **metrics: float | str) -> None:
        assert "cifar-10" in str(metrics["stage"])
        told.append((step, total))

    first = load_dataset("cifar10", report=report)
    assert told[-1][0] == told[-1][1] == cifar_archives["cifar10"].stat().st_size
    cifar_archives["cifar10"].unlink()
    again = load_dataset("cifar10")
    np.testing.assert_array_equal(first.images, again.images)
    assert first.digest() == again.digest() != load_dataset("cifar10", "train").digest()
    assert {path.name for path in cache_folder().iterdir()} == {
        "cifar10-train.npz",
        "cifar10-test.npz",
    }


def test_a_file_at_hand_comes_before_a_download(
    cifar_archives: Archives,
    tmp_path: Path,
    write_parquet: Callable[..., Path],
    pictures: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_parquet(tmp_path / "cifar10-test.parquet", pictures(3, 32, 32, 3), [1, 0, 1], ["a", "b"])
    monkeypatch.setenv("ISTHMUS_DATA", str(tmp_path))
    assert load_dataset("cifar10").classes == ("a", "b")
    assert not cache_folder().exists()


def test_without_a_network_the_way_out_is_said(cifar_archives: Archives) -> None:
    cifar_archives["cifar100"].unlink()
    with pytest.raises(OfflineError, match=r"cifar100-test\.parquet.*ISTHMUS_DATA.*shapes"):
        load_dataset("cifar100")


def test_an_archive_with_other_content_is_refused(
    cifar_archives: Archives, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = replace(cifar.ARCHIVES["cifar10"], names="missing.txt")
    monkeypatch.setitem(cifar.ARCHIVES, "cifar10", archive)
    with pytest.raises(DataError, match=r"not the archive that was expected.*Delete it"):
        load_dataset("cifar10")


def test_a_damaged_cache_is_refused(cifar_archives: Archives) -> None:
    load_dataset("cifar10")
    kept = cache_folder() / "cifar10-test.npz"
    kept.write_bytes(kept.read_bytes()[:500])
    with pytest.raises(DataError, match=r"cifar10-test\.npz is damaged.*Delete it"):
        load_dataset("cifar10")


def test_a_cache_with_a_pickle_in_it_is_refused(cifar_archives: Archives) -> None:
    load_dataset("cifar10")
    objects = np.array([{"a": 1}], dtype=object)
    kept = cache_folder() / "cifar10-test.npz"
    np.savez(kept, allow_pickle=True, images=objects, labels=objects, classes=objects)
    with pytest.raises(DataError, match="damaged"):
        load_dataset("cifar10")
