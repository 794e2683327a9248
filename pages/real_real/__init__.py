"""The real–real page: choose two images of one class, connect them, look at both paths."""
