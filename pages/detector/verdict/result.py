"""Verdicts, whole: one image explained; of several a table first, and the one that is looked at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.detection.results import CANNOT_JUDGE
from engine.records import Record
from pages.detector.verdict.agreement import agreements_words
from pages.detector.verdict.judged import Judged
from pages.detector.verdict.sentences import batch_words
from pages.detector.verdict.state import LOOKED_AT
from pages.detector.verdict.why import BOXES, judged, told_as, why
from pages.shared.downloads import File, file_button, take
from pages.shared.share import share_button
from pages.shared.strip import data_uri

THUMBNAIL = 48
COLUMNS = {
    "picture": "Picture",
    "name": "Image",
    "verdict": "Verdict",
    "false_alarm": "False-positive rate (%)",
    "class": "Seen as",
    "probability": "Sure (%)",
    "against": "Detectors against",
    "doubts": "Doubts",
}
NOTE = (
    "The false-positive rate is the share of clean images, which no detector learnt from, that look as "
    "suspicious."
)


def lead(record: Record) -> tuple[Judged, int]:
    """What one sees first: a picture, the most suspicious one at first, and the verdict on it."""
    found = Judged.of(record)
    image = _looked_at(found)
    judged(found, image)
    share_button(record, "dt")
    return found, image


def reasons_view(record: Record, found: Judged, image: int) -> None:
    """The verdicts on all pictures, where there are several, and everything behind that on one."""
    if len(found) > 1:
        _several(found)
    why(found, image)
    take(record, "dt_take")


def _several(found: Judged) -> None:
    """The table of many images, and the choice of the one that is looked at."""
    words = batch_words(found.verdicts, found.spec.false_alarms)
    worst = next(call for call in BOXES if call in found.calls)
    told_as(worst, words)
    st.markdown(agreements_words(found.against, found.titles, found.decider))
    _table(found)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        rows = found.verdicts
        st.selectbox(
            "Look closer at",
            range(len(found)),
            format_func=lambda k: f"{rows['name'][k]}: {found.calls[k].lower()}",
            key=LOOKED_AT,
        )
        with st.container(width="content"):
            verdicts = File(
                "Verdicts (CSV)",
                ".csv",
                lambda: found.table,
                "A row for each image: verdict, false-positive rate and score of the detector that "
                "decides, class, probability, detectors that disagree, doubts.",
            )
            file_button(verdicts, f"isthmus-verdicts-{found.key[:8]}", "dt_get")


def _table(found: Judged) -> None:
    table = found.verdicts
    shown = pd.DataFrame(
        {
            "picture": [data_uri(found.picture(k), THUMBNAIL) for k in range(len(found))],
            "name": table["name"],
            "verdict": found.calls,
            "false_alarm": 100 * table["false_alarm"],
            "class": table["class"],
            "probability": 100 * table["probability"],
            "against": [len(titles) for titles in found.against],
            "doubts": table["doubts"],
        }
    )
    if not any(table["doubts"]):
        shown = shown.drop(columns="doubts")
    st.dataframe(
        shown.rename(columns=COLUMNS),
        hide_index=True,
        key="dt_table",
        on_select=_selected,
        selection_mode="single-row",
        row_height=44,
        column_config={
            COLUMNS["picture"]: st.column_config.ImageColumn(width="small"),
            COLUMNS["false_alarm"]: st.column_config.NumberColumn(format="%.2f"),
            COLUMNS["probability"]: st.column_config.NumberColumn(format="%.1f"),
        },
        alt="Verdict, false-positive rate, class, detectors that disagree and doubts of every image",
    )
    st.caption(f"{NOTE} Select a row, or choose below, to look closer.")


def _looked_at(found: Judged) -> int:
    """The picture that is looked at: the one that was chosen, else the most suspicious."""
    if len(found) == 1:
        return 0
    if st.session_state.get(LOOKED_AT) not in range(len(found)):
        judged_ones = np.array(found.calls) != CANNOT_JUDGE
        rates = found.verdicts["false_alarm"].where(judged_ones | ~judged_ones.any())
        st.session_state[LOOKED_AT] = int(rates.argmin())
    return int(st.session_state[LOOKED_AT])


def _selected() -> None:
    """A row was selected in the table: look at its image."""
    rows = st.session_state["dt_table"]["selection"]["rows"]
    if rows:
        st.session_state[LOOKED_AT] = rows[0]
