"""The population view: barriers of thousands of pairs, attacked and real (Vrabel et al. 2024, Fig. 6)."""
