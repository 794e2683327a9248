"""Shapes: ten classes of figures on textured grounds, drawn here and the same on every machine.

Each image has its own generator, derived from the seed, its split and its index; its draws say what
the scene is, and the scene is drawn at any resolution. No file is read and none is needed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.datasets.imageset import ImageSet, Shape, Size, check_size
from engine.datasets.outlines import OUTLINES
from engine.datasets.textures import BLOTCH_NODES, GRAIN_NODES, Canvas, column, direction, texture
from engine.errors import ParameterError
from engine.progress import Reporter
from engine.random import generator

COUNTS = {"train": 10_000, "test": 2_000}
DRAWING = 1
"""Version of the drawing: one more whenever any pixel changes, since records depend on it."""

DEFAULT_SIDE = 32
LARGEST_SIDE = 512
"""Largest side that is drawn for whoever names it: a picture of 4,096 pixels takes a gigabyte."""

CHUNK_PIXELS = 2**17
"""Pixels drawn at once; their intermediate arrays stay in the processor's cache."""

MIN_CONTRAST = 0.5
"""Least distance in RGB, of 1.73 from black to white, between a figure and its ground's colours."""

DISTRACTORS = 3

DRAWS = {
    "size": 1,
    "place": 2,
    "turn": 1,
    "form": 1,
    "stretch": 1,
    "ground": 3,
    "second_ground": 3,
    "figures": 9,
    "second_figure": 3,
    "ground_texture": 5,
    "figure_texture": 5,
    "light": 2,
    "distractors": 8 * DISTRACTORS,
    "blotches": BLOTCH_NODES**2,
    "grain": GRAIN_NODES**2,
}
"""What is drawn for one image, and how many uniform numbers in [0, 1) it takes."""


KEPT_SIDE = 64
"""Single images of up to so many pixels a side stay in memory once they are drawn."""


class Shapes(ImageSet):
    """The Shapes set at `side` pixels: RGB, 10,000 training and 2,000 test images."""

    def __init__(self, name: str, split: str, side: int = DEFAULT_SIDE, seed: int = 0) -> None:
        super().__init__(name, split, tuple(OUTLINES), _labels(seed, split))
        self._side = side
        self._seed = seed

    @property
    def shape(self) -> Shape:
        return self._side, self._side, 3

    @property
    def identity(self) -> str:
        return f"shapes drawing {DRAWING} seed {self._seed} {self.split} {self._side}"

    def converted(
        self, size: Size | None = None, channels: int | None = None, resize: int | None = None
    ) -> ImageSet:
        """As for any set, but a square size is drawn at that resolution rather than resized."""
        if size is None or resize is not None or check_size(size)[0] != size[1]:
            return super().converted(size, channels, resize)
        redrawn = Shapes(self.name, self.split, size[0], self._seed)
        return super(Shapes, redrawn).converted(None, channels)

    def _read(self, indices: np.ndarray) -> np.ndarray:
        if len(indices) == 1 and self._side <= KEPT_SIDE:
            return _alone(self._seed, self.split, self._side, int(indices[0])).copy()
        images = np.empty((len(indices), *self.shape), dtype=np.uint8)
        step = max(1, CHUNK_PIXELS // self._side**2)
        for start in range(0, len(indices), step):
            chunk = indices[start : start + step]
            scenes = scenes_at(self._seed, self.split, chunk)
            images[start : start + step] = draw(scenes, self.labels[chunk], self._side)
        return images


def open_shapes(name: str, argument: str, split: str, report: Reporter) -> ImageSet:
    """ "shapes", or "shapes@64" for images of 64 x 64 pixels."""
    if "@" not in name:
        return Shapes(name, split)
    if not (argument.isdecimal() and len(argument) < 5 and 1 <= int(argument) <= LARGEST_SIDE):
        raise ParameterError(
            f"Expected 1 to {LARGEST_SIDE} pixels a side after 'shapes@', such as 'shapes@64', got {name!r}."
        )
    return Shapes(name, split, int(argument))


@lru_cache(maxsize=1024)
def _alone(seed: int, split: str, side: int, index: int) -> np.ndarray:
    """One image, uint8 (1, side, side, 3), drawn once: pages ask for the same few again and again."""
    place = np.array([index])
    return draw(scenes_at(seed, split, place), _labels(seed, split)[place], side)


def draw(scenes: dict[str, np.ndarray], labels: np.ndarray, side: int) -> np.ndarray:
    """The scenes as pixels: uint8 (n, side, side, 3)."""
    canvas = Canvas.of(scenes["blotches"], scenes["grain"], side)
    colours = colours_of(scenes)
    ground = _ground(scenes, colours, canvas)
    figure = _figure(scenes, colours, canvas)
    cover = cover_of(scenes, labels, canvas)[:, None]
    pixels = ground + cover * (figure - ground) + 0.05 * (canvas.grain[:, None] - 0.5)
    levels = np.floor(np.clip(pixels, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return np.ascontiguousarray(levels.transpose(0, 2, 3, 1))


def _labels(seed: int, split: str) -> np.ndarray:
    """Every ten images in a row hold each class once, in random order."""
    draws = generator(seed, f"shapes/{split}/labels").random((COUNTS[split] // 10, 10))
    return np.argsort(draws, axis=1).reshape(-1)


def scenes_at(seed: int, split: str, indices: np.ndarray) -> dict[str, np.ndarray]:
    total = sum(DRAWS.values())
    draws = np.stack([generator(seed, f"shapes/{split}/{i}").random(total) for i in indices])
    ends = np.cumsum(list(DRAWS.values()))
    return dict(zip(DRAWS, np.split(draws, ends[:-1], axis=1), strict=True))


def colours_of(scenes: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Two colours of the ground and two of the figure, float32 (n, 3), the pairs well apart."""
    ground = 0.08 + 0.84 * scenes["ground"]
    second = np.clip(ground + 0.5 * (scenes["second_ground"] - 0.5), 0.0, 1.0)
    offered = scenes["figures"].reshape(-1, 3, 3)
    bright = np.where(_grey(ground + second)[:, None] < 1.0, 0.95, 0.05)
    offered = np.concatenate([offered, np.broadcast_to(bright[:, None], offered[:, :1].shape)], 1)
    contrast = np.minimum(
        _squared_distance(offered, ground[:, None]), _squared_distance(offered, second[:, None])
    )
    # The first colour with enough contrast; the last one on offer, near black or white, has it.
    first = np.argmax(contrast >= MIN_CONTRAST * MIN_CONTRAST, axis=1)
    figure = offered[np.arange(len(offered)), first]
    second_figure = np.clip(figure + 0.34 * (scenes["second_figure"] - 0.5), 0.0, 1.0)
    named = {
        "ground": ground,
        "second_ground": second,
        "figure": figure,
        "second_figure": second_figure,
    }
    return {name: colour.astype(np.float32) for name, colour in named.items()}


def _ground(
    scenes: dict[str, np.ndarray], colours: dict[str, np.ndarray], canvas: Canvas
) -> np.ndarray:
    """The textured ground with its distractors, (n, 3, H, W)."""
    mix = 0.5 + 0.5 * texture(scenes["ground_texture"], canvas)
    painted = _blend(colours["ground"], colours["second_ground"], mix)
    for draws in np.split(scenes["distractors"], DISTRACTORS, axis=1):
        cover, colour = _distractor(draws, colours["ground"], canvas)
        painted += cover[:, None] * (colour[:, :, None, None] - painted)
    return painted


def _figure(
    scenes: dict[str, np.ndarray], colours: dict[str, np.ndarray], canvas: Canvas
) -> np.ndarray:
    """The figure's surface, textured and lit from one side, (n, 3, H, W)."""
    mix = 0.5 + 0.5 * texture(scenes["figure_texture"], canvas)
    strength = column(scenes["light"][:, 1]) * 0.15
    light = strength * canvas.along(scenes["light"][:, 0])
    return _blend(colours["figure"], colours["second_figure"], mix) + light[:, None]


def cover_of(scenes: dict[str, np.ndarray], labels: np.ndarray, canvas: Canvas) -> np.ndarray:
    """How much of each pixel the figure covers, (n, H, W) in [0, 1]: anti-aliased by distance."""
    radius = column(scenes["size"][:, 0]) * 0.42 + 0.40
    stretch = column(scenes["stretch"][:, 0]) * 0.16 + 0.92
    form = column(scenes["form"][:, 0])
    room = np.maximum(1.0 - radius * np.maximum(stretch, 1.0 / stretch), 0.0)
    x = canvas.x - room * (2.0 * column(scenes["place"][:, 0]) - 1.0)
    y = canvas.y - room * (2.0 * column(scenes["place"][:, 1]) - 1.0)
    cosine, sine = (part[:, None, None] for part in direction(scenes["turn"][:, 0]))
    local_x = (x * cosine + y * sine) / (radius * stretch)
    local_y = (y * cosine - x * sine) * stretch / radius
    distance = np.empty_like(local_x)
    for label, outline in enumerate(OUTLINES.values()):
        chosen = labels == label
        if chosen.any():
            distance[chosen] = outline(local_x[chosen], local_y[chosen], form[chosen])
    return np.clip(0.5 - distance * radius / canvas.pixel, 0.0, 1.0)


def _distractor(
    draws: np.ndarray, ground: np.ndarray, canvas: Canvas
) -> tuple[np.ndarray, np.ndarray]:
    """A small spot or bar behind the figure: its cover (n, H, W) and colour (n, 3)."""
    x = canvas.x - (2.0 * column(draws[:, 0]) - 1.0)
    y = canvas.y - (2.0 * column(draws[:, 1]) - 1.0)
    cosine, sine = (part[:, None, None] for part in direction(draws[:, 2]))
    along, aside = np.abs(x * cosine + y * sine), np.abs(y * cosine - x * sine)
    length = column(np.maximum(draws[:, 3] - 0.4, 0.0)) * 0.9
    reach = np.maximum(along - length, 0.0)
    distance = np.sqrt(reach * reach + aside * aside) - (0.05 + 0.08 * column(draws[:, 4]))
    colour = (0.5 * ground + 0.5 * draws[:, 5:8]).astype(np.float32)
    return np.clip(0.5 - distance / canvas.pixel, 0.0, 1.0), colour


def _blend(first: np.ndarray, second: np.ndarray, mix: np.ndarray) -> np.ndarray:
    first, second = first[:, :, None, None], second[:, :, None, None]
    return first + (second - first) * mix[:, None]


def _squared_distance(colours: np.ndarray, others: np.ndarray) -> np.ndarray:
    red, green, blue = np.moveaxis(colours - others, -1, 0)
    return red * red + green * green + blue * blue


def _grey(colours: np.ndarray) -> np.ndarray:
    return (colours[..., 0] + colours[..., 1] + colours[..., 2]) / 3.0
