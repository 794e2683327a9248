"""What a claim is: a sentence, the experiments that test it, the quantity that decides, and the rule.

Nobody sets a verdict. It follows from the records that are there, by a rule that was written before they
were, or says otherwise: `judge` reads the quantity with its interval off them, and the rule says where
the interval lies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import Any, Literal

from engine.errors import ParameterError
from engine.experiments.base import Spec, classified
from engine.experiments.images.spec import SetSpec
from engine.experiments.result import Result
from engine.plots.grammar import Figure
from engine.records import Record
from engine.records.command import command_of
from engine.words import bare, counted, figure, listed

SHARES = ("%", "points")
"""Units of shares of one, and of what lies between two of them."""

Verdict = Literal["holds", "holds partly", "does not hold", "not measured"]

Measure = Callable[[Sequence[Any]], "Reading | None"]
"""Reads a quantity off the results of a trial, in order; None where they hold nothing to tell it by."""

Numbers = list[dict[str, str]]
"""Rows that put numbers side by side: `what`, the `paper`'s, and `here`."""

OfKind = Callable[[str], Sequence[Record]]
"""The whole records of a kind of experiment that may be read."""


@dataclass(frozen=True)
class Reading:
    """A quantity as records tell it: its value, its 95 % interval, and of how many of what."""

    value: float
    low: float
    high: float
    count: int
    noun: str


@dataclass(frozen=True)
class Rule:
    """What counts: the claim holds where the whole interval is at `good` or beyond it.

    It does not hold where the whole interval is short of `bad`; anywhere between it holds partly. `lower`
    tells that small values are the good ones.
    """

    good: float
    bad: float
    lower: bool = False

    def verdict(self, low: float, high: float) -> Verdict:
        """The verdict on a quantity whose interval is from `low` to `high`."""
        ends = (-high, -low) if self.lower else (low, high)
        good, bad = (-self.good, -self.bad) if self.lower else (self.good, self.bad)
        if ends[0] >= good:
            return "holds"
        return "does not hold" if ends[1] < bad else "holds partly"

    def words(self, unit: str) -> str:
        """The rule in words."""
        beyond, short = ("at most", "above") if self.lower else ("at least", "below")
        return (
            f"Holds where the whole 95 % interval is {beyond} {in_unit(self.good, unit)}; does not hold "
            f"where all of it is {short} {in_unit(self.bad, unit)}; otherwise holds partly."
        )


@dataclass(frozen=True)
class Trial:
    """Experiments that together test a claim, on one network and one set of pictures."""

    specs: tuple[Spec, ...]
    note: str = ""
    """What its size is beside the paper's, or what it changes; a sentence."""
    mark: str = ""
    """What tells it from another trial of a claim on the same pictures and network."""

    @property
    def title(self) -> str:
        """Whose pictures and whose network: "imagenet-val1300, bvlc-googlenet"."""
        words = bare(self.specs[0].origin() or self.specs[0].subject())
        return f"{words}, {self.mark}" if self.mark else words

    @property
    def network(self) -> str:
        """The network alone, "bvlc-googlenet"; the title of a trial that names none."""
        return bare(getattr(self.specs[0], "classifier", "")) or self.title

    @property
    def commands(self) -> list[str]:
        """The lines of shell that compute it."""
        return [command_of(spec) for spec in self.specs]

    def on(self, network: str = "", pictures: str = "") -> Trial:
        """The same on another network, on other pictures; ParameterError where there are none to change."""
        specs = [classified(spec, network) if network else spec for spec in self.specs]
        if pictures and not all(isinstance(spec, SetSpec) for spec in specs):
            raise ParameterError(f"--pictures: {self.title} is computed without any.")
        if pictures:
            specs = [replace(spec, dataset=pictures) for spec in specs]  # type: ignore[call-arg]
        return replace(self, specs=tuple(specs), note="", mark="")


@dataclass(frozen=True)
class Drawn:
    """One of the paper's figures from our records: of the first trial that was measured, or of `spec`."""

    title: str
    draw: Callable[[Any], Figure]
    spec: Spec | None = None


@dataclass(frozen=True)
class Claim:
    """A claim; its first trial decides, the others stand beside it."""

    name: str
    title: str
    sentence: str
    where: str
    """Section and figure of the paper; of a claim of our own, what it goes beyond."""
    paper: str
    """What the paper reports, with its numbers."""
    quantity: str
    rule: Rule
    measure: Measure
    trials: tuple[Trial, ...]
    page: str
    """The page of the app that it is about, as its address names it."""
    unit: str = "%"
    number: float | None = None
    """The paper's own number for the quantity, if it has one."""
    drawn: tuple[Drawn, ...] = ()
    numbers: Callable[[Sequence[Any]], Numbers] | None = None
    own: bool = False
    """Whether it is a claim of ours and not the paper's."""

    @property
    def rule_words(self) -> str:
        """What decides, and what would count as what."""
        return f"{self.quantity}. {self.rule.words(self.unit)}"


@dataclass(frozen=True)
class Judged:
    """A trial with the records that were found of it; without all of them nothing is said."""

    claim: Claim
    trial: Trial
    records: tuple[Record, ...] = ()

    @cached_property
    def results(self) -> list[Result]:
        """What the records hold."""
        return [record.result for record in self.records]

    @cached_property
    def reading(self) -> Reading | None:
        """The quantity; None where it was not measured."""
        found = self.claim.measure(self.results) if self.records else None
        told = found and found.count and all(map(isfinite, (found.value, found.low, found.high)))
        return found if told else None

    @property
    def verdict(self) -> Verdict:
        """What follows from the records."""
        found = self.reading
        return self.claim.rule.verdict(found.low, found.high) if found else "not measured"

    @property
    def words(self) -> str:
        """The quantity in words: "94 % (85 to 98), 50 pairs"."""
        if self.reading is None:
            return "Not measured" if not self.records else "Measured, but nothing to tell it by"
        one, unit = self.reading, self.claim.unit
        low, high = (in_unit(end, unit).removesuffix(f" {unit}") for end in (one.low, one.high))
        return f"{in_unit(one.value, unit)} ({low} to {high}), {counted(one.count, one.noun)}"

    @property
    def dated(self) -> str:
        """What must be known of the records' age; empty where they are of today's revision."""
        old = any(record.outdated for record in self.records)
        return "Computed by an earlier revision of the experiment." if old else ""

    @property
    def cost(self) -> tuple[float, str]:
        """Seconds that it took, and on what."""
        about = [record.environment for record in self.records]
        devices = dict.fromkeys(str(one.get("device", "")) for one in about)
        return sum(float(one.get("seconds", 0)) for one in about), listed(list(devices))


@dataclass(frozen=True)
class Standing:
    """How a claim stands: its trials judged, of which the first decides."""

    claim: Claim
    trials: tuple[Judged, ...]

    def __repr__(self) -> str:
        return f"<{self.claim.name}: {self.verdict}, {self.words}>"

    @property
    def words(self) -> str:
        """What was measured; where that does not decide, on which network it was."""
        if self.deciding.reading or self.told is None:
            return self.deciding.words
        return f"{self.told.trial.title}: {self.told.verdict}, {self.told.words}"

    @property
    def deciding(self) -> Judged:
        return self.trials[0]

    @property
    def verdict(self) -> Verdict:
        return self.deciding.verdict

    @property
    def told(self) -> Judged | None:
        """The first trial that was measured, whose figure is shown."""
        return next((one for one in self.trials if one.reading), None)


def judge(claim: Claim, of_kind: OfKind) -> Standing:
    """How a claim stands by the records that `of_kind` gives."""
    return Standing(claim, tuple(judge_trial(claim, trial, of_kind) for trial in claim.trials))


def judge_trial(claim: Claim, trial: Trial, of_kind: OfKind) -> Judged:
    """One trial by its records, each of which is of just these parameters."""
    found = [record_of(spec, of_kind(spec.kind)) for spec in trial.specs]
    whole = [record for record in found if record is not None]
    return Judged(claim, trial, tuple(whole) if len(whole) == len(found) else ())


def record_of(spec: Spec, records: Sequence[Record]) -> Record | None:
    """The record of a spec: of today's revision, computed here, the newest, in this order."""
    fitting = [
        record
        for record in records
        if not (record.damage or record.imported) and record.spec == spec
    ]
    order = sorted(fitting, key=lambda one: (one.outdated, one.shipped, -one.created.timestamp()))
    return order[0] if order else None


def in_unit(value: float, unit: str) -> str:
    """A value with its unit; shares of one in percent, what lies between two of them in points."""
    scale = 100 if unit in SHARES else 1
    return f"{figure(round(scale * value, 10))} {unit}".replace("-", "−").strip()
