"""The zoo: builds the classifier that a name stands for, with its weights, on a device."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from torch import nn

from engine.classifiers.cards import Card, card, digest, split_name, split_seed
from engine.classifiers.classifier import Classifier, fast_layout
from engine.classifiers.exported import load_exported
from engine.classifiers.folding import fold_modules
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import build
from engine.classifiers.passes import looked_at
from engine.classifiers.pretrained import load_pretrained
from engine.classifiers.states import fill, read_state
from engine.classifiers.trial import try_out
from engine.classifiers.weights import check_digest, weights_of
from engine.devices import choose_device
from engine.errors import WeightsError
from engine.local_files import local_path
from engine.progress import SILENT, Reporter

Loader = Callable[[str, Card, torch.device, Reporter], nn.Module]
"""Builds the network for (what follows the scheme, its card, device, reporter)."""

UNTRAINED = {"resnet18": "resnet18-32"}
"""Untrained networks that are not torchvision's own of that name: the paper's, for 32 x 32 pixels."""


def load(name: str, device: str | None, report: Reporter) -> Classifier:
    """See `engine.classifiers.load_classifier`."""
    described = card(name)
    stage = f"Loading {name}"
    report(0, 1, stage=stage)
    network, chosen = build_network(name, described, device, report)
    identity = digest(name)
    doubts: tuple[str, ...] = ()
    if name.startswith("file:"):
        doubts = _doubts(identity, described, network, chosen)
    report(1, 1, stage=stage)
    return looked_at(finish(described, network, chosen, identity, doubts))


def build_network(
    name: str, described: Card, device: str | None, report: Reporter = SILENT
) -> tuple[nn.Module, torch.device]:
    """The frozen network in evaluation mode, not yet tried, and the device that it is to run on."""
    scheme, rest = split_name(name)
    chosen = choose_device(device)
    network = LOADERS[scheme](rest, described, chosen, report)
    return network.eval().requires_grad_(False), chosen


def finish(
    described: Card,
    network: nn.Module,
    device: torch.device,
    identity: str,
    doubts: tuple[str, ...],
) -> Classifier:
    """The classifier of a network that was built and tried."""
    key = (identity, str(device))
    layout = _LAYOUTS.get(key) or fast_layout(network, described.input_shape, device)
    if identity:
        _LAYOUTS[key] = layout
    return Classifier(described, network, device, layout, identity, doubts)


def _doubts(
    identity: str, described: Card, network: nn.Module, device: torch.device
) -> tuple[str, ...]:
    """What is doubtful about a file's network; tried once in a process, WeightsError if it cannot be used."""
    key = (identity, str(device))
    if key not in _TRIED:
        _TRIED[key] = try_out(network, described, device, WeightsError)
        for doubt in _TRIED[key]:
            warnings.warn(f"{described.name}: {doubt}", stacklevel=4)
    return _TRIED[key]


_TRIED: dict[tuple[str, str], tuple[str, ...]] = {}
"""Doubts by digest and device."""

_LAYOUTS: dict[tuple[str, str], torch.memory_format] = {}
"""The layout that a network runs in, by digest and device; to find it takes a pass."""


def _listed(rest: str, described: Card, device: torch.device, report: Reporter) -> nn.Module:
    path = weights_of(rest)
    check_digest(path)
    network = _built(LISTINGS[rest].architecture, described, seed=0)
    fill(network, read_state(path), path)
    fold_modules(network, described.input_shape)
    return network


def _pretrained(rest: str, described: Card, device: torch.device, report: Reporter) -> nn.Module:
    network = load_pretrained(rest, len(described.classes), report)
    fold_modules(network, described.input_shape)
    return network


def _untrained(rest: str, described: Card, device: torch.device, report: Reporter) -> nn.Module:
    name, seed = split_seed(rest)
    architecture = LISTINGS[name].architecture if name in LISTINGS else UNTRAINED.get(name, name)
    return _built(architecture, described, seed)


def _file(rest: str, described: Card, device: torch.device, report: Reporter) -> nn.Module:
    return load_exported(local_path("file", rest), described, device)


def _built(architecture: str, described: Card, seed: int) -> nn.Module:
    return build(architecture, described.input_shape[0], len(described.classes), seed)


LOADERS: dict[str, Loader] = {
    "": _listed,
    "torchvision": _pretrained,
    "untrained": _untrained,
    "file": _file,
}
"""The network's builder for each scheme of names."""
