"""Charts as picture files, on white, made without any network."""

from __future__ import annotations

from typing import Any

from engine.plots.grammar import Drawing

WIDTH = 720
SCALE = 2
FONT = "'Source Sans 3', 'Source Sans Pro', Helvetica, Arial, sans-serif"
"""As in the app. A name with a digit must be quoted: without, a file would have no words at all."""


def picture(chart: Drawing, kind: str) -> bytes:
    """The chart as a "png" or "svg" file, on white, made without any network."""
    import vl_convert

    spec = exported(chart)
    if kind == "svg":
        return bytes(vl_convert.vegalite_to_svg(spec).encode())
    return bytes(vl_convert.vegalite_to_png(spec, scale=SCALE))


def exported(chart: Drawing) -> dict[str, Any]:
    """The chart's specification with fonts, a background and, where it has none, a width of its own."""
    spec: dict[str, Any] = chart.to_dict(validate=False)
    if "width" not in spec:
        spec = chart.properties(width=WIDTH).to_dict(validate=False)
    style = {"font": FONT, "background": "white", "padding": 12}
    axes = {"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal"}
    spec["config"] = {**spec.get("config", {}), **style, "axis": axes, "legend": axes}
    return spec
