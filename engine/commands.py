"""The commands of the shell."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import tyro

from engine.allocation import keep_memory, wait_asleep
from engine.errors import IsthmusError
from engine.experiments import kinds, spec_class
from engine.options import StreamlitOptions, options_of
from engine.shipped import APP
from engine.terminal import (
    SCHEDULER,
    Terminal,
    foretell,
    on_cluster,
    print_cost,
    print_fitted,
    print_judged,
    print_record,
    print_verdicts,
)

ABOUT = "Isthmus from the shell: input-space mode connectivity of image classifiers."

app = tyro.extras.SubcommandApp()
experiments = tyro.extras.SubcommandApp()
app.command(experiments, name="run", help="Run an experiment, or show its record if it is stored.")


def _run(options: Any) -> None:
    from engine.records import Store, run, stored

    spec = spec_class(options.KIND).from_dict(dataclasses.asdict(options))
    store = Store()
    known = stored(spec.key(), store)
    for remark in spec.remarks():
        print(f"note: {remark}", file=sys.stderr)
    if known is None:
        foretell(spec, store)
    elsewhere = os.environ.get(SCHEDULER)
    print_record(
        on_cluster(spec, store) if elsewhere else run(spec, store=store, report=Terminal())
    )


@app.command
def show(key: tyro.conf.Positional[str]) -> None:
    """Show a stored record. KEY is what `run` and `list` print."""
    from engine.records import Store

    record = Store().find(key)
    if record is None:
        raise IsthmusError(f"There is no record {key!r} here. `python -m engine list` shows all.")
    print_record(record)


@app.command(name="list")
def list_records(kind: Literal["all", *kinds()] = "all") -> None:  # type: ignore[valid-type]
    """List stored records, newest first."""
    from engine.records import Store

    rows = [record for record in Store().records() if kind in {"all", record.kind}]
    for record in rows:
        print(f"{record.key}  {record.kind:12} {record.words}")
    print(f"{len(rows)} records")


@app.command(name="app")
def start_app(options: StreamlitOptions = ()) -> None:
    """Start the app and open it in the browser."""
    serve(options)


@app.command
def train(name: tyro.conf.Positional[str], epochs: int | None = None) -> None:
    """Train a network by its recipe and keep its weights. NAME is a classifier with a recipe."""
    from engine import training

    print(training.train(name, report=Terminal(), epochs=epochs))


@app.command
def check(name: tyro.conf.Positional[str]) -> None:
    """Check step by step whether a network of your own can be used. NAME is file:PATH.pt2."""
    from engine.classifiers import check_network

    for finding in check_network(name):
        if finding.failed:
            raise IsthmusError(finding.words)
        print(f"{finding.title}: {finding.words}")
        for doubt in finding.doubts:
            print(f"  Doubtful: {doubt}")


@app.command
def detect(
    files: tyro.conf.Positional[tuple[str, ...]],
    classifier: str = "shapes-resnet",
    false_alarms: float = 0.05,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> int:
    """Say whether picture files are attacks on a classifier.

    Exits with 1 where one is, with 3 where none is but one cannot be judged, with 2 after an error, else
    with 0.

    Args:
        files: Picture files.
        classifier: The network that they may be attacks on; a benchmark must have fitted detectors to it.
        false_alarms: Share of clean images that may be called attacks.
        as_json: Print a JSON array, an object for each file, instead of a table.
    """
    from engine.judging import detect as judge

    table = judge(files, classifier, false_alarms=false_alarms, report=Terminal())
    return print_verdicts(table, as_json)


@app.command(name="fit-detector")
def fit_detector(
    classifier: tyro.conf.Positional[str],
    dataset: str,
    images: int = 200,
    references: int = 2000,
    adaptive_images: int = 0,
) -> None:
    """Fit the detector that judges pictures to a network, test it, and say what it is worth.

    `python -m engine detect FILES --classifier CLASSIFIER` judges with it from then on. What was stopped goes
    on where it was.

    Args:
        classifier: The network, e.g. file:PATH.pt2.
        dataset: Image set whose pictures it knows, e.g. folder:PATH or parquet:PATH.
        images: Correctly classified pictures of the test part that are attacked, to learn from and to test.
        references: Pictures of the train part that it measures from; with 0 they are made from noise.
        adaptive_images: Test pictures for an attack that knows the detector. 0: none.
    """
    from engine import judging

    print_fitted(
        judging.fit_detector(
            classifier,
            dataset,
            images=images,
            references=references,
            adaptive_images=adaptive_images,
            report=Terminal(),
        )
    )


@app.command
def gallery() -> None:
    """Make the shipped records anew (assets/records)."""
    from engine.gallery import make_gallery

    for folder in make_gallery(report=Terminal()):
        print(folder)


@app.command
def reproduce(
    run: str = "",
    network: str = "",
    pictures: str = "",
    page: Path = Path("claims.html"),
) -> None:
    """Write one page of HTML that tells, claim by claim, whether the paper holds here; or test a claim anew.

    Args:
        run: The claim to compute anew; what was done already is kept. Empty: write the page.
        network: With --run, another network than the claim's own, e.g. file:PATH.pt2.
        pictures: With --run, another image set than the claim's own, e.g. folder:PATH.
        page: The file to write.
    """
    from engine.claims import claim_called, compute_anew, judge_trial, standings
    from engine.claims.page import as_html
    from engine.records import Store

    store = Store()
    if not run:
        page.write_text(as_html(standings(store.of_kind), store.of_kind))
        print(page)
        return
    claim = claim_called(run)
    trial = claim.trials[0].on(network, pictures)
    print_cost(judge_trial(claim, trial, store.of_kind))
    compute_anew(trial, store, Terminal(), foretell)
    print_judged(judge_trial(claim, trial, store.of_kind))


@app.command
def bench(
    network: tuple[str, ...] = (),
    dataset: tuple[str, ...] = (),
    pairs: int | None = None,
    attacks: int = 35,
    task: tuple[str, ...] = (),
    turns: int | None = None,
    compiler: bool = True,
    the_app: Annotated[bool, tyro.conf.arg(name="app")] = False,
    growth: bool = False,
    json_file: Annotated[Path | None, tyro.conf.arg(name="json", metavar="FILE")] = None,
) -> None:
    """Measure this engine beside plain procedures, other libraries and the network's limit, in one run.

    Args:
        network: Classifiers to measure; the embedded ones by default.
        dataset: The image set of each network.
        pairs: Pairs to connect for each network, 4 by default; 0 leaves out what is measured on pairs.
        attacks: Images to attack for each network, in blocks of 7; 0 attacks none.
        task: Only these tasks, by the names that the table gives them.
        turns: How often each is timed; by default the fewer the longer it takes.
        compiler: Try PyTorch's compiler for the limit, which takes minutes.
        the_app: Measure instead how soon the app answers, in a browser, against a server started for it.
        growth: Measure instead how cost grows with pairs (at most 16, or as many as `pairs` says), points,
            pixels and workers.
        json_file: File for the rows {task, network, ours_s, plain_s, peer_s, limit_s, ...}, of the app
            {name, median_s, bar_s, turns_s}.
    """
    from engine.speed import NETWORKS, as_line, run_bench
    from engine.speed.app import measure_app
    from engine.speed.growth import measure_growth

    if len(network) != len(dataset):
        raise IsthmusError(
            f"Give one --dataset for each --network, got {len(dataset)} for {len(network)}."
        )
    if pairs is not None and pairs < 0:
        raise IsthmusError(f"--pairs: expected 0 or more pairs, got {pairs}.")
    networks = dict(zip(network, dataset, strict=True))
    rows, terminal = [], Terminal()
    measured: Iterator[Any]
    if the_app:
        measured = measure_app(turns or 3, terminal)
    elif growth:
        measured = measure_growth(networks or NETWORKS, pairs or 16, terminal)
    else:
        few = 4 if pairs is None else pairs
        measured = run_bench(networks, few, attacks, task, turns, compiler, terminal)
    for row in measured:
        terminal.clear()
        print(as_line(row), flush=True)
        rows.append(row.as_json())
        if json_file:
            json_file.write_text(json.dumps(rows, indent=1))


def _words(words: list[str]) -> list[str]:
    """The words of the command line; the dashes tell tyro that those after `app` are not for it."""
    asks = {"-h", "--help"} & set(words)
    return words if asks or words[:1] != ["app"] else ["app", "--", *words[1:]]


def run_command(prog: str) -> int:
    """Run the command line and return its exit code; IsthmusError where something is wrong with it."""
    wait_asleep()
    keep_memory()
    cls: Any
    for kind, cls in kinds().items():
        options = options_of(cls)
        options.KIND = kind
        experiments.command(options, name=kind, help=cls.__doc__)
    chosen = app.cli(prog=prog, description=ABOUT, args=_words(sys.argv[1:]))
    if hasattr(chosen, "KIND"):
        _run(chosen)
    return chosen if isinstance(chosen, int) else 0


def serve(options: Sequence[str]) -> NoReturn:
    """Become Streamlit's server of the app; `options` are those of `streamlit run`.

    The settings in .streamlit/config.toml beside the app hold in any folder, for Streamlit reads them there.
    """
    if find_spec("streamlit") is None:
        raise IsthmusError(
            "The app needs Streamlit, and this Python has none. "
            "Install it with `pip install streamlit`, or Isthmus again with all that it needs."
        )
    # Without -P, modules in the current folder would come before those that are installed.
    words = [sys.executable, "-P", "-m", "streamlit", "run", str(APP), *options]
    os.execv(sys.executable, words)
