"""Connecting two images by a path of low loss, or many pairs at once.

Rounds of bending by one of the finders, then a verdict on a finer grid: the claim that a path is
connected is made here, in float32, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import ImageError, ParameterError
from engine.finders import FINDERS
from engine.finders.chains import Chain, Plan, measure, new_chain, seen_at
from engine.finders.connection import Bend, Connection, Round
from engine.finders.search import Found, PathProblem, Tasks, search
from engine.finders.settings import ConnectSettings
from engine.finders.verifying import verify
from engine.lazy import torch
from engine.paths import Polyline, losses_at
from engine.pixels import as_images, check_range
from engine.progress import SILENT, Reporter, part
from engine.targets import classes_of, seen

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.curves import LossCurve


def connect(
    classifier: Classifier,
    a: Any,
    c: Any,
    target: int | str | None = None,
    settings: ConnectSettings | None = None,
    report: Reporter = SILENT,
    *,
    free: bool = False,
    **values: Any,
) -> Connection:
    """Join images `a` and `c`, each (C, H, W) in [0, 1], by a path on which `target` stays likely.

    `target` is a class, by index or by name; without it, the one that both images are seen as. `values`
    are fields of the settings (`rounds=2`), in place of those in `settings`. With `free`, the images may
    leave [0, 1], as those of an attack that does not clip. Returns a Connection, connected or not.
    Errors: ImageError for images that are identical, misshapen or outside [0, 1]; ParameterError where no
    target is given and the two are seen as different classes; UnknownNameError for a field or a class
    that there is not. Source: Vrabel et al. 2024, sec. 3.2 and 4.1.
    """
    pair = [torch.as_tensor(image)[None] for image in (a, c)]
    return connect_many(
        classifier, pair[0], pair[1], target, settings, report, free=free, **values
    )[0]


def connect_many(
    classifier: Classifier,
    a: Any,
    c: Any,
    target: Any = None,
    settings: ConnectSettings | None = None,
    report: Reporter = SILENT,
    *,
    free: bool = False,
    **values: Any,
) -> list[Connection]:
    """Join N pairs of images `a`, `c` (N, C, H, W) at once; `target` is one class or N of them.

    The rest is as in `connect`.
    """
    settings = ConnectSettings.combine("connect", settings, values)
    nodes = ends_of(classifier, a, c, free)
    chains = _chains(classifier, nodes, targets_of(classifier, nodes, target), settings)
    finder = FINDERS[settings.method]
    measure(classifier, chains, settings.search_points, part(report, 0, 0.02, "Straight path"))
    turns: list[_Turn] = []
    for number in range(settings.rounds + 1):
        share = [0.02 + 0.98 * (number + k) / (settings.rounds + 1) for k in (0, 0.1, 1)]
        verify(classifier, chains, part(report, share[0], share[1], "Verifying"))
        for turn in turns:
            turn.record()
        working = [chain for chain in chains if not chain.connected]
        if not working or number == settings.rounds:
            break
        stage = part(report, share[1], share[2], f"Round {number + 1}")
        turns = _bend(classifier, finder, working, settings, stage)
    report(1, 1)
    return [_connection(classifier, chain, settings) for chain in chains]


def judge(
    classifier: Classifier, images: torch.Tensor, curve: LossCurve, settings: ConnectSettings
) -> Connection:
    """The straight path between two images (2, C, H, W), judged as `connect` judges it, by its loss curve.

    A curve that rises above the limit refutes the path, and no pass more is made; any other is verified.
    """
    (nodes,) = ends_of(classifier, images[:1], images[1:], free=True)
    loss = torch.from_numpy(curve.loss)
    chain = new_chain(
        nodes, curve.target, loss[[0, -1]], settings.threshold, settings.verify_points
    )
    chain.forward_passes = len(loss)
    seen_at(chain, loss[None, 1:])
    verify(classifier, [chain], SILENT)
    return _connection(classifier, chain, settings)


def _chains(
    classifier: Classifier, nodes: torch.Tensor, targets: list[int], settings: ConnectSettings
) -> list[Chain]:
    """The straight paths to begin with."""
    count = len(nodes)
    losses, _ = losses_at(
        classifier,
        nodes[:, 0],
        nodes[:, 1],
        torch.arange(count).repeat(2),
        torch.arange(2.0).repeat_interleave(count),
        torch.tensor(targets),
    )
    edge = losses.reshape(2, count).T
    chains = [
        new_chain(nodes[i], targets[i], edge[i], settings.threshold, settings.verify_points)
        for i in range(count)
    ]
    for chain in chains:
        chain.forward_passes = 2
    return chains


@dataclass(frozen=True)
class _Turn:
    """What one round did to one chain: its plans, the segments they became, what was found."""

    chain: Chain
    plans: list[Plan]
    spans: list[tuple[int, int]]
    found: Found
    first: int

    def record(self) -> None:
        """Write the round down, once the new path has been measured."""
        bends = [
            _described(self.chain, plan, span, self.found, self.first + k)
            for k, (plan, span) in enumerate(zip(self.plans, self.spans, strict=True))
        ]
        chain = self.chain
        chain.rounds.append(Round(chain.nodes.cpu(), chain.height, tuple(bends)))


def _bend(
    classifier: Classifier,
    finder: type[PathProblem],
    chains: list[Chain],
    settings: ConnectSettings,
    report: Reporter,
) -> list[_Turn]:
    """Bend each chain once; measure those whose search did not see them low."""
    plans = finder.plan(classifier, chains, settings)
    found = search(finder, classifier, _tasks(chains, plans), settings, report)
    _charge(chains, plans, found)
    turns, first = [], 0
    for chain, own in zip(chains, plans, strict=True):
        last = first + len(own)
        chain.promising = _looks_low(chain, own, found.height[first:last])
        spans = _insert(chain, own, found.inner[first:last])
        chain.verified_points = 0
        turns.append(_Turn(chain, own, spans, found, first))
        first = last
    doubtful = [chain for chain in chains if not chain.promising]
    measure(classifier, doubtful, settings.search_points)
    return turns


def _looks_low(chain: Chain, plans: list[Plan], heights: torch.Tensor) -> bool:
    """Whether the search saw all new parts of the path below its goal, and the rest is low."""
    bent = {s for plan in plans for s in range(plan.left, plan.right)}
    rest = [float(top) for s, top in enumerate(chain.tops) if s not in bent]
    return bool((heights <= chain.goal).all()) and all(top <= chain.limit for top in rest)


def _tasks(chains: list[Chain], plans: list[list[Plan]]) -> Tasks:
    pairs = [(chain, plan) for chain, own in zip(chains, plans, strict=True) for plan in own]
    device = chains[0].nodes.device
    return Tasks(
        torch.stack([chain.nodes[plan.left] for chain, plan in pairs]),
        torch.stack([plan.inner for _, plan in pairs]),
        torch.stack([chain.nodes[plan.right] for chain, plan in pairs]),
        torch.tensor([chain.target for chain, _ in pairs], device=device),
        torch.tensor([chain.goal for chain, _ in pairs], device=device),
    )


def _insert(chain: Chain, plans: list[Plan], inner: torch.Tensor) -> list[tuple[int, int]]:
    """Put the new nodes in place; returns the segments (from, to) that each plan became."""
    pieces, spans, done = [], [], 0
    for plan, nodes in zip(plans, inner, strict=True):
        pieces += [chain.nodes[done : plan.left + 1], nodes]
        begin = sum(len(piece) for piece in pieces) - len(nodes) - 1
        spans.append((begin, begin + len(nodes) + 1))
        done = plan.right
    chain.nodes = torch.cat([*pieces, chain.nodes[done:]])
    return spans


def _described(chain: Chain, plan: Plan, span: tuple[int, int], found: Found, index: int) -> Bend:
    begin, end = span
    inner = found.inner[index]
    seen = found.clock[:, index] >= 0
    return Bend(
        segment=plan.segment,
        steps=int(found.steps[index]),
        before=plan.before,
        after=float(torch.cat([chain.tops[begin:end], chain.knots[begin : end - 1]]).max()),
        outside=float(torch.maximum(-inner, inner - 1).clamp(min=0).max()),
        drift=float(found.drift[index]),
        trace=found.trace[seen, index].numpy(),
        clock=found.clock[seen, index].numpy(),
    )


def _charge(chains: list[Chain], plans: list[list[Plan]], found: Found) -> None:
    """Share the search's passes among the chains by the looks that their problems took."""
    looks = (found.clock >= 0).sum(0).double()
    share = (looks / looks.sum()).split([len(own) for own in plans])
    for chain, part_of in zip(chains, share, strict=True):
        chain.forward_passes += round(found.forward_passes * float(part_of.sum()))
        chain.backward_passes += round(found.backward_passes * float(part_of.sum()))


def _connection(classifier: Classifier, chain: Chain, settings: ConnectSettings) -> Connection:
    return Connection(
        path=Polyline(chain.nodes.cpu()),
        target=chain.target,
        connected=chain.connected,
        status=_status(chain, settings.threshold),
        threshold=settings.threshold,
        limit=chain.limit,
        height=chain.height,
        rounds=tuple(chain.rounds),
        verified_points=chain.verified_points,
        checked_points=chain.checked_points,
        forward_passes=chain.forward_passes,
        backward_passes=chain.backward_passes,
        classifier=classifier,
    )


def _status(chain: Chain, threshold: float) -> str:
    grid = chain.verified_points * chain.segments
    checked = f"checked on a grid of {grid:,} points, {chain.checked_points:,} of them measured"
    if chain.connected and chain.limit > threshold:
        return (
            f"Connected up to its ends: one end has a loss of {chain.limit:.3g} nats, above the "
            f"threshold of {threshold:.3g}, and no other point is higher ({checked})."
        )
    if chain.connected:
        return f"Connected: no point has a loss above {threshold:.3g} nats ({checked})."
    rounds = len(chain.rounds)
    after = f"after {rounds} round{'s' if rounds != 1 else ''}" if rounds else "by a straight line"
    return f"Not connected {after}: a barrier of {chain.height:.3g} nats remains."


def ends_of(classifier: Classifier, a: Any, c: Any, free: bool) -> torch.Tensor:
    """Both ends of every path, (N, 2, C, H, W) on the classifier's device, after checking what came."""
    starts, ends = (as_images(images).to(classifier.device) for images in (a, c))
    expected = (len(starts), *classifier.input_shape)
    if not len(starts):
        raise ImageError("There are no pairs to connect. Give at least one.")
    if tuple(starts.shape) != expected or tuple(ends.shape) != expected:
        raise ImageError(
            f"{classifier.name} takes images of shape {tuple(classifier.input_shape)} in equal "
            f"numbers, got {tuple(starts.shape)} and {tuple(ends.shape)}."
        )
    for images in () if free else (starts, ends):
        check_range(images)
    if bool((starts == ends).flatten(1).all(1).any()):
        raise ImageError("The two images are identical. Choose two different images to connect.")
    return torch.stack([starts, ends], dim=1)


def targets_of(classifier: Classifier, nodes: torch.Tensor, target: Any) -> list[int]:
    """The class of every pair; where none is given, the one that both ends are seen as."""
    if target is not None:
        return classes_of(classifier, target, len(nodes), of="pairs").tolist()
    starts, ends = (seen(classifier, nodes[:, end]).tolist() for end in (0, 1))
    for one, other in zip(starts, ends, strict=True):
        if one != other:
            names = classifier.classes[one], classifier.classes[other]
            raise ParameterError(
                f"target: expected a class, for {classifier.name} sees the first image as "
                f"{names[0]!r} and the second as {names[1]!r}. Say which of them the path shall keep."
            )
    return starts
