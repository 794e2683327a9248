"""What an experiment is: a spec (its parameters), what it needs, and what it finds.

An author subclasses `Spec`, declares fields, and writes `compute`. Keys, storage, caching, the command
line and the job queue follow from that; none of them is the author's concern.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from engine.errors import ParameterError
from engine.experiments.result import Result
from engine.parameters import Parameters, fields_of
from engine.progress import Reporter


@dataclass(frozen=True)
class Group:
    """Experiments of one sort: their `title`, what one of them is called, and whether its end is news.

    What is no news is not listed until somebody asks for it: rankings and straight paths appear where
    they are needed, and parts are only ever read by what they are parts of.
    """

    title: str
    one: str
    news: bool = True


CONNECTIONS = Group("Connections", "Connection")
POPULATIONS = Group("Populations", "Population")
EXPLORATIONS = Group("Explorations", "Exploration")
THEORY = Group("Theory", "Theory")
DETECTION = Group("Detection", "Detection")
STRAIGHT = Group("Straight paths", "Straight path", news=False)
RANKINGS = Group("Rankings", "Ranking", news=False)
PARTS = Group("Parts of sweeps", "Part of a sweep", news=False)
OTHERS = Group("Others", "Other")

GROUPS = (
    CONNECTIONS,
    POPULATIONS,
    EXPLORATIONS,
    THEORY,
    DETECTION,
    STRAIGHT,
    RANKINGS,
    PARTS,
)
"""Those that are always offered, in their order; `OTHERS` only where something is of them."""


Columns = Mapping[str, Any]
"""A table as columns of equal length: name -> list or one-dimensional array."""


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str] = ()) -> dict[str, list[Any]]:
    """A table as columns, of rows that all have these names, by default those of the first."""
    return {name: [row[name] for row in rows] for name in names or (rows[0] if rows else ())}


@dataclass(frozen=True)
class Findings:
    """What an experiment found: arrays, tables of columns, and a summary of plain JSON values."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    tables: dict[str, Columns] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)


class Context(Protocol):
    """What a computation may use of the world outside it."""

    report: Reporter
    device: str

    def findings_of(self, spec: Spec, report: Reporter) -> Findings:
        """The findings of another experiment, from the store if they are there, else computed."""

    def findings_of_all(self, specs: Sequence[Spec], report: Reporter) -> list[Findings]:
        """The findings of many experiments, side by side where there are workers for it.

        Each is stored as soon as it is done, so work that was interrupted goes on from there.
        """

    def uploaded(self, digest: str) -> np.ndarray:
        """The uploaded image with this digest, uint8 (H, W, 3)."""


@dataclass(frozen=True)
class Spec(Parameters):
    """An experiment's parameters. Same spec, same revision, same weights and images: same key."""

    kinds: ClassVar[dict[str, type[Spec]]] = {}
    """Every class that declares a kind, by it."""

    kind: ClassVar[str]
    title: ClassVar[str]
    part_of: ClassVar[str] = ""
    """The kind of experiment that it is only ever computed as a part of; empty where it stands alone."""
    in_parts: ClassVar[bool] = False
    """Whether it is computed in parts, which are kept as soon as they are done."""
    page: ClassVar[str] = ""
    """The page that shows its results, as its address names it; empty for none."""
    listed: ClassVar[Group] = OTHERS
    """What its records are listed under; see `group`."""
    result_class: ClassVar[type[Result]] = Result
    revision: ClassVar[int]
    """Which version of `compute` this is: raised by one whenever it would give other numbers."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in vars(cls):
            Spec.kinds[cls.kind] = cls

    def __post_init__(self) -> None:
        super().__post_init__()
        # What makes no difference is put back, so that specs with the same key are equal.
        relevant = self.relevant()
        for declared in fields_of(type(self)):
            value = relevant.get(declared.name, declared.default)
            if isinstance(value, Mapping):
                value = declared.default.with_values(value)
            elif isinstance(value, list):
                value = tuple(value)
            object.__setattr__(self, declared.name, value)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The spec of a stored document, be it of an earlier version of Isthmus."""
        return cls.from_dict(_up_to_date(cls, document))

    def compute(self, context: Context) -> Findings:
        """Run the experiment.

        Of the kind `pair-shard`, a spec in `population/shards.py`, this is the function `pair_shard` in
        `population/computing/shards.py`, so that a spec imports nothing of what computes it. A small
        experiment may define the method itself instead.
        """
        room, _, name = type(self).__module__.rpartition(".")
        compute = getattr(import_module(f"{room}.computing.{name}"), self.kind.replace("-", "_"))
        return compute(self, context)

    @abstractmethod
    def digests(self) -> dict[str, str]:
        """Digests of everything outside the spec that the result depends on (weights, images)."""

    def fetch(self, report: Reporter) -> None:
        """Download what `digests` needs, with progress. Most specs need nothing."""

    def remarks(self) -> list[str]:
        """What a user must know of what it is computed from, each in a sentence. Of most there is nothing."""
        return []

    @property
    def group(self) -> Group:
        """What its record is listed under, where that hangs on its parameters too."""
        return PARTS if self.part_of else self.listed

    def subject(self) -> str:
        """What it is about, in a few words that tell it from others of its kind."""
        return self.title

    def origin(self) -> str:
        """Where its pictures come from and who sees them: "shapes, shapes-resnet"."""
        names = (getattr(self, field, "") for field in ("dataset", "classifier"))
        return ", ".join(filter(None, names))

    def words(self) -> str:
        """The whole experiment in one line."""
        return ", ".join(filter(None, (self.subject(), self.origin())))

    def doing(self) -> str:
        """What a job does that computes it, in one line."""
        return self.words()

    def shards(self) -> Sequence[Spec]:
        """The parts that a sweep is computed in, each an experiment of its own; none for others."""
        return ()

    def forecast(self) -> Spec | None:
        """The experiment that tells how long this one will take, where that is worth telling."""
        return None

    def memory(self) -> int:
        """Bytes that it takes at its height, where its parameters alone can make that many; else 0."""
        return 0

    def gradients(self, batch: int) -> int:
        """Images whose gradients its network computes in one pass, where `batch` fill one; 0 for none."""
        return 0

    def kept(self, held: int) -> int:
        """Bytes that it keeps of many images' passes, where `held` are held for the gradient of one."""
        return 0

    def given(self, of: type[Parameters]) -> dict[str, Any]:
        """The fields that it has in common with another kind of spec."""
        return {one.name: getattr(self, one.name) for one in fields_of(of)}

    def canonical(self) -> str:
        """What makes a difference, as canonical JSON: sorted names, no white space."""
        return canonical_json({"kind": self.kind, **self.relevant()})

    def key(self) -> str:
        """The address of this experiment's record: 24 hexadecimal digits."""
        return key_of(self.canonical(), self.revision, self.digests())


def _up_to_date(cls: type[Parameters], document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with lists where an earlier version wrote texts: "fgsm,bim", "0.05 0.2", "3 file:a.png"."""
    known = {one.name: one for one in fields_of(cls)}
    values = dict(document)
    for name in known.keys() & values.keys():
        one, value = known[name], values[name]
        if isinstance(value, Mapping) and isinstance(one.default, Parameters):
            values[name] = _up_to_date(one.type, value)
        elif one.item and isinstance(value, str):
            words = value.split("," if one.choices else None)
            with suppress(
                ValueError
            ):  # a text that is no list of numbers is refused in words later
                values[name] = [float(word) for word in words] if one.item is float else words
    return values


def canonical_json(document: Mapping[str, Any]) -> str:
    """The one text that stands for a JSON object."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def key_of(canonical: str, revision: int | str, digests: Mapping[str, str]) -> str:
    """The key of a spec, given as canonical JSON, with its kind's revision and what it depends on."""
    parts = [canonical, str(revision), json.dumps(digests, sort_keys=True)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def classified(spec: Spec, name: str) -> Spec:
    """`spec`, and specs that it holds, with the classifier called `name`; ParameterError for one without."""
    changed = _with_classifier(spec, name)
    if not changed:
        raise ParameterError(
            f"classifier: expected none for the experiment {spec.kind!r}, which has no classifier to "
            f"choose, got {name}."
        )
    return replace(spec, **changed)


def _with_classifier(values: Parameters, name: str) -> dict[str, Any]:
    """The fields that differ once all classifiers are the one called `name`."""
    changed: dict[str, Any] = {}
    for declared in fields_of(type(values)):
        value = getattr(values, declared.name)
        if declared.name == "classifier":
            changed[declared.name] = name
        elif isinstance(value, Parameters) and (inner := _with_classifier(value, name)):
            changed[declared.name] = replace(value, **inner)
    return changed
