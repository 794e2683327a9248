"""Real-adversarial: join an image to one attacked into its class (Vrabel et al. 2024, sec. 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.attacks.settings import AttackSettings
from engine.classifiers import cards
from engine.declared import CurvePoints, CurveTolerance
from engine.experiments import footprint
from engine.experiments.base import CONNECTIONS, STRAIGHT, Group
from engine.experiments.images.references import ends_words, image_digests, image_words, names_set
from engine.experiments.images.spec import SetSpec
from engine.experiments.pair.results import AdversarialResult
from engine.finders.settings import ConnectSettings
from engine.parameters import SEEDS, advanced, nested, parameter, within

SLOTS = ("first", "source", "second")
"""The fields that name images: A, K and C."""


@dataclass(frozen=True)
class RealAdversarial(SetSpec):
    """Attack an image K of another class until it is seen as A's, and connect A with the result K′."""

    kind = "real-adversarial"
    title = "Real–adversarial"
    revision = 3
    listed = CONNECTIONS
    page = "real-adversarial"
    result_class = AdversarialResult

    label: str = parameter("", "Class of A and C. Empty: the class of the image A.", label="Class")
    first: str = parameter(
        "",
        "Image A, the real mode: an index into the set, file:PATH, or upload:DIGEST. Empty: the "
        "image of the class with the lowest loss.",
        label="Image A",
    )
    source: str = parameter(
        "",
        "Image K, which is attacked, as A. Empty: the image of lowest loss of another class, "
        "which the seed chooses.",
        label="Image K",
    )
    second: str = parameter(
        "",
        "Image C, a real one of A's class, to which A is connected for comparison. Empty: the "
        "image of the class with the lowest loss that is not A, if there is one.",
        label="Image C",
    )
    attack: AttackSettings = nested(AttackSettings, "How K is attacked.")
    targeted: bool = parameter(
        True,
        "K is attacked towards A's class. Off: towards any class, and A is then taken from the "
        "class it lands in.",
    )
    connect: ConnectSettings = nested(ConnectSettings, "How the paths are searched.")
    points: CurvePoints = 1000
    tolerance: CurveTolerance = 0.001
    plane_resolution: int = advanced(
        41,
        "Points a side of the two loss planes: through A, K′ and a new node, and through A, K "
        "and K′. 0: no planes.",
        within(0, 401, "points"),
    )
    keep_pictures: bool = advanced(
        True, "Keep the pictures in the record; without them it holds numbers and curves only."
    )
    seed: int = advanced(
        0, "Seed of K's class, where K is left open, and of attacks that start at random.", SEEDS
    )

    @property
    def joined(self) -> JoinedAdversarial | None:
        """The same but for the planes, which are measured last; None where there is nothing to wait for."""
        if not (self.connect.rounds and self.plane_resolution and self.keep_pictures):
            return None
        return JoinedAdversarial(**{**self.given(RealAdversarial), "plane_resolution": 0})

    @property
    def group(self) -> Group:
        return super().group if self.connect.rounds else STRAIGHT

    def memory(self) -> int:
        """That of the nodes of both paths, which double in each round."""
        values = footprint.values_of(self.classifier)
        return footprint.paths(2, self.connect.rounds, values)

    def gradients(self, batch: int) -> int:
        return max(1, footprint.bent(2, self.connect, batch))

    def subject(self) -> str:
        return f"{ends_words(self.first, self.source)}, attacked"

    def doing(self) -> str:
        verb = "Attack and search:" if self.connect.rounds else "Attack and straight path:"
        return f"{verb} {self._ends()}, {self.origin()}"

    def _ends(self) -> str:
        return f"{image_words(self.first)} to {image_words(self.source)}, attacked"

    def check(self) -> None:
        self.attack.check_aim(self.targeted)

    @property
    def needs_set(self) -> bool:
        return names_set(self, SLOTS)

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier), **image_digests(self, SLOTS)}


@dataclass(frozen=True)
class JoinedAdversarial(RealAdversarial):
    """The attack and both paths with their curves: all but the planes, and stored before them."""

    kind = "joined-adversarial"
    title = "Attack and paths without their planes"
    revision = RealAdversarial.revision
    part_of = RealAdversarial.kind
