"""The paper claim by claim: each declared once, with what decides; verdicts follow from records.

`engine.claims()` tells how they stand. Importing this imports no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from engine.called import answers
from engine.claims.claim import Claim, Judged, OfKind, Standing, Trial, judge, judge_trial
from engine.errors import unknown_name
from engine.experiments.base import Spec
from engine.progress import SILENT, Reporter, part
from engine.records import Store, run

__all__ = [
    "Claim",
    "Judged",
    "Standing",
    "Trial",
    "claim_called",
    "compute_anew",
    "declared",
    "judge",
    "judge_trial",
    "standings",
    "tested_kinds",
]


@cache
def declared() -> dict[str, Claim]:
    """Every claim by its name, the paper's in its order, then ours."""
    from engine.claims import detection, learning, noise, pairs, theory

    every = [*pairs.CLAIMS, *detection.CLAIMS, *noise.CLAIMS]
    every += [*learning.CLAIMS, *theory.CLAIMS]
    return {claim.name: claim for claim in sorted(every, key=lambda claim: claim.own)}


def claim_called(name: str) -> Claim:
    """The claim of this name; UnknownNameError lists the known ones."""
    known = declared()
    if name not in known:
        raise unknown_name("claim", name, known)
    return known[name]


def tested_kinds() -> list[str]:
    """The kinds of experiments that claims are read from."""
    claims = declared().values()
    specs = [spec for claim in claims for trial in claim.trials for spec in trial.specs]
    return sorted({spec.kind for spec in specs})


def standings(of_kind: OfKind) -> list[Standing]:
    """How every claim stands by the records that `of_kind` gives."""
    return [judge(claim, of_kind) for claim in declared().values()]


def compute_anew(
    trial: Trial,
    store: Store,
    report: Reporter = SILENT,
    begin: Callable[[Spec, Store], object] = lambda spec, store: None,
) -> None:
    """Compute what a trial needs into `store`, going on from what is there; shipped records do not count.

    `begin` is called with each experiment, and with a store, before it begins.
    """
    own = Store(store.root, shipped=None)
    for k, spec in enumerate(trial.specs):
        begin(spec, own)
        run(spec, store=own, report=part(report, k / len(trial.specs), (k + 1) / len(trial.specs)))


def _stand(store: Store | None = None) -> list[Standing]:
    """How every claim stands by the records of a store, those that ship among them."""
    return standings((store or Store()).of_kind)


answers(__name__, _stand)
