"""How long a population will take here, measured before it begins, and what of it is stored already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from engine.experiments.population.attack_populations import AttackPopulations
from engine.experiments.population.forecast import REAL, Forecast, Parts, seconds_left
from engine.experiments.population.pair_shard import PairShard
from engine.experiments.population.pair_statistics import PairStatistics
from engine.experiments.population.spec import PopulationSpec
from engine.records import Record
from pages.shared import service
from pages.shared.job_panel import job_panel
from pages.shared.shell import told
from pages.shared.words import duration

PATIENCE_SECONDS = 1.0


def timing(spec: PopulationSpec) -> None:
    """Say how long `spec` will take; while that is measured, show its progress."""
    with told():
        parts = stored_parts(spec)
        found = _forecast(spec)
        if found:
            st.caption(f":material/timer: {forecast_words(found.summary, spec.pairs, parts)}")


def stored_parts(spec: PopulationSpec) -> Parts:
    """Which parts of a sweep are in the store."""
    seen: dict[str, dict[str, bool]] = {}
    for name, shard in _shards(spec):
        key = shard.key()
        if key not in seen.setdefault(name, {}):
            seen[name][key] = service.has(shard.kind, key)
    return {name: (sum(keys.values()), len(keys)) for name, keys in seen.items()}


def forecast_words(summary: Mapping[str, Any], pairs: int, parts: Parts) -> str:
    """The time on every device that was measured, and what is stored already."""
    times = {
        device: seconds_left(numbers, pairs, parts)
        for device, numbers in summary["devices"].items()
    }
    names = {device: numbers["name"] for device, numbers in summary["devices"].items()}
    done = sum(stored for stored, _ in parts.values())
    total = sum(count for _, count in parts.values())
    if done == total:
        return "Every part is stored already: only the statistics are left, a few seconds."
    cpu, gpu = times.get("cpu"), times.get("cuda")
    words = []
    if gpu is not None:
        words.append(f"About {duration(gpu)} on the GPU ({names['cuda']}).")
    if cpu is not None:
        words.append(
            f"About {duration(cpu)} on one worker here ({names['cpu']}), "
            f"about {duration(cpu / 2)} on two such workers."
        )
    if gpu is None:
        words.append("There is no GPU on this machine.")
    if done:
        words.append(f"{done:,} of {total:,} parts are stored already, which is allowed for.")
    return " ".join(words)


def _forecast(spec: PopulationSpec) -> Record | None:
    """The measurement for such pairs; their number and the draw make no difference to it."""
    plain = PairStatistics()
    asked = replace(
        Forecast.of(spec, every_attack=isinstance(spec, AttackPopulations)),
        pairs=plain.pairs,
        seed=plain.seed,
    )
    found, job = service.obtain(asked, patience=PATIENCE_SECONDS)
    if found is None and job is not None and job_panel(job, key="pop_timing"):
        service.submit(asked, service.INTERACTIVE)
        st.rerun()
    return found


def _shards(spec: PopulationSpec) -> Iterator[tuple[str, PairShard]]:
    """The parts of a sweep by what they measure. All attacks share those of real pairs."""
    if isinstance(spec, AttackPopulations):
        populations = spec.populations()
    else:
        assert isinstance(spec, PairStatistics)
        populations = {spec.attack.method: spec}
    for method, population in populations.items():
        for shard in population.shards():
            yield (REAL if shard.branch == REAL else method), shard
