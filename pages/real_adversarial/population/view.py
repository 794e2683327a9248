"""The view of populations: its forms, which pairs and which attack, how long that takes, its figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS, distinct
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.spec import (
    REAL,
    Forecast,
    PairShard,
    Parts,
    PopulationSpec,
    seconds_left,
)
from engine.records import Record
from pages.real_adversarial.aim import about, method_and_aim
from pages.real_adversarial.population.attacks import attacks_view
from pages.real_adversarial.population.result import result_view
from pages.shared import service
from pages.shared.controls import extra
from pages.shared.form import Form, attribute, folded, pairs
from pages.shared.job_panel import job_panel
from pages.shared.link import Link, Linked
from pages.shared.shell import told
from pages.shared.sweep import Sweep
from pages.shared.views import one_of
from pages.shared.words import duration

ONE, ALL = "One attack", "All attacks"
FORMS: dict[str, Form[PopulationSpec]] = {
    ONE: Form(PairStatistics, "pop", {"attack": "pop"}),
    ALL: Form(AttackPopulations, "pop", {"attack": "pop"}),
}
PART = extra("pop_part", ONE, ALL)


def _more(found: Linked) -> Mapping[str, Any]:
    """The part of the view that shows a result."""
    return {PART.key: ONE if isinstance(found.spec, PairStatistics) else ALL}


def _example() -> Record | None:
    """The shipped population of the default classifier, if there is one."""
    usual = PairStatistics()
    for record in service.shipped(usual.kind):
        spec = record.spec.to_dict()
        if (spec["classifier"], spec["dataset"]) == (usual.classifier, usual.dataset):
            return record
    return None


LINK = Link("pop", tuple(FORMS.values()), (PART,), more=_more, example=_example)


def choice() -> tuple[PopulationSpec | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    part = PART.held
    form, values, methods = FORMS[part], {}, distinct()
    with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
        form.draw("classifier", "dataset", "pairs")
        if part == ONE:
            method, values["targeted"] = method_and_aim(form)
            methods = (method,)
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row:
        more = folded("pop_more")
    if more:
        with more:
            with pairs():
                form.draw("split", "images", "points", "seed")
            form.section("Joining the pairs: 0 rounds leave it out", "connect")
            for method in methods:
                group = f"attack.{attribute(method)}"
                form.section(ATTACKS[method].title, group, advanced=part == ONE or None)
    if part == ONE:
        st.caption(about(form, methods[0]))
    return form.spec(values), place


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


def _draw(record: Record) -> None:
    (result_view if isinstance(record.spec, PairStatistics) else attacks_view)(record)


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
        "The straight paths of many pairs: *real–real*, two images of a class; and *real–adversarial*, an "
        "image of the class and one of another class that is attacked until it is seen as the first. The "
        "*height* of a barrier is the highest loss on the path, its *gap* what that adds to the higher end "
        "(the paper's sec. 4.2 and Fig. 6)."
    )
    with LINK.opened() as link:
        one_of(
            "Populations of", list(FORMS), PART.key, on_change=LINK.leave, persist_state="session"
        )
        SWEEP.view(link)
