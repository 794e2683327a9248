"""The kinds of experiments that Isthmus has, without those that tests declare."""

from __future__ import annotations

from engine.experiments import kinds

KINDS = {kind: cls for kind, cls in kinds().items() if cls.__module__.startswith("engine.")}
