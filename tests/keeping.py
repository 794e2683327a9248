"""Records of what tests have made up, kept as if it had been computed."""

from __future__ import annotations

from engine.experiments.base import Findings, Spec
from engine.records import Record, Store
from engine.records.running import environment_of

SECONDS = 1.5


def keep(store: Store, spec: Spec, findings: Findings) -> Record:
    """Store findings under the key of a spec."""
    return store.save(spec, findings, environment_of(spec, "cpu", SECONDS))
