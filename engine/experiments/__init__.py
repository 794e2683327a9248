"""The experiments, by kind. Importing a spec imports no torch; only its `compute` does."""

from __future__ import annotations

from importlib import import_module

from engine.called import answers
from engine.errors import unknown_name
from engine.experiments.base import Spec

_HOMES = {
    "real-adversarial": ("engine.experiments.real_adversarial", "RealAdversarial"),
    "conjecture": ("engine.experiments.conjecture", "Conjecture"),
    "evolution": ("engine.experiments.evolution", "Evolution"),
    "evolution-part": ("engine.experiments.evolution", "EvolutionPart"),
    "percolation": ("engine.experiments.percolation", "Percolation"),
    "real-real": ("engine.experiments.real_real", "RealReal"),
    "pair-statistics": ("engine.experiments.pair_statistics", "PairStatistics"),
    "attack-populations": ("engine.experiments.attack_populations", "AttackPopulations"),
    "forecast": ("engine.experiments.forecast", "Forecast"),
    "pair-shard": ("engine.experiments.pair_shard", "PairShard"),
    "modes": ("engine.experiments.modes", "Modes"),
    "manifold": ("engine.experiments.manifold", "Manifold"),
    "attacked-shard": ("engine.experiments.attacked_shard", "AttackedShard"),
    "detection": ("engine.experiments.detection", "Detection"),
    "detector-judgement": ("engine.experiments.judgement", "Judgement"),
    "detector-study": ("engine.experiments.detector_shards", "Study"),
    "feature-shard": ("engine.experiments.detector_shards", "FeatureShard"),
    "known-images": ("engine.experiments.known", "Known"),
    "verdict": ("engine.experiments.verdict", "Verdict"),
    "survey": ("engine.experiments.survey", "Survey"),
    "untrained": ("engine.experiments.untrained", "Untrained"),
}

KINDS = tuple(_HOMES)


def spec_class(kind: str) -> type[Spec]:
    """The spec class of an experiment; UnknownNameError lists the known kinds."""
    if kind not in _HOMES:
        raise unknown_name("experiment", kind, KINDS)
    module, name = _HOMES[kind]
    found: type[Spec] = getattr(import_module(module), name)
    return found


def _known() -> tuple[str, ...]:
    """Names of the experiments that `engine.run` and `python -m engine run` know, their parts included."""
    return KINDS


answers(__name__, _known)
