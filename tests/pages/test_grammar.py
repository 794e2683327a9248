"""Every figure says what it shows: titles with units, tips that are in the data, charts that are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from engine.plots.grammar import (
    across,
    axes_of,
    draw,
    evenly,
    hover,
    line,
    mark,
    of,
    points,
    rule,
    up,
)
from tests.pages.every_figure import FIGURES

Spec = dict[str, Any]

UNITLESS = {
    "Dimensions",
    "Image",
    "Input dimension",
    "Learnt from",
    "Logit",
    "Look of the attack",
    "Passes of an image through the network",
    "Probability p that a site is occupied",
    "Step",
    "Step of Adam",
    "Step of the search",
    "Tested on",
    "Distance from the line / its length",
}
"""Counts, names, and shares of one."""

AXES = {"x": "x2", "y": "y2"}

every_figure = pytest.mark.parametrize("name", FIGURES)


@cache
def spec_of(name: str) -> Spec:
    """A figure's specification, checked against the schema of Vega-Lite."""
    chart, data = FIGURES[name]()
    assert len(data) > 0
    spec: Spec = chart.to_dict()
    return spec


def marks(spec: Spec, datasets: Spec | None = None) -> Iterator[tuple[Spec, list[Spec]]]:
    """Every layer that draws marks, with the rows that it draws."""
    datasets = spec.get("datasets", datasets)
    for layer in spec.get("layer", []):
        yield from marks({"data": spec.get("data"), **layer}, datasets)
    if "mark" in spec:
        yield spec, (datasets or {})[spec["data"]["name"]]


@every_figure
def test_every_axis_is_named_with_its_unit(name: str) -> None:
    for layer, _ in marks(spec_of(name)):
        for channel, place in layer["encoding"].items():
            if channel not in AXES or "field" not in place or place.get("axis", {}) is None:
                continue
            title = place.get("title")
            if title is None:
                assert place["type"] == "nominal", f"{place['field']} has no title"
            else:
                assert title in UNITLESS or re.search(r"\(.+\)", title), f"{title!r} has no unit"


@every_figure
def test_an_axis_has_one_title_however_many_layers_lie_on_it(name: str) -> None:
    for channel in AXES:
        places = [layer["encoding"].get(channel, {}) for layer, _ in marks(spec_of(name))]
        assert len({place["title"] for place in places if "field" in place}) <= 1


@every_figure
def test_whatever_is_drawn_and_told_is_in_the_data(name: str) -> None:
    for layer, rows in marks(spec_of(name)):
        encoding = layer["encoding"]
        tips = encoding.get("tooltip", [])
        places = [place for place in encoding.values() if isinstance(place, dict)]
        fields = {place["field"] for place in [*places, *tips] if "field" in place}
        assert fields <= set(rows[0]), f"{fields - set(rows[0])} is not in the data"


@every_figure
def test_every_figure_tells_what_is_under_the_pointer(name: str) -> None:
    told = [layer for layer, _ in marks(spec_of(name)) if "tooltip" in layer["encoding"]]
    assert told
    for layer in told:
        tips = layer["encoding"]["tooltip"]
        assert all(tip["title"] for tip in tips)
        numbers = [tip for tip in tips if tip["type"] == "quantitative"]
        assert all("e" not in tip.get("format", "") for tip in numbers), "no computer notation"


@every_figure
def test_tips_are_those_of_the_place_under_the_pointer(name: str) -> None:
    """A line tells its first row wherever it is touched, and with `nearest` words become "undefined"."""
    spec = spec_of(name)
    assert '"nearest": true' not in str(spec).replace("'", '"').replace("True", "true")
    for layer, rows in marks(spec):
        if layer["mark"]["type"] in ("line", "area"):
            for tip in layer["encoding"].get("tooltip", []):
                assert len({row[tip["field"]] for row in rows}) == 1


DATA = pd.DataFrame({"t": [0.0, 1.0], "loss": [1e-5, 2.0], "low": [0.0, 1.0], "whose": ["A", "C"]})


def test_columns_on_one_axis_share_its_title_and_scale() -> None:
    y = up("loss", "Loss (nats)", domain=[0, 3])
    low = of(y, "low").to_dict()
    assert {**low, "field": "loss"} == y.to_dict()
    assert y.to_dict()["scale"] == {"domain": [0, 3], "nice": False}


def test_a_logarithmic_axis_has_no_computer_notation() -> None:
    axis = across("loss", "Loss (nats)", log=True).to_dict()["axis"]
    assert 3e-8 in axis["values"]
    assert "'3e-8': '3×10⁻⁸'" in axis["labelExpr"]
    assert "'0.00001': '10⁻⁵'" in axis["labelExpr"]


def test_without_a_title_there_is_no_axis() -> None:
    assert up("loss", None).to_dict()["axis"] is None


def test_columns_are_channels_and_the_rest_is_looks() -> None:
    x = across("t", "t")
    spec = mark("text", DATA, ["whose", "loss"], x=x, text="whose", color="red", y=alt.value(2))
    drawn = spec.to_dict()
    assert drawn["mark"] == {"type": "text", "color": "red"}
    assert set(drawn["encoding"]) == {"x", "y", "text", "tooltip"}
    assert [tip["title"] for tip in drawn["encoding"]["tooltip"]] == ["Whose", "Loss (nats)"]
    with pytest.raises(KeyError):
        mark("point", DATA, ["missing"])


def test_shares_are_told_in_percent() -> None:
    (tip,) = points(DATA, across("t", "t"), up("loss", "Loss"), {"low": "Below, share"}).to_dict()[
        "encoding"
    ]["tooltip"]
    assert (tip["title"], tip["format"]) == ("Below", ".3~p")


def test_pictures_are_told_as_pictures_and_symbols_as_they_are() -> None:
    data = pd.DataFrame({"image": ["data:,"], "t": [0.5], "δ (sd of f)": [0.1], "step": [3]})
    tips = mark("point", data, list(data)).to_dict()["encoding"]["tooltip"]
    assert [tip["title"] for tip in tips] == ["image", "t", "δ (sd of f)", "Step"]


def test_a_line_tells_its_points_and_shows_them_where_asked() -> None:
    x, y = across("t", "t"), up("loss", "Loss (nats)")
    assert len(line(DATA, x, y)) == 1
    hidden, shown = line(DATA, x, y, ["loss"])[1], line(DATA, x, y, ["loss"], dots=30)[1]
    assert hidden.to_dict()["mark"]["opacity"] == 0
    assert shown.to_dict()["mark"]["opacity"] == 1


def test_a_rule_stands_at_its_value_and_says_so() -> None:
    y = up("loss", "Loss (nats)")
    drawn = draw(rule(y, 0.05, "threshold 0.05 nats", right=False)).to_dict()
    (rows,) = drawn["datasets"].values()
    assert rows == [{"loss": 0.05, "words": "threshold 0.05 nats"}]
    words = drawn["layer"][1]
    assert words["encoding"]["x"] == {"value": 0}
    assert words["mark"]["align"] == "left"
    assert len(rule(y, 0.05)) == 1


def test_hovering_shows_the_rule_of_the_row_and_its_words() -> None:
    shown, catcher = (layer.to_dict() for layer in hover(DATA, across("t", "t"), ["t", "whose"]))
    assert shown["transform"] == [{"filter": {"param": "near", "empty": False}}]
    (near,) = catcher["params"]
    assert near["select"]["fields"] == ["t"]
    assert [tip["field"] for tip in catcher["encoding"]["tooltip"]] == ["t", "whose"]


@pytest.mark.parametrize(("count", "most"), [(0, 3), (1, 3), (3, 3), (100, 7)])
def test_rows_are_chosen_evenly_with_both_ends(count: int, most: int) -> None:
    places = evenly(count, most)
    assert len(places) == min(count, most)
    assert np.array_equal(places[[0, -1]] if count else [], [0, count - 1] if count else [])


def test_the_axes_of_a_figure_say_what_it_shows() -> None:
    x, y = across("t", "Step"), up("loss", "Loss (nats)")
    data = pd.DataFrame({"t": [0.0, 1.0], "loss": [1.0, 0.0]})
    assert axes_of(draw(rule(x, 0.5), line(data, x, y))) == "Loss (nats) against Step"
    assert axes_of(draw(rule(x, 0.5))) == "Step"
