"""Figures that are made once: told apart by what they show, and drawn as Altair would."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

import pages
from pages.shared import figures
from pages.shared.figures.remembered import digest, remembered, specification, specified
from tests.pages.every_figure import FIGURES, pair, shipped


def test_a_figure_of_equal_arguments_is_made_once():
    made = []

    @remembered
    def figure(table, scale="linear"):
        made.append(scale)
        return object(), table

    def table(last):
        return pd.DataFrame({"x": [1.0, 2.0, last], "name": list("abc")})

    first = figure(table(3.0))
    assert figure(table(3.0)) is first
    assert figure(table(4.0)) is not first
    assert figure(table(3.0), scale="log") is not first
    assert made == ["linear", "linear", "log"]


def test_a_result_is_told_by_the_files_of_its_record_and_not_by_what_was_worked_out_since():
    one, two = pair(), shipped("real-real", "loss_2").found(type(pair()))
    before = digest(two)
    assert two.tracks
    assert digest(one) == digest(two) == before
    assert digest(pair("real-adversarial")) != before
    assert figures.loss_curves(one) is figures.loss_curves(two)
    assert figures.loss_curves(one) is not figures.loss_curves(one, logarithmic=True)


def without_shades(spec):
    """A figure but for the shade of its words, which is the page's."""
    if isinstance(spec.get("mark"), dict) and spec["mark"]["type"] == "text":
        spec["mark"].pop("color", None)
    for layer in spec.get("layer", ()):
        without_shades(layer)
    return spec


@pytest.mark.parametrize("name", FIGURES)
def test_a_specification_holds_what_the_chart_does(name):
    chart, _ = FIGURES[name]()
    found = specification(chart, "light")
    assert specification(chart, "light") is found
    drawn = chart.to_dict()
    assert found["datasets"].keys() == drawn["datasets"].keys()
    for key, rows in drawn["datasets"].items():
        table = convert_arrow_bytes_to_pandas_df(found["datasets"][key])
        for column in table:
            kept = [row[column] for row in rows]
            held = table[column].to_list()
            assert all(
                a == b or (a is None and np.isnan(b)) for a, b in zip(kept, held, strict=True)
            ), column
    own = {"datasets", "config"}
    held, shown = ({k: v for k, v in spec.items() if k not in own} for spec in (found, drawn))
    assert without_shades(deepcopy(held)) == without_shades(shown)


def test_charts_do_without_the_theme_that_all_threads_share():
    """`st.altair_chart` changes it while it draws, for every visitor's page."""
    chart, _ = FIGURES[next(iter(FIGURES))]()
    usual = specified(chart, "light")
    with alt.theme.enable("none"):
        other = specified(chart, "light")
    apart = {"datasets": None, "config": None}
    assert usual | apart == other | apart
    for file in Path(*pages.__path__).rglob("*.py"):
        assert "st.altair_chart(" not in file.read_text(), file
