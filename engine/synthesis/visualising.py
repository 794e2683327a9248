"""Synthesising images of a class: the search, a finish without transforms, and a verdict on each image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
import torch.nn.functional as F

from engine.batches import batch_size
from engine.classifiers.classifier import Classifier
from engine.errors import ParameterError
from engine.objectives import CrossEntropy, Diversity, DotCosine, HighFrequency, Logit, Objective
from engine.optimise import Optimum, Problem, minimise
from engine.progress import SILENT, Reporter, part
from engine.synthesis.parameterisations import PARAMETERISATIONS, Parameterisation
from engine.synthesis.preview import Preview
from engine.synthesis.result import Synthesis
from engine.synthesis.settings import SynthesisSettings
from engine.synthesis.transforms import Transforms
from engine.targets import classes_of


@dataclass
class Growing(Problem):
    """P images growing at once. The loss that is traced is that of the images as they are transformed.

    An image ends when its loss is at most `goal` (None: never before the last step); with `together`
    all end when the last of them does. `places` (P,), on the CPU, number the images for the preview.
    """

    form: Parameterisation
    objective: Objective
    targets: torch.Tensor
    transforms: Transforms | None
    goal: float | None
    together: bool
    preview: Preview
    places: torch.Tensor
    plain: torch.Tensor = field(default_factory=lambda: torch.empty(0), repr=False)

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        self.plain = self.form.images(variables)
        self.preview.note(self.places, self.plain)
        return self.transforms.apply(self.plain, step) if self.transforms else self.plain

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        # Penalties are for the image itself, whatever the transforms make of it.
        return self.objective(self.plain, logits), CrossEntropy(self.targets)(images, logits)

    def is_solved(self, variables: torch.Tensor, loss: torch.Tensor, step: int) -> torch.Tensor:
        if self.goal is None:
            return super().is_solved(variables, loss, step)
        done = loss <= self.goal
        return done.all().expand(len(done)) if self.together else done

    def take(self, rows: torch.Tensor) -> Self:
        return replace(
            self,
            objective=self.objective.take(rows),
            targets=self.targets[rows],
            transforms=self.transforms.take(rows) if self.transforms else None,
            places=self.places[rows.cpu()],
        )


GOALS: dict[str, Callable[[torch.Tensor, SynthesisSettings], Objective]] = {
    "dot-cosine": lambda targets, settings: DotCosine(targets, settings.cosine_power),
    "cross-entropy": lambda targets, settings: CrossEntropy(targets),
    "logit": lambda targets, settings: Logit(targets),
}

FINISH_GOAL = 0.9
"""The finish ends below this share of the threshold, so that rounding cannot lift an image over it."""


def visualise(
    classifier: Classifier,
    target: Any,
    settings: SynthesisSettings | None = None,
    *,
    seed: int = 0,
    count: int = 1,
    report: Reporter = SILENT,
    **values: Any,
) -> Synthesis:
    """Synthesise `count` images of class `target` (or of `count` classes, one each) from noise.

    Classes are given by index or by name. `values` are fields of the settings (`steps=64`), in place of
    those in `settings`. Image k starts from the stream (seed, k), so it is the same image whatever `count`
    is, unless `diversity_weight` ties the images to each other. ParameterError for what is no class,
    UnknownNameError for a field or a name of a class that there is not.
    Source: Vrabel et al. 2024, sec. 3.2 and 4.3; Olah et al. 2017.
    """
    settings = SynthesisSettings.combine("visualise", settings, values)
    targets = _targets(classifier, target, count)
    problem, start = _problem(classifier, targets, settings, seed, Preview(report, count))
    size = batch_size(classifier.input_shape, classifier.device)
    size = count if settings.diversity_weight else size
    grown = []
    for begin in range(0, count, size):
        rows = torch.arange(begin, min(begin + size, count), device=classifier.device)
        share = part(problem.preview, begin / count, min(1, (begin + size) / count))
        grown.append(_grown(classifier, problem.take(rows), start[rows], settings, share))
    variables = torch.cat([variables for variables, _, _ in grown])
    optima = [optimum for _, optimum, _ in grown]
    ends = [finish for _, _, finish in grown]
    report(1, 1)
    return _judged(classifier, problem, variables, optima, ends, settings)


def _targets(classifier: Classifier, target: Any, count: int) -> torch.Tensor:
    """One class an image, int64 (count,)."""
    if count < 1:
        raise ParameterError(f"count: expected at least 1 image, got {count}.")
    return classes_of(classifier, target, count).to(classifier.device)


def _problem(
    classifier: Classifier,
    targets: torch.Tensor,
    settings: SynthesisSettings,
    seed: int,
    preview: Preview,
) -> tuple[Growing, torch.Tensor]:
    """The problem of all images, and the parameters that they start from."""
    count, shape = len(targets), classifier.input_shape
    form = PARAMETERISATIONS[settings.parameterisation](shape, settings.decorrelate)
    objective = (
        GOALS[settings.objective](targets, settings)
        + settings.high_frequency_weight * HighFrequency()
        + settings.diversity_weight * Diversity()
    )
    problem = Growing(
        form=form,
        objective=objective,
        targets=targets,
        transforms=Transforms.drawn(settings, shape, seed, count, settings.steps + 1)
        if settings.transforms
        else None,
        goal=settings.threshold if settings.stop == "threshold" else None,
        together=settings.diversity_weight > 0,
        preview=preview,
        places=torch.arange(count),
    )
    return problem, form.start(seed, count, settings.noise).to(classifier.device)


def _grown(
    classifier: Classifier,
    problem: Growing,
    start: torch.Tensor,
    settings: SynthesisSettings,
    report: Reporter,
) -> tuple[torch.Tensor, Optimum, tuple[torch.Tensor, Optimum] | None]:
    """Parameters of the images at their end, the search, and the finish with the rows it took."""
    share = settings.steps / (settings.steps + settings.finish)
    search = minimise(
        classifier,
        problem,
        start,
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        report=part(report, 0, share, "Growing images"),
    )
    loss, _ = _seen(classifier, problem.form.images(search.variables), problem.targets)
    rows = (loss > settings.threshold).nonzero().squeeze(1)
    if not len(rows) or not settings.finish:
        return search.variables, search, None
    taken = problem.take(rows)
    alone = replace(
        taken,
        objective=CrossEntropy(taken.targets),
        transforms=None,
        goal=FINISH_GOAL * settings.threshold,
        together=False,
    )
    finish = minimise(
        classifier,
        alone,
        search.variables[rows],
        steps=settings.finish,
        learning_rate=settings.learning_rate,
        report=part(report, share, 1, "Finishing images"),
    )
    variables = search.variables.clone()
    variables[rows] = finish.variables
    return variables, search, (rows, finish)


def _judged(
    classifier: Classifier,
    problem: Growing,
    variables: torch.Tensor,
    searches: list[Optimum],
    finishes: list[tuple[torch.Tensor, Optimum] | None],
    settings: SynthesisSettings,
) -> Synthesis:
    """The images, each judged as it is, without transforms."""
    with torch.no_grad():
        images = problem.form.images(variables)
    loss, prediction = _seen(classifier, images, problem.targets)
    columns, steps, finish = _courses(searches, finishes)
    trace = np.full((max(map(len, columns)), len(columns)), np.nan, np.float32)
    for k, column in enumerate(columns):
        trace[: len(column), k] = column
    losses = loss.cpu().numpy()
    return Synthesis(
        images=images.cpu(),
        targets=tuple(problem.targets.tolist()),
        loss=losses,
        prediction=prediction.cpu().numpy(),
        trace=trace,
        steps=steps,
        finish=finish,
        converged=losses <= settings.threshold,
        threshold=settings.threshold,
        classes=classifier.classes,
    )


def _courses(
    searches: list[Optimum], finishes: list[tuple[torch.Tensor, Optimum] | None]
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """The loss of every image at every step, its steps in all, and those of the finish."""
    columns, steps, further = [], [], []
    for search, finish in zip(searches, finishes, strict=True):
        own = [column[~column.isnan()].numpy() for column in search.trace.T]
        more = np.zeros(len(own), np.int64)
        if finish:
            rows, optimum = finish
            for row, column, count in zip(
                rows.tolist(), optimum.trace.T, optimum.steps.tolist(), strict=True
            ):
                own[row] = np.concatenate([own[row], column[1 : count + 1].numpy()])
                more[row] = count
        columns += own
        steps.append(search.steps.numpy() + more)
        further.append(more)
    return columns, np.concatenate(steps), np.concatenate(further)


def _seen(
    classifier: Classifier, images: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss (N,) in nats and prediction (N,), float32, in batches."""
    size = batch_size(classifier.input_shape, classifier.device)
    with torch.inference_mode():
        logits = torch.cat([classifier.forward(batch).float() for batch in images.split(size)])
        losses = F.cross_entropy(logits, targets, reduction="none")
        return losses.abs(), logits.argmax(1)  # float32 makes -0.0 of a certain class
