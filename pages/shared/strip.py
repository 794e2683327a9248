"""Strips of pictures: along both paths, with their amplified difference; and the nodes of a path."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.images import encode_png, thumbnail, to_bytes
from engine.plots.palette import BYPASS, MARK, STRAIGHT
from engine.plots.tracks import Track
from pages.shared.figures.remembered import Shelf, remembered
from pages.shared.words import figure, nats

PICTURES = 9
MOST_NODES = 33
SMALL = 160
"""Pictures with sides below this are enlarged pixel by pixel, so that they stay sharp."""

_STYLE = (
    "<style>.isthmus-strip{overflow-x:auto}"
    ".isthmus-strip table{border-collapse:collapse;width:100%;min-width:620px;font-size:.8rem}"
    ".isthmus-strip th{text-align:left;font-weight:600;padding-right:.6rem;white-space:nowrap}"
    ".isthmus-strip td{text-align:center;padding:.15rem;font-variant-numeric:tabular-nums}"
    ".isthmus-strip img{display:block;width:100%;min-width:48px;border-radius:.25rem}"
    ".isthmus-nodes{display:grid;grid-template-columns:repeat(auto-fill,minmax(84px,1fr));gap:.5rem}"
    ".isthmus-nodes figure{margin:0;font-size:.8rem;line-height:1.35;text-align:center}"
    ".isthmus-nodes img{display:block;width:100%;border-radius:.25rem}"
    ".isthmus-strip img.small,.isthmus-nodes img.small{image-rendering:pixelated}</style>"
)


def image_strip(pair: PairResult) -> None:
    """Draw the strip: places as columns; straight path, path found and difference as rows."""
    st.html(_strip(pair))


def _strip_of(pair: PairResult) -> str:
    places = np.linspace(0, 1, PICTURES)
    rows = [_header(places), *_path_rows(pair, pair.straight, STRAIGHT, places)]
    if pair.final:
        rows += _path_rows(pair, pair.final, BYPASS, places)
        rows += _difference_row(pair.final, places)
    named = 'role="region" tabindex="0" aria-label="Pictures along the path"'
    return f'{_STYLE}<div class="isthmus-strip" {named}><table>{"".join(rows)}</table></div>'


def node_strip(pair: PairResult) -> None:
    """Draw the nodes of the path found, each with its loss; of very many, some evenly spread."""
    path = pair.final or pair.straight
    last = len(path.nodes) - 1
    shown = np.unique(np.linspace(0, last, min(last + 1, MOST_NODES)).round().astype(int))
    names = {0: pair.ends[0], last: pair.ends[1]}
    points = np.searchsorted(path.t, shown / last - 1e-9)
    cells = []
    for node, point, image in zip(shown, points, to_bytes(path.nodes[shown]), strict=True):
        name, loss = names.get(int(node), f"node {node}"), figure(float(path.loss[point]))
        seen = pair.label(int(path.prediction[point]))
        cells.append((image, name, (f"{loss} nats", seen)))
    picture_grid(cells)
    many = f" {len(shown)} of {last + 1}, evenly spread." if len(shown) <= last else ""
    st.caption(
        f"Straight lines join each to the next. Below each: its loss, and the class seen.{many}"
    )


def picture_grid(cells: Iterable[tuple[np.ndarray, str, Sequence[str]]]) -> None:
    """Draw small pictures uint8 (H, W, C), each with a title and lines below it, as many a row as fit."""
    st.html(_grid(list(cells)))


def _grid_of(cells: Sequence[tuple[np.ndarray, str, Sequence[str]]]) -> str:
    figures = [
        f"<figure>{_img(image, ', '.join((title, *lines)))}<figcaption><b>{escape(title)}</b><br>"
        f"{'<br>'.join(map(escape, lines))}</figcaption></figure>"
        for image, title, lines in cells
    ]
    return f'{_STYLE}<div class="isthmus-nodes">{"".join(figures)}</div>'


KEPT_CHARACTERS = 16_000_000
"""Of what pages were sent last."""

_shelf: Shelf[str] = Shelf(KEPT_CHARACTERS, len)
_strip = remembered(_strip_of, _shelf)
_grid = remembered(_grid_of, _shelf)


def data_uri(picture: np.ndarray, side: int | None = None) -> str:
    """A picture, uint8 (H, W, C), as a data URI, made once; `side` is the length of its longer side."""
    return _uri(picture, side)


def _encoded(picture: np.ndarray, side: int | None = None) -> str:
    png = thumbnail(picture, side) if side else encode_png(picture)
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


_uri = remembered(_encoded, _shelf)


def _header(places: np.ndarray) -> str:
    cells = "".join(f"<td>{place:.3g}</td>" for place in places)
    return f"<tr><th scope='row'>Place</th>{cells}</tr>"


def _path_rows(pair: PairResult, track: Track, color: str, places: np.ndarray) -> list[str]:
    name = "Path found" if track.number else track.name
    losses, seen = track.loss_at(places), track.prediction_at(places)
    cells = [
        f"<td>{_img(picture, f'{name} at place {place:.2f}, loss {nats(float(loss))}')}</td>"
        for picture, place, loss in zip(
            to_bytes(track.pictures(places)), places, losses, strict=True
        )
    ]
    words = [
        f"<td>{figure(float(loss))}<br>{escape(pair.label(int(index)))}</td>"
        for loss, index in zip(losses, seen, strict=True)
    ]
    title = f"<th scope='row' style='border-left:4px solid {color};padding-left:.4rem'>{name}</th>"
    return [
        f"<tr>{title}{''.join(cells)}</tr>",
        f"<tr><th scope='row'>Loss (nats)<br>Seen as</th>{''.join(words)}</tr>",
    ]


def _difference_row(track: Track, places: np.ndarray) -> list[str]:
    """The pictures' differences, all amplified alike, so that their growth shows."""
    factor = track.amplification
    difference = track.bends_at(places)
    cells = "".join(
        f"<td>{_img(picture, f'Difference at place {place:.2f}, amplified')}</td>"
        for picture, place in zip(to_bytes(0.5 + difference * factor), places, strict=True)
    )
    title = (
        f"<th scope='row' style='border-left:4px solid {MARK};padding-left:.4rem'>"
        f"Difference<br>× {figure(factor)}</th>"
    )
    return [f"<tr>{title}{cells}</tr>"]


def _img(picture: np.ndarray, words: str) -> str:
    small = max(picture.shape[:2]) < SMALL
    kind = "small" if small else ""
    return f'<img class="{kind}" src="{_encoded(picture, None if small else SMALL)}" alt="{escape(words)}">'
