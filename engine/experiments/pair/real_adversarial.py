"""Real-adversarial: join an image to one attacked into its class (Vrabel et al. 2024, sec. 4.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.declared import CurvePoints
from engine.experiments.groups import CONNECTIONS, STRAIGHT, Group
from engine.experiments.images.references import image_digests, image_words, needs_set
from engine.experiments.images.spec import SetSpec
from engine.experiments.pair.results import AdversarialResult
from engine.experiments.result import Result
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.progress import Reporter
from engine.words import capitalised

SLOTS = ("first", "source", "second")
"""The fields that name images: A, K and C."""


@dataclass(frozen=True)
class RealAdversarial(SetSpec):
    """Attack an image K of another class until it is seen as A's, and connect A with the result K′."""

    kind: ClassVar[str] = "real-adversarial"
    title: ClassVar[str] = "Real–adversarial"
    revision: ClassVar[int] = 1
    listed: ClassVar[Group] = CONNECTIONS
    page: ClassVar[str] = "real-adversarial"
    result_class: ClassVar[type[Result]] = AdversarialResult

    label: Annotated[
        str, Parameter("Class of A and C. Empty: the class of the image A.", label="Class")
    ] = ""
    first: Annotated[
        str,
        Parameter(
            "Image A, the real mode: an index into the set, file:PATH, or upload:DIGEST. Empty: the "
            "image of the class with the lowest loss.",
            label="Image A",
        ),
    ] = ""
    source: Annotated[
        str,
        Parameter(
            "Image K, which is attacked, as A. Empty: the image of lowest loss of another class, "
            "which the seed chooses.",
            label="Image K",
        ),
    ] = ""
    second: Annotated[
        str,
        Parameter(
            "Image C, a real one of A's class, to which A is connected for comparison. Empty: the "
            "image of the class with the lowest loss that is not A.",
            label="Image C",
        ),
    ] = ""
    attack: Annotated[AttackSettings, Parameter("How K is attacked.")] = field(
        default_factory=AttackSettings
    )
    targeted: Annotated[
        bool,
        Parameter(
            "K is attacked towards A's class. Off: towards any class, and A is then taken from the "
            "class it lands in."
        ),
    ] = True
    connect: Annotated[ConnectSettings, Parameter("How the paths are searched.")] = field(
        default_factory=ConnectSettings
    )
    points: CurvePoints = 1000
    plane_resolution: Annotated[
        int,
        Parameter(
            "Points a side of the two loss planes: through A, K′ and a new node, and through A, K "
            "and K′. 0: no planes.",
            unit="points",
            low=0,
            high=401,
            advanced=True,
        ),
    ] = 41
    keep_pictures: Annotated[
        bool,
        Parameter(
            "Keep the pictures in the record; without them it holds numbers and curves only.",
            advanced=True,
        ),
    ] = True
    seed: Annotated[
        int,
        Parameter(
            "Seed of K's class, where K is left open, and of attacks that start at random.",
            low=0,
            high=2**31 - 1,
            advanced=True,
        ),
    ] = 0

    @property
    def group(self) -> Group:
        return self.listed if self.connect.rounds else STRAIGHT

    def subject(self) -> str:
        return capitalised(self._ends())

    def doing(self) -> str:
        verb = "Attack and search:" if self.connect.rounds else "Attack and straight path:"
        return f"{verb} {self._ends()}, {self.origin()}"

    def _ends(self) -> str:
        return f"{image_words(self.first)} to {image_words(self.source)}, attacked"

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    def fetch(self, report: Reporter) -> None:
        if needs_set(self, SLOTS):
            super().fetch(report)

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier), **image_digests(self, SLOTS)}
