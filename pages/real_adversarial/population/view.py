"""The view of populations: how long one takes, what of it is stored already, and its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import (
    Forecast,
    Parts,
    PopulationSpec,
    parts_stored,
    seconds_left,
)
from engine.records import Record
from pages.real_adversarial.population.attacks import attacks_view
from pages.real_adversarial.population.choice import FORMS, LINK, PART, choice
from pages.real_adversarial.population.result import result_view
from pages.shared import service
from pages.shared.job_panel import job_panel
from pages.shared.shell import told
from pages.shared.sweep import Sweep
from pages.shared.views import one_of
from pages.shared.words import duration, meaning

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
    assert isinstance(spec, PairStatistics | AttackPopulations)
    return parts_stored(spec.shards(), lambda shard: service.has(shard.kind, shard.key()))


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


def _draw(record: Record) -> Callable[[], None]:
    return (result_view if isinstance(record.spec, PairStatistics) else attacks_view)(record)


SWEEP = Sweep(
    LINK,
    "Pairs and attack",
    choice,
    lambda spec: (spec.split,),
    timing,
    _draw,
    "A hundred pairs show the tendency; the paper has 5,000 of each kind.",
)


def render_population() -> None:
    """The whole view."""
    st.markdown(
        "Does its barrier give an attack away? Straight paths between two images of a class (*real–real*), "
        "and to one that was attacked until it is seen as that class (*real–adversarial*).",
        help="The paper's sec. 4.2 and Fig. 6.\n\n"
        + meaning("barrier", "gap", "loss", "nats", "AUC"),
    )
    with LINK.opened() as link:
        one_of(
            "Populations of", list(FORMS), PART.key, on_change=LINK.leave, persist_state="session"
        )
        SWEEP.view(link)
