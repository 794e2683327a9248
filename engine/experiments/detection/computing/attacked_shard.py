"""Some images, attacked."""

from __future__ import annotations

from engine.attacks.attacking import attack
from engine.classifiers import load_classifier
from engine.errors import DataError
from engine.experiments.base import Context, Findings
from engine.experiments.detection.parts import AttackedShard


def compute(spec: AttackedShard, context: Context) -> Findings:
    """Attack the images of this part."""
    classifier = load_classifier(spec.classifier, context.device)
    index, labels = (
        array[spec.first : spec.first + spec.count] for array in spec.select_images(context)
    )
    if not len(index):
        raise DataError(
            f"{spec.classifier} classifies fewer than {spec.first + 1:,} images of the set correctly."
        )
    found = attack(
        spec.attack.method,
        classifier,
        spec.pictures(index),
        labels,
        seed=spec.seed,
        reproducible=True,
        settings=spec.attack.chosen,
        survive=spec.attack.survive,
        report=context.report,
    )
    return Findings(
        arrays={
            "index": index,
            "label": labels,
            "images": found.images.numpy(),
            "success": found.success.numpy(),
            "prediction": found.prediction.numpy(),
            "l2": found.l2.numpy(),
            "linf": found.linf.numpy(),
            "forward_passes": found.forward_passes.numpy(),
            "backward_passes": found.backward_passes.numpy(),
        },
        summary={"attacked": len(index), "successful": int(found.success.sum())},
    )
