"""What the shell shows of a run: how long it will take, how far it is, what came of it."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from engine.errors import JobError
from engine.experiments.base import Spec
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.results import ATTACK, CANNOT_JUDGE, ROUNDED, BenchmarkResult
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import parts_stored, seconds_left
from engine.pace import Pace
from engine.records import Record, Store, run, stored
from engine.words import counted, duration

if TYPE_CHECKING:
    import pandas as pd

    from engine.claims.claim import Judged

SCHEDULER = "ISTHMUS_SCHEDULER"
"""Names a Dask scheduler whose workers shall compute, instead of this process."""

POLL_SECONDS = 0.3

SHOWN_SECONDS = 0.2
"""Between two looks of a line that is written over and over, in a terminal ..."""

LINE_SECONDS = 5.0
"""... and between two lines elsewhere, where each of them stays; ..."""

LINE_SHARE = 0.05
"""... or this part of the time so far, where that is longer."""

WIDTH = 78


class Terminal:
    """Reporter on standard error: stage, share done and time left, or the time so far.

    In a terminal that is one line, elsewhere (a file, a batch system's log) a line now and then.
    """

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()
        self._pace = Pace(self._began)
        self._over = sys.stderr.isatty()

    def __call__(self, step: float, total: float, **metrics: float | str) -> None:
        now = time.monotonic()
        share = step / total if total else 1.0
        self._pace.note(share, now)
        last = self._over and share >= 1
        pause = max(LINE_SECONDS, LINE_SHARE * (now - self._began))
        if now - self._shown < (SHOWN_SECONDS if self._over else pause) and not last:
            return
        self._shown = now
        stage = str(metrics.get("stage", "")).partition("\n")[0]
        words = [stage, f"{share:.0%}", "" if share >= 1 else self._pace.words(now)]
        line = ", ".join(filter(None, words))
        if self._over:
            line = f"\r{line[:WIDTH]:{WIDTH}}"
        print(line, end="" if self._over and not last else "\n", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leave the line free for what is printed next."""
        if self._over:
            print(f"\r{'':{WIDTH}}\r", end="", file=sys.stderr, flush=True)


def foretell(spec: Spec, store: Store) -> None:
    """Say on standard error how long an experiment will take, where it knows how to tell."""
    forecast = spec.forecast()
    if forecast is None or not isinstance(spec, PairStatistics | AttackPopulations):
        return
    devices = run(forecast, store=store).summary["devices"]
    parts = parts_stored(spec.shards(), lambda one: stored(one.key(), store) is not None)
    done, total = (sum(counts) for counts in zip(*parts.values(), strict=True))
    if done:
        print(f"{done} of {total} parts are stored already", file=sys.stderr)
    for device in devices.values():
        seconds = seconds_left(device, spec.pairs, parts)
        print(
            f"about {duration(seconds)} on one {device['name']}, "
            f"{duration(seconds / 2)} on two such workers, and so on",
            file=sys.stderr,
        )
    if "cuda" not in devices:
        print("no GPU here whose time could be measured", file=sys.stderr)


def on_cluster(spec: Spec, store: Store) -> Record:
    """The record of an experiment that the workers of SCHEDULER compute; JobError where they fail."""
    from engine.jobs import Jobs

    report, said = Terminal(), ""
    jobs = Jobs(store)
    try:
        job = jobs.submit(spec)
        while not job.wait(POLL_SECONDS):
            if job.state != "queued":
                report(job.done, 1.0, stage=job.stage)
            elif job.stage != said:
                said = job.stage
                print(said, file=sys.stderr, flush=True)
    finally:
        jobs.close()
    record = store.find(spec.key()) if job.state == "done" else None
    if record is None:
        raise JobError(job.error or "The job was cancelled. Run it again.")
    report(1.0, 1.0, stage="Done")
    return record


def print_record(record: Record) -> None:
    """A record's key, place and summary, in words that a shell can read on."""
    print(f"{record.kind} {record.key}")
    for name, value in record.summary.items():
        long = isinstance(value, list) and len(value) > 8
        words = f"{len(value)} entries" if long else json.dumps(value, ensure_ascii=False)
        print(f"  {name:18} {words}")
    print(f"  {'folder':18} {record.path}")
    print(f"  {'again':18} {record.command}")


def print_fitted(record: Record) -> None:
    """What the detector of a small benchmark is worth, in words."""
    found, spec = record.found(BenchmarkResult), record.spec
    assert isinstance(spec, Detection)
    (name,) = found.titles
    print(f"{found.titles[name]}, fitted to {spec.origin()}: AUC of attacks as files keep them")
    for row in found.headline(ROUNDED).to_dict("records"):
        area = f"{row['auc']:7.1%} ({row['auc_low']:.1%} to {row['auc_high']:.1%})"
        attack = found.attacks.get(row["attack"], row["attack"])
        print(
            f"  {attack:18} {area}, {row['detected_5']:.0%} found, {counted(row['pairs'], 'pairs')}"
        )
    for words in found.left_out.values():
        print(f"  left out: {words}")
    print("Clean pictures called attacks, at a false-positive rate of 5 %")
    for row in found.tables["negatives"].to_dict("records"):
        kind = {"wrong": "misclassified", "altered wrong": "altered and misclassified"}
        share = f"{row['alarms']:6.1%} (to {row['high']:.1%})"
        print(f"  {kind.get(row['kind'], row['kind']):32} {share} of {row['images']}")
    print("What it had not learnt from: AUC of an attack, share of altered pictures called attacks")
    for row in found.tables["unlearnt"].to_dict("records"):
        left = found.attacks.get(row["left_out"], row["left_out"])
        print(f"  {left:18} {row['value']:7.1%} ({row['low']:.1%} to {row['high']:.1%})")
    if "adaptive" in found.tables:
        row = found.tables["adaptive"].iloc[0]
        print(
            f"Against an attack that knows it: AUC {row['adaptive']:.1%} (else {row['plain']:.1%})"
        )
    print(f"Judge with it: python -m engine detect FILES --classifier {spec.classifier}")


def print_cost(judged: Judged) -> None:
    """Say on standard error what is about to be computed, and what it took where it was measured."""
    seconds, device = judged.cost
    for command in judged.trial.commands:
        print(command, file=sys.stderr)
    if judged.records:
        print(f"took {duration(seconds)} on {device} when it was measured", file=sys.stderr)


def print_judged(judged: Judged) -> None:
    """A trial's verdict, with what it follows from."""
    claim = judged.claim
    print(f"{claim.title}: {judged.verdict}")
    for name, words in {
        "pictures, network": judged.trial.title,
        "measured": judged.words,
        "paper": claim.paper,
        "rule": claim.rule_words,
        "records": " ".join(record.key for record in judged.records),
    }.items():
        print(f"  {name:18} {words}")


def print_verdicts(table: pd.DataFrame, as_json: bool) -> int:
    """The verdicts that `engine.detect` gives, for people or for programs; the exit code that they mean."""
    if as_json:
        print(table.to_json(orient="records", force_ascii=False, indent=1))
    else:
        for row in table.to_dict("records"):
            seen = f"seen as {row['class']}, {row['probability']:.0%} sure"
            print(f"{row['reference'].removeprefix('file:')}: {row['verdict']} ({seen})")
            for words in filter(None, (row["because"], row["doubts"])):
                print(f"  {words}")
    calls = set(table["verdict"])
    return 1 if ATTACK in calls else 3 if CANNOT_JUDGE in calls else 0
