"""Figures: one Altair chart a function, from arrays to a chart that fits both themes."""

from engine.plots.curves import loss_curves, overlaid_curves
from engine.plots.scores import score_histograms
from pages.shared.figures.bands import curve_over_bands, logits_over_bands
from pages.shared.figures.boxes import box_plots
from pages.shared.figures.costs import accuracy_against_cost, alarm_bars
from pages.shared.figures.distributions import distribution_functions, histograms
from pages.shared.figures.joining import detours, joined_fractions, plane_map
from pages.shared.figures.lattices import order_parameter
from pages.shared.figures.opinions import opinion_dots
from pages.shared.figures.plane import attack_plane, loss_plane
from pages.shared.figures.populations import mean_curves, pair_curve
from pages.shared.figures.roc import detection_rates, roc_curves
from pages.shared.figures.scatter import pair_scatter
from pages.shared.figures.separation import separations
from pages.shared.figures.stages import stage_barriers, stage_curves
from pages.shared.figures.trace import attack_trace, input_traces, search_trace
from pages.shared.figures.transfer import falls, lessons, transfer_map

__all__ = [
    "accuracy_against_cost",
    "alarm_bars",
    "attack_plane",
    "attack_trace",
    "box_plots",
    "curve_over_bands",
    "detection_rates",
    "detours",
    "distribution_functions",
    "falls",
    "histograms",
    "input_traces",
    "joined_fractions",
    "lessons",
    "logits_over_bands",
    "loss_curves",
    "loss_plane",
    "mean_curves",
    "opinion_dots",
    "order_parameter",
    "overlaid_curves",
    "pair_curve",
    "pair_scatter",
    "plane_map",
    "roc_curves",
    "score_histograms",
    "search_trace",
    "separations",
    "stage_barriers",
    "stage_curves",
    "transfer_map",
]
