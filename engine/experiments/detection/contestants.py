"""Who competes in a benchmark of detectors, and whose score is the verdict on an image. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from engine.detectors import DETECTORS
from engine.errors import unknown_name
from engine.methods import Methods
from engine.parameters import fields_of

if TYPE_CHECKING:
    from engine.detectors.base import Detector


@dataclass(frozen=True)
class Contestant:
    """A detector, in one of its variants where it has several."""

    detector: str
    variant: str = ""

    @property
    def method(self) -> type[Detector]:
        return DETECTORS[self.detector]

    @property
    def values(self) -> dict[str, str]:
        """Its variant as a setting."""
        return {"variant": self.variant} if self.variant else {}

    @property
    def title(self) -> str:
        """What it is called in print: "LID as published", "Ensemble"."""
        how = "as published" if self.variant == "published" else self.variant
        return f"{self.method.title} {how}".strip()


class Contestants(Mapping[str, Contestant]):
    """All that compete, by name: a detector's first variant is called as it is, others by both names."""

    def __getitem__(self, name: str) -> Contestant:
        """The contestant of this name; UnknownNameError lists the known ones."""
        known = self._known()
        if name not in known:
            raise unknown_name("contestant", name, known)
        return known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known()

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())

    def _known(self) -> dict[str, Contestant]:
        return _contestants(Methods.changes)


CONTESTANTS = Contestants()


@lru_cache(maxsize=1)
def _contestants(changes: int) -> dict[str, Contestant]:
    """All that compete, after so many changes of what methods there are."""
    return {
        f"{name}-{variant}" if number else name: Contestant(name, variant)
        for name, method in DETECTORS.items()
        for number, variant in enumerate(_variants(method))
    }


def decider_of(contestants: Sequence[str]) -> str:
    """The contestant whose score is the verdict: of most authority, and of equals the first."""
    return max(contestants, key=lambda name: CONTESTANTS[name].method.authority)


def why_it_decides(contestant: str) -> str:
    """What follows a decider's title in a sentence that says why it is the one that decides."""
    own = CONTESTANTS[contestant].method
    above = sorted(
        (method for method in DETECTORS.values() if method.authority > own.authority),
        key=lambda method: -method.authority,
    )
    titles = " nor ".join(method.title for method in above)
    none = f"neither {titles}" if len(above) > 1 else f"no {titles}"
    if not own.authority:
        return f"decides as the first of a benchmark that has {none}"
    where = f"where a benchmark has {none}" if above else "wherever a benchmark has it"
    return f"decides {where}, since {own.sight}"


def _variants(method: type[Detector]) -> tuple[str, ...]:
    """The variants of a detector; one without a name where it has no choice of them."""
    fields = {field.name: field for field in fields_of(method.settings_class)}
    return fields["variant"].choices if "variant" in fields else ("",)
