"""The home page: what this is in one picture, finished examples, where to start."""
