"""The contract of all detectors: what they keep of the references, features, a model, scores.

A detector is constants, `study` and `features`. A score is the model's probability that an image is
attacked. Every pass takes the same number of images, so no score depends on batch size or order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, final

import numpy as np

from engine.batches import filled, lanes
from engine.detectors import DETECTORS
from engine.detectors.altering import COPIES, Altered, altered_copies, families_of, heeded
from engine.detectors.sides import CHOOSING, FOLDS, TESTING, hardest, held_out, parts_of
from engine.errors import DataError, RecordError
from engine.lazy import torch
from engine.methods import Method, Methods
from engine.pixels import pictures_for
from engine.progress import SILENT, Reporter, part
from engine.random import generator

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.detectors.computing.models import Model
    from engine.detectors.references import Ends, References
    from engine.plots.grammar import Drawing


def labelled(
    samples: tuple[np.ndarray, np.ndarray], columns: slice
) -> tuple[np.ndarray, np.ndarray]:
    """Features of both samples, and whether each is attacked."""
    clean, adversarial = samples
    attacked = np.repeat([False, True], [len(clean), len(adversarial)])
    return np.concatenate([clean, adversarial])[:, columns], attacked


Arrays: TypeAlias = dict[str, np.ndarray]


class Detector(Method, ABC):
    """One way to tell attacked images from clean ones.

    `constants` are what `study` kept of the references; the references are not needed afterwards.
    """

    kin: ClassVar[Methods[Any]] = DETECTORS
    pools: ClassVar[bool] = False
    """Whether one model serves all attacks together, as the paper's does; else each attack has its own."""
    begins_with: ClassVar[str] = ""
    """The detector whose features are the first of its own, made from the same references and seed."""
    wide: ClassVar[bool] = False
    """Whether its features are so many that they are sooner made anew than read from a disk."""
    late_variant: ClassVar[bool] = False
    """Whether its variants have the same features, and arrange them differently."""
    learns_altered: ClassVar[bool] = False
    """Whether it learns from altered clean images too, as clean ones; see `engine.detectors.altering`."""
    authority: ClassVar[int] = 0
    """Whose score is the verdict: that of the detector of most authority that a benchmark has."""
    looks_at_layers: ClassVar[bool] = False
    """Whether it looks at what layers make of the images themselves."""
    fills_passes: ClassVar[bool] = False
    """Whether its `compute_features` fills the passes that it needs by itself, or needs none."""
    make_reference: Callable[[int], np.ndarray] | None = None
    """What makes an image of a class without reference, where not this process shall; see `Ends`."""
    sight: ClassVar[str] = ""
    """What gives it authority, in words: "it looks at paths and spectrum together"."""

    def __init__(
        self, classifier: Classifier, settings: Any, constants: Mapping[str, np.ndarray]
    ) -> None:
        self.classifier, self.settings = classifier, settings
        self.constants = dict(constants)
        self.model: Model | None = None
        self.clean_scores = np.empty(0)

    def __repr__(self) -> str:
        fitted = "fitted" if self.model else "not fitted yet"
        return f"<{self.title} detector of {self.classifier.name!r}, {fitted}>"

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """What it keeps of the references as its `constants`; by default nothing."""
        return {}

    @abstractmethod
    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """Features (n, F) of a batch on the classifier's device, differentiable almost everywhere."""

    @cached_property
    def ends(self) -> Ends:
        """The references by class, for detectors whose constants are those of `References.lowest`."""
        from engine.detectors.references import Ends

        return Ends(self.classifier, self.constants, self._image_of)

    def _image_of(self, label: int) -> np.ndarray:
        """An image uint8 (C, H, W) of a class."""
        from engine.detectors.references import image_of_class

        if self.make_reference:
            return self.make_reference(label)
        return image_of_class(self.classifier, label)[0]

    def features(
        self, images: torch.Tensor, company: torch.Tensor | None = None, report: Reporter = SILENT
    ) -> np.ndarray:
        """Features float32 (N, F) of images (N, C, H, W) on the CPU.

        `company` (M, C, H, W) are the clean images of the minibatch that these came in: what some
        published code looks at, and nothing else does. Without it, clean images kept by `study` serve.
        """
        with torch.no_grad():
            return self.each_batch(images, self.compute_features, report, not self.fills_passes)

    def telling_features(self, images: torch.Tensor, report: Reporter = SILENT) -> np.ndarray:
        """`features` (N, F), of which those may be zero that no model of all attacks together looks at."""
        return self.features(images, report=report)

    @property
    def groups(self) -> dict[str, slice]:
        """Its features by what they tell, name -> columns; none where they are not told apart."""
        return {}

    @property
    def aspects(self) -> dict[str, slice]:
        """What it looks at, each of which may be looked at alone: name -> columns."""
        return {}

    def columns(self, attack: str) -> slice:
        """The features that a model for this attack uses; "" stands for all attacks together."""
        return slice(None)

    def arrange(self, features: np.ndarray) -> np.ndarray:
        """Features (N, F) of a minibatch as the published code confuses them, where it does."""
        return features

    @property
    def width(self) -> int:
        """How many features a fitted detector with a linear model looks at."""
        slope = None if self.model is None else self.model.slope()
        return 0 if slope is None else len(slope)

    def new_model(self) -> Model:
        """A model that is not fitted yet, by default logistic regression; it may see some `aspects` alone."""
        from engine.detectors.computing.models import Logistic

        return Logistic()

    @property
    @abstractmethod
    def forward_passes(self) -> int:
        """Passes of the classifier that the features of one image take."""

    @property
    def backward_passes(self) -> int:
        """Gradients of the classifier that the features of one image take."""
        return 0

    @final
    def fit(self, clean: Any, adversarial: Any, seed: int = 0, report: Reporter = SILENT) -> Self:
        """Learn from clean and attacked images, (N, C, H, W) and (M, C, H, W) in [0, 1].

        A fifth of both is held out: it chooses the model's parameters and sets the false-positive rate, which
        all clean images set where altered copies are learnt from; see `calibrate_across`.
        Image k of `adversarial` should be the twin of image k of `clean` where M = N, so that twins
        stay on one side. A detector that `learns_altered` makes altered copies of both by itself, and learns
        from those that are seen as before: as clean ones, and a third of the other clean ones too; and as
        attacks. DataError where either holds fewer than ten images.
        """
        pixels = [pictures_for(self.classifier, one, "look at") for one in (clean, adversarial)]
        share = 1 / (2 + (COPIES + 1) * self.learns_altered)
        samples = [
            self.arrange(self.features(images, report=part(report, k * share, (k + 1) * share)))
            for k, images in enumerate(pixels)
        ]
        if not self.learns_altered:
            return self.fit_features(samples[0], samples[1], seed=seed)
        altered = [
            self._altered(images, attacked, generator(seed, name), part(report, *span))
            for images, attacked, name, span in (
                (pixels[0], False, "altered", (2 * share, 1 - share)),
                (pixels[1], True, "altered attacks", (1 - share, 1)),
            )
        ]
        return self.fit_features(samples[0], samples[1], "", seed, *altered)

    def _altered(
        self, images: torch.Tensor, attacked: bool, draws: np.random.Generator, report: Reporter
    ) -> Altered:
        """Features of altered copies of images (N, C, H, W), of those that are learnt from."""
        copies = 1 if attacked else COPIES
        made = torch.from_numpy(altered_copies(images.numpy(), draws, copies))
        before, after = (
            self.each_batch(some, lambda batch: self.classifier.forward(batch).argmax(1))
            for some in (images, made)
        )
        as_before = after == np.tile(before, copies)
        kept = np.flatnonzero(as_before) if attacked else heeded(as_before)
        families, halves = (told[kept] for told in families_of(len(images), copies))
        if not len(kept):
            return Altered(np.empty((0, 0), np.float32), kept, families, halves)
        features = self.arrange(self.features(made[kept], report=report))
        return Altered(features, kept % len(images), families, halves)

    @final
    def fit_features(
        self,
        clean: np.ndarray,
        adversarial: np.ndarray,
        attack: str = "",
        seed: int = 0,
        altered: Altered | None = None,
        altered_attacks: Altered | None = None,
    ) -> Self:
        """`fit` for features (N, F) and (M, F), and those of altered copies, that are there already."""
        for what, sample in (("clean", clean), ("adversarial", adversarial)):
            if len(sample) < 10:
                raise DataError(
                    f"{self.title} learns from at least 10 {what} images, got {len(sample)}. Give more "
                    "images, or a stronger attack."
                )
        held = [held_out(len(sample), seed) for sample in (clean, adversarial)]
        parts = [parts_of(~out, out, seed) for out in held]

        def lesson(*numbers: int) -> tuple[np.ndarray, np.ndarray]:
            sides = [np.isin(own, numbers) for own in parts]
            whole = [
                sample[side] if copies is None else copies.joined(sample, side)
                for sample, side, copies in zip(
                    (clean, adversarial), sides, (altered, altered_attacks), strict=True
                )
            ]
            return whole[0], whole[1]

        self.fit_split(lesson(*range(FOLDS)), lesson(CHOOSING), attack, seed)
        if altered is None:
            return self

        def kinds(number: int) -> list[np.ndarray]:
            side = parts[0] == number
            return [clean[side], *altered.apart(side)]

        return self.calibrate_across(lesson, kinds, attack, seed)

    @final
    def fit_split(
        self,
        learning: tuple[np.ndarray, np.ndarray],
        choosing: tuple[np.ndarray, np.ndarray],
        attack: str = "",
        seed: int = 0,
    ) -> Self:
        """`fit` for (clean, adversarial) features to learn from, and to choose parameters with.

        DataError where any of the four is empty.
        """
        if not all(len(sample) for sample in (*learning, *choosing)):
            raise DataError(
                f"{self.title} learns, and chooses, from clean and adversarial images, and one of them is "
                "missing. Give both."
            )
        columns = self.columns(attack)
        model = self.new_model()
        model.fit(labelled(learning, columns), labelled(choosing, columns), seed)
        self.model = model
        return self.calibrate(choosing[0], attack=attack)

    @final
    def calibrate(self, *clean: np.ndarray, attack: str = "") -> Self:
        """Set the false-positive rate by the scores of held-out clean features (N, F).

        Of several kinds of clean images, that one counts which is most like attacks, so that no kind has
        more false positives than are allowed. Kinds with too few images count together, and where these
        are too few still, all do.
        """
        self.clean_scores = hardest([self.score_features(kind, attack) for kind in clean])
        return self

    @final
    def calibrate_across(
        self,
        lesson: Callable[..., tuple[np.ndarray, np.ndarray]],
        kinds: Callable[[int], Sequence[np.ndarray]],
        attack: str = "",
        seed: int = 0,
    ) -> Self:
        """`calibrate` by all clean images, each scored by a model that did not learn from it.

        `lesson` gives the (clean, adversarial) features of some parts (see `parts_of`), and `kinds` the
        clean features of one, each kind by itself. What no model learnt from is scored by the one that
        is kept; for each part that it learnt from, one is fitted to the others. So several times as many
        images set the rate, and it varies the less.
        """
        kept = self.model
        found = [
            [self.score_features(kind, attack) for kind in kinds(n)] for n in (CHOOSING, TESTING)
        ]
        for left_out in range(FOLDS):
            others = [number for number in range(FOLDS) if number != left_out]
            self.fit_split(lesson(*others), lesson(CHOOSING), attack, seed)
            found.append([self.score_features(kind, attack) for kind in kinds(left_out)])
        self.model = kept
        self.clean_scores = hardest([np.concatenate(own) for own in zip(*found, strict=True)])
        return self

    @final
    def score(self, images: Any, report: Reporter = SILENT) -> np.ndarray:
        """Scores (N,) in [0, 1] of images (N, C, H, W) in [0, 1]: higher = more adversarial.

        One image (C, H, W) counts as N = 1.
        """
        pixels = pictures_for(self.classifier, images, "look at")
        return self.score_features(self.arrange(self.telling_features(pixels, report)))

    @final
    def plot(self, clean: Any, adversarial: Any, report: Reporter = SILENT) -> Drawing:
        """The app's figure of the scores of clean and of attacked images: an Altair chart."""
        import pandas as pd

        from engine.plots.histograms import score_histograms

        scores = [
            self.score(images, part(report, k / 2, (k + 1) / 2))
            for k, images in enumerate((clean, adversarial))
        ]
        attacked = np.repeat([False, True], [len(sample) for sample in scores])
        table = pd.DataFrame({"attacked": attacked, "score": np.concatenate(scores)})
        return score_histograms(table)[0]

    @final
    def score_features(self, features: np.ndarray, attack: str = "") -> np.ndarray:
        """Scores (N,) of features (N, F)."""
        if self.model is None:
            raise DataError(f"{self.title} has not learnt anything yet: call fit first.")
        return self.model.score(features[:, self.columns(attack)])

    @final
    def false_positive_rate(self, scores: np.ndarray) -> np.ndarray:
        """The share (N,) of clean held-out images that score at least as high as each of `scores`."""
        above = len(self.clean_scores) - np.searchsorted(self.clean_scores, scores, side="left")
        # Plus one: an image that exceeds all of n clean ones is no proof of a rate below 1 / (n + 1).
        return (above + 1) / (len(self.clean_scores) + 1)

    @final
    def threshold(self, rate: float) -> float:
        """The score above which an image is called an attack, where `rate` of clean ones may be."""
        count = len(self.clean_scores)
        above = int((np.arange(1, count + 2) / (count + 1) <= rate).sum())
        return float([-np.inf, *self.clean_scores, np.inf][count + 1 - above])

    @final
    def log_odds(self, features: np.ndarray) -> np.ndarray:
        """Logarithms (N,) of the odds of an attack, of which `score_parts` are parts."""
        assert self.model is not None
        return self.model.log_odds(features)

    @final
    def score_parts(self, features: np.ndarray) -> np.ndarray:
        """What each of `groups` adds to the log-odds of an attack, float64 (N, G); G = 0 for no sum."""
        slope = None if self.model is None else self.model.slope()
        if slope is None or not self.groups:
            return np.empty((len(features), 0))
        parts = [(features[:, own] * slope[own]).sum(1) for own in self.groups.values()]
        return np.stack(parts, axis=1)

    @final
    def state(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """All that a fitted detector is, as arrays and plain JSON values: no pickle."""
        if self.model is None:
            raise DataError(f"{self.title} has not learnt anything yet: call fit first.")
        arrays = {
            "clean_scores": self.clean_scores,
            **{f"constants/{name}": array for name, array in self.constants.items()},
            **{f"model/{name}": array for name, array in self.model.arrays().items()},
        }
        facts = {
            "detector": self.name,
            "settings": self.settings.to_dict(),
            "classifier": self.classifier.name,
            "weights": self.classifier.digest,
            "model": self.model.kind,
        }
        return arrays, facts

    @final
    @classmethod
    def of_state(
        cls, classifier: Classifier, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]
    ) -> Self:
        """The detector that `state` described; RecordError where it was fitted to another classifier."""
        if facts["weights"] != classifier.digest:
            raise RecordError(
                f"This {cls.title} detector was fitted to {facts['classifier']} with other weights "
                f"than those of {classifier.name}. Fit it to this classifier, or choose that one."
            )
        from engine.detectors.computing.models import model_of

        settings = cls.settings_class.from_dict(facts["settings"])
        detector = cls(classifier, settings, under("constants/", arrays))
        detector.model = model_of(str(facts["model"]), under("model/", arrays))
        detector.clean_scores = np.asarray(arrays["clean_scores"])
        return detector

    @property
    def lanes(self) -> int:
        """How many images every pass takes."""
        return lanes(self.classifier.input_shape, self.classifier.device)

    @property
    def held(self) -> int:
        """Bytes of what it keeps in memory, without the classifier."""
        arrays = [*self.constants.values(), *(self.model.arrays().values() if self.model else ())]
        made = vars(self).get("ends")
        return sum(array.nbytes for array in arrays) + (made.held if made else 0)

    def in_lanes(
        self, images: torch.Tensor, report: Reporter = SILENT, fill: bool = True
    ) -> Iterator[tuple[torch.Tensor, int]]:
        """The images in batches of equal size on the classifier's device, with how many of them count.

        The last may be smaller where it need not be filled.
        """
        size = self.lanes
        for begin in range(0, len(images), size):
            report(begin, len(images))
            batch = images[begin : begin + size]
            yield (filled(batch, size) if fill else batch).to(self.classifier.device), len(batch)
        report(len(images), len(images))

    def each_batch(
        self,
        images: torch.Tensor,
        measure: Callable[[torch.Tensor], torch.Tensor],
        report: Reporter = SILENT,
        fill: bool = True,
    ) -> np.ndarray:
        """`measure` of every batch of equal size, joined: float32 (N, ...); see `in_lanes`."""
        batches = self.in_lanes(images, report, fill)
        parts = [measure(batch)[:count].cpu() for batch, count in batches]
        return torch.cat(parts).numpy().astype(np.float32, copy=False)


def under(prefix: str, arrays: Mapping[str, np.ndarray]) -> Arrays:
    """The arrays whose names begin like this, by the rest of their names."""
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): np.asarray(arrays[name]) for name in names}
