"""Optimal inputs of networks at initialisation and in training."""
