"""Attacks: images changed so that a classifier errs. One registry, one contract for all of them."""
