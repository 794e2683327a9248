"""The zoo: builds the classifier that a name stands for, with its weights, on a device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from engine.classifiers.cards import Card, card, split_name, split_seed
from engine.classifiers.classifier import Classifier
from engine.classifiers.listings import LISTINGS
from engine.classifiers.networks import build
from engine.classifiers.weights import weights_of
from engine.devices import choose_device
from engine.errors import WeightsError
from engine.progress import Reporter

UNTRAINED = {"resnet18": "resnet18-32"}
"""Untrained networks that are not torchvision's own of that name."""


def load(name: str, device: str | None, report: Reporter) -> Classifier:
    """See `engine.classifiers.load_classifier`."""
    scheme, rest = split_name(name)
    described = card(name)
    chosen = choose_device(device)
    report(0, 1, stage=f"Loading {name}")
    network = _LOADERS[scheme](rest, described, report)
    report(1, 1, stage=f"Loading {name}")
    return Classifier(described, network.eval(), chosen)


def load_weights(network: nn.Module, path: Path) -> None:
    """Fill a network from a safetensors file, cast to float32; WeightsError unless all fits."""
    try:
        state = load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"{path} cannot be read as safetensors ({error}). Put an intact file there."
        ) from error
    fill(network, state, path)


def fill(network: nn.Module, state: dict[str, torch.Tensor], source: Path) -> None:
    """Copy `state` into a network; WeightsError names what is missing, foreign, odd or not finite."""
    own = network.state_dict()
    optional = {name for name in own if name.endswith("num_batches_tracked")}
    missing = own.keys() - state.keys() - optional
    foreign = state.keys() - own.keys()
    odd = {n for n in own.keys() & state.keys() if own[n].shape != state[n].shape}
    for what, names in (("lacks", missing), ("has unknown", foreign), ("has misshapen", odd)):
        if names:
            listed = ", ".join(sorted(names)[:5]) + (", ..." if len(names) > 5 else "")
            raise WeightsError(
                f"{source} was made for another network: it {what} {len(names)} tensor(s): {listed}."
            )
    broken = [n for n, v in state.items() if v.is_floating_point() and not v.isfinite().all()]
    if broken:
        raise WeightsError(
            f"{source} is damaged: {broken[0]} holds values that are not finite numbers. "
            "Train it again or put an intact file there."
        )
    network.load_state_dict({n: v.to(own[n].dtype) for n, v in state.items()}, strict=False)


def _listed(rest: str, described: Card, report: Reporter) -> nn.Module:
    path = weights_of(rest)
    network = build(
        LISTINGS[rest].architecture, described.input_shape[0], len(described.classes), seed=0
    )
    load_weights(network, path)
    return network


def _untrained(rest: str, described: Card, report: Reporter) -> nn.Module:
    name, seed = split_seed(rest)
    architecture = LISTINGS[name].architecture if name in LISTINGS else UNTRAINED.get(name, name)
    return build(architecture, described.input_shape[0], len(described.classes), seed)


_LOADERS: dict[str, Callable[[str, Card, Reporter], nn.Module]] = {
    "": _listed,
    "untrained": _untrained,
}
