"""Figures: from arrays to a chart that fits both themes, and its table; each in the words of the grammar.

What stands here is what pages draw, and it is made once.
"""

from engine.plots import branches, curves, joining, lattices, stages, standing
from engine.plots import histograms as bins
from pages.shared.figures import benchmarks, populations, trace, verdicts
from pages.shared.figures.remembered import remembered

loss_curves = remembered(curves.loss_curves)
overlaid_curves = remembered(curves.overlaid_curves)
score_histograms = remembered(bins.score_histograms)
curve_over_bands = remembered(verdicts.curve_over_bands)
logits_over_bands = remembered(verdicts.logits_over_bands)
box_plots = remembered(branches.box_plots)
accuracy_against_cost = remembered(benchmarks.accuracy_against_cost)
alarm_bars = remembered(benchmarks.alarm_bars)
distribution_functions = remembered(populations.distribution_functions)
histograms = remembered(populations.histograms)
detours = remembered(joining.detours)
joined_fractions = remembered(joining.joined_fractions)
plane_map = remembered(joining.plane_map)
order_parameter = remembered(lattices.order_parameter)
opinion_dots = remembered(verdicts.opinion_dots)
score_parts = remembered(verdicts.score_parts)
mean_curves = remembered(populations.mean_curves)
pair_curve = remembered(populations.pair_curve)
detection_rates = remembered(benchmarks.detection_rates)
roc_curves = remembered(benchmarks.roc_curves)
pair_scatter = remembered(populations.pair_scatter)
separations = remembered(populations.separations)
intervals = remembered(standing.intervals)
rounds_needed = remembered(standing.rounds_needed)
stage_barriers = remembered(stages.stage_barriers)
stage_curves = remembered(stages.stage_curves)
attack_trace = remembered(trace.attack_trace)
input_traces = remembered(trace.input_traces)
growth = remembered(trace.growth)
search_trace = remembered(trace.search_trace)
falls = remembered(benchmarks.falls)
lessons = remembered(benchmarks.lessons)
transfer_map = remembered(benchmarks.transfer_map)
