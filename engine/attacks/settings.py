"""How images are attacked: which attack, and the settings of each. No torch, for pages read this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from engine.attacks import ATTACKS
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
