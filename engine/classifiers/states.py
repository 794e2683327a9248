"""States: tensors by name, read from safetensors and filled into a network that they were made for."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from engine.errors import WeightsError


def read_state(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a safetensors file; WeightsError where it cannot be read."""
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"{path} cannot be read as safetensors ({error}). Put an intact file there."
        ) from error


def fill(network: nn.Module, state: dict[str, torch.Tensor], source: Path) -> None:
    """Copy `state` into a network in the network's precision.

    WeightsError names what of `source` is missing, foreign, misshapen, or no finite number.
    """
    own = network.state_dict()
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    problems = {
        "lacks": own.keys() - state.keys() - counters,
        "has the unknown": state.keys() - own.keys(),
        "has the misshapen": {
            name for name in own.keys() & state.keys() if own[name].shape != state[name].shape
        },
    }
    for what, names in problems.items():
        if names:
            listed = ", ".join(sorted(names)[:3]) + (
                f" and {len(names) - 3} more" * (len(names) > 3)
            )
            raise WeightsError(f"{source} was made for another network: it {what} {listed}.")
    for name, value in state.items():
        if value.is_floating_point() and not value.isfinite().all():
            raise WeightsError(
                f"{source} is damaged: {name} holds values that are not finite numbers. Train it "
                "again, or put an intact file there."
            )
    # With what the network says of its own version, which some of torchvision's ask for.
    own.update({name: value.to(own[name].dtype) for name, value in state.items()})
    network.load_state_dict(own)
