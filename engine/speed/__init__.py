"""Side by side in one run: this engine, the procedures written plainly, other libraries, and the limit.

Only ratios mean something on a shared machine, so every figure here comes with those that it is to be
compared with, measured in turns; the limit is measured just before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.errors import unknown_name
from engine.progress import SILENT, Reporter, part
from engine.speed.limits import Limit, measure_limit
from engine.speed.pairs import barrier_pairs
from engine.speed.population import measure_population
from engine.speed.rows import Row, Times, as_line, in_turns
from engine.speed.tasks import NAMES, Task, tasks
from engine.speed.verdicts import verdict_task

__all__ = ["Limit", "Row", "as_line", "run_bench"]

NETWORKS = {"shapes-resnet": "shapes", "shapes-vgg": "shapes"}
"""What is measured unless something else is asked for: network -> image set."""


def run_bench(
    networks: dict[str, str] | None = None,
    pairs: int = 4,
    attacks: int = 35,
    only: tuple[str, ...] = (),
    turns: int | None = None,
    compiled: bool = True,
    report: Reporter = SILENT,
) -> Iterator[Row | Limit]:
    """Measure every network (name -> image set): its limit, then a row a task, each as soon as it is known.

    `pairs` pairs with a barrier are joined, `attacks` images attacked for the population (0: none). `only`
    names tasks, all by default; each is timed `turns` times, by default the fewer the longer it takes.
    The limit tries PyTorch's compiler where it is `compiled`, which takes minutes. UnknownNameError for a
    task that there is not.
    """
    networks = networks or NETWORKS
    for name in only:
        if name not in NAMES:
            raise unknown_name("task", name, NAMES)
    for done, (name, dataset) in enumerate(networks.items()):
        mine = part(report, done / len(networks), (done + 1) / len(networks))
        classifier = load_classifier(name)
        limit = measure_limit(classifier, compiled=compiled, report=part(mine, 0, 0.1))
        yield limit
        plain: dict[str, Times | None] = {}
        for task in _tasks(classifier, dataset, pairs):
            if only and task.name not in only:
                continue
            mine(0.5, 1, stage=f"{name}: {task.name}")
            row = _measured(task, limit, turns)
            plain[task.name] = row.plain
            yield replace(row, plain=plain.get(task.plain_of)) if task.plain_of else row
        if attacks and (not only or "adversarial" in only):
            mine(0.9, 1, stage=f"{name}: adversarial")
            yield measure_population(classifier, dataset, attacks, limit, turns)
    report(1, 1)


def _tasks(classifier: Classifier, dataset: str, pairs: int) -> Iterator[Task]:
    if pairs:
        yield from tasks(classifier, *barrier_pairs(classifier, dataset, pairs))
    yield from verdict_task(classifier)


def _measured(task: Task, limit: Limit, turns: int | None) -> Row:
    """A task timed, for one of its pieces."""
    ways = {"ours": task.ours, "plain": task.plain, "peer": task.peer, "limit": limit.again}
    times, results = in_turns({name: way for name, way in ways.items() if way}, turns)
    ours, plain = results["ours"][-1], results.get("plain", [None])[-1]
    shares = {"plain": task.plainly}
    each = {name: taken.shared(shares.get(name, task.pieces)) for name, taken in times.items()}
    now = limit.at(results["limit"])
    return Row(
        task.name,
        limit.network,
        each["ours"],
        each.get("plain"),
        each.get("peer"),
        now.seconds(task.needs(ours)) / task.pieces if task.needs else None,
        task.peer_name,
        task.note(ours, plain),
    )
