"""The page on untrained networks: why inputs are connected, from percolation to random networks."""
