"""Figures are made once: most visitors look at what somebody has just looked at."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

import altair as alt
import pandas as pd
from streamlit.dataframe_util import convert_pandas_df_to_arrow_bytes

from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.look import QUIET, SHADES

MOST = 256
"""What is kept of each: the figures and the specifications last asked for."""

Given = ParamSpec("Given")
Kept = TypeVar("Kept")

alt.data_transformers.disable_max_rows()  # ours are small, and Altair's limit is for files of notebooks


def one(thing: object) -> int:
    """What a thing weighs where all weigh the same."""
    return 1


class Shelf(Generic[Kept]):
    """The things last asked for, by what tells them apart; together they `weigh` at most `most`.

    Threads share it.
    """

    def __init__(self, most: int = MOST, weigh: Callable[[Kept], int] = one) -> None:
        self._most, self._weigh, self._weight = most, weigh, 0
        self._lock, self._things = Lock(), dict[Hashable, Kept]()

    def get(self, mark: Hashable, make: Callable[[], Kept]) -> Kept:
        """The thing with this mark, made now if it is not there."""
        with self._lock:
            found = self._take(mark)
        thing = make() if found is None else found
        with self._lock:
            self._take(mark)  # another thread may have made it too
            self._things[mark] = thing  # behind all others
            self._weight += self._weigh(thing)
            while self._weight > self._most:
                self._take(next(iter(self._things)))
        return thing

    def _take(self, mark: Hashable) -> Kept | None:
        found = self._things.pop(mark, None)
        self._weight -= 0 if found is None else self._weigh(found)
        return found


_figures: Shelf[Any] = Shelf()
_specifications: Shelf[tuple[Drawing, dict[str, Any]]] = Shelf()


def remembered(make: Callable[Given, Kept], shelf: Shelf[Any] = _figures) -> Callable[Given, Kept]:
    """`make`, which makes a figure of equal arguments once; nobody may change it afterwards."""

    @wraps(make)
    def figure(*args: Given.args, **kwargs: Given.kwargs) -> Kept:
        mark = (make, digest((args, kwargs)))
        return shelf.get(mark, lambda: make(*args, **kwargs))

    return figure


def specification(chart: Drawing, theme: str) -> dict[str, Any]:
    """The chart in Vega-Lite, its words readable on a theme, its data as Arrow has them, ready to be sent."""
    # What is kept holds the chart, so that no other one can come to its place in memory.
    mark = id(chart), theme
    return _specifications.get(mark, lambda: (chart, specified(chart, theme)))[1]


def specified(chart: Drawing, theme: str) -> dict[str, Any]:
    """The same, of a chart that is drawn but once.

    Pages draw it by `st.vega_lite_chart`: `st.altair_chart` sets Altair's theme and transformer of data for
    all threads of the process, and what another visitor's page makes meanwhile comes out wrong.
    """
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["datasets"] = {
        name: convert_pandas_df_to_arrow_bytes(pd.DataFrame(rows))
        for name, rows in spec.get("datasets", {}).items()
    }
    for name in ("continuousWidth", "continuousHeight"):  # Altair's own; the page has its own width
        spec.get("config", {}).get("view", {}).pop(name, None)
    words = {"labelColor": QUIET[theme], "titleColor": QUIET[theme]}
    spec["config"] = {**spec.get("config", {}), "axis": words, "legend": words}
    _shade(spec, SHADES[theme])
    return spec


def _shade(spec: dict[str, Any], shades: Mapping[str, str]) -> None:
    """Give the words of a figure the shade of their colour that is readable."""
    mark = spec.get("mark")
    if isinstance(mark, dict) and mark["type"] == "text" and "color" in mark:
        mark["color"] = shades.get(mark["color"], mark["color"])
    for layer in spec.get("layer", ()):
        _shade(layer, shades)


def digest(contents: Any) -> bytes:
    """Tells contents apart: equal digests mean equal contents, and most equal contents have equal ones."""
    sink = io.BytesIO()
    _Contents(sink, protocol=pickle.HIGHEST_PROTOCOL).dump(contents)
    return hashlib.blake2b(sink.getbuffer(), digest_size=16).digest()


class _Contents(pickle.Pickler):
    """Writes what an object was made of, without what it has worked out since. Nobody reads it back."""

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, Record):  # its files, by their digests
            return str, (f"{thing.kind} {thing.entries}",)
        if is_dataclass(thing) and not isinstance(thing, type):
            return type(thing), tuple(getattr(thing, one.name) for one in fields(thing) if one.init)
        return NotImplemented
