"""Folders: classes by name, splits where there are any, and what is wrong said by file name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import load_dataset
from engine.errors import DataError, ImageError, UnknownNameError
from engine.images import decode, encode_png, fit

Pictures = Callable[..., np.ndarray]


def test_one_subfolder_is_one_class(picture_folder: Path) -> None:
    data = load_dataset(f"folder:{picture_folder}")
    assert data.classes == ("frog", "owl")
    assert data.labels.tolist() == [0, 0, 0, 1, 1]
    assert data.shape == (224, 224, 3)
    last = decode((picture_folder / "owl" / "1.png").read_bytes())
    np.testing.assert_array_equal(data.batch([4])[0], fit(last, 224, 224))


def test_pictures_of_one_size_keep_it(picture_folder: Path) -> None:
    data = load_dataset(f"folder:{picture_folder / 'frog'}")
    assert data.shape == (12, 10, 3)
    assert data.classes == ()
    assert data.labels.tolist() == [-1, -1, -1]
    np.testing.assert_array_equal(
        data.images[2], decode((picture_folder / "frog" / "2.png").read_bytes())
    )


def test_both_splits_are_the_folder_unless_it_has_splits(
    picture_folder: Path, tmp_path: Path
) -> None:
    name = f"folder:{picture_folder}"
    assert len(load_dataset(name, "train")) == len(load_dataset(name, "test")) == 5
    for split, one in (("train", "frog"), ("val", "owl")):
        (tmp_path / "split" / split).mkdir(parents=True)
        (picture_folder / one).rename(tmp_path / "split" / split / one)
    name = f"folder:{tmp_path / 'split'}"
    assert load_dataset(name, "train").classes == ("frog",)
    assert load_dataset(name, "test").classes == ("owl",)


def test_a_missing_split_is_named(picture_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "split").mkdir()
    picture_folder.rename(tmp_path / "split" / "train")
    with pytest.raises(DataError, match=r"no split 'test'.*test or val.*found train"):
        load_dataset(f"folder:{tmp_path / 'split'}", "test")
    with pytest.raises(UnknownNameError, match="Known: train, test"):
        load_dataset(f"folder:{tmp_path / 'split'}", "half")


def test_hidden_and_other_files_are_passed_over(picture_folder: Path) -> None:
    (picture_folder / ".cache").mkdir()
    (picture_folder / "frog" / ".thumb.png").write_bytes(b"")
    (picture_folder / "frog" / "notes.txt").write_text("croak")
    data = load_dataset(f"folder:{picture_folder}")
    assert data.classes == ("frog", "owl")
    assert len(data) == 5


def test_an_unreadable_file_is_named(picture_folder: Path) -> None:
    broken = picture_folder / "frog" / "1.png"
    broken.write_bytes(broken.read_bytes()[:60])
    data = load_dataset(f"folder:{picture_folder}", size=(8, 8))
    assert data.batch([0, 2, 3]).shape == (3, 8, 8, 3)
    with pytest.raises(ImageError) as refusal:
        data.batch([0, 1])
    assert str(broken) in str(refusal.value)
    broken.unlink()
    with pytest.raises(ImageError, match=r"1\.png cannot be read"):
        data.batch([1])


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty" / "class").mkdir(parents=True)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(DataError, match=r"no picture in .*\.png, \.jpg"):
        load_dataset(f"folder:{tmp_path / 'empty'}")
    for name in ("missing", "file"):
        with pytest.raises(DataError, match="There is no folder"):
            load_dataset(f"folder:{tmp_path / name}")
    with pytest.raises(DataError, match="There is no folder"):
        load_dataset("folder:")


def test_the_digest_follows_the_files(picture_folder: Path, pictures: Pictures) -> None:
    def digest() -> str:
        return load_dataset(f"folder:{picture_folder}").digest()

    before = digest()
    assert digest() == before
    file = picture_folder / "frog" / "0.png"
    os.utime(file, (1, 1))
    assert digest() == before
    file.write_bytes(encode_png(pictures(1, 12, 10, 3, seed=99)[0]))
    changed = digest()
    assert changed != before
    file.rename(picture_folder / "owl" / "9.png")
    assert digest() not in (before, changed)


def test_large_folders_are_told_by_size_and_time(
    picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.datasets.content.MAX_HASHED_BYTES", 100)
    before = load_dataset(f"folder:{picture_folder}").digest()
    os.utime(picture_folder / "frog" / "0.png", (5, 5))
    assert load_dataset(f"folder:{picture_folder}").digest() != before
