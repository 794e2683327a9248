"""What computes the experiments of this room, a file a kind, named like it."""
