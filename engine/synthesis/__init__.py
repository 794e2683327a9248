"""Feature visualisation by optimisation: images that a classifier is sure of, made from noise.

`settings` imports no torch; the rest does. A new parameterisation is one `Parameterisation` and one
entry in `parameterisations.PARAMETERISATIONS`, a new goal one objective and one entry in
`visualising.GOALS`.
"""
