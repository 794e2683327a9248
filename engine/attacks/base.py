"""The contract of all attacks: judge before, attack, clip, judge again, measure, count.

An attack is constants and `run`. Whatever a library claims about its own result, what is reported here
comes from a pass of its own in float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

import numpy as np

from engine.attacks import ATTACKS
from engine.attacks.result import AttackResult
from engine.batches import filled, lanes
from engine.errors import ImageError
from engine.lazy import F, torch
from engine.methods import Method, Methods
from engine.pixels import kept_by_files
from engine.progress import SILENT, Reporter, part

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.attacks.computing.seeing import Counted
    from engine.classifiers.classifier import Classifier

    View = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    """Attacked images and their originals, (N, C, H, W) both -> what the classifier sees."""

SLACK = 1e-6
"""How far rounding may carry a pixel beyond a budget."""

Survive = Literal["no", "8-bit"]
"""What an attacked image must survive: nothing, or a file with 8 bits a value."""


@dataclass(frozen=True)
class Batch:
    """Images (n, C, H, W), labels (n,) and targets (n,) or None, on the classifier's device.

    The classifier sees every one of them as its label. With `lanes`, passes must take that many images;
    a batch that `run` gets already has as many, unless the attack is `whole`. `view` is what the
    classifier is to see of attacked images; see `Attack.view`.
    """

    classifier: Classifier
    images: torch.Tensor
    labels: torch.Tensor
    targets: torch.Tensor | None
    seed: int
    lanes: int | None
    report: Reporter
    view: View | None = None

    def count_passes(self, expected: int, until: torch.Tensor | None = None) -> Counted:
        """The classifier, counting its passes; see `Counted`."""
        from engine.attacks.computing.seeing import Counted

        own = self.view
        view = None if own is None else lambda attacked: own(attacked, self.images)
        return Counted(self.classifier, len(self.images), expected, self.report, until, view)

    def rows(self, which: slice, report: Reporter) -> Batch:
        """Some of the images, filled up to a whole number of lanes."""
        targets = None if self.targets is None else self._filled(self.targets[which])
        images, labels = self._filled(self.images[which]), self._filled(self.labels[which])
        return replace(self, images=images, labels=labels, targets=targets, report=report)

    def _filled(self, rows: torch.Tensor) -> torch.Tensor:
        return filled(rows, self.lanes) if self.lanes else rows


@dataclass(frozen=True)
class Outcome:
    """What `run` made of a batch: images (n, C, H, W), passes of each (n,), the losses of its looks."""

    images: torch.Tensor
    forward_passes: torch.Tensor
    backward_passes: torch.Tensor
    trace: torch.Tensor | None = None

    @classmethod
    def of(cls, images: torch.Tensor, model: Counted) -> Outcome:
        """The images with the passes that `model` counted."""
        return cls(images, model.forward_passes, model.backward_passes)

    @classmethod
    def join(cls, outcomes: list[Outcome], count: int) -> Outcome:
        """Those of several batches in a row, without what filled up the last; without traces."""
        columns = zip(
            *((o.images, o.forward_passes, o.backward_passes) for o in outcomes), strict=True
        )
        images, forward, backward = (torch.cat(column)[:count] for column in columns)
        return cls(images, forward, backward)


class Attack(Method, ABC):
    """One way to change images so that a classifier errs."""

    kin: ClassVar[Methods[Any]] = ATTACKS
    aims: ClassVar[Literal["never", "may", "must"]]
    """Whether it leads to a class that is chosen."""
    norm: ClassVar[Literal["linf", "l2"]]
    """The distance that it limits or makes small."""
    remedy: ClassVar[str]
    """What makes it stronger, in words: "a larger eps or more steps"."""
    random: ClassVar[bool] = False
    """Whether it starts at random, so that a seed makes a difference."""
    variant_of: ClassVar[str] = ""
    """The attack that this one is with other settings; what compares all attacks leaves it out."""
    whole: ClassVar[bool] = False
    """Whether `run` takes all images at once and keeps to the lanes by itself."""

    def __init__(self, settings: Any, survive: Survive = "no") -> None:
        self.settings, self.survive = settings, survive

    @abstractmethod
    def gradients(self) -> float:
        """About how many gradients an image takes with these settings."""

    @property
    def clips(self) -> bool:
        """Whether its images are clipped to [0, 1]."""
        return True

    def budget(self) -> float | None:
        """The largest change of a pixel that it promises."""
        return None

    @final
    def view(self, attacked: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
        """Attacked images as a file keeps them, within the budget around the originals.

        The classifier sees this in every pass of an attack that shall survive it, while the attack's own
        steps add up in floats: steps smaller than a level would get nowhere on the levels themselves.
        """
        return kept_by_files(attacked, originals, self.budget())

    @abstractmethod
    def run(self, batch: Batch) -> Outcome:
        """Attack a batch; the images that come back need not err."""

    @final
    def __call__(
        self,
        classifier: Classifier,
        images: torch.Tensor,
        labels: torch.Tensor,
        targets: torch.Tensor | None,
        seed: int = 0,
        reproducible: bool = False,
        report: Reporter = SILENT,
    ) -> AttackResult:
        """Attack checked images (N, C, H, W), labels (N,) and targets (N,) or None, all on the CPU."""
        size = lanes(images.shape[1:], classifier.device)
        fixed = size if reproducible or len(images) > size else None
        logits = logits_of(classifier, images, fixed)
        eligible = logits.argmax(1) == labels
        if not bool(eligible.any()):
            raise nothing_to_attack(classifier, labels, logits.argmax(1))
        device, aim = classifier.device, None if targets is None else targets[eligible]
        batch = Batch(
            classifier,
            images[eligible].to(device),
            labels[eligible].to(device),
            None if aim is None else aim.to(device),
            seed,
            fixed,
            part(report, 0, 0.98, self.title),
            None if self.survive == "no" else self.view,
        )
        outcome = self._outcome(batch, size)
        attacked = images.clone()
        attacked[eligible] = self._checked(outcome.images.detach().float().cpu(), images[eligible])
        logits[eligible] = logits_of(classifier, attacked[eligible], fixed)
        report(1, 1)
        result = self._result(images, attacked, labels, targets, eligible, logits, outcome)
        return replace(result, originals=images, classes=classifier.classes)

    def _outcome(self, batch: Batch, size: int) -> Outcome:
        """Run in batches of a size that fits the device."""
        count = len(batch.images)
        if self.whole:
            return self.run(batch)
        outcomes = []
        for begin in range(0, count, size):
            report = part(batch.report, begin / count, min(1, (begin + size) / count))
            outcomes.append(self.run(batch.rows(slice(begin, begin + size), report)))
        return Outcome.join(outcomes, count)

    def _checked(self, attacked: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
        """The images, clipped; RuntimeError where they are not what the attack promises."""
        if self.survive != "no":
            attacked = self.view(attacked, originals)
        elif self.clips:
            attacked = attacked.clamp(0, 1)
        if not bool(attacked.isfinite().all()):
            raise RuntimeError(f"{self.title} made pixels that are no numbers.")
        limit = self.budget()
        moved = float((attacked - originals).abs().amax())
        if limit is not None and moved > limit + SLACK:
            if self.survive != "no":
                raise ImageError(
                    f"Some pixels lie between two of 256 levels, and none is within an eps of {limit:.8g}. "
                    "Give pictures with 8 bits a value, or an eps of at least 0.002."
                )
            raise RuntimeError(
                f"{self.title} changed a pixel by {moved:.8g}, more than its eps of {limit:.8g}."
            )
        return attacked

    def _result(
        self,
        images: torch.Tensor,
        attacked: torch.Tensor,
        labels: torch.Tensor,
        targets: torch.Tensor | None,
        eligible: torch.Tensor,
        logits: torch.Tensor,
        outcome: Outcome,
    ) -> AttackResult:
        prediction = logits.argmax(1)
        won = prediction != labels if targets is None else prediction == targets
        change = (attacked - images).double().flatten(1)
        passes = torch.zeros(2, len(labels), dtype=torch.long)
        passes[0, eligible] = outcome.forward_passes.cpu()
        passes[1, eligible] = outcome.backward_passes.cpu()
        return AttackResult(
            name=self.name,
            images=attacked,
            success=eligible & won,
            eligible=eligible,
            labels=labels,
            targets=torch.full_like(labels, -1) if targets is None else targets,
            prediction=prediction,
            loss=F.cross_entropy(logits, prediction, reduction="none"),
            l2=change.norm(dim=1).float(),
            linf=change.abs().amax(1).float(),
            forward_passes=passes[0],
            backward_passes=passes[1],
            trace=_spread(outcome.trace, eligible),
            survive=self.survive,
        )


def logits_of(classifier: Classifier, images: torch.Tensor, size: int | None) -> torch.Tensor:
    """Float32 logits (N, K) on the CPU, in passes of exactly `size` images, or in a single one."""
    step = size or len(images)
    rows = filled(images, size) if size else images
    with torch.inference_mode():
        logits = [
            classifier.forward(rows[i : i + step]).float().cpu() for i in range(0, len(rows), step)
        ]
    # A copy, for what is made in inference mode can never be changed.
    return torch.cat(logits)[: len(images)].clone()


def nothing_to_attack(
    classifier: Classifier, labels: torch.Tensor, seen: torch.Tensor
) -> ImageError:
    """The error for images of which the classifier sees none as its label."""
    label, other = classifier.classes[int(labels[0])], classifier.classes[int(seen[0])]
    if len(labels) == 1:
        what = f"{classifier.name} sees the image as {other!r}, not as its label {label!r}"
    else:
        what = (
            f"{classifier.name} sees none of the {len(labels)} images as its label; "
            f"the first, labelled {label!r}, it sees as {other!r}"
        )
    return ImageError(
        f"Nothing to attack: {what}. Choose images that are classified correctly, or give the "
        "predicted classes as labels."
    )


def _spread(trace: torch.Tensor | None, eligible: torch.Tensor) -> np.ndarray | None:
    """The trace of the attacked images as columns among all of them."""
    if trace is None:
        return None
    whole = torch.full((len(trace), len(eligible)), float("nan"))
    whole[:, eligible] = trace.cpu().float()
    return whole.numpy()
