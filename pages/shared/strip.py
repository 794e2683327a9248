"""A strip of pictures along both paths, with their amplified difference and the loss below each."""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import streamlit as st

from engine.images import encode_png, thumbnail, to_bytes
from pages.shared.palette import BYPASS, MARK, STRAIGHT
from pages.shared.tracks import Pair, Track
from pages.shared.words import figure, nats

PICTURES = 9
SMALL = 160
"""Pictures with sides below this are enlarged pixel by pixel, so that they stay sharp."""

_STYLE = (
    "<style>.isthmus-strip{overflow-x:auto}"
    ".isthmus-strip table{border-collapse:collapse;width:100%;min-width:620px;font-size:.8rem}"
    ".isthmus-strip th{text-align:left;font-weight:600;padding-right:.6rem;white-space:nowrap}"
    ".isthmus-strip td{text-align:center;padding:.15rem;font-variant-numeric:tabular-nums}"
    ".isthmus-strip img{display:block;width:100%;min-width:48px;border-radius:.25rem}"
    ".isthmus-strip img.small{image-rendering:pixelated}</style>"
)


def image_strip(pair: Pair) -> None:
    """Draw the strip: places as columns; straight path, path found and difference as rows."""
    places = np.linspace(0, 1, PICTURES)
    rows = [_header(places), *_path_rows(pair, pair.straight, STRAIGHT, places)]
    if pair.final:
        rows += _path_rows(pair, pair.final, BYPASS, places)
        rows += _difference_row(pair.final, places)
    st.html(f'{_STYLE}<div class="isthmus-strip"><table>{"".join(rows)}</table></div>')


def data_uri(picture: np.ndarray, side: int | None = None) -> str:
    """A picture, uint8 (H, W, C), as a data URI; `side` is the length of its longer side."""
    png = thumbnail(picture, side) if side else encode_png(picture)
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def _header(places: np.ndarray) -> str:
    cells = "".join(f"<td>{place:.3g}</td>" for place in places)
    return f"<tr><th scope='row'>Place</th>{cells}</tr>"


def _path_rows(pair: Pair, track: Track, color: str, places: np.ndarray) -> list[str]:
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
    return f'<img class="{kind}" src="{data_uri(picture, None if small else SMALL)}" alt="{escape(words)}">'
