"""Several modes of one class explored: all pairs connected, and what holds together.

What the arrays and tables of such a record hold is said here and in `mapping`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engine.classifiers.classifier import Classifier
from engine.curves import LossCurve
from engine.experiments.base import Columns, Findings
from engine.experiments.synthesis.computing.mapping import hulls, maps
from engine.experiments.synthesis.computing.synthetic import Synthetic
from engine.experiments.synthesis.modes import Modes
from engine.finders.connecting import connect_many
from engine.finders.connection import Connection
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.progress import Reporter, part


@dataclass(frozen=True)
class Edge:
    """Two modes by number, their connection, and the loss along the straight and the final path."""

    first: int
    second: int
    connection: Connection
    straight: LossCurve
    final: LossCurve

    @property
    def at_once(self) -> bool:
        """Whether the straight path is one of low loss, checked as every connection is."""
        return self.connection.connected and not self.connection.rounds


def explore(
    classifier: Classifier,
    target: int,
    made: Synthetic,
    real: tuple[np.ndarray, list[str]],
    spec: Modes,
    report: Reporter,
) -> Findings:
    """Connect, map and measure the modes of one class: what `made` found, then the `real` ones."""
    pictures, references = real
    good = np.flatnonzero(made.converged)
    own = made.images[good] if made.parts else torch.empty(0, *classifier.input_shape)
    images = torch.cat([own, torch.from_numpy(to_pixels(pictures))])
    rows = _rows(classifier, made, images[len(good) :], references, target)
    if len(images) < 2:
        return Findings(
            {"modes": images.numpy()}, {"modes": rows, "synthesis": made.trace()}, _too_few(rows)
        )
    edges = _edges(classifier, images, target, spec, part(report, 0, 0.7))
    before, after = (
        _components(len(images), [e for e in edges if chosen(e)])
        for chosen in (lambda e: e.at_once, lambda e: e.connection.connected)
    )
    heights = _heights(len(images), edges)
    arrays, shares = maps(images, heights)
    tables = {"modes": rows, "pairs": _pairs(edges, images), "synthesis": made.trace()}
    if spec.hull_steps and len(images) > 2:
        more, tables["hulls"] = hulls(
            classifier,
            images,
            target,
            spec.connect.threshold,
            steps=spec.hull_steps,
            samples=spec.hull_samples,
            seed=spec.seed,
            report=part(report, 0.7, 1),
        )
        arrays |= more
    arrays |= {
        "modes": images.numpy(),
        "component_before": before,
        "component_after": after,
        **_paths(edges),
    }
    return Findings(arrays, tables, _summary(edges, rows, before, after, shares))


def _rows(
    classifier: Classifier,
    made: Synthetic,
    real: torch.Tensor,
    references: Sequence[str],
    target: int,
) -> dict[str, list[Any]]:
    """One row an image; `mode` is its number among the modes, -1 for what is none."""
    rows = made.rows()
    logits = classifier(real).float() if len(real) else torch.empty(0, len(classifier.classes))
    losses = -torch.log_softmax(logits, 1)[:, target].cpu().numpy()
    rows["kind"] += ["real"] * len(real)
    rows["loss"] += np.abs(losses).tolist()
    rows["prediction"] += logits.argmax(1).tolist() if len(real) else []
    rows["steps"] += [0] * len(real)
    rows["finish"] += [0] * len(real)
    rows["converged"] += [True] * len(real)
    rows["image"] = [""] * len(made.kinds) + list(references)
    numbers = iter(range(len(rows["kind"])))
    rows["mode"] = [next(numbers) if good else -1 for good in rows["converged"]]
    return rows


def _edges(
    classifier: Classifier, images: torch.Tensor, target: int, spec: Modes, report: Reporter
) -> list[Edge]:
    pairs = list(combinations(range(len(images)), 2))
    first, second = (images[[pair[k] for pair in pairs]] for k in (0, 1))
    connections = connect_many(
        classifier,
        first,
        second,
        target,
        spec.connect,
        part(report, 0, 0.6, "Connecting pairs"),
        free=True,
    )
    edges = []
    for number, ((a, c), connection) in enumerate(zip(pairs, connections, strict=True)):
        report(0.6 + 0.4 * number / len(pairs), 1, stage="Curves")
        straight = loss_curve(classifier, Polyline(images[[a, c]]), target, spec.points)
        final = (
            loss_curve(classifier, connection.path, target, spec.points)
            if connection.rounds
            else straight
        )
        edges.append(Edge(a, c, connection, straight, final))
    return edges


def _components(count: int, edges: Sequence[Edge]) -> np.ndarray:
    """The number of the component that each mode belongs to, int64 (count,)."""
    ends = np.array([(edge.first, edge.second) for edge in edges], np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), ends.T), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _heights(count: int, edges: Sequence[Edge]) -> np.ndarray:
    """Barrier heights of the straight paths, nats, symmetric (count, count)."""
    heights = np.zeros((count, count))
    for edge in edges:
        heights[edge.first, edge.second] = edge.straight.barrier().height
    return heights + heights.T


def _pairs(edges: Sequence[Edge], images: torch.Tensor) -> Columns:
    before, after = ([e.straight.barrier() for e in edges], [e.final.barrier() for e in edges])
    return {
        "first": [edge.first for edge in edges],
        "second": [edge.second for edge in edges],
        "distance": [float((images[e.first] - images[e.second]).norm()) for e in edges],
        "height_before": [barrier.height for barrier in before],
        "gap_before": [barrier.gap for barrier in before],
        "connected_before": [edge.at_once for edge in edges],
        "height_after": [barrier.height for barrier in after],
        "gap_after": [barrier.gap for barrier in after],
        "connected_after": [edge.connection.connected for edge in edges],
        "rounds": [len(edge.connection.rounds) for edge in edges],
        "segments": [edge.connection.path.segments for edge in edges],
    }


def _paths(edges: Sequence[Edge]) -> dict[str, np.ndarray]:
    """Inner nodes and curves of all pairs end to end; pair k has rows [offset[k], offset[k + 1])."""
    inner = [edge.connection.path.nodes[1:-1] for edge in edges]
    arrays = {
        "inner_nodes": torch.cat(inner).numpy(),
        "inner_offset": np.cumsum([0, *map(len, inner)]),
    }
    for name in ("straight", "final"):
        curves = [getattr(edge, name) for edge in edges]
        arrays[f"{name}_offset"] = np.cumsum([0, *(len(curve.t) for curve in curves)])
        for column, kind in (("t", np.float32), ("loss", np.float32), ("prediction", np.int16)):
            values = [getattr(curve, column) for curve in curves]
            arrays[f"{name}_{column}"] = np.concatenate(values).astype(kind)
    return arrays


def _summary(
    edges: Sequence[Edge],
    rows: dict[str, list[Any]],
    before: np.ndarray,
    after: np.ndarray,
    shares: list[float],
) -> dict[str, Any]:
    count, pairs = len(before), len(edges)
    straight = sum(edge.at_once for edge in edges)
    joined = sum(edge.connection.connected for edge in edges)
    pieces = int(after.max()) + 1
    return {
        "status": (
            f"{joined} of {pairs} pairs are connected, {straight} of them by the straight path; the "
            f"{count} modes form {pieces} component{'s' if pieces != 1 else ''}."
        ),
        "connected": joined == pairs,
        "modes": count,
        "rejected": rows["mode"].count(-1),
        "pairs": pairs,
        "connected_before": straight,
        "connected_after": joined,
        "components_before": int(before.max()) + 1,
        "components_after": pieces,
        "height_before": max(edge.straight.barrier().height for edge in edges),
        "height_after": max(edge.final.barrier().height for edge in edges),
        "most_rounds": max(len(edge.connection.rounds) for edge in edges),
        "map_shares": shares,
    }


def _too_few(rows: dict[str, list[Any]]) -> dict[str, Any]:
    count, wrong = len(rows["kind"]) - rows["mode"].count(-1), rows["mode"].count(-1)
    return {
        "status": (
            f"Nothing to connect: {wrong} of {len(rows['kind'])} images did not converge to a mode, "
            "and at least two modes are needed. Give them more steps or a smaller penalty."
        ),
        "connected": False,
        "modes": count,
        "rejected": wrong,
    }
