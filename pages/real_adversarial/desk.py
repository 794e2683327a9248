"""What lies on the desk of the page: K, A and C, and where they come from."""

from __future__ import annotations

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
