"""Figures: from arrays to a chart that fits both themes, and its table; each in the words of the grammar.

What stands here is what pages draw, and it is made once.
"""

from engine.plots import boxes, curves, joining, lattices, scores, stages, standing
from pages.shared.figures import (
    bands,
    costs,
    distributions,
    opinions,
    parts,
    populations,
    roc,
    scatter,
    separation,
    trace,
    transfer,
)
from pages.shared.figures.remembered import remembered

loss_curves = remembered(curves.loss_curves)
overlaid_curves = remembered(curves.overlaid_curves)
score_histograms = remembered(scores.score_histograms)
curve_over_bands = remembered(bands.curve_over_bands)
logits_over_bands = remembered(bands.logits_over_bands)
box_plots = remembered(boxes.box_plots)
accuracy_against_cost = remembered(costs.accuracy_against_cost)
alarm_bars = remembered(costs.alarm_bars)
distribution_functions = remembered(distributions.distribution_functions)
histograms = remembered(distributions.histograms)
detours = remembered(joining.detours)
joined_fractions = remembered(joining.joined_fractions)
plane_map = remembered(joining.plane_map)
order_parameter = remembered(lattices.order_parameter)
opinion_dots = remembered(opinions.opinion_dots)
score_parts = remembered(parts.score_parts)
mean_curves = remembered(populations.mean_curves)
pair_curve = remembered(populations.pair_curve)
detection_rates = remembered(roc.detection_rates)
roc_curves = remembered(roc.roc_curves)
pair_scatter = remembered(scatter.pair_scatter)
separations = remembered(separation.separations)
intervals = remembered(standing.intervals)
rounds_needed = remembered(standing.rounds_needed)
stage_barriers = remembered(stages.stage_barriers)
stage_curves = remembered(stages.stage_curves)
attack_trace = remembered(trace.attack_trace)
input_traces = remembered(trace.input_traces)
growth = remembered(trace.growth)
search_trace = remembered(trace.search_trace)
falls = remembered(transfer.falls)
lessons = remembered(transfer.lessons)
transfer_map = remembered(transfer.transfer_map)
