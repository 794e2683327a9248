"""Parquet files: the layouts that are met, read lazily, and refused in plain words when broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.datasets import known_datasets, load_dataset
from engine.datasets import parquet as room
from engine.datasets.encoded import SAMPLED
from engine.errors import DataError, ImageError, UnknownNameError
from engine.images import decode, encode_png, fit

Write = Callable[..., Path]
Pictures = Callable[..., np.ndarray]

ONE = encode_png(np.zeros((4, 4, 3), dtype=np.uint8))


def test_images_labels_and_names_come_back(
    tmp_path: Path, write_parquet: Write, pictures: Pictures
) -> None:
    images = pictures(7, 9, 11, 3)
    path = write_parquet(tmp_path / "a.parquet", images, [2, 0, 1, 1, 0, 2, 2], ["x", "y", "z"])
    data = load_dataset(f"parquet:{path}")
    np.testing.assert_array_equal(data.images, images)
    assert data.labels.tolist() == [2, 0, 1, 1, 0, 2, 2]
    assert data.classes == ("x", "y", "z")


def test_other_columns_and_names_by_number(
    tmp_path: Path, write_parquet: Write, pictures: Pictures
) -> None:
    path = write_parquet(
        tmp_path / "a.parquet",
        pictures(2, 4, 4, 3),
        [0, 1],
        {"10": "k", "0": "a", "1": "b"},
        image_column="image",
        label_column="fine_label",
    )
    assert load_dataset(f"parquet:{path}").classes == ("a", "b", "k")


@pytest.mark.parametrize(
    ("labels", "names", "classes", "found"),
    [
        (None, None, (), [-1, -1]),
        ([None, 1], None, ("0", "1"), [-1, 1]),
        ([0, 2], ["only"], ("only", "1", "2"), [0, 2]),
        ([-1, -1], ["a", "b"], ("a", "b"), [-1, -1]),
    ],
)
def test_missing_labels_and_names(
    tmp_path: Path,
    write_parquet: Write,
    pictures: Pictures,
    labels: list[int | None] | None,
    names: list[str] | None,
    classes: tuple[str, ...],
    found: list[int],
) -> None:
    path = write_parquet(tmp_path / "a.parquet", pictures(2, 4, 4, 3), labels, names)
    data = load_dataset(f"parquet:{path}")
    assert data.classes == classes
    assert data.labels.tolist() == found
    beyond = names is not None and len(classes) > len(names)
    assert any("beyond have no names" in note for note in data.notes) == beyond


def test_only_the_rows_asked_for_are_decoded(
    tmp_path: Path, write_parquet: Write, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = pictures(40, 4, 4, 3)
    path = write_parquet(tmp_path / "a.parquet", images, [0] * 40, rows_a_group=7)
    data = load_dataset(f"parquet:{path}", size=(4, 4))
    decoded: list[str] = []

    def watched(content: bytes, name: str) -> np.ndarray:
        decoded.append(name)
        return decode(content, name)

    monkeypatch.setattr("engine.datasets.encoded.decode", watched)
    order = [33, 2, 33, 14]
    np.testing.assert_array_equal(data.batch(order), images[order])
    assert len(decoded) == 4


def test_row_groups_make_room_for_each_other(
    tmp_path: Path, write_parquet: Write, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "HELD_BYTES", 1)
    images = pictures(30, 4, 4, 3)
    path = write_parquet(tmp_path / "a.parquet", images, [0] * 30, rows_a_group=8)
    data = load_dataset(f"parquet:{path}")
    order = np.random.default_rng(0).permutation(30)
    np.testing.assert_array_equal(data.batch(order), images[order])
    assert len(data._groups._held) == 1


def test_pictures_of_different_sizes_fit_the_default(
    tmp_path: Path, write_parquet: Write, pictures: Pictures
) -> None:
    images = [*pictures(2, 30, 20, 3), *pictures(2, 25, 50, 3)]
    path = write_parquet(tmp_path / "a.parquet", images, [0] * 4)
    data = load_dataset(f"parquet:{path}")
    assert data.shape == (224, 224, 3)
    np.testing.assert_array_equal(data.batch([2])[0], fit(images[2], 224, 224))
    assert load_dataset(f"parquet:{path}", size=(10, 12)).batch([0, 3]).shape == (2, 10, 12, 3)


def test_an_image_that_escapes_the_sample_is_fitted(
    tmp_path: Path, write_parquet: Write, pictures: Pictures
) -> None:
    images = list(pictures(4 * SAMPLED, 6, 6, 3))
    images[1] = pictures(1, 12, 12, 3)[0]
    path = write_parquet(tmp_path / "a.parquet", images, [0] * len(images))
    assert load_dataset(f"parquet:{path}").batch([0, 1]).shape == (2, 6, 6, 3)


def test_names_from_the_folder_of_isthmus_data(
    tmp_path: Path, write_parquet: Write, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    for split, seed in (("train", 1), ("test", 2)):
        write_parquet(tmp_path / f"owls-{split}.parquet", pictures(3, 4, 4, 3, seed=seed), [0] * 3)
    write_parquet(tmp_path / "half-train.parquet", pictures(1, 4, 4, 3), [0])
    monkeypatch.setenv("ISTHMUS_DATA", str(tmp_path))
    assert {"owls", "half", "shapes"} <= set(known_datasets())
    np.testing.assert_array_equal(
        load_dataset("owls", "train").images, pictures(3, 4, 4, 3, seed=1)
    )
    with pytest.raises(DataError, match=r"no split 'test'.*half-test\.parquet"):
        load_dataset("half", "test")
    with pytest.raises(UnknownNameError, match="owls"):
        load_dataset("owl")
    with pytest.raises(UnknownNameError):
        load_dataset("../owls")


def test_the_split_in_a_path(tmp_path: Path, write_parquet: Write, pictures: Pictures) -> None:
    write_parquet(tmp_path / "a-train.parquet", pictures(3, 4, 4, 3), [0] * 3)
    write_parquet(tmp_path / "a-test.parquet", pictures(2, 4, 4, 3), [0] * 2)
    name = f"parquet:{tmp_path}/a-{{split}}.parquet"
    assert [len(load_dataset(name, split)) for split in ("train", "test")] == [3, 2]


def test_the_digest_follows_the_content(
    tmp_path: Path, write_parquet: Write, pictures: Pictures
) -> None:
    images = pictures(3, 4, 4, 3)
    first = write_parquet(tmp_path / "a.parquet", images, [0, 0, 0])
    moved = write_parquet(tmp_path / "b.parquet", images, [0, 0, 0])
    changed = write_parquet(tmp_path / "c.parquet", images[::-1], [0, 0, 0])
    digests = [load_dataset(f"parquet:{path}").digest() for path in (first, moved, changed)]
    assert digests[0] == digests[1] != digests[2]
    assert load_dataset(f"parquet:{first}", size=(5, 5)).digest() != digests[0]


def test_broken_files_are_refused(tmp_path: Path, write_parquet: Write, pictures: Pictures) -> None:
    text = tmp_path / "text.parquet"
    text.write_text("no")
    empty = write_parquet(tmp_path / "empty.parquet", [], [])
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"words": ["a"], "label": [0]}), other)
    named = tmp_path / "named.parquet"
    cells = pa.array([{"bytes": ONE, "path": ""}])
    pq.write_table(pa.table({"img": cells, "label": [["owl"]]}), named)
    twice = tmp_path / "twice.parquet"
    pq.write_table(pa.Table.from_arrays([cells] * 3, ["img", "label", "label"]), twice)
    for path, words in [
        (tmp_path / "none.parquet", "There is no file"),
        (text, "not a readable Parquet file"),
        (empty, "no rows"),
        (other, r"no column of pictures.*img or image.*words \(string\), label"),
        (twice, "several columns called label"),
        (named, "no class numbers or names"),
    ]:
        with pytest.raises(DataError, match=words):
            load_dataset(f"parquet:{path}")


def test_broken_rows_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [{"bytes": ONE}, {"bytes": b"no picture"}, {"bytes": None, "path": "far.png"}]
    pq.write_table(pa.table({"img": pa.array(cells, kind)}), path)
    data = load_dataset(f"parquet:{path}", size=(4, 4))
    assert data.batch([0]).shape == (1, 4, 4, 3)
    with pytest.raises(ImageError, match=r"Image 1 of rows\.parquet"):
        data.batch([0, 1])
    with pytest.raises(ImageError, match=r"Image 2 of rows\.parquet is not in the file"):
        data.batch([2])


def table(path: Path, labels: object, column: str = "label", image: str = "img") -> str:
    """A file with one picture for each label; the set's name."""
    values = pa.array(labels) if isinstance(labels, list) else labels
    cells = pa.array([{"bytes": ONE, "path": ""}] * len(values))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({image: cells, column: values}), path)
    return f"parquet:{path}"


@pytest.mark.parametrize(
    ("labels", "classes", "found"),
    [
        (["owl", None, "cat", ""], ("cat", "owl"), [1, -1, 0, -1]),
        (["10", "9", "1"], ("1", "9", "10"), [2, 1, 0]),
        (["k\u00e4fer", "ka\u0308fer"], ("k\u00e4fer",), [0, 0]),
        ([True, False, None], ("False", "True"), [1, 0, -1]),
        ([1.0, None, 0.0, float("nan")], ("0", "1"), [1, -1, 0, -1]),
        ([-100, 1, -1], ("0", "1"), [-1, 1, -1]),
        ([20230101, 20221231, None], ("20221231", "20230101"), [1, 0, -1]),
        (pa.array(["b", "a", None]).dictionary_encode(), ("a", "b"), [1, 0, -1]),
        (pa.array([1, 0, 1], pa.int8()).dictionary_encode(), ("0", "1"), [1, 0, 1]),
        (pa.array([None, None], pa.null()), (), [-1, -1]),
        (pa.array([2, 0], pa.uint64()), ("0", "1", "2"), [2, 0]),
        (pa.array(["x", "y"], pa.large_string()), ("x", "y"), [0, 1]),
        (pa.array(["x", "y"], pa.string_view()), ("x", "y"), [0, 1]),
        (pa.array([b"x", b"y"]), ("x", "y"), [0, 1]),
        (pa.array([1, 0]).cast(pa.decimal128(20, 0)), ("0", "1"), [1, 0]),
    ],
)
def test_labels_of_every_kind(
    tmp_path: Path, labels: object, classes: tuple[str, ...], found: list[int]
) -> None:
    data = load_dataset(table(tmp_path / "a.parquet", labels))
    assert data.classes == classes
    assert data.labels.tolist() == found


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([0, -2], "Column 'label' of a.parquet has the label -2 in row 1"),
        ([0.5], "holds no class numbers or names"),
        ([[1]], "holds no class numbers or names"),
        (pa.array([1], pa.timestamp("s")), "holds no class numbers or names"),
    ],
)
def test_labels_that_mean_nothing_are_refused(tmp_path: Path, labels: object, words: str) -> None:
    with pytest.raises(DataError, match=words):
        load_dataset(table(tmp_path / "a.parquet", labels))


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("image", "label"),
        ("img", "fine_label"),
        ("jpg", "cls"),
        ("Image", "Class"),
        ("x", "target"),
    ],
)
def test_columns_of_other_names(tmp_path: Path, image: str, label: str) -> None:
    data = load_dataset(table(tmp_path / "a.parquet", [1, 0], label, image))
    assert data.labels.tolist() == [1, 0]
    assert not data.notes
    assert data.images.shape == (2, 4, 4, 3)


def test_what_is_not_read_is_said(tmp_path: Path, write_parquet: Write, pictures: Pictures) -> None:
    data = load_dataset(table(tmp_path / "a.parquet", [1, 0], "animal"))
    assert data.labels.tolist() == [-1, -1]
    assert "(animal might)" in data.notes[0]
    pq.write_table(pa.table({"img": [{"bytes": ONE, "path": ""}]}), tmp_path / "e.parquet")
    assert "have no classes" in load_dataset(f"parquet:{tmp_path / 'e.parquet'}").notes[0]
    named = write_parquet(
        tmp_path / "b.parquet", pictures(2, 4, 4, 3), [1, 0], ["x", "y"], label_column="animal"
    )
    assert load_dataset(f"parquet:{named}").classes == ("x", "y")
    pq.write_table(pa.table({"img": [{"bytes": None, "path": "a.png"}]}), tmp_path / "d.parquet")
    _, damaged = load_dataset(f"parquet:{tmp_path / 'd.parquet'}").readable([0])
    assert "embed the pictures" in str(damaged[0])
    two = pa.table({"a": pa.array([ONE]), "b": pa.array([ONE])})
    pq.write_table(two, tmp_path / "c.parquet")
    with pytest.raises(DataError, match=r"several columns of pictures.*found a, b"):
        load_dataset(f"parquet:{tmp_path / 'c.parquet'}")


def shards(root: Path, folder: str = "data") -> Path:
    """A set as the Hugging Face Hub lays it out: training labels 0 0 1, test labels 1."""
    for place, labels in (
        ("train-00000-of-00002", [0, 0]),
        ("train-00001-of-00002", [1]),
        ("test-00000-of-00001", [1]),
    ):
        table(root / folder / f"{place}.parquet", labels)
    return root


def test_a_folder_or_pattern_of_shards_is_one_set(tmp_path: Path) -> None:
    root = shards(tmp_path)
    for name in (root, root / "data", root / "data" / "*.parquet"):
        data = load_dataset(f"parquet:{name}", "train")
        assert data.labels.tolist() == [0, 0, 1]
        assert data.batch([2, 0]).shape == (2, 4, 4, 3)
        assert load_dataset(f"parquet:{name}", "test").labels.tolist() == [1]
    for split in ("train", "test"):
        name = f"parquet:{root}/data/train-*.parquet"
        assert load_dataset(name, split).labels.tolist() == [0, 0, 1]
    one = f"parquet:{root}/data/{{split}}-*.parquet"
    assert load_dataset(one, "test").labels.tolist() == [1]
    first = load_dataset(f"parquet:{root}/data/train-00000-of-00002.parquet")
    assert first.labels.tolist() == [0, 0]


def test_shards_may_store_their_labels_in_different_ways(tmp_path: Path) -> None:
    table(tmp_path / "0.parquet", pa.array([1, 0], pa.int32()))
    table(tmp_path / "1.PQ", pa.array([2], pa.int64()))
    table(tmp_path / "2.parq", pa.nulls(1))
    data = load_dataset(f"parquet:{tmp_path}")
    assert data.labels.tolist() == [1, 0, 2, -1]
    table(tmp_path / "3.parquet", ["cat"])
    with pytest.raises(DataError, match="Expected whole numbers or text"):
        load_dataset(f"parquet:{tmp_path}")


def test_several_sets_in_one_folder_are_told_apart(tmp_path: Path) -> None:
    for name in ("large [1]", "small"):
        shards(tmp_path / name)
    with pytest.raises(DataError, match=r"lie in 2 folders.*large \[1\]/data.*Name one of them"):
        load_dataset(f"parquet:{tmp_path}")
    assert len(load_dataset(f"parquet:{tmp_path}/small", "train")) == 3
    assert len(load_dataset(f"parquet:{tmp_path}/large [1]/data/train-*.parquet", "train")) == 3
    assert len(load_dataset(f"parquet:{tmp_path}/**/*.parquet", "train")) == 6
    with pytest.raises(DataError, match="Expected parquet:PATH"):
        load_dataset("parquet:")


def test_splits_may_be_folders_and_a_validation_part_is_a_test(tmp_path: Path) -> None:
    table(tmp_path / "default" / "train" / "0000.parquet", [0])
    table(tmp_path / "default" / "validation" / "0000.parquet", [1, 1])
    assert len(load_dataset(f"parquet:{tmp_path}", "test")) == 2
    assert len(load_dataset(f"parquet:{tmp_path}", "train")) == 1


def test_shards_that_are_missing_or_of_two_sets_are_named(tmp_path: Path) -> None:
    root = shards(tmp_path)
    table(root / "data" / "train-00001-of-00002.parquet", [1], "target")
    with pytest.raises(DataError, match=r"'target'.*Expected shards of one set"):
        load_dataset(f"parquet:{root}", "train")
    (root / "data" / "train-00000-of-00002.parquet").unlink()
    with pytest.raises(DataError, match=r"train-00000-of-00002\.parquet is missing: 1 of 2"):
        load_dataset(f"parquet:{root}", "train")
    (root / "none").mkdir()
    for empty in (root / "none", root / "none" / "*.parquet"):
        with pytest.raises(DataError, match="There is no Parquet file in"):
            load_dataset(f"parquet:{empty}")
