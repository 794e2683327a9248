"""The colours that mean something, the same in every figure and in both themes.

The pair for the two paths has a contrast of at least 3 to 1 against the light and the dark page and
differs in lightness and along blue to orange, which all kinds of colour vision tell apart.
"""

from __future__ import annotations

STRAIGHT = "#D9662B"
"""The straight path."""

BYPASS = "#2878BD"
"""The path that the search found."""

REAL = "#2878BD"
"""Real-real pairs, in figures of populations, which know straight paths only."""

ADVERSARIAL = "#D9662B"
"""Real-adversarial pairs, in figures of populations."""

BETWEEN = "#6FA3D0"
"""The paths after earlier rounds."""

MARK = "#7D8B93"
"""Thresholds, cursors and other marks that are no data."""

LAND = "#F2DFA7"
"""Loss below the threshold: where a path may go."""

SEA = ("#CFE3E4", "#9CC7D1", "#66A5BD", "#3A7FA3", "#1F5A80", "#0B3A5B")
"""Loss above the threshold, the deeper the darker."""

COAST = "#FFFFFF"
"""The border between two predicted classes, drawn over land and sea, and the edge of drawn lines."""

INK = "#1B2A33"
"""Text that is drawn on land or sea, whatever the theme."""

SERIES = ("#2878BD", "#8A7A00", "#A04F93", "#00857C", "#5E6B73", "#B5476A")
"""Several things of one kind in one figure; none has the straight path's colour."""
