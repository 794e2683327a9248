"""What a benchmark of detectors is made of: its images, attacks and contestants, and their parts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.attacks import ATTACKS
from engine.attacks.settings import AttackSettings
from engine.detectors.altering import KINDS
from engine.detectors.settings import DetectorSettings
from engine.errors import ParameterError
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.parts import (
    AS_FILES,
    SHARD,
    AttackedShard,
    BenchmarkSpec,
    FeatureShard,
    Known,
    KnownSpec,
    Sample,
)
from engine.parameters import advanced, nested, parameter, within, without

PUBLISHED: tuple[str, ...] = ("fgsm", "bim", "pgd", "deepfool", "cw")
"""The attacks of Harder et al.'s benchmark."""

PIXELS: dict[str, Sample] = {"float": "attacked", "8-bit": "rounded"}
"""Attacked images as the attack leaves them, and as a file with 8 bits a value keeps them."""

UNSEEN: tuple[Sample, ...] = ("plain", *KINDS)
"""Clean images that no detector learns from, and that it might take for attacked: plain, and altered."""

OTHERS = 200
"""Clean images of each such kind, and of the misclassified, unless another number is asked for."""


@dataclass(frozen=True)
class BenchmarkSettings(KnownSpec):
    """What a benchmark and the judgement of one detector in it have in common."""

    images: int = parameter(
        1000, "Correctly classified images that are attacked.", within(50, 1_000_000, "images")
    )
    cw_images: int = parameter(
        0,
        "Of these, how many C&W attacks, which is slow. 0 takes all.",
        within(0, 1_000_000, "images"),
    )
    rounded_images: int = parameter(
        0,
        "Of these, how many are also judged as 8-bit files. 0 takes all.",
        within(0, 1_000_000, "images"),
    )
    other_images: int = advanced(
        OTHERS,
        "Clean images of each kind, plain, altered and misclassified, that false positives are counted on.",
        within(1, 1_000_000, "images"),
    )
    adaptive_images: int = parameter(
        100,
        "Test images for an attack that knows the detector. 0: none.",
        within(0, 100_000, "images"),
    )
    adaptive_restarts: int = advanced(
        0,
        "Further tries of that attack, from random starts and in both orders of its goals, each going on "
        "while it gains.",
        within(0, 1000, "tries"),
    )
    altered_attacks: bool = advanced(
        False,
        "Whether our detectors learn from altered copies of attacked images too, as attacks, where these "
        "still err.",
    )
    attacks: tuple[str, ...] = parameter(PUBLISHED, "Attacks.", collection=True, choices=ATTACKS)
    attack: AttackSettings = nested(
        AttackSettings, "Settings of the attacks; the method does not matter."
    )
    settings: DetectorSettings = nested(DetectorSettings, "Settings of the detectors.")
    splits: int = parameter(3, "Random splits into learning and testing.", within(1, 20, "splits"))
    learning: float = advanced(
        0.64, "Share of the images that a detector learns from.", within(0.1, 0.9)
    )
    choosing: float = advanced(
        0.16, "Share of the images that chooses parameters.", within(0.05, 0.5)
    )

    def check(self) -> None:
        if self.learning + self.choosing > 0.95:
            raise ParameterError(
                f"learning, choosing: expected to leave at least 5 % for the test, got "
                f"{self.learning:g} and {self.choosing:g}."
            )

    def relevant(self) -> dict[str, Any]:
        """With the settings of those attacks and detectors that take part."""
        attacks = {*self.attacks, *(["pgd"] if self.adaptive_images else [])}
        values = super().relevant()
        if not (self.adaptive_images and self.adaptive_restarts):
            values = without(values, "adaptive_restarts")
        if self.other_images == OTHERS:
            values = without(values, "other_images")
        if not self.altered_attacks:
            values = without(values, "altered_attacks")
        return {
            **values,
            "attack": self.attack.relevant_to(sorted(attacks)),
            "settings": self.settings.relevant_to(
                {CONTESTANTS[name].detector for name in self.contestants}
            ),
        }

    def kept(self, held: int) -> int:
        """Features of every other layer, of clean and of attacked images, and once more joined."""
        wide = any(CONTESTANTS[name].method.wide for name in self.contestants)
        return wide * self.images * (1 + len(self.attacks)) * held

    @property
    @abstractmethod
    def contestants(self) -> tuple[str, ...]:
        """The contestants that take part."""

    def with_method(self, attack: str, sample: Sample = "attacked") -> AttackSettings:
        """The settings of one attack; those of others at their defaults, so that parts are shared.

        Images that are judged as files are those of an attack that aims at that, where that is asked for.
        """
        survive = self.attack.survive if sample in AS_FILES else "no"
        return AttackSettings(method=attack, survive=survive, **self.attack.only(attack))

    def spans(self, attack: str = "", sample: Sample = "attacked") -> Iterator[tuple[int, int]]:
        """First image and number of images of each part; unseen images follow those of the benchmark."""
        slow = attack and (ATTACKS[attack].variant_of or attack) == "cw"
        limits = {
            "cw": self.cw_images if slow else 0,
            "rounded": self.rounded_images if sample in AS_FILES else 0,
            "others": self.other_images if sample in (*UNSEEN, "wrong") else 0,
        }
        begin = self.images if sample in UNSEEN else 0
        total = min(self.images, *(limit or self.images for limit in limits.values()))
        for first in range(0, total, SHARD):
            yield begin + first, min(SHARD, total - first)

    def attacked_shards(self, attack: str, sample: Sample = "attacked") -> list[AttackedShard]:
        """The parts that one attack is made in, for images as it leaves them or as files keep them."""
        return [
            AttackedShard(
                **self.given(BenchmarkSpec),
                attack=self.with_method(attack, sample),
                first=first,
                count=count,
            )
            for first, count in self.spans(attack, sample)
        ]

    def feature_shards(self, name: str, sample: Sample, attack: str = "") -> list[FeatureShard]:
        """The parts that a contestant's features of one sample are made in."""
        values = self.contestant(name, features=True)
        if attack:
            values["attack"] = self.with_method(attack, sample)
        return [
            FeatureShard(**values, sample=sample, first=first, count=count)
            for first, count in self.spans(attack, sample)
        ]

    def contestant(self, name: str, features: bool = False) -> dict[str, Any]:
        """The fields of a contestant's DetectorSpec; settings of others are left at their defaults.

        For its `features` alone, variants that have the same ones are one.
        """
        one = CONTESTANTS[name]
        values = {} if features and one.method.late_variant else one.values
        own = self.settings.of(one.detector).with_values(values)
        settings = DetectorSettings.from_dict({one.method.group().name: own})
        return {**self.given(KnownSpec), "detector": one.detector, "settings": settings}

    def known(self) -> Known:
        """The clean images that the detectors know."""
        return Known(**self.given(KnownSpec))
