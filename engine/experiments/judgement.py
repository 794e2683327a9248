"""One detector of a benchmark, judged: fitted to each attack and to all, and tested on every attack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from engine.detectors.settings import WIDE
from engine.errors import unknown_name
from engine.experiments.base import Context, Findings
from engine.experiments.benchmark import (
    CONTESTANTS,
    NEGATIVES,
    PIXELS,
    BenchmarkSettings,
    contestant_title,
)
from engine.experiments.judging import ALL, CURVE, Split, fit_on, judge
from engine.parameters import Parameter
from engine.progress import part
from engine.random import derive

if TYPE_CHECKING:
    from engine.detectors.base import Detector
    from engine.experiments.detector_shards import FeatureShard, Sample


@dataclass(frozen=True)
class Judgement(BenchmarkSettings):
    """What one detector is worth. A benchmark makes these, one for each contestant."""

    kind: ClassVar[str] = "detector-judgement"
    title: ClassVar[str] = "One detector of a benchmark"
    revision: ClassVar[int] = 1

    name: Annotated[str, Parameter(f"Contestant: {', '.join(CONTESTANTS)}.")] = "mode-connectivity"

    def check(self) -> None:
        super().check()
        if self.name not in CONTESTANTS:
            raise unknown_name("contestant", self.name, CONTESTANTS)

    @property
    def contestants(self) -> tuple[str, ...]:
        return (self.name,)

    @property
    def wide(self) -> bool:
        """Whether its features are made anew where they are needed."""
        return CONTESTANTS[self.name][0] in WIDE

    def parts(self) -> list[FeatureShard]:
        """The parts of its features that are stored."""
        if self.wide:
            return []
        attacked = [
            shard
            for attack in self.attack_names
            for sample in PIXELS.values()
            for shard in self.feature_shards(self.name, sample, attack)
        ]
        samples: tuple[Sample, ...] = ("clean", *NEGATIVES)
        others = [shard for sample in samples for shard in self.feature_shards(self.name, sample)]
        return [*others, *attacked]

    def draw(self) -> list[Split]:
        """The random splits."""
        return [
            Split.drawn(self.images, self.learning, self.choosing, derive(self.seed, f"split/{k}"))
            for k in range(self.splits)
        ]

    def compute(self, context: Context) -> Findings:
        from engine.experiments import judged_tables as tell
        from engine.experiments.gathering import Gathered

        gathered = Gathered(self, context)
        detector = gathered.detector
        splits = self.draw()
        judged = {
            pixels: judge(
                detector,
                gathered.samples(pixels),
                splits,
                self.seed,
                part(context.report, 0.1 + 0.4 * k, 0.5 + 0.4 * k, "Fitting"),
            )
            for k, pixels in enumerate(PIXELS)
        }
        context.report(0.9, 1, stage="Fitting the detector that is kept")
        kept = gathered.samples(*PIXELS)
        fit_on(detector, kept, splits[0], ALL, derive(self.seed, "kept"))
        detector.calibrate(gathered.clean[~splits[0].learning])
        arrays, facts = detector.state()
        return Findings(
            arrays={
                "false_alarms": CURVE,
                **{f"fitted/{name}": array for name, array in arrays.items()},
                **tell.bands_of(detector, kept),
            },
            tables={
                "rates": tell.rows_of({pixels: found.rates for pixels, found in judged.items()}),
                "intervals": tell.rows_of(
                    {p: found.intervals(self.seed) for p, found in judged.items()}
                ),
                "curves": tell.curves_of(judged, self.protocol(detector)),
                "scores": tell.scores_of(judged["float"], self.protocol(detector)),
                "negatives": tell.negatives_of(detector, gathered, splits[0]),
                "adaptive": tell.adaptive_of(
                    detector,
                    gathered,
                    kept,
                    splits[0],
                    part(context.report, 0.92, 1, "Adaptive attack"),
                ),
            },
            summary={
                "name": self.name,
                "title": contestant_title(self.name),
                "protocol": self.protocol(detector),
                "left_out": gathered.left_out,
                "forward_passes": detector.forward_passes,
                "backward_passes": detector.backward_passes,
                "features": gathered.clean.shape[1],
                "milliseconds": tell.milliseconds(detector, gathered),
                "fitted": facts,
            },
        )

    def protocol(self, detector: Detector) -> str:
        """Whether its figures are those of models of their "own" attack or of "all" together."""
        return "all" if detector.pools and len(self.attack_names) > 1 else "own"
