"""Somebody's own network: right, wrong, and hostile."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

import engine
from engine.classifiers.drawing import Drawing
from engine.classifiers.networks import torchvision
from engine.classifiers.program import ARITHMETIC, _bounded
from engine.errors import WeightsError
from tests.classifiers.conftest import Export
from tests.classifiers.small import DETAILS, Small

IMAGES = torch.rand(7, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def expected(images: torch.Tensor) -> torch.Tensor:
    mean, std = (torch.tensor(DETAILS[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    with torch.no_grad():
        return Small().eval()((images - mean) / std)


@pytest.mark.parametrize("batch", [None, 1, 3, 16])
def test_it_takes_any_number_of_images(export: Export, batch: int | None) -> None:
    classifier = engine.load_classifier(f"file:{export(batch=batch)}", "cpu")
    assert classifier.classes == ("red", "green", "blue")
    for count in (1, 2, 7):
        logits = classifier(IMAGES[:count])
        assert torch.allclose(logits, expected(IMAGES[:count]), atol=1e-5)


def test_more_images_than_the_largest_batch(export: Export) -> None:
    classifier = engine.load_classifier(f"file:{export()}", "cpu")
    images = IMAGES.repeat(20, 1, 1, 1)
    assert classifier.network.high == 64
    assert torch.allclose(classifier(images), expected(images), atol=1e-5)


@pytest.mark.parametrize("batch", [None, 3])
def test_gradients_flow_back_to_the_images(export: Export, batch: int | None) -> None:
    classifier = engine.load_classifier(f"file:{export(batch=batch)}", "cpu")
    images, reference = (IMAGES.clone().requires_grad_(True) for _ in range(2))
    (ours,) = torch.autograd.grad(classifier(images).logsumexp(1).sum(), images)
    mean, std = (torch.tensor(DETAILS[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    logits = Small().eval()((reference - mean) / std)
    (theirs,) = torch.autograd.grad(logits.logsumexp(1).sum(), reference)
    assert torch.allclose(ours, theirs, atol=1e-5)


def test_a_network_that_views_its_activations(export: Export) -> None:
    class Viewing(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(torch.relu(self.conv(x)).view(x.shape[0], 8, 64).mean(2))

    network = Viewing().eval()
    classifier = engine.load_classifier(f"file:{export(network)}", "cpu")
    mean, std = (torch.tensor(DETAILS[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    assert torch.allclose(classifier(IMAGES), network((IMAGES - mean) / std), atol=1e-5)


class Frozen(Small):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return super().forward(x)


class TwoOutputs(Small):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x), x


class Packed(Small):
    """Its last layer is in 8 bits, computed by an operator without a derivative."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = (self.head.weight * 100).to(torch.int8)
        flat = torch.relu(self.conv(x)).mean((2, 3))
        return torch.ops.aten._weight_int8pack_mm(flat, weight, torch.full((3,), 0.01))


def spoilt() -> nn.Module:
    network = Small().eval()
    network.head.bias.data[1] = float("nan")
    return network


def test_a_module_may_be_called_anything(export: Export) -> None:
    layers = {name: nn.Conv2d(3, 3, 3) for name in ("conv-1", "conv 1", "käfer")}
    network = nn.Sequential(OrderedDict({**layers, "class": nn.Flatten(), "1": nn.Linear(12, 3)}))
    clf = engine.load_classifier(f"file:{export(network.eval())}", "cpu")
    assert torch.allclose(clf(IMAGES), network((IMAGES - clf.mean) / clf.std), atol=1e-5)


class Odd(nn.Module):
    """A nested graph, sizes in arithmetic, infinity, a list of results, a constant, tied weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.second = nn.Conv2d(3, 3, 3, padding=1)
        self.grid = torch.arange(3.0)

    def forward(self, x: torch.Tensor, *, doubled: bool = True) -> torch.Tensor:
        with torch.no_grad():
            scale = x.abs().amax((1, 2, 3), keepdim=True)
        one, two = self.second(torch.relu(self.first(x))).view(x.shape[0], 3, -1).chunk(2, 2)
        top = torch.where(one > two, one, float("-inf")).amax(2).clamp(min=-9)
        return (top + self.grid) / scale.flatten(1) * (x.shape[0] * 2 // x.shape[0])


def test_odd_programs(export: Export) -> None:
    torch.manual_seed(0)
    network = Odd().eval()
    clf = engine.load_classifier(f"file:{export(network)}", "cpu")
    assert torch.allclose(clf(IMAGES), network((IMAGES - clf.mean) / clf.std), atol=1e-5)
    assert torch.equal(deepcopy(clf)(IMAGES), clf(IMAGES))


@pytest.mark.parametrize(
    "make",
    [
        lambda models: models.SwinTransformer([4, 4], 8, [1, 2], [1, 2], [2, 2], num_classes=3),
        lambda models: models.VisionTransformer(8, 4, 1, 2, 8, 8, num_classes=3),
    ],
    ids=["Swin", "ViT"],
)
def test_architectures_of_every_kind(export: Export, make: Callable[[Any], nn.Module]) -> None:
    with Drawing(torch.Generator().manual_seed(0)):
        network = make(torchvision().models).eval()
        nn.init.normal_([*network.modules()][-1].weight)
    clf = engine.load_classifier(f"file:{export(network)}", "cpu")
    pixels, reference = (IMAGES[:3].clone().requires_grad_(True) for _ in range(2))
    ours, theirs = clf(pixels), network((reference - clf.mean) / clf.std)
    assert torch.allclose(ours, theirs, atol=1e-5)
    gradients = (
        torch.autograd.grad(x.logsumexp(1).sum(), y)[0]
        for x, y in ((ours, pixels), (theirs, reference))
    )
    assert torch.allclose(*gradients, atol=1e-5)


class Softened(Small):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x + self.layers(x)) * 50


class Noise(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + 0.01 * torch.randn_like(x)


@pytest.mark.parametrize(
    ("layer", "batch", "message"),
    [
        (nn.BatchNorm2d(3), None, "alone and in a batch"),
        (nn.BatchNorm2d(3), 1, "statistics change"),
        (nn.InstanceNorm2d(3, track_running_stats=True), None, "statistics change"),
        (nn.RReLU(), None, "depends on chance"),
        (Noise(), None, "depends on chance"),
    ],
)
def test_what_is_no_function_of_one_picture_is_refused(
    export: Export, layer: nn.Module, batch: int | None, message: str
) -> None:
    network = Softened(layer).eval()
    network.layers.train()
    path = export(network, batch=batch)
    with pytest.raises(WeightsError, match=rf"{message}.*Call eval\(\)"):
        engine.load_classifier(f"file:{path}", "cpu")


@pytest.mark.parametrize(
    ("network", "details", "message"),
    [
        (Small, {}, r"draws at random.*Call eval\(\)"),
        (lambda: Frozen().eval(), {}, "expected a gradient.*got none"),
        (lambda: Packed().eval(), {}, "no gradient .*derivative.*before it was quantised"),
        (lambda: TwoOutputs().eval(), {}, "one output.*got one with 2: .*returns logits alone"),
        (spoilt, {}, "head.bias holds values that are not finite"),
        (None, {"classes": ["a", "b"]}, r"expected logits of shape \(1, 2\).*got shape \(1, 3\)"),
        (
            None,
            {"input_shape": [3, 16, 16]},
            r"takes images .*any, 3, 8, 8.*says input_shape \[3, 16",
        ),
        (None, {"std": [0.2]}, "std: expected one number for each of 3 channels"),
    ],
)
def test_a_program_that_does_not_fit_says_why(
    export: Export, network: Callable[[], nn.Module] | None, details: dict[str, Any], message: str
) -> None:
    path = export(network and network(), details=DETAILS | details)
    with pytest.raises(WeightsError, match=message):
        engine.load_classifier(f"file:{path}", "cpu")


def zipped(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")


def scripted(path: Path) -> None:
    torch.jit.save(torch.jit.trace(Small().eval(), IMAGES), str(path))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: torch.save(Small().state_dict(), path), r"what torch\.save writes.*eval\(\)"),
        (scripted, "a TorchScript file"),
        (lambda path: path.write_bytes(pickle.dumps({})), "a pickle"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(b"\x08\x07\x12\x07pytorch"), "ONNX"),
        (lambda path: save_file(Small().state_dict(), path), "a safetensors file"),
        (lambda path: path.write_bytes(b"version https://git-lfs.com/v1"), "git lfs pull"),
        (lambda path: path.write_bytes(b"<!doctype html>"), "a web page"),
        (lambda path: path.write_bytes(b"weights"), "no archive at all"),
        (lambda path: zipped(path, "network/data/aotinductor/x.so"), "a compiled program"),
        (lambda path: zipped(path, "network/models/mine.json"), "not called 'model'"),
        (lambda path: zipped(path, "serialized_exported_program.json"), "an older PyTorch"),
        (lambda path: zipped(path, "photo.png"), "an archive of something else"),
    ],
)
def test_files_that_are_no_programs(
    tmp_path: Path, write: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "model.pth"
    write(path)
    with pytest.raises(
        WeightsError, match=f"model.pth(: expected an exported program, got .*| is ){message}"
    ):
        engine.load_classifier(f"file:{path}")


def test_a_damaged_program(export: Export, tmp_path: Path) -> None:
    path = export()
    data = path.read_bytes()
    path.write_bytes(data[:-3000])
    with pytest.raises(WeightsError, match="got an archive without its end"):
        engine.load_classifier(f"file:{path}")
    path.write_bytes(data.replace(b'"sizes"', b'"sises"'))
    with pytest.raises(WeightsError, match=r"is damaged.*Export it again"):
        engine.load_classifier(f"file:{path}")
    with pytest.raises(WeightsError, match="no file"):
        engine.load_classifier(f"file:{tmp_path / 'other.pt2'}")


MARK = "executed"


class Payload:
    """What a hostile pickle holds: unpickling it creates a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder / MARK),)


def tampered(path: Path, change: Callable[[str, bytes], bytes | None], **extra: bytes) -> None:
    """Rewrite an archive: `change` gives each file's new content, or None to leave it out."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    root = next(iter(files)).split("/")[0]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            changed = change(name.removeprefix(f"{root}/"), content)
            if changed is not None:
                archive.writestr(name, changed)
        for name, content in extra.items():
            archive.writestr(f"{root}/{name}", content)
    path.write_bytes(buffer.getvalue())


def in_json(file: str, old: str, new: str) -> Callable[[str, bytes], bytes]:
    """A change of one text in one JSON file of the archive."""

    def change(name: str, content: bytes) -> bytes:
        if name != file:
            return content
        text = json.dumps(json.loads(content))
        assert old in text, f"{old} is not in {file}"
        return text.replace(old, new, 1).encode()

    return change


MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"
CALL = "torch.ops.aten.relu.default"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (WEIGHTS, '"use_pickle": false', '"use_pickle": true', "refused.*is pickled"),
        (WEIGHTS, '"weight_0"', '"../../sample"', "damaged"),
        (CONSTANTS, "{}", '{"x": {"path_name": "custom_obj_0", "use_pickle": true}}', "pickled"),
        *(
            (MODEL, CALL, target, f"refused.*uses the operator '{target}")
            for target in (
                *("torch.hub.load", "torch.ops.load_library", "torch.ops.aten.from_file.default"),
                *("torch.ops.aten.save.default", "torch.ops.aten.manual_seed.default"),
                *("torch.ops.aten.__class__.mro", "_operator.attrgetter"),
            )
        ),
        (MODEL, CALL, "torch.ops.quantized_decomposed.add.default", "refused.*is quantised"),
        (MODEL, CALL, "torch.ops.torchao.mm.default", "refused.*is quantised"),
        (MODEL, '"major": 8', '"major": 9', r"refused.*by PyTorch 2.*in format 9.*Export it again"),
        (MODEL, '"user_output"', '"buffer_mutation"', "refused.*training mode.*eval\\(\\)"),
    ],
)
def test_a_program_with_more_in_it_than_a_network_is_refused(
    export: Export, file: str, old: str, new: str, message: str
) -> None:
    path = export()
    tampered(path, in_json(file, old, new))
    with pytest.raises(WeightsError, match=message):
        engine.load_classifier(f"file:{path}")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_nothing_but_the_program_and_its_tensors_is_read(export: Export, tmp_path: Path) -> None:
    payload = pickle.dumps(Payload(tmp_path))
    path = export()
    call = f"__import__('os').mkdir('{tmp_path / MARK}')"
    tampered(
        path,
        in_json(MODEL, "integer=True)", f"integer=True) + {call}"),
        **{"data/weights/model.pt": payload, "data/aotinductor/model/x.so": b"x"},
    )
    tampered(path, lambda name, content: payload if name.endswith("model.pt") else content)
    assert engine.load_classifier(f"file:{path}", "cpu")(IMAGES).shape == (7, 3)
    assert not (tmp_path / MARK).exists()
    pickle.loads(payload)
    assert (tmp_path / MARK).exists(), "the payload is harmless, so the test proves nothing"


def test_sizes_do_not_grow_for_ever() -> None:
    huge = _bounded(ARITHMETIC["_operator.mul"])
    assert huge(2**31, 2**31) == 2**62
    for compute, args in ((huge, (2**40, 2**40)), (ARITHMETIC["_operator.pow"], (9, 9**9))):
        with pytest.raises(ValueError, match="too large"):
            compute(*args)
