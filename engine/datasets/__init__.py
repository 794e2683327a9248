"""Image sets: labelled pictures as numpy bytes. No torch here, the server process uses it."""

from engine.datasets.imageset import ImageSet
from engine.datasets.registry import known_datasets, load_dataset

__all__ = ["ImageSet", "known_datasets", "load_dataset"]
