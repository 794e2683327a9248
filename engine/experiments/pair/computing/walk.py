"""One pair walked in depth: the connection, the loss curve after every round, the loss plane.

Shared by the experiments that look at one pair; the arrays and tables that their records hold are
named here and nowhere else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.curves import LossCurve
from engine.errors import ImageError
from engine.experiments.base import Columns
from engine.finders.connecting import connect, judge
from engine.finders.connection import Bend, Connection
from engine.finders.settings import ConnectSettings
from engine.paths import Polyline, loss_curve
from engine.places import stations
from engine.planes import LossPlane, loss_plane
from engine.progress import Reporter, part
from engine.refining import passes

USUAL_STEPS = 128
"""In how many steps most searches are done that end below the threshold."""


@dataclass(frozen=True)
class Walk:
    """A connection, its path and loss curve before the first and after every round, and a plane."""

    connection: Connection
    paths: tuple[Polyline, ...]
    curves: tuple[LossCurve, ...]
    plane: LossPlane | None
    seconds: float


def walk(
    classifier: Classifier,
    images: torch.Tensor,
    target: int,
    settings: ConnectSettings,
    *,
    points: int,
    plane_resolution: int,
    report: Reporter,
    tolerance: float = 0.0,
    told: bool = True,
) -> Walk:
    """Connect two images (2, C, H, W) and measure everything that a page shows of it.

    The answer of a search is `told` with the progress of what follows. With a `tolerance` (nats), curves
    are measured from coarse to fine; see `engine.refining`. A straight path whose curve has no more points
    than a search would look at is judged by that curve.
    """
    began = time.perf_counter()
    if not settings.rounds and points <= settings.search_points:
        stage = part(report, 0, 1, "Straight path")
        curve = loss_curve(classifier, Polyline(images), target, points, stage, tolerance=tolerance)
        judged = judge(classifier, images, curve, settings)
        return Walk(judged, (Polyline(images),), (curve,), None, time.perf_counter() - began)
    searched, followed = shares(settings, passes(points, tolerance), plane_resolution)
    # An attack may let pixels go where they like, so the ends are taken as they are.
    connection = connect(
        classifier, images[0], images[1], target, settings, part(report, 0, searched), free=True
    )
    seconds = time.perf_counter() - began
    paths = [Polyline(images), *(Polyline(done.nodes) for done in connection.rounds)]
    ends = np.linspace(searched, followed, len(paths) + 1).tolist()
    known = f"\n{connection.status}" if settings.rounds and told else ""
    curves = [
        loss_curve(
            classifier,
            path,
            target,
            points,
            part(report, begin, end, f"Curves{known}"),
            tolerance=tolerance,
        )
        for path, begin, end in zip(paths, ends, ends[1:], strict=False)
    ]
    mapping = part(report, followed, 1, f"Loss plane{known}")
    plane = farthest_plane(classifier, paths[-1], target, plane_resolution, mapping)
    return Walk(connection, tuple(paths), tuple(curves), plane, seconds)


def shares(settings: ConnectSettings, points: int, resolution: int) -> tuple[float, float]:
    """The shares of the work done after the search and after the curves, by passes through the network.

    How long a search takes is not known before: usual are a round and few steps.
    """
    whole = settings.stop == "iterations"
    steps = settings.iterations if whole else min(settings.iterations, USUAL_STEPS)
    rounds = settings.rounds if whole else min(settings.rounds, 1)
    search = settings.search_points + settings.verify_points + 3 * steps * rounds  # with gradients
    curves, plane = (rounds + 1) * points, resolution**2 if rounds else 0
    total = search + curves + plane
    return search / total, (search + curves) / total


def describe(
    walked: Walk, prefix: str = "", pictures: bool = True
) -> tuple[dict[str, np.ndarray], dict[str, Columns], dict[str, Any]]:
    """The arrays, tables and summary of a record of one pair.

    `prefix` begins the names of arrays and tables. Without `pictures`, the places of the nodes are
    kept (METHOD: the share of the way from one end to the other) in place of the nodes.
    """
    arrays: dict[str, np.ndarray] = {}
    for number, (path, curve) in enumerate(zip(walked.paths, walked.curves, strict=True)):
        nodes = path.nodes.cpu().numpy()
        if pictures:
            arrays[f"{prefix}nodes_{number}"] = nodes
        else:
            arrays[f"{prefix}stations_{number}"] = stations(nodes)
        arrays[f"{prefix}t_{number}"] = curve.t
        arrays[f"{prefix}loss_{number}"] = curve.loss
        arrays[f"{prefix}prediction_{number}"] = curve.prediction
    if walked.plane is not None:
        arrays |= plane_arrays(walked.plane, walked.paths[-1].nodes, prefix)
    tables = {"rounds": _rounds(walked), "bends": _bends(walked), "trace": _trace(walked)}
    return arrays, {f"{prefix}{name}": table for name, table in tables.items()}, _summary(walked)


def plane_arrays(plane: LossPlane, nodes: torch.Tensor, prefix: str = "") -> dict[str, np.ndarray]:
    """A loss plane and the coordinates of `nodes` (M, C, H, W) in it, as arrays of a record."""
    spots, offset = plane.coordinates(nodes)
    return {
        f"{prefix}plane_x": plane.x,
        f"{prefix}plane_y": plane.y,
        f"{prefix}plane_loss": plane.loss,
        f"{prefix}plane_prediction": plane.prediction,
        f"{prefix}plane_nodes": spots,
        f"{prefix}plane_offset": offset,
    }


def farthest_plane(
    classifier: Classifier, path: Polyline, target: int, resolution: int, report: Reporter
) -> LossPlane | None:
    """The plane through both ends and the inner node that lies farthest off their line."""
    if not resolution or path.segments < 2:
        return None
    ends, inner = path.nodes[[0, -1]], path.nodes[1:-1]
    along = (ends[1] - ends[0]).flatten()
    along = along / along.norm()
    away = (inner - ends[0]).flatten(1)
    off = (away - (away @ along)[:, None] * along).norm(dim=1)
    farthest = inner[int(off.argmax())]
    try:
        return loss_plane(
            classifier, ends[0], farthest, ends[1], target, resolution, report=report, free=True
        )
    except ImageError:
        return None  # the path is straight to rounding, so there is no plane to show


def _rounds(walked: Walk) -> Columns:
    barriers = [curve.barrier() for curve in walked.curves]
    last = len(barriers) - 1
    measured = [curve.passes for curve in walked.curves]
    whole = [len(curve.t) for curve in walked.curves]
    return {
        "round": list(range(len(barriers))),
        "segments": [path.segments for path in walked.paths],
        "height": [barrier.height for barrier in barriers],
        "gap": [barrier.gap for barrier in barriers],
        "position": [barrier.position for barrier in barriers],
        "connected": [walked.connection.connected and k == last for k in range(len(barriers))],
        **({"measured": measured} if measured != whole else {}),
    }


def _numbered(walked: Walk) -> list[tuple[int, Bend]]:
    return [
        (number, bend)
        for number, done in enumerate(walked.connection.rounds, start=1)
        for bend in done.bends
    ]


def _bends(walked: Walk) -> Columns:
    rows = _numbered(walked)
    return {
        "round": [number for number, _ in rows],
        "segment": [bend.segment for _, bend in rows],
        "barrier_before": [bend.before for _, bend in rows],
        "barrier_after": [bend.after for _, bend in rows],
        "steps": [bend.steps for _, bend in rows],
        "outside": [bend.outside for _, bend in rows],
        "drift": [bend.drift for _, bend in rows],
    }


def _trace(walked: Walk) -> Columns:
    bends = _numbered(walked)
    lengths = [len(bend.trace) for _, bend in bends]
    return {
        "round": np.repeat([number for number, _ in bends], lengths).astype(np.int64),
        "segment": np.repeat([bend.segment for _, bend in bends], lengths).astype(np.int64),
        "step": np.concatenate([bend.clock for _, bend in bends] or [np.empty(0, np.int64)]),
        "loss": np.concatenate([bend.trace for _, bend in bends] or [np.empty(0, np.float32)]),
    }


def _summary(walked: Walk) -> dict[str, Any]:
    connection = walked.connection
    before, after = walked.curves[0].barrier(), walked.curves[-1].barrier()
    return {
        "status": connection.status,
        "connected": connection.connected,
        "threshold": connection.threshold,
        "limit": connection.limit,
        "rounds": len(connection.rounds),
        "segments": connection.path.segments,
        "height_before": before.height,
        "gap_before": before.gap,
        "height_after": after.height,
        "gap_after": after.gap,
        "verified_height": connection.height,
        "verified_points": connection.verified_points,
        "forward_passes": connection.forward_passes,
        "backward_passes": connection.backward_passes,
        "seconds": walked.seconds,
    }
