"""Detectors by name: making one, and loading one that was fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.datasets import ImageSet
from engine.detectors import DETECTORS
from engine.detectors.references import References, pictures_of
from engine.parameters import Parameters
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.detectors.base import Detector


def make_detector(
    name: str,
    classifier: Classifier,
    references: References | ImageSet | tuple[Any, Any] | None = None,
    /,
    *,
    seed: int = 0,
    report: Reporter = SILENT,
    settings: Parameters | None = None,
    **values: Any,
) -> Detector:
    """The detector called `name`, which has studied `references` and can be fitted.

    References are clean images that the detector may keep: a pair of images (R, C, H, W) in [0, 1] and
    labels (R,), an image set, of which 2,000 images spread evenly over it are taken, or `References`. The
    misclassified are left out; of classes without any, images are made from noise as they are needed.
    `values` are fields of the detector's settings (`neighbours=10`), or `settings` is an instance of them.
    Errors: UnknownNameError, ParameterError, ImageError, and DataError, where the references are too few
    or the network has nothing that the detector looks at.
    """
    method: type[Detector] = DETECTORS[name]
    chosen = method.settings_class.combine(name, settings, values)
    if isinstance(references, ImageSet):
        references = pictures_of(classifier, references)
    if references is None:
        references = References.none(classifier)
    elif not isinstance(references, References):
        references = References.of(classifier, *references)
    detector = method(classifier, chosen, {})
    detector.constants = detector.study(references, seed, report)
    report(1, 1)
    return detector


def load_detector(
    classifier: Classifier, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]
) -> Detector:
    """The fitted detector that its `state` described, for the classifier that it was fitted to.

    RecordError for a classifier with other weights.
    """
    return DETECTORS[str(facts["detector"])].of_state(classifier, arrays, facts)
