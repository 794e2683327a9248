"""The detector page: a verdict on images that explains itself, and the benchmark behind it."""
