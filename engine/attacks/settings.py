"""How images are attacked: which attack, and the settings of each. No torch, for pages read this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.attacks import ATTACKS
from engine.attacks.base import Survive
from engine.errors import ParameterError
from engine.methods import GroupedSettings, Methods
from engine.parameters import Parameters, parameter


@dataclass(frozen=True, init=False, repr=False)
class AttackSettings(GroupedSettings):
    """Which attack, and the settings of each; only those of the chosen one matter."""

    kin: ClassVar[Methods[Any]] = ATTACKS

    method: str = parameter(
        "adam", "The paper's targeted attack, or another.", label="Attack", choices=ATTACKS
    )

    survive: Survive = parameter(
        "no",
        "What attacked images must survive: nothing, or a file with 8 bits a value.",
        label="Survives",
    )

    def relevant_to(self, names: Iterable[str]) -> dict[str, Any]:
        """What they survive too, unless that is nothing: so the keys of former records stay."""
        aim = {} if self.survive == "no" else {"survive": self.survive}
        return {**super().relevant_to(names), **aim}

    def relevant(self) -> dict[str, Any]:
        """The method and its own settings."""
        return {"method": self.method, **self.relevant_to([self.method])}

    @property
    def chosen(self) -> Parameters:
        """The settings of the chosen attack."""
        return self.of(self.method)

    def check_aim(self, targeted: bool) -> None:
        """ParameterError where the chosen attack cannot have, or cannot lack, a target."""
        method = ATTACKS[self.method]
        if targeted and method.aims == "never":
            raise ParameterError(
                f"targeted: {method.title} cannot be aimed at a class. Turn targeted off (--no-targeted), "
                "or choose another attack."
            )
        if not targeted and method.aims == "must":
            raise ParameterError(
                f"targeted: {method.title} always aims at a class. Leave targeted on, or choose another "
                "attack."
            )
