"""Pictures of a set: naming them, and ranking them by loss."""
