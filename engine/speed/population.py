"""The adversarial branch of a population, as a worker measures it and as the paper's text says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.experiments.population.computing.shards import KEPT, MISCLASSIFIED, measure_pairs
from engine.experiments.population.drawing import SPARE, TAKEN
from engine.experiments.population.pair_statistics import MOST, PairStatistics
from engine.experiments.population.shards import PairShard
from engine.images import to_pixels
from engine.plain import plain_attack, plain_losses
from engine.progress import SILENT
from engine.speed.limits import Limit, Needs
from engine.speed.rows import Row, in_turns
from engine.statistics import compare


def measure_population(
    classifier: Classifier, dataset: str, attacks: int, limit: Limit, turns: int | None = None
) -> Row:
    """Attack, filter and measure pairs in both ways, in turns; seconds are those of a pair kept.

    Ours measures a part of a sweep, as a worker does; the plain way some of its blocks, `attacks` images
    rounded up to whole blocks of the paper's filter. The note says how far the gaps of those differ.
    """
    blocks = -(-attacks // (TAKEN + SPARE))
    sweep = PairStatistics(
        classifier=classifier.name, dataset=dataset, pairs=TAKEN * max(MOST, blocks)
    )
    shard = next(shard for shard in sweep.shards() if shard.branch == "adversarial")
    few = replace(shard, blocks=min(blocks, shard.blocks))
    table, _ = measure_pairs(shard, classifier, SILENT)
    times, results = in_turns(
        {
            "ours": lambda: measure_pairs(shard, classifier, SILENT),
            "plain": lambda: _plain(few, classifier, table),
        },
        turns,
        warm=("ours", "plain"),
    )
    gaps = results["plain"][0]
    kept = np.flatnonzero(table["outcome"] == KEPT)
    last = sum(len(block.rows) for block in few.own_blocks())
    own = {int(k): float(table["gap"][k]) for k in kept if k < last}
    both = [k for k in own if k in gaps]
    apart = float(np.mean([own[k] - gaps[k] for k in both]))
    test = compare(np.array(list(gaps.values())), np.array(list(own.values())))
    note = (
        f"gaps of {len(gaps)} pairs: KS p = {test.ks_p:.2f}, "
        f"mean difference {apart:+.4f} nats over {len(both)}"
    )
    needed = Needs(len(kept) * shard.points, float(np.sum(table["looks"])))
    return Row(
        "adversarial",
        classifier.name,
        times["ours"].shared(len(kept)),
        times["plain"].shared(len(gaps)),
        limit_s=limit.seconds(needed) / len(kept),
        note=note,
    )


def _plain(spec: PairShard, classifier: Classifier, table: dict[str, Any]) -> dict[int, float]:
    """Row of the table -> gap, for those of the spec's pairs that the paper's filter keeps, one at a time."""
    data, _ = spec.labelled()
    own = slice(sum(len(block.rows) for block in spec.own_blocks()))
    pixels = torch.from_numpy(to_pixels(data.batch(table["first"][own])))
    sources = torch.from_numpy(to_pixels(data.batch(table["second"][own])))
    targets = table["target"][own].tolist()
    attacked, apart = {}, {}
    for k in np.flatnonzero(table["outcome"][own] != MISCLASSIFIED).tolist():
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
