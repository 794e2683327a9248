"""Does it hold?: every claim of the paper, and what was measured of it."""
