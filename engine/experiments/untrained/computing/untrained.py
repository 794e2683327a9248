"""Networks at initialisation: their optimal inputs, the paths between them, and their heights."""

from __future__ import annotations

import time

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.experiments.base import Context, Findings
from engine.experiments.pair.computing.walk import Walk
from engine.experiments.untrained.computing.optimal_inputs import OptimalPairs, optimal_pairs
from engine.experiments.untrained.computing.tables import Trial, found_in
from engine.experiments.untrained.untrained import Untrained
from engine.finders.connecting import connect_many
from engine.finders.connection import Connection
from engine.paths import Polyline, loss_curve
from engine.progress import Reporter, part


def untrained(spec: Untrained, context: Context) -> Findings:
    """Try every network, and tell of all of them."""
    trials: list[Trial] = []
    for k in range(spec.networks):
        share = part(context.report, k / spec.networks, (k + 1) / spec.networks)
        trials.append(trial(spec, k, context.device, share))
    return found_in(spec, trials)


def trial(spec: Untrained, number: int, device: str, report: Reporter) -> Trial:
    """Make the inputs of network `number` and connect those that are optimal."""
    name = spec.classifiers[number]
    classifier = load_classifier(name, device, part(report, 0, 0.02, "Building the network"))
    pairs = optimal_pairs(
        classifier,
        range(spec.classes),
        spec,
        f"noise {number}",
        part(report, 0.02, 0.4, f"Optimal inputs, network {number + 1}"),
    )
    connections, seconds = _connect(spec, classifier, pairs, part(report, 0.4, 0.9))
    straight = [
        loss_curve(
            classifier,
            Polyline(one.path.nodes[[0, -1]]),
            one.target,
            spec.connect.verify_points,
        ).barrier()
        for one in connections
    ]
    shown = None
    if connections and not number:
        shown = _walk(spec, classifier, connections[0], seconds, part(report, 0.9, 1, "Curves"))
    heights = [barrier.height for barrier in straight]
    return Trial(spec.seed + number, classifier.classes, pairs, connections, heights, shown)


def _connect(
    spec: Untrained, classifier: Classifier, pairs: OptimalPairs, report: Reporter
) -> tuple[list[Connection], float]:
    """The paths of the pairs that are ready, and the seconds that one took on average."""
    ready = pairs.ready
    if not len(ready):
        return [], 0.0
    began = time.perf_counter()
    images = pairs.images[ready]
    targets = pairs.targets[ready].tolist()
    found = connect_many(
        classifier, images[:, 0], images[:, 1], targets, spec.connect, report, free=True
    )
    return found, (time.perf_counter() - began) / len(found)


def _walk(
    spec: Untrained,
    classifier: Classifier,
    connection: Connection,
    seconds: float,
    report: Reporter,
) -> Walk:
    """The loss curve of the straight path and of the path after every round; no plane."""
    ends = connection.path.nodes[[0, -1]]
    paths = [Polyline(ends), *(Polyline(done.nodes) for done in connection.rounds)]
    curves = []
    for k, path in enumerate(paths):
        share = part(report, k / len(paths), (k + 1) / len(paths))
        curves.append(loss_curve(classifier, path, connection.target, spec.points, share))
    return Walk(connection, tuple(paths), tuple(curves), None, seconds)
