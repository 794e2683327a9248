"""What a detector's score is usually made of, measured on the first images of its benchmark."""

from __future__ import annotations

import numpy as np

from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.detector_judgement import fitted
from engine.experiments.detection.detection import Reasons
from engine.progress import part

DECILES = (0.1, 0.5, 0.9)


def compute(spec: Reasons, context: Context) -> Findings:
    """Of each group of features: the mean of clean images, and deciles 1, 5 and 9 around it.

    `bands` (2, 3, G) are of clean and of attacked images; (1, 3, G) where no attack succeeded.
    """
    detector = fitted(spec.judgement(), context)
    if not detector.groups:
        return Findings(summary={"groups": []})
    clean, attacked = spec.samples()
    found = context.findings_of(clean, part(context.report, 0, 0.2, "Reasons"))
    features, seen = found.arrays["features"], found.arrays["prediction"]
    samples = [features]
    for k, shard in enumerate(attacked):
        done = 0.2 + 0.8 * k / len(attacked)
        one = context.findings_of(shard, part(context.report, done, 1, "Reasons")).arrays
        count = len(one["prediction"])
        samples.append(one["features"][one["prediction"] != seen[:count]])
    parts = [detector.score_parts(features), detector.score_parts(np.concatenate(samples[1:]))]
    mean = parts[0].mean(0)
    bands = [np.quantile(sample - mean, DECILES, axis=0) for sample in parts if len(sample)]
    return Findings(
        arrays={"mean": mean, "bands": np.stack(bands)},
        summary={
            "groups": list(detector.groups),
            "log_odds": float(detector.log_odds(features).mean()),
            "images": [len(sample) for sample in parts],
        },
    )
