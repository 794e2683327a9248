"""A result as one picture to send: a PNG, and of two paths a looping WebP, drawn from the record alone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from engine.experiments.pair.results import PairResult
from engine.images import animate, to_bytes
from engine.plots.files import picture
from engine.plots.grammar import Drawing
from engine.plots.palette import BYPASS, INK, MARK, STRAIGHT
from engine.plots.tracks import Track
from engine.records import Record
from pages.shared.look import QUIET
from pages.shared.strip import SMALL
from pages.shared.words import nats

SIZE = 1200, 630
"""As messengers and social networks show a link."""

MOVING = 720, 560
EDGE = 44
GROUND, FAINT = "#FCFCFA", QUIET["light"]
COLUMNS = 7
"""Pictures in a row of the card."""

FRAMES, FRAME_MS = 24, 90

SMALLEST = 24
"""Pixels of a long title, which is cut where even that is too wide."""

Box = tuple[int, int, int, int]


def card(record: Record, link: str, figure: Drawing | None = None) -> bytes:
    """The card as a PNG file: title, numbers, pictures of both paths and their curve, the link.

    Of what is no pair, its pictures; of what has none, the `figure`.
    """
    sheet = _Sheet(SIZE, record, link)
    pair = paths_of(record)
    if pair:
        bottom = _rows(sheet, pair, 150)
        sheet.curve(pair, (EDGE + 240, bottom + 16, SIZE[0] - EDGE - 60, SIZE[1] - 84))
        sheet.write((EDGE, bottom + 16), "Loss", 24, FAINT)
    elif portrait := record.result.portrait:
        for k, one in enumerate(portrait[:2]):
            sheet.paste(one, (EDGE + 400 * k, 164), 380)
    elif figure:
        sheet.figure(picture(figure, "png"), (EDGE, 150, SIZE[0] - EDGE, SIZE[1] - 76))
    return sheet.png()


def moving(record: Record, link: str) -> bytes:
    """Both paths of a pair, walked there and back, as an endless WebP."""
    pair = paths_of(record)
    assert pair
    ground = _Sheet(MOVING, record, link)
    side, top = 230, 118
    curve = (EDGE, top + side + 70, MOVING[0] - EDGE, MOVING[1] - 66)
    ground.curve(pair, curve)
    places = np.linspace(0, 1, FRAMES)
    tracks = _tracks(pair)
    frames = []
    for place in places:
        frame = ground.copy()
        for k, (track, color, name) in enumerate(tracks):
            x = EDGE + (side + 70) * k
            frame.paste(track.pictures(np.array([place]))[0], (x, top), side)
            frame.write(
                (x, top + side + 4), _said(pair, track, name, place), 19, color, width=side + 60
            )
        at = curve[0] + place * (curve[2] - curve[0])
        frame.draw.line((at, curve[1], at, curve[3]), fill=INK, width=2)
        frames.append(np.asarray(frame.image))
    return animate(np.stack([*frames, *frames[-2:0:-1]]), FRAME_MS)


def paths_of(record: Record) -> PairResult | None:
    """The paths of a result whose pictures show something: of one that holds them, in their own colours."""
    result = record.result
    if not isinstance(result, PairResult) or not result.pictured:
        return None
    return result if result.straight.nodes.max() < 1.5 else None


class _Sheet:
    """A sheet of paper with the frame of every card on it: title, what it is about, link and name."""

    def __init__(self, size: tuple[int, int], record: Record, link: str) -> None:
        self.image = Image.new("RGB", size, GROUND)
        self.draw = ImageDraw.Draw(self.image)
        wide, high = size
        scale = wide / SIZE[0]
        room = wide - 2 * EDGE
        title = round(46 * max(scale, 0.75))
        while title > SMALLEST and _font(title, "Bold").getlength(record.outcome) > room:
            title -= 1
        self.write((EDGE, 24), record.outcome, title, weight="Bold", width=room)
        self.write(
            (EDGE, 24 + round(62 * max(scale, 0.75))), record.spec.words(), 26, FAINT, width=room
        )
        self.write((EDGE, high - 50), link, 22, FAINT, width=room - 160)
        self.write((wide - EDGE - 96, high - 54), "Isthmus", 28, BYPASS, weight="Bold")

    def copy(self) -> _Sheet:
        """The same, to go on drawing on."""
        other = object.__new__(_Sheet)
        other.image = self.image.copy()
        other.draw = ImageDraw.Draw(other.image)
        return other

    def write(
        self,
        place: tuple[float, float],
        words: str,
        size: int,
        color: str = INK,
        weight: str = "Regular",
        width: int = 10_000,
    ) -> None:
        """Words on one line, cut where they are wider than `width`."""
        font = _font(size, weight)
        if font.getlength(words) > width:
            while words and font.getlength(f"{words}…") > width:
                words = words[:-1]
            words = f"{words.rstrip()}…"
        self.draw.text(place, words, fill=color, font=font)

    def paste(self, pixels: np.ndarray, place: tuple[int, int], side: int) -> None:
        """A picture float (C, H, W) in a square."""
        levels = to_bytes(np.asarray(pixels))
        grey = levels.shape[-1] == 1
        image = Image.fromarray(levels[..., 0] if grey else levels).convert("RGB")
        method = Image.Resampling.NEAREST if max(image.size) < SMALL else Image.Resampling.LANCZOS
        self.image.paste(image.resize((side, side), method), place)

    def figure(self, png: bytes, box: Box) -> None:
        """A chart as large as it fits into a box."""
        chart = Image.open(io.BytesIO(png)).convert("RGB")
        scale = min((box[2] - box[0]) / chart.width, (box[3] - box[1]) / chart.height)
        size = round(chart.width * scale), round(chart.height * scale)
        self.image.paste(chart.resize(size, Image.Resampling.LANCZOS), box[:2])

    def curve(self, pair: PairResult, box: Box) -> None:
        """The loss along both paths, and the threshold."""
        left, top, right, bottom = box
        tracks = _tracks(pair)
        highest = max(1.5 * pair.threshold, *(float(track.loss.max()) for track, *_ in tracks))

        def high(loss: np.ndarray) -> np.ndarray:
            return bottom - (bottom - top) * loss / highest

        level = float(high(np.array(pair.threshold)))
        self.draw.line((left, bottom, right, bottom), fill=MARK, width=2)
        for x in range(left, right, 14):
            self.draw.line((x, level, x + 7, level), fill=MARK, width=2)
        for track, color, _ in tracks:
            across = left + (right - left) * track.places
            points: Sequence[tuple[float, float]] = [
                *zip(across.tolist(), high(track.loss).tolist(), strict=True)
            ]
            self.draw.line(points, fill=color, width=4, joint="curve")
        self.write((left + 6, top - 6), nats(float(pair.straight.loss.max())), 20, STRAIGHT)

    def png(self) -> bytes:
        file = io.BytesIO()
        self.image.save(file, "PNG", optimize=True)
        return file.getvalue()


def _rows(sheet: _Sheet, pair: PairResult, top: int) -> int:
    """Pictures along the straight path, and along the path found; where they end."""
    side = 120
    places = np.linspace(0, 1, COLUMNS)
    step = (SIZE[0] - 2 * EDGE - 180 - side) // (COLUMNS - 1)
    for track, color, name in _tracks(pair):
        sheet.draw.rectangle((EDGE, top, EDGE + 8, top + side), fill=color)
        sheet.write((EDGE + 20, top + 12), name, 24, weight="Semibold")
        sheet.write((EDGE + 20, top + 46), "at most", 22, FAINT)
        sheet.write((EDGE + 20, top + 74), nats(float(track.loss.max())), 24)
        for k, one in enumerate(track.pictures(places)):
            sheet.paste(one, (EDGE + 180 + step * k, top), side)
        top += side + 12
    return top


def _tracks(pair: PairResult) -> list[tuple[Track, str, str]]:
    """The straight path and, if there is one, the path found: with colour and name."""
    straight = pair.straight, STRAIGHT, "Straight path"
    return [straight, (pair.final, BYPASS, "Path found")] if pair.final else [straight]


def _said(pair: PairResult, track: Track, name: str, place: float) -> str:
    at = np.array([place])
    seen = pair.label(int(track.prediction_at(at)[0]))
    return f"{name}: {nats(float(track.loss_at(at)[0]))}, {seen}"


@cache
def _font(size: int, weight: str) -> ImageFont.FreeTypeFont:
    """The font of the app, which Streamlit brings."""
    media = Path(st.__file__).parent / "static" / "static" / "media"
    font = ImageFont.truetype(str(next(media.glob("SourceSansVF-Upright*"))), size)
    font.set_variation_by_name(weight)
    return font
