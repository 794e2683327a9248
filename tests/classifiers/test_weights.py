"""Where weights are looked for, and what identifies them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from engine.classifiers import weights
from engine.classifiers.listings import LISTINGS
from engine.classifiers.weights import (
    check_digest,
    file_digest,
    find_weights,
    training_folder,
    weights_of,
)
from engine.errors import WeightsError
from engine.shipped import ASSETS

EMBEDDED = [name for name, listing in LISTINGS.items() if listing.embedded]


def put(folder: Path, name: str, content: bytes = b"weights") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.safetensors"
    path.write_bytes(content)
    return path


def test_shipped_before_data_before_home(bare_machine: Path) -> None:
    home = put(weights.home_folder(), "vgg16-cifar10")
    assert find_weights("vgg16-cifar10") == home
    data = put(bare_machine, "vgg16-cifar10")
    assert find_weights("vgg16-cifar10") == data
    put(bare_machine, "shapes-vgg")
    assert find_weights("shapes-vgg") == ASSETS / "weights" / "shapes-vgg.safetensors"


def test_missing_weights_say_how_to_get_them(bare_machine: Path) -> None:
    with pytest.raises(WeightsError, match=r"engine train resnet18-cifar10.*ISTHMUS_DATA"):
        weights_of("resnet18-cifar10")


def test_training_writes_where_it_may(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert training_folder("digits-vgg") == ASSETS / "weights"
    assert training_folder("vgg16-cifar10") == bare_machine
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert training_folder("vgg16-cifar10") == weights.home_folder()
    monkeypatch.delenv("ISTHMUS_DATA")
    assert training_folder("vgg16-cifar10") == weights.home_folder()


def test_a_digest_is_kept_until_the_file_changes(tmp_path: Path) -> None:
    path = put(tmp_path, "net")
    first = file_digest(path)
    hits = weights._hash_of_version.cache_info().hits
    assert file_digest(path) == first
    assert weights._hash_of_version.cache_info().hits > hits
    os.utime(path, ns=(1, 1))
    assert file_digest(path) == first
    path.write_bytes(b"altered")
    os.utime(path, ns=(2, 2))
    assert file_digest(path) != first


@pytest.mark.parametrize("name", EMBEDDED)
def test_shipped_weights_are_those_described(name: str) -> None:
    path = weights_of(name)
    about = json.loads(path.with_suffix(".json").read_text())
    assert about["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert tuple(about["classes"]) == LISTINGS[name].classes
    assert about["recipe"]["epochs"] >= 1
    assert path.stat().st_size < 2**20


def test_weights_of_another_description_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "net")
    check_digest(path)
    path.with_suffix(".json").write_text(json.dumps({"digest": "0" * 64}))
    with pytest.raises(WeightsError, match=r"not what net\.json beside it describes"):
        check_digest(path)
