"""Side by side in one run: this engine against the paper's procedures written plainly.

Only ratios mean something on a shared machine, so every figure here comes with the one it is to be
compared with, measured in turns.
"""

from __future__ import annotations

from engine.classifiers import load_classifier
from engine.progress import SILENT, Reporter
from engine.speed.measuring import Row, as_json, as_table, measure_connecting, measure_population

__all__ = ["Row", "as_json", "as_table", "run_bench"]

NETWORKS = {"shapes-resnet": "shapes", "shapes-vgg": "shapes"}
"""What is measured unless something else is asked for: network -> image set."""


def run_bench(
    networks: dict[str, str] | None = None,
    pairs: int = 4,
    attacks: int = 35,
    report: Reporter = SILENT,
) -> list[Row]:
    """Measure every network (name -> image set): `pairs` pairs with a barrier, `attacks` attacked images."""
    networks = networks or NETWORKS
    rows: list[Row] = []
    for done, (name, dataset) in enumerate(networks.items()):
        report(done, len(networks), stage=name)
        classifier = load_classifier(name)
        if pairs:
            rows += measure_connecting(classifier, dataset, pairs)
        if attacks:
            rows.append(measure_population(classifier, dataset, attacks))
    report(1, 1)
    return rows
