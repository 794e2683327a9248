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
    with pytest.raises(DataError, match=r"no split 'test'.*test, testing, val,.*found train"):
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


def lay(root: Path, *places: str) -> Path:
    """Pictures of one grey each at these places under `root`."""
    for level, place in enumerate(places):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(encode_png(np.full((4, 4, 3), level, np.uint8)))
    return root


@pytest.mark.parametrize(
    ("folders", "classes"),
    [
        ([str(number) for number in range(12)], tuple(str(number) for number in range(12))),
        (["10", "9", "08", "007"], ("007", "08", "9", "10")),
        (["1", "0", "-1", "-10"], ("-10", "-1", "0", "1")),
        (["class 10", "class 2", "cat"], ("cat", "class 2", "class 10")),
        (["20230101", "3"], ("3", "20230101")),
        (["cardigan", "Cardigan"], ("Cardigan", "cardigan")),
        (["tench, Tinca tinca", "n01440764"], ("n01440764", "tench, Tinca tinca")),
    ],
)
def test_classes_come_in_the_order_in_which_people_count(
    tmp_path: Path, folders: list[str], classes: tuple[str, ...]
) -> None:
    data = load_dataset(f"folder:{lay(tmp_path, *(f'{one}/0.png' for one in folders))}")
    assert data.classes == classes
    levels = [folders.index(data.classes[label]) for label in data.labels]
    assert data.images[:, 0, 0, 0].tolist() == levels


def test_a_name_is_the_same_however_its_accents_are_stored(tmp_path: Path) -> None:
    lay(tmp_path, "k\u00e4fer/0.png", "ka\u0308fer/1.png")
    data = load_dataset(f"folder:{tmp_path}")
    assert data.classes == ("k\u00e4fer",)
    assert len(data) == 2


@pytest.mark.parametrize(
    "place",
    [
        "cat/.ipynb_checkpoints/0.png",
        "cat/.Trash/0.png",
        "cat/@eaDir/0.png",
        "cat/._0.png",
        "__MACOSX/cat/0.png",
        "@eaDir/0.png",
        "$RECYCLE.BIN/0.png",
        ".git/0.png",
    ],
)
def test_what_machines_put_beside_one_s_files_is_passed_over(tmp_path: Path, place: str) -> None:
    data = load_dataset(f"folder:{lay(tmp_path, 'cat/0.png', 'dog/0.png', place)}")
    assert data.classes == ("cat", "dog")
    assert data.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("places", "train", "test", "notes"),
    [
        (["train", "valid", "test"], "train", "test", 0),
        (["Train", "Test"], "Train", "Test", 0),
        (["train", "valid"], "train", "valid", 0),
        (["training", "validation"], "training", "validation", 0),
        (["TRAIN", "val", "dev"], "TRAIN", "val", 0),
        (["train", "test", "stray"], "train", "test", 1),
        (["train_set", "test_set"], "train_set", "test_set", 0),
        (["train2017", "val2017"], "train2017", "val2017", 0),
    ],
)
def test_splits_are_found_by_their_names(
    tmp_path: Path, places: list[str], train: str, test: str, notes: int
) -> None:
    lay(tmp_path, *(f"{place}/{one}/{place}.png" for place in places for one in ("cat", "dog")))
    (tmp_path / "docs").mkdir()
    for split, place in (("train", train), ("test", test)):
        data = load_dataset(f"folder:{tmp_path}", split)
        assert data.classes == ("cat", "dog")
        assert {path.stem for path in data._paths} == {place}
        assert len(data.notes) == notes
        assert all("stray" in note for note in data.notes)


def test_a_set_may_lie_in_folders_of_its_own_name(tmp_path: Path) -> None:
    """As archives are unpacked; one folder with pictures in it is a class."""
    lay(
        tmp_path,
        *(
            f"set/seg_{split}/seg_{split}/{one}/0.png"
            for split in ("train", "test")
            for one in "ab"
        ),
    )
    data = load_dataset(f"folder:{tmp_path}", "train")
    assert data.classes == ("a", "b")
    assert "set, which is taken for no class" in data.notes[0]
    assert {path.parts[-3] for path in data._paths} == {"seg_train"}
    (tmp_path / "set" / "seg_test").rename(tmp_path / "cat")
    assert load_dataset(f"folder:{tmp_path / 'cat' / 'seg_test'}").classes == ("a", "b")
    assert load_dataset(f"folder:{lay(tmp_path / 'one', 'cat/images/0.png')}").classes == ("cat",)


def test_a_class_may_hold_the_splits(tmp_path: Path) -> None:
    places = [
        f"{one}/{split}/0.png" for one in ("cat", "dog") for split in ("train", "test", "val")
    ]
    root = lay(tmp_path, *places, "owl/0.png")
    for split in ("train", "test"):
        data = load_dataset(f"folder:{root}", split)
        assert data.classes == ("cat", "dog", "owl")
        assert [path.parts[-2] for path in data._paths] == [split, split, "owl"]


def test_what_is_passed_over_is_said(tmp_path: Path) -> None:
    root = lay(tmp_path, "cat/0.png", "dog/0.png")
    (root / "owl").mkdir()
    assert load_dataset(f"folder:{root}").notes == (
        "Passed over, for there is no picture in it: owl.",
    )
    (root / "cat" / "labels.csv").write_text("0.png,cat")
    assert load_dataset(f"folder:{root / 'cat'}").notes[0].startswith("Not read: labels.csv.")


def test_what_may_be_meant_otherwise_is_said(tmp_path: Path) -> None:
    """Folds are no classes, a folder called "images" is one, and some pictures are of no known suffix."""
    folds = [f"fold{k}/{one}/0.png" for k in (1, 2) for one in ("cat", "dog")]
    (lay(tmp_path / "a", *folds) / "fold1" / "cat" / "1.jp2").write_bytes(b"")
    for name in ("Thumbs.db", "desktop.ini", "notes.txt"):
        (tmp_path / "a" / "fold2" / name).write_bytes(b"")
    assert load_dataset(f"folder:{tmp_path / 'a'}").notes == (
        "Passed over, for they are not called as pictures are: 1.jp2.",
        "Folders in those of the classes are taken for no classes: cat, dog.",
    )
    (
        lay(tmp_path / "b", "train/n01440764/images/0.png", "val/images/1.png") / "val" / "l.txt"
    ).touch()
    assert load_dataset(f"folder:{tmp_path / 'b'}").notes == (
        "All pictures are of one class, images.",
        "Not read: l.txt.",
    )
    (lay(tmp_path / "c", "images/0.png", "padded/0.png") / "metadata.jsonl").touch()
    assert load_dataset(f"folder:{tmp_path / 'c'}").notes == ("Not read: metadata.jsonl.",)
    (lay(tmp_path / "d", "train/0.png", "test/1.png") / "labels.csv").touch()
    assert load_dataset(f"folder:{tmp_path / 'd'}").notes == (
        "Not read: labels.csv. The pictures have no classes.",
    )


def test_a_class_may_be_called_as_a_split_is(tmp_path: Path) -> None:
    data = load_dataset(f"folder:{lay(tmp_path, 'train/0.png', 'car/0.png', 'ship/0.png')}")
    assert data.classes == ("car", "ship", "train")


def test_pictures_beside_the_classes_are_said(tmp_path: Path) -> None:
    data = load_dataset(f"folder:{lay(tmp_path, 'cat/0.png', 'dog/0.png', '1.png', '2.png')}")
    assert len(data) == 2
    assert data.notes == ("Passed over beside the classes' folders: 2 pictures.",)


def test_linked_folders_count_once_and_cycles_end(tmp_path: Path) -> None:
    root, far = lay(tmp_path / "set", "cat/0.png", "dog/0.png"), lay(tmp_path / "far", "a/1.png")
    (root / "cat" / "more").symlink_to(far)
    (root / "owl").symlink_to(far / "a")
    (root / "cat" / "up").symlink_to(root)
    (far / "a" / "again").symlink_to(far)
    (root / "dog" / "self").symlink_to("self")
    data = load_dataset(f"folder:{root}")
    assert data.classes == ("cat", "dog", "owl")
    assert data.labels.tolist() == [0, 0, 1, 2]
    assert data.digest() == load_dataset(f"folder:{root}").digest()


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".JPEG", ".avif", ".ppm", ".tiff"])
def test_every_suffix_of_a_picture_is_known(tmp_path: Path, suffix: str) -> None:
    file = lay(tmp_path, "cat/0.png") / "cat" / "0.png"
    file.rename(file.with_suffix(suffix))
    assert load_dataset(f"folder:{tmp_path}").images.shape == (1, 4, 4, 3)


def test_a_damaged_picture_is_told_of_and_the_others_are_read(tmp_path: Path) -> None:
    lay(tmp_path, *(f"cat/{number}.png" for number in range(6)))
    (tmp_path / "cat" / "0.png").write_bytes(b"")
    (tmp_path / "cat" / "2.png").write_bytes(b"<html>not found</html>")
    (tmp_path / "cat" / "3.png").unlink()
    (tmp_path / "cat" / "3.png").symlink_to("nowhere.png")
    data = load_dataset(f"folder:{tmp_path}")
    assert data.shape == (4, 4, 3)
    images, damaged = data.readable([5, 0, 2, 1, 3])
    assert images[:, 0, 0, 0].tolist() == [5, 0, 0, 1, 0]
    assert list(damaged) == [1, 2, 4]
    for place, words in ((1, "0.png is empty"), (2, "2.png is not a pic"), (4, "3.png cannot be")):
        assert words in str(damaged[place])
    assert len(data.digest()) == 64


def test_names_that_are_no_text_are_read(tmp_path: Path) -> None:
    lay(tmp_path, "cat/0.png")
    os.rename(os.fsencode(tmp_path / "cat"), os.fsencode(tmp_path) + b"/k\xe4fer")
    data = load_dataset(f"folder:{tmp_path}")
    assert data.classes == ("k\ufffdfer",)
    assert len(data.digest()) == 64
