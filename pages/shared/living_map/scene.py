"""What the browser needs to make every picture by itself: pictures, grid and curves, packed once as bytes."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.experiments.pair.results import AdversarialResult
from engine.experiments.synthesis.results import ModesResult
from engine.images import to_bytes, to_pixels
from engine.plots.palette import BYPASS, COAST, INK, MARK, SERIES, STRAIGHT
from engine.plots.tracks import Paths, Track
from pages.shared.figures.sea import bands
from pages.shared.living_map.ground import Ground, hull_ground, plane_ground, plane_spots
from pages.shared.words import figure

PLACES = np.linspace(0, 1, 401)
"""Where the curves are told."""

ATTACK = SERIES[2]
"""The way that an attack took an image."""

Arrays = dict[str, np.ndarray]


def path_scene(pair: Paths, arrays: Mapping[str, np.ndarray]) -> bytes:
    """Both paths of a pair, and the plane through A, B′ and C where `arrays` hold one."""
    path, straight = pair.final or pair.straight, pair.straight
    scene = {
        "ends": list(pair.ends),
        "stations": path.stations.tolist(),
        "top": float(straight.places[straight.top]),
        "factor": path.amplification,
        "factorText": figure(path.amplification),
    }
    ground = None
    if "plane_loss" in arrays:
        spots, last = plane_spots(arrays), len(path.stations) - 1
        bend = int(np.argmax(np.abs(arrays["plane_nodes"][:, 1])))
        corners = (0, bend, last)
        ground = plane_ground(arrays, corners)
        top = spots[0] + scene["top"] * (spots[-1] - spots[0])
        letters = dict(zip((pair.ends[0], pair.ends[1], "B′"), spots[[0, last, bend]], strict=True))
        scene["map"] = _map(
            ground,
            corners,
            {**letters, "B": top},
            [("straight", spots[[0, -1]]), ("bypass", spots)],
            path.stations[list(corners)] @ ground.shares,
        )
        names = [pair.ends[0], "B′", pair.ends[1]]
        scene["map"] |= {"names": names, **_axes(*pair.ends)}
    # Where a record keeps no pictures, the nodes of its paths are numbers.
    pictures = path.nodes if path.nodes[0].size > 1 else None
    return _packed(scene, pair, pictures, ground, {"straight": straight, "bypass": pair.final})


def attack_scene(pair: AdversarialResult) -> bytes:
    """The plane through A, K and K′."""
    own = {
        name.removeprefix("attack_"): pair.arrays[name]
        for name in pair.arrays
        if name.startswith("attack_plane_")
    }
    spots, names = plane_spots(own), ["A", "K", "K′"]
    ground = plane_ground(own, (0, 1, 2))
    routes = [("straight", spots[[0, 2]]), ("attack", spots[[1, 2]])]
    scene = _map(ground, (0, 1, 2), dict(zip(names, spots, strict=True)), routes)
    scene |= {"names": names, "start": spots[2].tolist(), **_axes("A", "K′")}
    pictures = None
    if pair.pictured:
        pictures = np.stack([pair.straight.nodes[0], pair.source, pair.adversarial])
    return _packed({"map": scene}, pair, pictures, ground)


def hull_scene(found: ModesResult, row: int) -> bytes:
    """All blends of three modes, by the row of the record's hulls of three."""
    arrays = found.arrays
    ground = hull_ground(
        arrays["hull_weights"], arrays["hull_loss"][row], arrays["hull_prediction"][row]
    )
    modes = arrays["hull_corners"][row]
    steps = len(ground.loss) - 1
    places = np.array([[0, 0], [steps, 0], [0, steps]])
    letters = dict(zip([str(mode + 1) for mode in modes], places, strict=True))
    worst = np.unravel_index(np.nanargmax(ground.loss), ground.loss.shape)
    scene = _map(ground, (0, 1, 2), letters, [])
    scene |= {
        "names": [f"mode {mode + 1}" for mode in modes],
        "start": [int(k) for k in reversed(worst)],
        "axes": "",
        "note": f"Measured at {arrays['hull_weights'].shape[0]} blends, {steps} steps a side",
        "label": "Map of the loss over all blends of three modes",
    }
    return _packed({"map": scene}, found, found.images[modes], ground)


def _map(
    ground: Ground,
    corners: Sequence[int],
    letters: Mapping[str, np.ndarray],
    routes: Sequence[tuple[str, np.ndarray]],
    place: np.ndarray | None = None,
) -> dict[str, Any]:
    """What is drawn on the ground, and how to find one's way on it."""
    rows, columns = ground.loss.shape
    # Below the lowest route stand pictures.
    low = math.ceil(min((spots[:, 1].min() for _, spots in routes), default=0) + 1)
    return {
        "size": [columns, rows],
        "hull": ground.hull,
        "corners": list(corners),
        "shares": ground.shares.tolist(),
        "screen": ground.screen.tolist(),
        "back": np.linalg.inv(np.vstack([ground.screen, [0, 0, 1]]))[:2].tolist(),
        "place": None if place is None else place.tolist(),
        "aspect": ground.aspect,
        "ticks": ground.ticks,
        "letters": [{"letter": one, "at": spot.tolist()} for one, spot in letters.items()],
        "routes": [{"name": name, "at": spots.tolist()} for name, spots in routes],
        "regions": [{"seen": one, "at": spot} for one, spot in ground.middles(low).items()],
        "note": f"Measured at {columns} × {rows} points",
    }


def _axes(first: str, last: str) -> dict[str, str]:
    return {
        "axes": f"Axes: image distance, along the line from {first} to {last} and away from it (stretched).",
        "label": f"Map of the loss in a plane of pictures through {first} and {last}",
    }


def _packed(
    scene: dict[str, Any],
    found: Paths | ModesResult,
    pictures: np.ndarray | None,
    ground: Ground | None,
    tracks: Mapping[str, Track | None] | None = None,
) -> bytes:
    """A scene as bytes: the length of its header, the header in JSON, the arrays one after another."""
    losses, seen = {}, {}
    for name, track in (tracks or {}).items():
        if track:
            losses[f"{name}Loss"] = track.loss_at(PLACES)
            seen[f"{name}Seen"] = track.prediction_at(PLACES)
    if ground:
        losses["mapLoss"], seen["mapSeen"] = ground.loss, ground.seen
    classes = np.unique(np.concatenate([one.ravel() for one in seen.values()]).astype(int))
    sent = {name: values.astype("<f4") for name, values in losses.items()}
    sent |= {name: np.searchsorted(classes, one).astype("<u2") for name, one in seen.items()}
    names = [found.label(int(one)) if one >= 0 else "" for one in classes]
    for region in scene.get("map", {}).get("regions", ()):
        region["name"] = names[int(np.searchsorted(classes, region["seen"]))]
    shape = None
    if pictures is not None:
        shape = [*pictures.shape[2:], pictures.shape[1]]
        sent |= {f"node{k}": _levels(picture) for k, picture in enumerate(pictures)}
    borders, shades, bands_names = bands(found.threshold)
    table, start = [], 0
    for name, values in sent.items():
        table.append([name, values.dtype.str[1:], start, start + values.nbytes])
        start += values.nbytes
    body = b"".join(np.ascontiguousarray(values).tobytes() for values in sent.values())
    header = {
        **scene,
        "shape": shape,
        "names": names,
        "threshold": found.threshold,
        "borders": borders,
        "shades": shades,
        "bands": bands_names,
        "colors": {
            "straight": STRAIGHT,
            "bypass": BYPASS,
            "attack": ATTACK,
            "mark": MARK,
            "ink": INK,
            "coast": COAST,
        },
        "arrays": table,
    }
    mark = hashlib.blake2b(json.dumps(header).encode() + body, digest_size=8).hexdigest()
    words = json.dumps({**header, "id": mark}).encode()
    return len(words).to_bytes(4, "little") + words + body


def unpacked(scene: bytes) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays of a scene, as the browser reads them."""
    begin = 4 + int.from_bytes(scene[:4], "little")
    header = json.loads(scene[4:begin])
    return header, {
        name: np.frombuffer(scene[begin + start : begin + end], f"<{kind}")
        for name, kind, start, end in header["arrays"]
    }


def blend_at(scene: bytes, place: Sequence[float]) -> np.ndarray:
    """The picture float32 (C, H, W) at a place (i, j) of a scene's map."""
    header, arrays = unpacked(scene)
    shares = np.array(header["map"]["shares"]) @ [*place, 1]
    total = sum(
        share * _pixels(arrays[f"node{node}"], header["shape"])
        for share, node in zip(shares, header["map"]["corners"], strict=True)
    )
    return np.asarray(total).astype(np.float32)


def _levels(picture: np.ndarray) -> np.ndarray:
    """A picture (C, H, W) as (H, W, C): in 8 bits where nothing is lost by it, else in float32."""
    levels = to_bytes(picture)
    exact = np.array_equal(to_pixels(levels[None])[0], picture)
    return levels if exact else np.moveaxis(picture, 0, -1).astype("<f4")


def _pixels(values: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """What `_levels` made, as float64 (C, H, W) in [0, 1]."""
    exact = values.reshape(shape).astype(np.float32)
    if values.dtype == np.uint8:
        exact = exact / np.float32(255)
    return np.moveaxis(exact, -1, 0).astype(np.float64)
