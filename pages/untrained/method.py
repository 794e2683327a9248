"""How the conjecture was measured, and what the measurement leaves open."""

from __future__ import annotations

import pandas as pd

from engine.experiments.theory.conjecture import Conjecture
from pages.shared.words import figure


def method(spec: Conjecture, dimensions: pd.DataFrame) -> str:
    """What was done, in a paragraph."""
    network = (
        f"perceptrons of {spec.depth} hidden layers of {spec.width} units ({spec.activation})"
        if spec.network == "mlp"
        else "small residual CNNs"
    )
    low, high = dimensions["spread"].min(), dimensions["spread"].max()
    return (
        f"{spec.networks} random {network} for each dimension, {spec.pairs} pairs each. Inputs are "
        "N(0, 1) in every coordinate; f is the network's one output, squeezed into (0, 1) by the "
        f"logistic function. Its standard deviation over inputs is {figure(low)} to {figure(high)}, and δ "
        "is a multiple of it. A bypass minimises (f(b) − f(x₀))² from the top of the barrier within the "
        "hyperplane across the segment. A pair counts as joined only if a finer grid than the search "
        "used confirms it."
    )


def limits(spec: Conjecture) -> str:
    """What the measurement leaves open, as a list."""
    lines = [
        "A path that was not found may exist: the search goes where gradients lead. Fractions are "
        "lower bounds.",
        f"Dimensions end at {spec.dimensions[-1]:,}; a limit is not measured, only a trend.",
        "δ is fixed relative to the spread of f. With an absolute δ, outputs that lie closer together "
        "would be connected trivially.",
        "Sites of the proof are independent; outputs of a network are correlated, and smooth. That "
        "the fractions agree with percolation does not make percolation the reason.",
        "Pairs of one network share it, so that the intervals, which count pairs as independent, are "
        "somewhat too narrow.",
    ]
    if spec.network == "mlp" and spec.dimensions[-1] > spec.width:
        lines.insert(
            2,
            f"The first layer has {spec.width} units: of more than {spec.width} inputs the network sees "
            f"{spec.width} combinations, so beyond that the dimension that counts grows no more.",
        )
    return "\n".join(f"- {line}" for line in lines)
