"""Percolation, and the conjecture about random networks."""
