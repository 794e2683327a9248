"""From a name to a classifier: embedded and untrained ones, and weights that are not right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import engine
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import build
from engine.classifiers.zoo import LOADERS
from engine.errors import ParameterError, WeightsError
from engine.images import to_pixels

EMBEDDED = [name for name, listing in LISTINGS.items() if listing.embedded]


@pytest.mark.parametrize("name", EMBEDDED)
def test_embedded_classifiers_are_as_accurate_as_they_say(name: str) -> None:
    classifier = engine.load_classifier(name, "cpu")
    data = engine.load_dataset(LISTINGS[name].dataset)
    rows = np.arange(0, len(data), max(1, len(data) // 500))
    with torch.inference_mode():
        seen = classifier(to_pixels(data.batch(rows))).argmax(1).numpy()
    right = (seen == data.labels[rows]).mean()
    assert right >= 0.98
    assert abs(right - classifier.card.accuracy) < 0.015


@pytest.mark.parametrize(
    "name", ["untrained:resnet18@3", "untrained:shapes-resnet", "untrained:squeezenet1_1"]
)
def test_untrained_networks_follow_their_seed(name: str) -> None:
    first, again = (engine.load_classifier(name, "cpu") for _ in range(2))
    other = engine.load_classifier(f"{name.split('@', maxsplit=1)[0]}@99", "cpu")
    images = torch.rand(2, *first.input_shape)
    assert first(images).shape == (2, len(first.classes))
    assert torch.equal(first(images), again(images))
    assert not torch.equal(first(images), other(images))


def test_an_untrained_network_is_pytorchs_default_in_evaluation_mode() -> None:
    classifier = engine.load_classifier("untrained:resnet18@3", "cpu")
    network = build("resnet18-32", 3, 10, seed=3).eval()
    images = torch.rand(2, 3, 32, 32)
    assert torch.allclose(classifier(images), network(images), atol=1e-5)
    assert torch.equal(classifier.network.bn1.running_var, torch.ones(64))


@pytest.fixture
def weights(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the weights of a small listed network are looked for; its name is "mine"."""
    monkeypatch.setitem(LISTINGS, "mine", replace(LISTINGS["digits-vgg"], embedded=False))
    return bare_machine / "mine.safetensors"


STATE = build("tiny-vgg", 1, 10, seed=0).state_dict()


def test_half_precision_weights_are_cast(weights: Path) -> None:
    save_file({n: v.half() if v.is_floating_point() else v for n, v in STATE.items()}, weights)
    classifier = engine.load_classifier("mine", "cpu")
    assert {value.dtype for value in classifier.parameters()} == {torch.float32}
    assert torch.equal(classifier.network.classifier.bias, STATE["classifier.bias"].half().float())


@pytest.mark.parametrize("damage", [lambda data: data[:-1000], lambda data: b"\x80\x04 a pickle"])
def test_damaged_weights(weights: Path, damage: Callable[[bytes], bytes]) -> None:
    save_file(STATE, weights)
    weights.write_bytes(damage(weights.read_bytes()))
    with pytest.raises(WeightsError, match="cannot be read as safetensors"):
        engine.load_classifier("mine")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers(weights: Path, value: float) -> None:
    spoilt = STATE["classifier.bias"].clone()
    spoilt[3] = value
    save_file(STATE | {"classifier.bias": spoilt}, weights)
    with pytest.raises(WeightsError, match=r"classifier\.bias holds values that are not finite"):
        engine.load_classifier("mine")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (build("tiny-resnet", 1, 10, seed=0).state_dict(), r"it lacks .* and \d+ more"),
        (STATE | {"extra": torch.zeros(1)}, "it has the unknown extra"),
        (STATE | {"classifier.bias": torch.zeros(100)}, r"has the misshapen classifier\.bias"),
    ],
)
def test_weights_of_another_network(
    weights: Path, state: dict[str, torch.Tensor], message: str
) -> None:
    save_file(state, weights)
    with pytest.raises(WeightsError, match=f"made for another network: .*{message}"):
        engine.load_classifier("mine")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(
        ParameterError, match="expected cpu, cuda or cuda:1 and the like, got 'gpu'"
    ):
        engine.load_classifier("shapes-vgg", "gpu")


def test_every_scheme_of_names_has_a_loader() -> None:
    from engine.classifiers.cards import _CARDS, _DIGESTS

    assert LOADERS.keys() == _CARDS.keys() == _DIGESTS.keys()


def test_naming_the_function_imports_no_torch() -> None:
    program = "import sys, engine; engine.load_classifier; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
