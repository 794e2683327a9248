"""Wrapping: somebody's own network becomes a Classifier, by a copy that is tried before it is trusted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.classifiers.cards import WRAPPED, Card
from engine.classifiers.classifier import Classifier, fast_layout
from engine.classifiers.trial import try_out
from engine.devices import choose_device
from engine.errors import ParameterError

LONGEST_NAME = 80


@torch.inference_mode(False)
def wrap(
    module: nn.Module,
    *,
    classes: Sequence[str] | int,
    input_shape: Sequence[int],
    mean: Any = 0.0,
    std: Any = 1.0,
    name: str | None = None,
    device: str | None = None,
) -> Classifier:
    """A Classifier of any network that makes logits (N, K) of images (N, C, H, W).

    A copy in evaluation mode, in float32, with frozen parameters, on `device` (default:
    `ISTHMUS_DEVICE`); `module` stays as it was. `classes` are the K names, or K itself; `input_shape` is
    (C, H, W); `mean` and `std` are what the network's own normalisation takes from pixels in [0, 1], one
    number or one a channel. `name` (default: the module's class) is shown as "wrapped:NAME"; what
    identifies the classifier is its `digest`. ParameterError says what is wrong with an argument, or why
    the network is none that can be looked into: it does not run, its logits have another shape or are
    not finite, no gradient flows to its input, or an image's logits depend on chance or on the others. What
    is only doubtful, such as a softmax at its end, is a warning, and is among the classifier's `doubts`.
    """
    if not isinstance(module, nn.Module):
        raise _refusal("module", "a torch.nn.Module", type(module).__name__)
    shape = _shape(input_shape)
    name = _name(type(module).__name__ if name is None else name)
    card = Card(
        name,
        name.partition(":")[2],
        _class_names(classes),
        shape,
        _statistics("mean", mean, shape[0]),
        _statistics("std", std, shape[0]),
        note="A network that was wrapped in Python.",
    )
    chosen = choose_device(device)
    network = _copied(module).to(chosen)
    doubts = try_out(network, card, chosen, ParameterError)
    for doubt in doubts:
        warnings.warn(f"{name}: {doubt}", stacklevel=2)
    return Classifier(card, network, chosen, fast_layout(network, shape, chosen), doubts=doubts)


def _copied(module: nn.Module) -> nn.Module:
    """A copy in evaluation mode and float32, whose parameters are frozen and have no gradients."""
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
        raise ParameterError(
            "module: its lazy layers have no weights yet. Let it see one image first, then wrap it."
        )
    try:
        network = deepcopy(module)
    # A module may hold anything, and whatever it holds fails to be copied in its own way.
    except Exception as error:
        raise ParameterError(
            f"module: expected a network that copy.deepcopy can copy, got {type(module).__name__}, "
            f"which it cannot ({type(error).__name__}: {str(error)[:200]})."
        ) from error
    for parameter in network.parameters():
        parameter.requires_grad_(False)
        parameter.grad = None
    return network.eval().float()


def _class_names(classes: Any) -> tuple[str, ...]:
    if isinstance(classes, int | np.integer) and not isinstance(classes, bool):
        names = tuple(str(number) for number in range(classes))
    elif isinstance(classes, str) or not isinstance(classes, Sequence | np.ndarray):
        raise _refusal("classes", "class names, or their number", classes)
    else:
        names = tuple(classes)
    if len(names) < 2:
        raise _refusal("classes", "at least two classes", classes)
    wrong = [one for one in names if not isinstance(one, str) or not one.strip()]
    if wrong:
        raise _refusal("classes", "names that are texts, none of them empty", wrong[0])
    twice = next((one for one in names if names.count(one) > 1), None)
    if twice is not None:
        raise _refusal("classes", "names that differ", f"{twice} twice")
    return tuple(map(str, names))


def _shape(input_shape: Any) -> tuple[int, int, int]:
    try:
        sides = [int(side) for side in input_shape if int(side) == side and side >= 1]
        whole = len(sides) == len(input_shape) == 3
    except (TypeError, ValueError):
        whole = False
    if not whole:
        expected = "(channels, height, width), three whole numbers of at least 1"
        raise _refusal("input_shape", expected, input_shape)
    return sides[0], sides[1], sides[2]


def _statistics(what: str, given: Any, channels: int) -> tuple[float, ...]:
    """One number a channel, from one for all or one for each."""
    try:
        numbers = np.asarray(
            given.detach().cpu() if torch.is_tensor(given) else given, dtype=np.float64
        ).reshape(-1)
    except (TypeError, ValueError) as error:
        raise _refusal(what, "a number, or one a channel", given) from error
    if len(numbers) not in {1, channels}:
        raise _refusal(what, f"one number, or one for each of {channels} channels", given)
    good = all(math.isfinite(number) and (what == "mean" or number > 0) for number in numbers)
    if not good:
        raise _refusal(what, "finite numbers" if what == "mean" else "positive numbers", given)
    return tuple(np.broadcast_to(numbers, channels).tolist())


def _name(given: Any) -> str:
    """The name under the scheme of wrapped networks, so that it is no known classifier's."""
    name = str(given).removeprefix(f"{WRAPPED}:") if isinstance(given, str) else ""
    if not (name.strip() and name.isprintable() and len(name) <= LONGEST_NAME):
        raise _refusal("name", f"a text of 1 to {LONGEST_NAME} characters", given)
    return f"{WRAPPED}:{name}"


def _refusal(what: str, expected: str, came: Any) -> ParameterError:
    words = came if isinstance(came, str) else repr(came)
    words = words if len(words) <= 80 else f"{words[:77]}..."
    return ParameterError(f"{what}: expected {expected}, got {words}.")
