"""The link from a pair of a population to the page that walks it in depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from engine.experiments.population.shards import PopulationSpec
from engine.parameters import Parameters


def depth_link(spec: PopulationSpec, row: Mapping[str, Any]) -> None:
    """A link to the pair on the page for such pairs, with the same attack."""
    label = "Look at this pair in depth"
    if row["branch"] == "real":
        st.page_link(
            "pages/real_real/page.py",
            label=label,
            icon=":material/zoom_in:",
            query_params=real_query(spec, row),
        )
        return
    st.link_button(
        label,
        f"?{urlencode(adversarial_query(spec, row))}",
        icon=":material/zoom_in:",
        help="Makes the attack again and opens the pair by itself, in a new tab.",
    )
    if not spec.targeted:
        st.caption(
            "The attack has no target, so that page chooses the real image itself: the one of lowest "
            "loss in the class that the attacked image is given."
        )


def real_query(spec: PopulationSpec, row: Mapping[str, Any]) -> dict[str, str]:
    """What the real-real page is asked for."""
    return {
        **_sources(spec, "rr"),
        "rr_label": str(row["class"]),
        "rr_first": str(row["first"]),
        "rr_second": str(row["second"]),
    }


def adversarial_query(spec: PopulationSpec, row: Mapping[str, Any]) -> dict[str, str]:
    """What the view of one real-adversarial pair is asked for."""
    method = spec.attack.method
    settings: Parameters = spec.attack.chosen
    return {
        "ra_view": "One pair",
        **_sources(spec, "ra"),
        **({"ra_label": str(row["class"]), "ra_first": str(row["first"])} if spec.targeted else {}),
        "ra_source": str(row["second"]),
        "ra_attack_method": method,
        "ra_attack_targeted": str(spec.targeted).lower(),
        "ra_attack_survive": spec.attack.survive,
        "ra_attack_seed": str(spec.seed),
        **{
            f"ra_attack_{method}_{name}": _in_address(value)
            for name, value in settings.to_dict().items()
        },
    }


def _sources(spec: PopulationSpec, prefix: str) -> dict[str, str]:
    return {
        f"{prefix}_{name}": str(getattr(spec, name)) for name in ("classifier", "dataset", "split")
    }


def _in_address(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
