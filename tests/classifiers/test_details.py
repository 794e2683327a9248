"""The JSON beside weights, right and wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.classifiers.details import Details, read_details
from engine.errors import WeightsError
from tests.classifiers.small import DETAILS

REQUIRED = ("classes", "input_shape", "mean", "std")


def written(folder: Path, content: object) -> Path:
    path = folder / "model.pt2"
    path.with_suffix(".json").write_text(
        content if isinstance(content, str) else json.dumps(content)
    )
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    details = read_details(written(tmp_path, {**DETAILS, "author": "somebody"}), REQUIRED)
    assert details == Details(("red", "green", "blue"), (3, 8, 8), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_any_encoding_of_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, {})
    path.with_suffix(".json").write_text('{"note": "f\u00fcr"}', encoding=encoding)
    assert read_details(path).note == "f\u00fcr"


def test_nothing_is_demanded_where_nothing_is_required(tmp_path: Path) -> None:
    assert read_details(tmp_path / "model.safetensors") == Details()
    assert read_details(written(tmp_path, {"accuracy": 1})) == Details(accuracy=1.0)


def test_a_missing_file_shows_an_example(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r'model\.json is missing.*"classes"'):
        read_details(tmp_path / "model.pt2", REQUIRED)


def test_missing_names_are_listed_beside_those_found(tmp_path: Path) -> None:
    with pytest.raises(
        WeightsError, match=r"mean, std missing.*found labels, classes, input_shape"
    ):
        read_details(
            written(tmp_path, {"labels": [], "classes": ["a", "b"], "input_shape": [1, 2, 3]}),
            REQUIRED,
        )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("classes", "red"),
        ("classes", ["red"]),
        ("classes", ["red", 2]),
        ("classes", ["red", " "]),
        ("input_shape", [3, 8]),
        ("input_shape", [8, 8, 3]),
        ("input_shape", [3, 8, 0]),
        ("input_shape", [3, 8.5, 8]),
        ("input_shape", [True, 8, 8]),
        ("input_shape", [3, 10**9, 8]),
        ("mean", 0.5),
        ("mean", [0.5]),
        ("mean", [0.5, 0.5, "0.5"]),
        ("mean", [0.5, 0.5, float("nan")]),
        ("std", [0.2, 0.3, 0]),
        ("std", [0.2, 0.3, float("inf")]),
        ("std", []),
        ("resize", 0),
        ("resize", 8.5),
        ("accuracy", 86.3),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    tmp_path: Path, name: str, value: Any
) -> None:
    with pytest.raises(WeightsError, match=rf"model\.json: {name}: expected .*, got"):
        read_details(written(tmp_path, {**DETAILS, name: value}), REQUIRED)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\x80\x04", "[" * 100_000])
def test_what_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WeightsError, match="JSON"):
        read_details(written(tmp_path, text), REQUIRED)
