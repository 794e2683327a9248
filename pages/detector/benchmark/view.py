"""The view of the benchmark: its form, how much work that is, its figures."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.protocol import UNSEEN
from engine.records import Record
from pages.detector.benchmark.result import result_view
from pages.detector.stored import benchmarks
from pages.shared import service
from pages.shared.form import Form, attribute, folded, pairs
from pages.shared.link import Link
from pages.shared.sweep import Sweep
from pages.shared.words import counted, duration, meaning

FORM = Form(Detection, "bm")


def _example() -> Record | None:
    """The shipped benchmark of the default classifier, if there is one."""
    for record in service.shipped(Detection.kind):
        if record.spec.to_dict()["classifier"] == FORM["classifier"].start:
            return record
    return None


LINK = Link(FORM.prefix, (FORM,), example=_example)


FOLDED = (
    "split",
    "attack.survive",
    "cw_images",
    "splits",
    "references",
    "learning",
    "choosing",
    "seed",
)


def choice() -> tuple[Detection | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    with st.grid(3, min_column_width=180, vertical_alignment="bottom"):
        FORM.draw("classifier", "dataset", "images")
    with st.grid(2, min_column_width=260, vertical_alignment="bottom"):
        attacks = FORM["attacks"].draw(titles={name: one.title for name, one in ATTACKS.items()})
        titles = {name: one.title for name, one in CONTESTANTS.items()}
        detectors = FORM["detectors"].draw(titles=titles)
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row:
        more = folded("bm_more")
    if more:
        with more:
            with pairs():
                FORM.draw(*FOLDED)
            for name in attacks:
                FORM.section(ATTACKS[name].title, f"attack.{attribute(name)}")
            for name in dict.fromkeys(attribute(CONTESTANTS[name].detector) for name in detectors):
                _settings(name)
    return FORM.spec(), place


def _settings(name: str) -> None:
    """The settings of a detector; which variant it is, the choice of detectors says."""
    names = [one for one in FORM.settings if one.startswith(f"settings.{name}.")]
    names = [one for one in names if not one.endswith(".variant")]
    FORM.section(FORM.help(f"settings.{name}").rstrip("."), *names)


GO_ON = "It can be stopped, and goes on later from what is done."


def effort(spec: Detection) -> None:
    """Say what there is to do for `spec`, and how long that will take, as far as it is known."""
    attacked, judged = (
        [service.has(kind, key) for kind, key in parts]
        for parts in parts_of(spec.canonical(), spec)
    )
    if all(judged):
        words = "Everything is measured already: it is put together in seconds."
    else:
        words = (
            f"{attacked.count(False):,} of {counted(len(attacked), 'batches')} of up to 100 images are "
            f"still to be attacked, and {judged.count(False)} of {counted(len(judged), 'detectors')} to "
            f"be judged. {_expected(spec)}{GO_ON}"
        )
    st.caption(f":material/timer: {words}")


@st.cache_resource(show_spinner=False, max_entries=32)
def parts_of(
    canonical: str, _spec: Detection
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Kind and key of the parts that attack, and of those that judge; `canonical` tells specs apart.

    There are thousands more, of features; counting them would take longer than a page may.
    """
    attacked = [part for parts in _spec.attacked().values() for part in parts]
    parts = (attacked, _spec.judgements())
    attacks, judgements = ([(part.kind, part.key()) for part in some] for some in parts)
    return attacks, judgements


def _expected(spec: Detection) -> str:
    """How long the features will take, by the times that a stored benchmark measured."""
    own = benchmarks(spec.classifier)
    if not own:
        return ""
    costs = own[0].tables["cost"].set_index("detector")["milliseconds"]
    known = [name for name in spec.detectors if name in costs]
    # Every attacked image counts twice, as floats and with 8 bits, and clean ones once; then the others.
    images = spec.images * (2 * len(spec.attacks) + 1) + min(spec.other_images, spec.images) * (
        1 + len(UNSEEN)
    )
    seconds = float(costs[known].sum()) / 1000 * images
    return (
        f"By the times of the stored benchmark {own[0].key[:6]}, the features take about "
        f"{duration(seconds)} of one worker ({own[0].environment['device'].upper()}); attacks come on "
        "top, C&W most of all. "
    )


SWEEP = Sweep(
    LINK,
    "Images, attacks and detectors",
    choice,
    lambda spec: ("train", spec.split),
    effort,
    result_view,
    "A hundred images show the tendency; the paper's benchmark takes as many as fall for the attack.",
)


def render_benchmark() -> None:
    """The whole view."""
    st.markdown(
        "Images are attacked, and every detector has to tell them from their clean twins.",
        help="Detectors learn from some images and are tested on others, which are correctly classified (the "
        "paper's sec. 4.2.1 and Table 1, after Harder et al. 2021).\n\n"
        + meaning("AUC", "false positives"),
    )
    with LINK.opened() as link:
        SWEEP.view(link)
