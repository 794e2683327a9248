"""Numbers in words, as every page writes them."""

from engine.words import capitalised, counted, duration, figure, listed, nats, share, size

__all__ = ["capitalised", "counted", "duration", "figure", "listed", "nats", "share", "size"]
