"""Torchvision's networks with weights as torchvision stores them, here random ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import engine
from engine.classifiers import card, digest, pretrained
from engine.classifiers.listings import asset, class_names
from engine.classifiers.networks import build, torchvision
from engine.classifiers.pretrained import load_pretrained
from engine.classifiers.weights import cached_weights
from engine.errors import OfflineError, UnknownNameError, WeightsError
from engine.progress import SILENT


def models() -> Any:
    """Torchvision's, which take a while to import."""
    return torchvision().models


@pytest.fixture(autouse=True)
def cache(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PyTorch's cache of downloads, empty; and a network that is not there."""
    monkeypatch.setenv("TORCH_HOME", str(bare_machine.parent))
    folder = bare_machine.parent / "hub"
    (folder / "checkpoints").mkdir(parents=True)
    real = pretrained._url
    monkeypatch.setattr(
        pretrained, "_url", lambda name: f"http://127.0.0.1:9/{real(name).rsplit('/', 1)[-1]}"
    )
    return folder


def random_network(name: str, **extra: Any) -> nn.Module:
    """Torchvision's network with weights and statistics of a size that keeps logits apart."""
    torch.manual_seed(0)
    network = models().get_model(name, weights=None, **extra)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def agree(name: str, network: nn.Module, side: int = 224) -> None:
    """Assert that the loaded classifier computes what torchvision would."""
    classifier = engine.load_classifier(f"torchvision:{name}", "cpu")
    preset = models().get_model_weights(name).DEFAULT.transforms()
    images = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    mean, std = (torch.tensor(value).view(1, 3, 1, 1) for value in (preset.mean, preset.std))
    with torch.inference_mode():
        ours, theirs = classifier(images), network((images - mean) / std)
    assert (ours - theirs).abs().max() <= 2e-5 * theirs.abs().max()


def test_googlenet_keeps_its_scaled_inputs_and_drops_its_auxiliary_heads() -> None:
    network = random_network("googlenet", aux_logits=True, transform_input=True, init_weights=False)
    torch.save(network.state_dict(), cached_weights("googlenet"))
    agree("googlenet", network)


def test_networks_that_ask_for_their_version(bare_machine: Path) -> None:
    network = random_network("mnasnet0_5")
    torch.save(network.state_dict(), cached_weights("mnasnet0_5"))
    agree("mnasnet0_5", network)


def test_densenets_old_names_are_understood() -> None:
    state = build("densenet121", 3, 1000, seed=1).state_dict()
    dots = re.compile(r"(denselayer\d+\.(?:norm|conv))(\d\.)")
    old = {dots.sub(r"\1.\2", name): value for name, value in state.items()}
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    path = cached_weights("densenet121")
    torch.save(old, path)
    loaded = load_pretrained("densenet121", 1000, SILENT).state_dict()
    assert all(torch.equal(loaded[name], state[name]) for name in state)


def test_weights_in_the_data_folder_come_first(bare_machine: Path) -> None:
    torch.save({"wrong": torch.zeros(1)}, cached_weights("squeezenet1_1"))
    network = random_network("squeezenet1_1")
    before = digest("torchvision:squeezenet1_1")
    save_file(network.state_dict(), bare_machine / "squeezenet1_1.safetensors")
    agree("squeezenet1_1", network)
    assert digest("torchvision:squeezenet1_1") != before


def test_offline_it_says_what_to_do() -> None:
    with pytest.raises(OfflineError) as caught:
        engine.load_classifier("torchvision:googlenet", "cpu")
    message = str(caught.value)
    for hint in (
        "googlenet-1378be20.pth",
        "googlenet.safetensors",
        "ISTHMUS_DATA",
        "shapes-resnet",
    ):
        assert hint in message


def test_a_download_is_checked_against_the_sum_in_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def download(url: str, target: Path, digest: str, *_: object, algorithm: str) -> None:
        asked.update(url=url, target=target, digest=digest, algorithm=algorithm)
        torch.save(random_network("squeezenet1_1").state_dict(), target)

    monkeypatch.setattr(pretrained, "download", download)
    agree("squeezenet1_1", random_network("squeezenet1_1"))
    assert asked["url"].endswith("squeezenet1_1-b8a52dc0.pth")
    assert (asked["digest"], asked["algorithm"]) == ("b8a52dc0", "sha256")
    assert asked["target"] == cached_weights("squeezenet1_1")


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x02]q\x00."])
def test_a_damaged_download_can_be_deleted(content: bytes) -> None:
    cached_weights("squeezenet1_1").write_bytes(content)
    with pytest.raises(WeightsError, match=r"squeezenet1_1-b8a52dc0\.pth.*Delete it"):
        engine.load_classifier("torchvision:squeezenet1_1", "cpu")


def test_a_pickle_of_anything_else_is_not_executed(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.mkdir, (tmp_path / "executed",)

    torch.save({"weight": Payload()}, cached_weights("squeezenet1_1"))
    with pytest.raises(WeightsError, match="cannot be read"):
        engine.load_classifier("torchvision:squeezenet1_1", "cpu")
    assert not (tmp_path / "executed").exists()


def test_a_quantised_network_is_refused_with_the_one_to_take() -> None:
    with pytest.raises(WeightsError, match=r"no gradient. Take torchvision:resnet18\."):
        engine.load_classifier("torchvision:quantized_resnet18", "cpu")


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError, match="googlenet"):
        engine.load_classifier("torchvision:googlenot")


def test_the_table_is_torchvisions() -> None:
    table = asset("torchvision.json")
    assert sorted(table) == sorted(models().list_models(module=models()))
    for name, row in table.items():
        weights = models().get_model_weights(name).DEFAULT
        preset = weights.transforms()
        assert [row["crop"]] == preset.crop_size
        assert [row["resize"]] == preset.resize_size
        assert row["weights"] == weights.url.rsplit("/", 1)[-1]
        assert (row["mean"], row["std"]) == (list(preset.mean), list(preset.std))
        assert row["accuracy"] == pytest.approx(
            weights.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100
        )
        assert tuple(weights.meta["categories"]) == class_names("imagenet")
    assert card("torchvision:inception_v3").input_shape == (3, 299, 299)
