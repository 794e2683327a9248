"""The adversarial branch of a population: this engine against one attack and one curve at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from engine.bench.rows import Row, timed
from engine.experiments.measuring import KEPT, measured
from engine.experiments.pair_shard import PairShard
from engine.experiments.population import KEPT as KEEP
from engine.experiments.population import SPARE
from engine.images import to_pixels
from engine.plain import plain_attack, plain_losses
from engine.progress import SILENT
from engine.statistics import compare

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

FACTOR = 8
"""The branch is promised to be this many times as fast, in pairs per second."""


def measure_population(classifier: Classifier, dataset: str, attacks: int) -> Row:
    """Attack, filter and measure the same pairs in both ways; seconds are those of a pair kept.

    `attacks` is rounded up to whole blocks of the paper's filter. The note says how far the gaps differ.
    """
    blocks = -(-attacks // (KEEP + SPARE))
    spec = PairShard(
        classifier=classifier.name,
        dataset=dataset,
        pairs=blocks * KEEP,
        branch="adversarial",
        blocks=blocks,
    )
    warm = PairShard(**{**spec.to_dict(), "attack": spec.attack, "blocks": 1})
    measured(warm, classifier, SILENT)
    ours, (table, _) = timed(lambda: measured(spec, classifier, SILENT))
    plainly, gaps = timed(lambda: _plain(spec, classifier, table))
    kept = np.flatnonzero(table["outcome"] == KEPT)
    both = [k for k in kept if k in gaps]
    apart = np.array([gaps[k] - table["gap"][k] for k in both])
    test = compare(np.array(list(gaps.values())), table["gap"][kept])
    note = (
        f"gaps: KS p = {test.ks_p:.2f}, mean difference {apart.mean():+.4f} nats "
        f"over {len(both)} of {len(gaps)} pairs"
    )
    one = plainly / max(1, len(gaps))
    return Row("adversarial", classifier.name, ours / max(1, len(kept)), one, one / FACTOR, note)


def _plain(spec: PairShard, classifier: Classifier, table: dict[str, Any]) -> dict[int, float]:
    """Row of the table -> gap, for the pairs that the paper's filter keeps; one at a time, in float32."""
    data, _ = spec.labelled()
    pixels = torch.from_numpy(to_pixels(data.batch(table["first"])))
    sources = torch.from_numpy(to_pixels(data.batch(table["second"])))
    targets = table["target"].tolist()
    attacked, apart = {}, {}
    for k in np.flatnonzero(table["outcome"] != "misclassified").tolist():
        attacked[k] = plain_attack(classifier, sources[k], targets[k])
        ends = plain_losses(classifier, pixels[k], attacked[k], targets[k], 2)
        apart[k] = float((ends[0] - ends[1]).abs())
    gaps, begin = {}, 0
    for block in spec.own_blocks():
        rows = [k for k in range(begin, begin + len(block.rows)) if k in attacked]
        begin += len(block.rows)
        for k in sorted(rows, key=apart.__getitem__)[: block.keep]:
            losses = plain_losses(classifier, pixels[k], attacked[k], targets[k], spec.points)
            gaps[k] = float(losses.max() - torch.maximum(losses[0], losses[-1]))
    return gaps
