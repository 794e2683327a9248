"""Trial: whether a network is one that can be looked into, found out on a few random images.

Paths, attacks and detectors take for granted that an image has one row of logits, whatever other images
come with it and whenever it comes, and that the logits have a gradient with respect to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from engine.classifiers.cards import Card
from engine.classifiers.finding import Finding
from engine.errors import IsthmusError
from engine.random import generator
from engine.words import share

TOLERANCE = 1e-4
"""By which part of the largest logit an image's logits may differ: kernels round in their own ways."""

MANY = 8
"""Of fewer classes, all logits may happen to lie between 0 and 1."""


def try_out(
    network: nn.Module, card: Card, device: torch.device, refusal: type[IsthmusError]
) -> tuple[str, ...]:
    """The doubts about a network in evaluation mode; a `refusal` is raised where it cannot be used."""
    steps = findings(network, card, device, refusal)
    return tuple(doubt for step in steps for doubt in step.doubts)


def findings(
    network: nn.Module, card: Card, device: torch.device, refusal: type[IsthmusError]
) -> Iterator[Finding]:
    """The steps "input" to "gradient" of a check (see `finding.STEPS`), each as soon as it is done.

    Changes nothing that other threads see.
    """
    trial = _Trial(network, card, device, refusal)
    for step in (trial.look_at_input, trial.look_at_classes, trial.see_one, trial.see_among_others):
        yield step()
    yield trial.differentiate()


class _Trial:
    """A network and the images that it is tried on, in [0, 1] before its normalisation."""

    def __init__(
        self, network: nn.Module, card: Card, device: torch.device, refusal: type[IsthmusError]
    ) -> None:
        self.network, self.card, self.refusal = network, card, refusal
        self.images = torch.from_numpy(_pictures(card.input_shape)).to(device)
        self.mean, self.std = (
            torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)
            for values in (card.mean, card.std)
        )

    def look_at_input(self) -> Finding:
        """The card's shape and normalisation."""
        sides = " x ".join(map(str, self.card.input_shape))
        mean, std = (
            ", ".join(f"{v:.3g}" for v in values) for values in (self.card.mean, self.card.std)
        )
        doubts = []
        if min(self.card.mean) < 0:
            doubts.append(f"Mean {mean}: pixels are from 0 to 1, so no mean of theirs is below 0.")
        elif max(self.card.mean) > 1 or max(self.card.std) > 1:
            doubts.append(
                f"Mean {mean} and standard deviation {std} seem to be for pixels from 0 to 255. Pixels are "
                "from 0 to 1 here: divide both by 255."
            )
        resize = self.card.resize
        made = f"the shorter side made {resize} pixels long, " if resize else ""
        words = f"Pictures of {sides}, {made}less the mean {mean}, divided by {std}."
        return Finding("input", words, tuple(doubts))

    def look_at_classes(self) -> Finding:
        """The card's class names."""
        names = self.card.classes
        twice = sorted({name for name in names if names.count(name) > 1})
        doubt = (
            f"Several classes have the same name: {_listed(twice)}. Give each a name of its own."
        )
        return Finding(
            "classes", f"{len(names)} classes: {_listed(names)}.", (doubt,) if twice else ()
        )

    def see_one(self) -> Finding:
        """Logits of the first image alone; whether those of all images look like logits."""
        with torch.no_grad(), _NoDraws(self._refuse):
            first = self._logits(self.images[:1])
            others = [self._logits(image[None]) for image in self.images[1:]]
        self.alone = torch.cat([first, *others])
        chance, number = (float(v) for v in first.softmax(1).max(1))
        name = self.card.classes[int(number)]
        words = f"A picture of noise is taken for {name} ({share(chance)})."
        return Finding("picture", words, tuple(self._oddities(self.alone)))

    def see_among_others(self) -> Finding:
        """Refuse logits of the same image that differ by more than rounding."""
        order = list(range(len(self.images)))
        kept = [(buffer, buffer.clone()) for buffer in self._statistics()]
        with torch.no_grad(), _NoDraws(self._refuse):
            again = self._logits(self.images[:1])
            together = self._logits(self.images)
            turned = self._logits(self.images[order[1:] + order[:1]])
        self._compare(self.alone[:1], again, "twice", _CHANCE)
        self._compare(self.alone, together, "alone and in a batch", _COMPANY)
        back = turned[order[-1:] + order[:-1]]
        self._compare(self.alone, back, "in another position of a batch", _COMPANY)
        if not all(torch.equal(buffer, before) for buffer, before in kept):
            raise self._refuse(f"its own statistics change when it sees images. {_COMPANY}")
        words = (
            "A picture gets the same logits alone, among others, in another position, and again."
        )
        return Finding("alone", words)

    def _statistics(self) -> Iterator[torch.Tensor]:
        """Running means and the like; a network may count its passes."""
        return (buffer for buffer in self.network.buffers() if buffer.is_floating_point())

    def differentiate(self) -> Finding:
        """Refuse logits without a gradient, or with one that is zero or no number everywhere."""
        images = self.images.clone().requires_grad_(True)
        with torch.inference_mode(False), torch.enable_grad():
            logits = self._logits(images)
            gradient = None
            if logits.requires_grad:
                weights = torch.linspace(-1, 1, logits.shape[1], device=logits.device)
                total = (logits * weights).sum()
                try:
                    (gradient,) = torch.autograd.grad(total, images, allow_unused=True)
                # Quantised networks, among others, have operators without a derivative.
                except RuntimeError as error:
                    raise self._refuse(
                        f"its logits have no gradient with respect to the images ({_first_line(error)}). "
                        "Take the network as it was before it was quantised or compiled."
                    ) from error
        if gradient is None or not bool(gradient.isfinite().all()) or not bool(gradient.any()):
            kind = (
                "none" if gradient is None else "NaN" if bool(gradient.isnan().any()) else "zeros"
            )
            raise self._refuse(
                f"expected a gradient of the logits with respect to the images, got {kind}. Leave out "
                "torch.no_grad, detach, numpy, rounding and quantised layers between the two, and check mean "
                "and std."
            )
        return Finding("gradient", "The logits have a gradient with respect to the pixels.")

    def _logits(self, images: torch.Tensor) -> torch.Tensor:
        """Float32 logits (N, K) of images (N, C, H, W), checked to be some."""
        logits = self._output(images)
        classes = len(self.card.classes)
        if not isinstance(logits, torch.Tensor) or logits.shape != (len(images), classes):
            raise self._refuse(
                f"expected logits of shape ({len(images)}, {classes}), one for each class, got "
                f"{_words(logits)}. Take a module that returns the logits alone, and as many class names."
            )
        if not logits.is_floating_point() or not bool(logits.isfinite().all()):
            raise self._refuse(
                f"expected finite logits of images in [0, 1], got {_odd(logits)}. Check its "
                "weights, and mean and std."
            )
        return logits.float()

    def _output(self, images: torch.Tensor) -> Any:
        try:
            return self.network((images - self.mean) / self.std)
        except IsthmusError:
            raise
        # A network is somebody's own code, and fails in its own way.
        except Exception as error:
            shape = ("N", *self.card.input_shape)
            raise self._refuse(
                f"does not run on {len(images)} float32 images of shape {shape} "
                f"({type(error).__name__}: {_first_line(error)}). Check input_shape."
            ) from error

    def _compare(self, one: torch.Tensor, other: torch.Tensor, how: str, hint: str) -> None:
        difference = float((one - other).abs().max())
        if difference > TOLERANCE * max(float(one.abs().max()), 1e-3):
            raise self._refuse(
                f"expected the same logits for the same picture {how}, got some that differ "
                f"by {difference:.3g}. {hint}"
            )

    def _oddities(self, logits: torch.Tensor) -> Iterator[str]:
        """What is odd about logits (N, K) of different images."""
        total = float(logits[0].sum())
        positive = bool((logits >= 0).all()) and total > 0
        if positive and _near(logits.sum(1) / total, 1):
            yield (
                f"The outputs are probabilities: each row sums to {total:.3g}. Losses of probabilities never "
                "come near 0; leave the softmax out."
            )
        elif positive and bool((logits <= 1).all()) and logits.shape[1] >= MANY:
            yield (
                "All outputs lie between 0 and 1, as a sigmoid makes them. Losses of such numbers never come "
                "near 0; leave it out."
            )
        elif _near(logits.logsumexp(1), 0):
            yield (
                "The outputs are logarithms of probabilities. Losses are right, but what looks at logits "
                "sees others; leave the log-softmax out."
            )
        spread = float((logits - logits[:1]).abs().max())
        if spread <= 1e-6 * max(float(logits.abs().max()), 1e-3):
            yield (
                "Pictures that have nothing in common get the same logits. Check its weights, and mean "
                "and std."
            )

    def _refuse(self, reason: str) -> IsthmusError:
        return self.refusal(f"{self.card.name}: {reason}")


_CHANCE = (
    "Something in it draws at random (dropout, RReLU or stochastic depth in training mode, added noise). "
    "Call eval() before exporting it, or switch it off."
)
_COMPANY = (
    "Something in it learns or looks at the whole batch (BatchNorm or InstanceNorm in training mode or "
    "without running statistics, a softmax over images). Call eval() before exporting it, or take it out."
)


class _NoDraws(TorchDispatchMode):
    """Refuses operators that draw random numbers, in this thread alone: chance may not show in two passes."""

    def __init__(self, refuse: Any) -> None:
        super().__init__()
        self.refuse = refuse

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded in func.tags:
            values = {one.name: one.default_value for one in func._schema.arguments}
            values |= dict(zip(values, args, strict=False)) | kwargs
            switches = ("p", "dropout_p", "training", "train")
            if all(values.get(name, True) for name in switches):
                raise self.refuse(f"its output depends on chance ({func}). {_CHANCE}")
        return func(*args, **kwargs)


def _pictures(shape: tuple[int, int, int]) -> Any:
    """Noise (3, C, H, W), of any brightness, dark, and bright: batches differ in their statistics."""
    noise = generator(0, "trial").random((3, *shape), dtype="float32")
    noise[1] *= 0.3
    noise[2] = 0.6 + 0.4 * noise[2]
    return noise


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _near(values: torch.Tensor, wanted: float) -> bool:
    return bool((values - wanted).abs().max() < 1e-4)


def _listed(names: Any) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def _words(logits: Any) -> str:
    if isinstance(logits, torch.Tensor):
        return f"shape {tuple(logits.shape)}"
    kind = type(logits).__name__
    return f"{kind} with {', '.join(map(str, logits))[:80]}" if isinstance(logits, dict) else kind


def _odd(logits: torch.Tensor) -> str:
    return "NaN or infinite ones" if logits.is_floating_point() else str(logits.dtype)
