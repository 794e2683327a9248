"""Somebody's own network: right, wrong, and hostile."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import engine
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


def spoilt() -> nn.Module:
    network = Small().eval()
    network.head.bias.data[1] = float("nan")
    return network


@pytest.mark.parametrize(
    ("network", "details", "message"),
    [
        (Small, {}, "training mode.*model.eval"),
        (lambda: Frozen().eval(), {}, "expected a gradient.*got none"),
        (lambda: TwoOutputs().eval(), {}, r"expected logits of shape \(1, 3\).*got tuple"),
        (spoilt, {}, "head.bias holds values that are not finite"),
        (None, {"classes": ["a", "b"]}, r"expected logits of shape \(1, 2\).*got shape \(1, 3\)"),
        (None, {"input_shape": [3, 16, 16]}, r"takes images .*'8', '8'.*says input_shape \[3, 16"),
        (None, {"std": [0.2]}, "std: expected one number for each of 3 channels"),
    ],
)
def test_a_program_that_does_not_fit_says_why(
    export: Export, network: Callable[[], nn.Module] | None, details: dict[str, Any], message: str
) -> None:
    path = export(network and network(), details=DETAILS | details)
    with pytest.raises(WeightsError, match=message):
        engine.load_classifier(f"file:{path}", "cpu")


def test_files_that_are_no_programs(export: Export, tmp_path: Path) -> None:
    path = export()
    torch.save(Small().state_dict(), path)
    with pytest.raises(WeightsError, match="not an exported program"):
        engine.load_classifier(f"file:{path}")
    path.write_bytes(b"")
    with pytest.raises(WeightsError, match="not an exported program"):
        engine.load_classifier(f"file:{path}")
    other = path.rename(tmp_path / "model.pth")
    with pytest.raises(WeightsError, match=r"ends in \.pt2"):
        engine.load_classifier(f"file:{other}")
    with pytest.raises(WeightsError, match="no file"):
        engine.load_classifier(f"file:{path}")


def test_a_truncated_program(export: Export) -> None:
    path = export()
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(WeightsError, match="not an exported program"):
        engine.load_classifier(f"file:{path}")


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
SIZE = "positive=True, integer=True)"


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (WEIGHTS, '"use_pickle": false', '"use_pickle": true', "is pickled"),
        (WEIGHTS, '"weight_0"', '"../../sample"', "lies in"),
        (CONSTANTS, "{}", '{"x": {"path_name": "opaque_obj_0", "use_pickle": true}}', "pickled"),
        (CONSTANTS, "{}", '{"x": {"path_name": "custom_obj_0", "use_pickle": false}}', "lies in"),
        (MODEL, CALL, "torch.hub.load", "uses the operator 'torch.hub.load'"),
        (MODEL, CALL, "torch.ops.load_library", "uses the operator"),
        (MODEL, CALL, "torch.ops.aten.from_file.default", "uses the operator"),
        (MODEL, CALL, "torch.ops.aten.__class__.mro", "uses the operator"),
        (MODEL, CALL, "_operator.attrgetter", "uses the operator"),
        (MODEL, SIZE, f"{SIZE} + __import__('os').mkdir('x')", "no expression of sizes"),
        (MODEL, SIZE, f"{SIZE}.__class__", "no expression of sizes"),
        (MODEL, SIZE, f"{SIZE} + 9**9**9**9", "no expression of sizes"),
        (MODEL, '"name": "relu"', '"name": "relu = print()"', "is no name"),
        (MODEL, "builtins.tuple", "collections.defaultdict", "not tensors"),
        (MODEL, '"as_none": true', '"as_custom_obj": {"name": "x"}', "more than tensors"),
    ],
)
def test_a_program_with_more_in_it_than_a_network_is_refused(
    export: Export, file: str, old: str, new: str, message: str
) -> None:
    path = export()
    tampered(path, in_json(file, old, new))
    with pytest.raises(WeightsError, match=f"refused: .*{message}"):
        engine.load_classifier(f"file:{path}")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_no_pickle_is_executed(export: Export, tmp_path: Path) -> None:
    payload = pickle.dumps(Payload(tmp_path))
    saved = io.BytesIO()
    torch.save(Payload(tmp_path), saved)
    for hostile in (payload, saved.getvalue()):
        path = export()
        tampered(path, partial(_with_samples, hostile))
        with pytest.raises(WeightsError, match="sample inputs are more than tensors"):
            engine.load_classifier(f"file:{path}")
        path.write_bytes(hostile)
        with pytest.raises(WeightsError):
            engine.load_classifier(f"file:{path}")
    assert not (tmp_path / MARK).exists()
    pickle.loads(payload)
    assert (tmp_path / MARK).exists(), "the payload is harmless, so the test proves nothing"


def _with_samples(samples: bytes, name: str, content: bytes) -> bytes:
    return samples if name == "data/sample_inputs/model.pt" else content


@pytest.mark.parametrize(
    "name",
    ["data/weights/model.pt", "data/constants/model.pt", "data/aotinductor/model/x.so", "extra/x"],
)
def test_files_that_a_network_does_not_need_are_refused(export: Export, name: str) -> None:
    path = export()
    tampered(path, lambda _, content: content, **{name: b"x"})
    with pytest.raises(WeightsError, match=f"refused: it holds {name}"):
        engine.load_classifier(f"file:{path}")


def test_an_archive_that_was_only_repacked_still_loads(export: Export) -> None:
    path = export()
    tampered(path, lambda _, content: content)
    assert engine.load_classifier(f"file:{path}", "cpu")(IMAGES).shape == (7, 3)
