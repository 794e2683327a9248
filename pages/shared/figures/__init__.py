"""Figures: one Altair chart a function, from arrays to a chart that fits both themes."""

from pages.shared.figures.curves import loss_curves, overlaid_curves
from pages.shared.figures.joining import detours, joined_fractions, plane_map
from pages.shared.figures.lattices import order_parameter
from pages.shared.figures.plane import attack_plane, loss_plane
from pages.shared.figures.trace import attack_trace, search_trace

__all__ = [
    "attack_plane",
    "attack_trace",
    "detours",
    "joined_fractions",
    "loss_curves",
    "loss_plane",
    "order_parameter",
    "overlaid_curves",
    "plane_map",
    "search_trace",
]
