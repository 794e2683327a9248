"""K and K′: the image that is attacked, what the attack showed and made, and what 8 bits leave of that.

Everything that is claimed of K′ is judged here, in float32, and refused in words where it is not so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch

from engine.attacks import ATTACKS
from engine.attacks.attacking import AttackResult, attack
from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import FOREIGN, UNKNOWN, labels_of
from engine.datasets import load_dataset
from engine.errors import ImageError
from engine.experiments.base import Columns, Context
from engine.experiments.images.references import lowest_of, pixels_of
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.images import to_bytes, to_pixels
from engine.progress import Reporter
from engine.random import generator
from engine.words import share

MOST = 24
"""Steps that are kept of an attack at most."""

LEAST = 8
BYTES = 2_000_000
"""What their pictures may take in a record, about: of large pictures fewer are kept, but not under LEAST."""


class Witness:
    """A classifier for the attack on one image that keeps what it is shown; all else is the classifier's.

    However long the attack, it holds at most twice as many pictures as it is to keep.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.most = max(LEAST, min(MOST, BYTES // int(np.prod(classifier.input_shape))))
        self.stride, self.looks = 1, 0
        self.kept: list[tuple[int, torch.Tensor]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.classifier, name)

    @property
    def view(self) -> Classifier:
        """Itself, for what asks for a classifier."""
        return cast(Classifier, self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits of images (N, C, H, W), of which the first is kept where its turn has come."""
        if self.looks % self.stride == 0:
            self._keep(images[:1].detach().float().cpu().clone())
        self.looks += 1
        return self.classifier.forward(images)

    def _keep(self, image: torch.Tensor) -> None:
        if self.kept and torch.equal(self.kept[-1][1], image):
            return
        self.kept.append((self.looks, image))
        if len(self.kept) >= 2 * self.most:
            self.kept, self.stride = self.kept[::2], 2 * self.stride

    def steps(self, source: int, reached: int, last: torch.Tensor) -> tuple[np.ndarray, Columns]:
        """The steps from K to K′, which is `last` (C, H, W): pictures uint8 (S, H, W, C), and their rows.

        A row has the number of the look, the probabilities of K's class and of that of K′, and the class
        seen, all from a pass in float32.
        """
        # The passes that judge K and K′ are no steps: K is the first look, K′ comes last.
        way = [one for one in self.kept if not torch.equal(one[1][0], last)]
        chosen = np.unique(np.linspace(0, len(way) - 1, min(len(way), self.most - 1)).round())
        shown = [*(way[int(k)] for k in chosen), (self.looks - 1, last[None])]
        pictures = torch.cat([image for _, image in shown])
        with torch.inference_mode():
            odds = self.classifier.forward(pictures).float().softmax(1).cpu().numpy()
        rows = {
            "look": np.array([look for look, _ in shown]),
            "source": odds[:, source],
            "reached": odds[:, reached],
            "prediction": odds.argmax(1),
        }
        return to_bytes(pictures.numpy()), rows


@dataclass(frozen=True)
class Source:
    """K, float32 (1, C, H, W), seen as class `seen` with a loss in nats; `reference` names it."""

    reference: str
    image: np.ndarray
    seen: int
    loss: float


@dataclass(frozen=True)
class Attacked:
    """K′ (C, H, W), seen as class `seen` with a probability, and how the attack went.

    `pictures` uint8 (S, H, W, C) are steps of the attack from K to K′, `steps` says what was seen in them.
    """

    source: Source
    image: torch.Tensor
    seen: int
    probability: float
    success: bool
    result: AttackResult
    seconds: float
    eight_bit: dict[str, Any]
    pictures: np.ndarray
    steps: Columns

    @property
    def numbers(self) -> dict[str, Any]:
        """The attack as a record's summary tells it; sizes are in units of the pixel range."""
        change = self.image.numpy() - self.source.image[0]
        outside = max(0.0, -float(self.image.min()), float(self.image.max()) - 1)
        return {
            "prediction": self.seen,
            "probability": self.probability,
            "success": self.success,
            "l2": float(np.sqrt(np.square(change, dtype=np.float64).sum())),
            "linf": float(np.abs(change).max()),
            "rms": float(np.sqrt(np.square(change, dtype=np.float64).mean())),
            "outside": outside,
            "forward_passes": int(self.result.forward_passes[0]),
            "backward_passes": int(self.result.backward_passes[0]),
            "seconds": self.seconds,
            "eight_bit": self.eight_bit,
        }

    @property
    def trace(self) -> Columns:
        """The loss at each look of an attack that keeps a trace; no rows for the others."""
        trace = self.result.trace
        loss = np.empty(0, np.float32) if trace is None else np.asarray(trace, np.float32)[:, 0]
        loss = loss[~np.isnan(loss)]
        return {"look": np.arange(len(loss)), "loss": loss}


def choose_source(
    spec: RealAdversarial,
    classifier: Classifier,
    context: Context,
    target: int | None,
    report: Reporter,
) -> Source:
    """The image K of a spec, of another class than `target` where that is known.

    ImageError where K is misclassified as it is, or of the class that it would be attacked towards.
    """
    reference = spec.source or _drawn(spec, classifier, context, target, report)
    image = pixels_of(spec, reference, classifier, context)
    seen, probability, loss = _judged(classifier, image)
    classes = classifier.classes
    words = f"{classifier.name} sees the image K ({reference}) as {classes[seen]!r} ({share(probability)})"
    known = _known_label(spec, reference, classifier)
    if known not in (UNKNOWN, seen):
        shows = (
            "a class that it does not know" if known == FOREIGN else f"the class {classes[known]!r}"
        )
        raise ImageError(
            f"{words}, but it is of {shows}: it is misclassified as it is, so there is nothing to "
            "attack. Choose an image K that is correctly classified."
        )
    if seen == target:
        raise ImageError(
            f"{words}, the class that it would be attacked towards. An attack needs a K of another "
            f"class than A's: choose one that is not seen as {classes[seen]!r}."
        )
    return Source(reference, image, seen, loss)


def attack_source(
    spec: RealAdversarial,
    classifier: Classifier,
    source: Source,
    target: int | None,
    report: Reporter,
) -> Attacked:
    """Attack K towards `target`, or towards any class where it is None.

    ImageError where the result is not seen as it should be: it says what was reached and what to try.
    """
    began = time.perf_counter()
    witness = Witness(classifier)
    result = attack(
        spec.attack.method,
        witness.view,
        torch.from_numpy(source.image),
        torch.tensor([source.seen]),
        target=target,
        seed=spec.seed,
        report=report,
        settings=spec.attack.chosen,
        survive=spec.attack.survive,
    )
    seconds = time.perf_counter() - began
    image = result.images[0].detach().cpu().float()
    seen, probability, _ = _judged(classifier, image[None].numpy())

    def reached(label: int) -> bool:
        return label != source.seen if target is None else label == target

    if not reached(seen):
        raise _missed(spec, classifier, target, seen, probability)
    rounded, certainty, _ = _judged(classifier, to_pixels(to_bytes(image[None].numpy())))
    eight_bit = {"prediction": rounded, "probability": certainty, "success": reached(rounded)}
    way = witness.steps(source.seen, seen, image)
    return Attacked(source, image, seen, probability, True, result, seconds, eight_bit, *way)


def _drawn(
    spec: RealAdversarial,
    classifier: Classifier,
    context: Context,
    target: int | None,
    report: Reporter,
) -> str:
    """The image of lowest loss of a class that is drawn from those that are not `target`."""
    found = context.findings_of(Survey(spec.classifier, spec.dataset, spec.split), report).arrays
    right = (found["label"] == found["prediction"]) | (found["label"] == UNKNOWN)
    others = sorted(set(found["prediction"][right].tolist()) - {target})
    if not others:
        raise ImageError(
            f"No image of the set is correctly classified by {classifier.name} as another class than "
            f"{classifier.classes[target or 0]!r}, so there is none to attack. Name an image K."
        )
    drawn = int(generator(spec.seed, "source").choice(others))
    return lowest_of(
        found,
        drawn,
        [""],
        classifier.classes[drawn],
        lambda reference: pixels_of(spec, reference, classifier, context),
    )[0]


def _known_label(spec: RealAdversarial, reference: str, classifier: Classifier) -> int:
    """The classifier's label of an image of the set; UNKNOWN for an image of one's own."""
    if not reference.isdecimal():
        return UNKNOWN
    data = load_dataset(spec.dataset, spec.split)
    return int(labels_of(data, classifier.card)[int(reference)])


def _judged(classifier: Classifier, image: np.ndarray) -> tuple[int, float, float]:
    """What one image (1, C, H, W) is seen as, how surely, and the loss in nats of that class."""
    with torch.inference_mode():
        odds = torch.log_softmax(classifier.forward(image).float(), dim=1)[0].cpu()
    seen = int(odds.argmax())
    return seen, float(odds[seen].exp()), abs(float(odds[seen]))


def _missed(
    spec: RealAdversarial,
    classifier: Classifier,
    target: int | None,
    seen: int,
    probability: float,
) -> ImageError:
    goal = "another class" if target is None else repr(classifier.classes[target])
    method = ATTACKS[spec.attack.method]
    easier = "" if target is None or method.aims == "must" else ", any class (targeted off)"
    return ImageError(
        f"{method.title} did not take K to {goal}: the result is seen as "
        f"{classifier.classes[seen]!r} ({share(probability)}). Try {method.remedy}{easier}, another "
        "image K, or another attack."
    )
