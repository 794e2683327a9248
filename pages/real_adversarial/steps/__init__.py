"""The attack as one sees it: K, the picture on its way to K′, what changed, and what is seen in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.experiments.pair.results import AdversarialResult
from engine.images import amplify, to_bytes, to_pixels
from engine.plots.palette import BYPASS, MARK, STRAIGHT
from engine.records import Record
from pages.shared import service
from pages.shared.component import component
from pages.shared.strip import SMALL, data_uri
from pages.shared.words import figure, share

SIDE = 224
"""Pictures are sent with sides of at most this many pixels."""

_STEPS = component(__file__, "steps")


def attack_steps(record: Record, *, key: str) -> None:
    """K, K′ and their difference with the classifier's confidence, and a slider over the attack's steps."""
    _STEPS(key=key, data=_data(record.key, str(record.path)))


@st.cache_resource(show_spinner=False, max_entries=32)
def _data(key: str, path: str) -> dict[str, Any]:
    """What the browser is sent of a record, made once; `path` tells copies of a record apart."""
    record = service.find(key)
    assert record is not None
    return steps_data(record.found(AdversarialResult))


def steps_data(pair: AdversarialResult) -> dict[str, Any]:
    """What the browser needs: pictures, their differences from K amplified alike, what is seen in them.

    A record made before steps were kept has K′ as its only step.
    """
    pictures, steps = pair.attack_pictures, pair.attack_steps
    if pictures is None or steps is None:
        pictures, rows = to_bytes(pair.adversarial)[None], _ends(pair)
    else:
        rows = [
            {
                "look": int(row.look),
                "source": float(row.source),
                "reached": float(row.reached),
                "seen": pair.label(int(row.prediction)),
            }
            for row in steps.itertuples()
        ]
    _, factor = amplify(pair.adversarial - pair.source)
    changes = to_bytes(0.5 + factor * (to_pixels(pictures) - pair.source))
    # K′ itself is known to more than 8 bits.
    changes[-1] = to_bytes(0.5 + factor * (pair.adversarial - pair.source))
    for row, picture, change in zip(rows, pictures, changes, strict=True):
        row |= {"picture": _uri(picture), "change": _uri(change)}
    source = pair.summary["source"]
    sure = float(source["probability"])
    return {
        "id": pair.key,
        "small": max(pictures.shape[1:3]) < SMALL,
        "k": _uri(to_bytes(pair.source)),
        "sure": sure,
        "names": {"source": source["class"], "reached": pair.label(pair.attack.prediction)},
        "shares": {"source": share(sure), "reached": share(pair.attack.probability)},
        "steps": rows,
        "factor": figure(factor),
        "colors": {"source": BYPASS, "reached": STRAIGHT, "mark": MARK},
    }


def _ends(pair: AdversarialResult) -> list[dict[str, Any]]:
    """K′ alone, of which only the probability of the class seen is known."""
    attack = pair.attack
    reached, seen = attack.probability, pair.label(attack.prediction)
    return [{"look": 0, "source": None, "reached": reached, "seen": seen}]


def _uri(picture: np.ndarray) -> str:
    return data_uri(picture, SIDE if max(picture.shape[:2]) > SIDE else None)
