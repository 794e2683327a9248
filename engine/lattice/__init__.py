"""Site percolation on hypercubic lattices, its thresholds, and its mean-field theory. No torch.

Sources: Vrabel et al. 2024, sec. 5 and app. A and C; Stauffer and Aharony 2018.
"""
