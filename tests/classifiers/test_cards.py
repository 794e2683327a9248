"""What is told of a classifier before it is built."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.classifiers import card, digest, known_classifiers, presence
from engine.classifiers.cards import split_seed
from engine.classifiers.listings import LISTINGS
from engine.classifiers.weights import cached_weights
from engine.errors import ParameterError, UnknownNameError, WeightsError
from tests.classifiers.small import DETAILS


@pytest.mark.parametrize("name", known_classifiers())
def test_every_known_name_has_a_consistent_card(name: str) -> None:
    described = card(name)
    channels, height, width = described.input_shape
    assert described.name == name
    assert len(described.mean) == len(described.std) == channels
    assert min(described.std) > 0
    assert min(height, width) >= 8
    assert len(set(described.classes)) == len(described.classes) >= 10
    assert described.resize is None or described.resize >= max(height, width)


def test_cards_and_digests_need_no_torch() -> None:
    program = (
        "import sys; from engine.classifiers import *; "
        "[card(n) for n in known_classifiers()]; digest('shapes-resnet'); "
        "digest('untrained:resnet18@1'); digest('torchvision:googlenet'); align(['a'], ['a']); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_embedded_cards_know_their_accuracy() -> None:
    for name, listing in LISTINGS.items():
        if listing.embedded:
            assert card(name).accuracy is not None
            assert card(name).accuracy >= 0.98


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("shapes-resnt", "shapes-resnet"),
        ("torchvision:googlenett", "googlenet"),
        ("untrained:resnet19", "resnet18"),
        ("pickle:model", "file:PATH.pt2"),
        ("", "shapes-vgg"),
    ],
)
def test_an_unknown_name_lists_the_known(name: str, hint: str) -> None:
    for question in (card, digest):
        with pytest.raises(UnknownNameError, match=hint):
            question(name)


def test_it_is_known_what_must_come_before_the_first_use(
    bare_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(bare_machine))
    names = ("shapes-resnet", "vgg16-cifar10", "torchvision:alexnet", "untrained:alexnet@3")
    wanted = ["here", "trained first", "downloaded first", "untrained"]
    assert [presence(name) for name in names] == wanted
    (bare_machine / "vgg16-cifar10.safetensors").touch()
    weights = cached_weights("alexnet")
    weights.parent.mkdir(parents=True)
    weights.touch()
    assert [presence(name) for name in names] == ["here", "here", "here", "untrained"]


def test_seeds() -> None:
    assert split_seed("resnet18") == ("resnet18", 0)
    assert split_seed("resnet18@17") == ("resnet18", 17)
    for wrong in ("x", "-1", "1.5", "", "²", "9" * 40):
        with pytest.raises(ParameterError, match="whole number"):
            split_seed(f"resnet18@{wrong}")
    assert digest("untrained:resnet18") == digest("untrained:resnet18@0")
    assert digest("untrained:resnet18@1") != digest("untrained:resnet18@2")
    assert digest("untrained:resnet18") != digest("untrained:resnet34")


def test_the_untrained_resnet_is_the_papers() -> None:
    described = card("untrained:resnet18@4")
    assert (described.input_shape, len(described.classes)) == ((3, 32, 32), 10)
    assert (described.mean, described.std) == ((0, 0, 0), (1, 1, 1))


def test_a_files_card_is_its_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt2"
    with pytest.raises(WeightsError, match="no file"):
        card(f"file:{path}")
    path.write_bytes(b"network")
    path.with_suffix(".json").write_text(json.dumps({**DETAILS, "resize": 9, "accuracy": 0.5}))
    described = card(f"file:{path}")
    assert (described.title, described.resize, described.accuracy) == ("mine", 9, 0.5)
    assert described.classes == ("red", "green", "blue")


def test_a_files_digest_follows_the_file_and_its_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt2"
    path.write_bytes(b"network")
    path.with_suffix(".json").write_text(json.dumps(DETAILS))
    first = digest(f"file:{path}")
    assert digest(f"file:{path}") == first
    path.with_suffix(".json").write_text(json.dumps({**DETAILS, "resize": 9}))
    second = digest(f"file:{path}")
    path.write_bytes(b"other network")
    assert len({first, second, digest(f"file:{path}")}) == 3
