"""Networks at initialisation tried one after the other."""

from __future__ import annotations

from engine.experiments.base import Context, Findings
from engine.experiments.untrained.computing.pairs import Trial, trial
from engine.experiments.untrained.computing.tables import found_in
from engine.experiments.untrained.untrained import Untrained
from engine.progress import part


def compute(spec: Untrained, context: Context) -> Findings:
    """Try every network, and tell of all of them."""
    trials: list[Trial] = []
    for k in range(spec.networks):
        share = part(context.report, k / spec.networks, (k + 1) / spec.networks)
        trials.append(trial(spec, k, context.device, share))
    return found_in(spec, trials)
