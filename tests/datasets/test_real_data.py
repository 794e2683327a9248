"""The real image sets, where the folder that ISTHMUS_DATA names is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.datasets import known_datasets, load_dataset

pytestmark = pytest.mark.data


@pytest.mark.parametrize(
    ("name", "split", "count", "shape"),
    [
        ("cifar10", "train", 50_000, (32, 32, 3)),
        ("cifar10", "test", 10_000, (32, 32, 3)),
        ("imagenette", "train", 5_000, (224, 224, 3)),
        ("imagenette", "test", 2_000, (224, 224, 3)),
    ],
)
def test_named_sets(
    data_folder: Path, name: str, split: str, count: int, shape: tuple[int, ...]
) -> None:
    data = load_dataset(name, split)
    assert name in known_datasets()
    assert (len(data), data.shape, len(data.classes)) == (count, shape, 10)
    assert set(data.labels.tolist()) == set(range(10))
    some = data.batch([count - 1, 0, count // 2])
    assert (some.std(axis=(1, 2, 3)) > 5).all()
    np.testing.assert_array_equal(data.batch([0])[0], some[1])


def test_the_classes_are_named(data_folder: Path) -> None:
    assert load_dataset("cifar10").classes[:2] == ("airplane", "automobile")
    assert "golf ball" in load_dataset("imagenette").classes


def test_a_sample_of_a_thousand_classes(data_folder: Path) -> None:
    data = load_dataset(f"parquet:{data_folder / 'imagenet-samples.parquet'}")
    assert (len(data), len(data.classes)) == (102, 1000)
    assert data.classes[574] == "golf ball"
    assert {574, 763} <= set(data.labels.tolist())
    assert data.images.shape == (102, 224, 224, 3)
