"""The population view: barriers of thousands of pairs, attacked and real (Vrabel et al. 2024, Fig. 6)."""

from pages.real_adversarial.population.view import holds, render_population

__all__ = ["holds", "render_population"]
