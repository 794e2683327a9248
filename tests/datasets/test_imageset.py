"""The contract of image sets, held against every entry of the registry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import ImageSet, known_datasets, load_dataset
from engine.datasets.registry import SOURCES
from engine.errors import DataError, ParameterError, UnknownNameError
from engine.images import fit, with_channels

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(params=list(SOURCES))
def name(
    request: pytest.FixtureRequest,
    picture_folder: Path,
    tmp_path: Path,
    write_parquet: Callable[..., Path],
    pictures: Callable[..., np.ndarray],
    cifar_archives: dict[str, Path],
) -> str:
    """A loadable name for each registered source."""
    file = write_parquet(tmp_path / "some.parquet", pictures(6, 14, 12, 3), [0, 1, 2] * 2)
    arguments = {"shapes@": "20", "folder:": str(picture_folder), "parquet:": str(file)}
    return request.param + arguments.get(request.param, "")


@pytest.fixture(params=["train", "test"])
def data(name: str, request: pytest.FixtureRequest) -> ImageSet:
    return load_dataset(name, request.param)


def test_arrays_agree(data: ImageSet) -> None:
    count = min(len(data), 40)
    images = data.batch(range(count))
    assert images.dtype == np.uint8
    assert images.shape == (count, *data.shape)
    assert data.labels.dtype == np.int64
    assert data.labels.shape == (len(data),)
    assert data.labels.min() >= -1
    assert data.labels.max() < len(data.classes)
    assert all(isinstance(one, str) for one in data.classes)


def test_reading_twice_and_in_any_order_gives_the_same(name: str, data: ImageSet) -> None:
    order = [4, 0, 3, 3]
    again = load_dataset(name, data.split)
    np.testing.assert_array_equal(data.batch(order), again.batch([0, 3, 4])[[2, 0, 1, 1]])
    np.testing.assert_array_equal(data.labels, again.labels)
    assert data.digest() == again.digest()
    assert data.digest(order) == again.digest(order) != data.digest([4, 0, 3])


def test_nothing_and_outside(data: ImageSet) -> None:
    assert data.batch([]).shape == (0, *data.shape)
    for wrong in ([-1], [len(data)], [0.5], [[0]], [True]):
        with pytest.raises(ParameterError, match=r"images 0 to|whole numbers"):
            data.batch(wrong)


def test_conversion_is_fitting_and_mixing(name: str, data: ImageSet) -> None:
    size = (16, 24)
    converted = load_dataset(name, data.split, size=size, channels=1)
    assert converted.shape == (16, 24, 1)
    assert (converted.name, converted.classes) == (data.name, data.classes)
    np.testing.assert_array_equal(converted.labels, data.labels)
    assert converted.digest() != data.digest()
    if not name.startswith("folder:"):  # whose own size is a conversion already
        expected = with_channels(np.stack([fit(one, *size) for one in data.batch([0, 2])]), 1)
        np.testing.assert_array_equal(converted.batch([0, 2]), expected)
    assert load_dataset(name, data.split, size, 3, resize=40).batch([1]).shape == (1, 16, 24, 3)


def test_its_own_size_and_channels_change_nothing(name: str, data: ImageSet) -> None:
    same = load_dataset(name, data.split, size=data.shape[:2], channels=data.shape[2])
    assert same.shape == data.shape
    assert same.digest() == data.digest()
    np.testing.assert_array_equal(same.batch([1]), data.batch([1]))


def test_labels_and_kept_images_cannot_be_changed_by_accident() -> None:
    data = load_dataset("digits")
    for array in (data.labels, data.images):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert data.images is data.images
    kept = data.batch([0])
    kept[:] = 0
    assert data.batch([0]).any()


@pytest.mark.parametrize("size", [(0, 8), (8,), (8.0, 8), "big", (8, 5000), 8])
def test_sizes_that_are_none(size: object) -> None:
    with pytest.raises(ParameterError, match=r"Expected a size of \(height, width\)"):
        load_dataset("digits", size=size)


@pytest.mark.parametrize("channels", [0, 2, 4, "rgb"])
def test_channels_that_are_none(channels: object) -> None:
    with pytest.raises(ParameterError, match="1 \\(grey\\) or 3 \\(RGB\\)"):
        load_dataset("digits", channels=channels)


def test_unknown_names_list_the_known() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'digits'") as refusal:
        load_dataset("digit")
    for known in (*known_datasets(), "folder:PATH", "parquet:PATH", "shapes@SIDE"):
        assert known in str(refusal.value)
    for name in ("", "shapes:64", "folder", "digits@16"):
        with pytest.raises(UnknownNameError):
            load_dataset(name)
    with pytest.raises(UnknownNameError, match="Known: train, test"):
        load_dataset("digits", "validation")


def test_reading_images_needs_no_torch() -> None:
    code = (
        "import sys; from engine.datasets import load_dataset as load\n"
        "load('shapes').batch([0]); load('digits').images\n"
        "assert not {'torch', 'torchvision'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_an_image_is_pixels_and_label(data: ImageSet) -> None:
    pixels, label = data[2]
    channels = data.shape[2]
    assert (pixels.dtype, pixels.shape) == (np.float32, (channels, *data.shape[:2]))
    assert np.array_equal(np.rint(pixels * 255).transpose(1, 2, 0), data.batch([2])[0])
    assert label == data.labels[2]
    assert isinstance(label, int)
    assert np.array_equal(data[-1][0], data[len(data) - 1][0])
    first = next(iter(data))
    assert np.array_equal(first[0], data[0][0])


def test_several_images_are_stacked(data: ImageSet) -> None:
    mask = np.zeros(len(data), dtype=bool)
    mask[[1, 3]] = True
    for place in (slice(1, 4, 2), [1, 3], np.array([1, 3 - len(data)]), mask):
        pixels, labels = data[place]
        assert np.array_equal(pixels, np.stack([data[1][0], data[3][0]]))
        assert np.array_equal(labels, data.labels[[1, 3]])
    assert data[:0][0].shape == (0, data.shape[2], *data.shape[:2])


@pytest.mark.parametrize("place", [10**9, -(10**9), [0, 10**9], 1.5, "first", True])
def test_a_place_outside_the_set_is_refused(place: object) -> None:
    with pytest.raises(ParameterError):
        load_dataset("digits")[place]


def test_a_set_in_one_piece_is_divided(
    tmp_path: Path, write_parquet: Callable[..., Path], pictures: Callable[..., np.ndarray]
) -> None:
    file = write_parquet(tmp_path / "some.parquet", pictures(7, 14, 12, 3), [0, 1, 2, 0, 1, 2, 0])
    whole = load_dataset(f"parquet:{file}", size=(8, 8))
    train, test = (load_dataset(f"parquet:{file}#3", part, (8, 8)) for part in ("train", "test"))
    assert (len(train), len(test)) == (3, 4)
    np.testing.assert_array_equal(train.images, whole.images[[0, 2, 4]])
    np.testing.assert_array_equal(test.images, whole.images[[1, 3, 5, 6]])
    np.testing.assert_array_equal(test.labels, whole.labels[[1, 3, 5, 6]])
    np.testing.assert_array_equal(test.readable([2, 0])[0], test.images[[2, 0]])
    assert len({train.digest(), test.digest(), whole.digest()}) == 3
    with pytest.raises(DataError, match="fewer than 7"):
        load_dataset(f"parquet:{file}#7")
    assert len(load_dataset(f"parquet:{file.rename(f'{file}#7')}")) == 7
