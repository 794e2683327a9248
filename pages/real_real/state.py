"""What the page remembers: its desk, and the pair that is chosen on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.experiments.pair.real_real import RealReal
from engine.finders.settings import ConnectSettings
from pages.shared.desk import Desk

DESK = Desk("rr", RealReal, {"first": "A", "second": "C"})

STRAIGHT_ONLY = ConnectSettings(rounds=0)


@dataclass(frozen=True)
class Choice:
    """Two pictures of one class; a reference "" leaves the choice to the engine."""

    classifier: str
    dataset: str
    split: str
    label: str
    first: str
    second: str

    def spec(self, **more: object) -> RealReal:
        """The experiment on this pair. The class matters only where the engine chooses both."""
        label = self.label if not self.first and not self.second else ""
        values = {"classifier": self.classifier, "dataset": self.dataset, "split": self.split}
        return RealReal.from_dict(
            {**values, "label": label, "first": self.first, "second": self.second, **more}
        )

    def straight(self) -> RealReal:
        """The straight path alone."""
        return replace(self.spec(plane_resolution=0), connect=STRAIGHT_ONLY)
