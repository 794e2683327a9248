"""Detectors of attacks: the benchmark, its parts, and the verdict on a picture."""
