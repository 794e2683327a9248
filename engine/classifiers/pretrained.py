"""Pretrained networks: torchvision's classifiers with torchvision's own ImageNet weights.

The weights come from `ISTHMUS_DATA` (<name>.safetensors), else from PyTorch's cache of downloads,
else from the network, checked against the sum in their name, into that cache.
"""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine.classifiers.networks import AUXILIARY, torchvision
from engine.classifiers.states import fill, read_state
from engine.classifiers.weights import cached_weights, find_weights
from engine.datasets.local import download
from engine.errors import WeightsError
from engine.progress import Reporter

TRAINING_ONLY = re.compile(r"aux\d\.|AuxLogits\.")
"""Tensors of auxiliary classifiers, which take no part in evaluation."""

LEGACY_DENSE = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.(\d\..*)")
"""DenseNet's tensors are stored under names from before names were barred from holding dots."""


def load_pretrained(name: str, classes: int, report: Reporter) -> nn.Module:
    """Torchvision's network `name` with its default weights, as torchvision builds it for them.

    OfflineError with what to do if they must be downloaded and cannot be; WeightsError if what is
    found does not fit.
    """
    extra: dict[str, Any] = {}
    if name in AUXILIARY:
        # Their weights were trained on inputs scaled as in TensorFlow: torchvision rescales them.
        extra = {"aux_logits": False, "init_weights": False, "transform_input": True}
    network = torchvision().models.get_model(name, weights=None, num_classes=classes, **extra)
    path = find_weights(name)
    if path is not None:
        state = read_state(path)
    else:
        path = cached_weights(name)
        if not path.is_file():
            _download(name, path, report)
        state = _unpickled(path)
    fill(network, _renamed(state), path)
    return network


def _url(name: str) -> str:
    return torchvision().models.get_model_weights(name).DEFAULT.url


def _download(name: str, path: Path, report: Reporter) -> None:
    digest = re.search(r"-([0-9a-f]{8,})\.", path.name)
    instead = (
        f"Without a network: put {path.name} into {path.parent}, or the state dictionary as "
        f"{name}.safetensors into the folder that ISTHMUS_DATA names, or use a classifier that "
        "needs no download, such as shapes-resnet."
    )
    sum_begins = digest.group(1) if digest else ""
    download(_url(name), path, sum_begins, report, instead, algorithm="sha256")


def _unpickled(path: Path) -> dict[str, torch.Tensor]:
    """A state dictionary from torchvision's own format, read without executing anything."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise WeightsError(
            f"{path} cannot be read ({str(error)[:200]}). Delete it to download it again."
        ) from error
    if not isinstance(state, dict) or not all(torch.is_tensor(v) for v in state.values()):
        raise WeightsError(f"{path} holds no state dictionary. Delete it to download it again.")
    return state


def _renamed(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors that the network has, under the names it has for them."""
    return {
        LEGACY_DENSE.sub(r"\1\2", name): value
        for name, value in state.items()
        if not TRAINING_ONLY.match(name)
    }
