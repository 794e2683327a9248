"""A part of a population: a few blocks of pairs, measured on one worker.

A shard is an experiment of its own, so it is stored when it is done: a sweep that was interrupted, by
whatever, goes on from the shards that are there. All passes through the network take the same number
of images, so a pair's numbers depend on nothing but the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.attacks import ATTACKS
from engine.experiments.population.drawing import Block, Branch
from engine.experiments.population.spec import PopulationSpec
from engine.parameters import parameter, within, without


@dataclass(frozen=True)
class PairShard(PopulationSpec):
    """Some blocks of a population. A sweep makes them; there is no need to run one by hand."""

    kind = "pair-shard"
    title = "Part of a population"
    revision = 2
    part_of = "pair-statistics"

    branch: Branch = parameter("real", "Real or adversarial pairs.")
    first: int = parameter(0, "Number of its first block.", within(0))
    blocks: int = parameter(1, "Blocks in it.", within(1, unit="blocks"))

    def subject(self) -> str:
        made = "real" if self.branch == "real" else ATTACKS[self.attack.method].title
        last = self.first + self.blocks - 1
        return f"Part of {self.pairs:,} pairs, {made}, blocks {self.first} to {last}"

    def relevant(self) -> dict[str, Any]:
        """Real pairs know of no attack, so all attacks share these shards."""
        values = super().relevant()
        return values if self.branch == "adversarial" else without(values, "attack", "targeted")

    def own_blocks(self) -> tuple[Block, ...]:
        """The blocks that this shard measures."""
        return self.draw(self.branch).blocks[self.first : self.first + self.blocks]
