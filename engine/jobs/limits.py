"""What a job may take, and the words for one that takes more."""

from __future__ import annotations

from dataclasses import dataclass

from engine.classifiers.passes import Need
from engine.errors import JobError
from engine.experiments import footprint
from engine.experiments.base import Spec
from engine.progress import Cancelled
from engine.words import duration, size

LESS = "Choose smaller numbers, or run it on a machine of your own with its line of shell."


class Exceeded(Cancelled):
    """A computation is stopped because it has taken all that it may; the message is for its owner."""


@dataclass(frozen=True)
class Limits:
    """Seconds of computing, and bytes of memory; 0 where there is no limit.

    What has taken too much ends when it reports, or where it does not for some seconds of `silence`. What
    lets no other thread of its process move, so that nobody there could end it, ends after some more.
    """

    seconds: float = 0
    memory: int = 0
    silence: float = 10.0

    @property
    def standstill(self) -> float:
        """Seconds for which a computation may let nothing else of its process move."""
        return 6 * self.silence

    def words(self) -> str:
        """What a job may take, in a phrase; empty where it may take anything."""
        time = f"compute for {duration(self.seconds)}" if self.seconds else ""
        memory = f"take {size(self.memory)} of memory" if self.memory else ""
        return " and ".join(filter(None, (time, memory)))

    def admit(self, spec: Spec, need: Need | None = None) -> None:
        """JobError where it is known before it begins that an experiment takes more memory.

        What its network needs is known when that is loaded.
        """
        takes = spec.memory()
        if need:
            takes += footprint.network(need, spec.gradients(need.batch)) + spec.kept(need.held)
        if self.memory and takes > self.memory:
            raise JobError(
                f"This would take about {size(takes)} of memory, and a job may take "
                f"{size(self.memory)}. {LESS}"
            )

    def check(self, spec: Spec, seconds: float, memory: float) -> None:
        """Exceeded where an experiment that has taken so much has taken too much."""
        if self.seconds and seconds > self.seconds:
            took = f"computed for {duration(self.seconds)}, which is all that a job may take here"
        elif self.memory and memory > self.memory:
            took = (
                f"took {size(round(memory))} of memory, and a job may take {size(self.memory)} here"
            )
        else:
            return
        raise Exceeded(f"This {took}. {_remedy(spec)}")

    def stuck(self, spec: Spec) -> str:
        """What to say of an experiment that was stopped because it let nothing else move."""
        return (
            f"This let nothing else of its worker go on for {duration(self.standstill)}, and no job may do "
            f"that for longer here. {_remedy(spec)}"
        )


def _remedy(spec: Spec) -> str:
    kept = "What is measured so far is kept: start it again to go on from there."
    return kept if spec.in_parts else LESS


NO_LIMITS = Limits()
