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
    pq.write_table(pa.table({"img": cells, "label": ["owl"]}), named)
    for path, words in [
        (tmp_path / "none.parquet", "There is no file"),
        (text, "not a readable Parquet file"),
        (empty, "no rows"),
        (other, r"no column of pictures.*img or image.*words, label"),
        (named, "no class numbers"),
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
    with pytest.raises(DataError, match=r"Image 2 of rows\.parquet is not in the file"):
        data.batch([2])
