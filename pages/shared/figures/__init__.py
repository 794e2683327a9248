"""Figures: one Altair chart a function, from arrays to a chart that fits both themes."""

from pages.shared.figures.boxes import box_plots
from pages.shared.figures.curves import loss_curves, overlaid_curves
from pages.shared.figures.distributions import distribution_functions, histograms
from pages.shared.figures.plane import loss_plane
from pages.shared.figures.populations import mean_curves, pair_curve
from pages.shared.figures.scatter import pair_scatter
from pages.shared.figures.separation import separations
from pages.shared.figures.trace import search_trace

__all__ = [
    "box_plots",
    "distribution_functions",
    "histograms",
    "loss_curves",
    "loss_plane",
    "mean_curves",
    "overlaid_curves",
    "pair_curve",
    "pair_scatter",
    "search_trace",
    "separations",
]
