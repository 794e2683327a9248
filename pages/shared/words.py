"""Numbers in words, as every page writes them."""

from engine.words import capitalised, counted, duration, figure, nats, share, size

__all__ = ["capitalised", "counted", "duration", "figure", "nats", "share", "size"]
