"""Real–adversarial: one pair in depth, and the statistics of thousands."""

from __future__ import annotations

from pages.real_adversarial.pair import render_pair
from pages.real_adversarial.population import holds, render_population
from pages.shared.views import views

PAIR, POPULATION = "One pair", "Population"


def render() -> None:
    """The page, with the view that is chosen or that a link to a population leads to."""
    views(
        "Real–adversarial",
        {PAIR: render_pair, POPULATION: render_population},
        lambda key: POPULATION if holds(key) else None,
        prefix="ra_",
    )


render()
