"""Modes made from noise: two of them joined, and several explored."""
