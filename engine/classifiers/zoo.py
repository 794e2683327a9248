"""The zoo: builds the classifier that a name stands for, with its weights, on a device."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from engine.classifiers.cards import Card, card, digest, split_name, split_seed
from engine.classifiers.classifier import Classifier, fast_layout
from engine.classifiers.exported import load_exported
from engine.classifiers.folding import fold_modules
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import build
from engine.classifiers.pretrained import load_pretrained
from engine.classifiers.states import fill, read_state
from engine.classifiers.weights import check_digest, weights_of
from engine.devices import choose_device
from engine.local_files import local_path
from engine.progress import Reporter

Loader = Callable[[str, Card, torch.device, Reporter], nn.Module]
"""Builds the network for (what follows the scheme, its card, device, reporter)."""

UNTRAINED = {"resnet18": "resnet18-32"}
"""Untrained networks that are not torchvision's own of that name: the paper's, for 32 x 32 pixels."""


def load(name: str, device: str | None, report: Reporter) -> Classifier:
    """See `engine.classifiers.load_classifier`."""
    scheme, rest = split_name(name)
    described = card(name)
    chosen = choose_device(device)
    stage = f"Loading {name}"
    report(0, 1, stage=stage)
    network = LOADERS[scheme](rest, described, chosen, report)
    identity = digest(name)
    report(1, 1, stage=stage)
    network.eval().requires_grad_(False)
    layout = fast_layout(network, described.input_shape, chosen)
    return Classifier(described, network, chosen, layout, identity)


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
