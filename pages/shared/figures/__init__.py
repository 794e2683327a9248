"""Figures: from arrays to a chart that fits both themes, and its table; each in the words of the grammar.

What is imported here is what pages draw.
"""

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
