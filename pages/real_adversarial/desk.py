"""The desk of the pair view: three slots, the class of K, and what a spec says of them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.gallery import ADVERSARIAL
from pages.shared.controls import extra
from pages.shared.form import Form
from pages.shared.pair.desk import Desk

SOURCE_CLASS = extra("ra_source_label")
"""The class that K is of."""

DESK = Desk(
    Form(
        RealAdversarial,
        "ra",
        {"connect": "ra", "targeted": "ra_attack", "seed": "ra_attack"},
    ),
    {"first": "A", "source": "K", "second": "C"},
    ADVERSARIAL[0],
    (SOURCE_CLASS,),
)

START = {"first": "1223", "source": "919", "second": "666"}
"""What lies in the slots where nobody put anything: a telling case of the default set and classifier."""


def pictures_of(label: str, laid: Mapping[str, str], targeted: bool) -> dict[str, str]:
    """What a spec says of the pictures.

    The class matters only where the engine chooses A and C, and neither where K′ decides on it.
    """
    if not targeted:
        return {"label": "", "first": "", "source": laid["source"], "second": ""}
    return {"label": "" if laid["first"] or laid["second"] else label, **laid}
