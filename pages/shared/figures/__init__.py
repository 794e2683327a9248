"""Figures: one Altair chart a function, from arrays to a chart that fits both themes."""

from pages.shared.figures.boxes import box_plots
from pages.shared.figures.curves import loss_curves, overlaid_curves
from pages.shared.figures.distributions import distribution_functions, histograms
from pages.shared.figures.joining import detours, joined_fractions, plane_map
from pages.shared.figures.lattices import order_parameter
from pages.shared.figures.plane import attack_plane, loss_plane
from pages.shared.figures.populations import mean_curves, pair_curve
from pages.shared.figures.scatter import pair_scatter
from pages.shared.figures.separation import separations
from pages.shared.figures.stages import input_traces, stage_barriers, stage_curves
from pages.shared.figures.trace import attack_trace, search_trace

__all__ = [
    "attack_plane",
    "attack_trace",
    "box_plots",
    "detours",
    "distribution_functions",
    "histograms",
    "input_traces",
    "joined_fractions",
    "loss_curves",
    "loss_plane",
    "mean_curves",
    "order_parameter",
    "overlaid_curves",
    "pair_curve",
    "pair_scatter",
    "plane_map",
    "search_trace",
    "separations",
    "stage_barriers",
    "stage_curves",
]
