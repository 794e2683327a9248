"""Cards: what can be told of a classifier without building it. No torch, the server process uses it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from typing import Literal

from engine.classifiers.archive import open_archive
from engine.classifiers.description import Card
from engine.classifiers.details import Details, read_details
from engine.classifiers.given import given
from engine.classifiers.listings import LISTINGS, asset, class_names
from engine.classifiers.weights import cached_weights, file_digest, find_weights, weights_of
from engine.errors import ParameterError, WeightsError, unknown_name
from engine.local_files import local_path

UNTRAINED_CLASSES = tuple(str(number) for number in range(10))
"""Class names of the untrained ResNet-18, which was never told any."""

Presence = Literal["here", "downloaded first", "trained first", "untrained"]
"""Where a classifier's weights are: on this machine, or what must come before its first use."""

WRAPPED = "wrapped"
"""The scheme of names of networks that were wrapped; no known classifier's name begins with it."""


def card(name: str) -> Card:
    """The card of the classifier called `name`; UnknownNameError or WeightsError if it has none."""
    if handed := given(name):
        return handed.card
    scheme, rest = split_name(name)
    return _CARDS[scheme](name, rest)


def known_classifiers() -> tuple[str, ...]:
    """Every name that `load_classifier` understands, apart from `file:PATH.pt2` and seeds."""
    torchvision = asset("torchvision.json")
    return (
        *LISTINGS,
        *(f"torchvision:{name}" for name in torchvision),
        *(f"untrained:{name}" for name in (*LISTINGS, *torchvision)),
    )


def presence(name: str) -> Presence:
    """Whether the weights of the classifier called `name` are here; as `card` where there is none such.

    Looks at the disk alone. {name: presence(name) for name in known_classifiers()} takes milliseconds.
    """
    scheme, rest = split_name(name)
    card(name)
    if scheme == "untrained":
        return "untrained"
    here = scheme == "file" or find_weights(rest) is not None
    if scheme == "torchvision":
        return "here" if here or cached_weights(rest).is_file() else "downloaded first"
    return "here" if here else "trained first"


def digest(name: str) -> str:
    """Hexadecimal digits that change whenever the classifier's weights do; cheap.

    Raises WeightsError where the weights are missing.
    """
    if handed := given(name):
        return handed.digest
    scheme, rest = split_name(name)
    return _DIGESTS[scheme](rest)


def split_name(name: str) -> tuple[str, str]:
    """A classifier's name as (scheme, rest): ("untrained", "resnet18@3"), ("", "shapes-vgg")."""
    scheme, found, rest = name.partition(":")
    if found and scheme in _CARDS:
        return scheme, rest
    if name in LISTINGS:
        return "", name
    if scheme == WRAPPED:
        raise WeightsError(
            f"{name} is a network that somebody wrapped in Python with engine.wrap, and only that program "
            "has it. There, give it along: engine.run(spec, classifier=...)."
        )
    raise unknown_classifier(name)


def split_seed(rest: str) -> tuple[str, int]:
    """What follows "untrained:" as (network, seed); the seed is 0 where none is given."""
    network, found, seed = rest.partition("@")
    if not found:
        return network, 0
    if not (seed.isascii() and seed.isdecimal() and len(seed) <= 18):
        raise ParameterError(
            f"untrained:{rest}: expected a whole number as the seed after @, got {seed!r}."
        )
    return network, int(seed)


def unknown_classifier(name: str) -> Exception:
    """Error for a name of no classifier, listing the known ones."""
    forms = ("torchvision:<name>", "untrained:<name>[@seed]", "file:PATH.pt2")
    return unknown_name("classifier", name, (*LISTINGS, *forms))


def listed_card(name: str) -> Card:
    """The card of a listed classifier as it is before any weights are there."""
    listing = LISTINGS[name]
    return Card(
        name,
        listing.title,
        listing.classes,
        listing.input_shape,
        listing.mean,
        listing.std,
        dataset=listing.dataset,
        note=listing.note,
    )


def _listed(name: str, rest: str) -> Card:
    base = listed_card(name)
    path = find_weights(name)
    if path is None:
        return replace(base, note=f"Not trained on this machine yet. {base.note}".strip())
    return _with_details(base, read_details(path))


def _torchvision(name: str, rest: str) -> Card:
    models = asset("torchvision.json")
    whole = rest.removeprefix("quantized_")
    if whole != rest and whole in models:
        raise WeightsError(
            f"{name} is quantised, so that its logits have no gradient. Take torchvision:{whole}."
        )
    if rest not in models:
        raise unknown_name("torchvision classifier", rest, models)
    model = models[rest]
    return Card(
        name,
        f"ImageNet, {rest}",
        class_names("imagenet"),
        (3, model["crop"], model["crop"]),
        tuple(model["mean"]),
        tuple(model["std"]),
        resize=model["resize"],
        accuracy=model["accuracy"],
        note="Torchvision's weights, downloaded on first use.",
    )


def _untrained(name: str, rest: str) -> Card:
    """An untrained network keeps its trained sibling's input; ResNet-18 is the paper's (sec. 4.4)."""
    network, seed = split_seed(rest)
    if network == "resnet18":
        base = Card(name, "", UNTRAINED_CLASSES, (3, 32, 32), (0.0,) * 3, (1.0,) * 3)
    elif network in LISTINGS:
        base = replace(_CARDS[""](network, ""), name=name)
    elif network in asset("torchvision.json"):
        base = replace(_torchvision(name, network), dataset=None)
    else:
        raise unknown_name("untrained network", network, (*LISTINGS, *asset("torchvision.json")))
    return replace(
        base,
        title=f"Untrained {network}, seed {seed}",
        accuracy=None,
        note="Random weights as PyTorch draws them; BatchNorm in evaluation mode as initialised.",
    )


def _file(name: str, rest: str) -> Card:
    path = local_path("file", rest)
    if not path.is_file():
        raise WeightsError(f"{name}: there is no file {path}. Expected file:PATH.pt2.")
    if not path.with_suffix(".json").is_file():
        open_archive(path).close()  # what is no network at all needs no JSON beside it
    details = read_details(path, required=("classes", "input_shape", "mean", "std"))
    return _with_details(Card(name, path.stem, (), (0, 0, 0), (), ()), details)


def _with_details(base: Card, details: Details) -> Card:
    """`base` with what the JSON beside the weights says in place of its own."""
    said = {name: value for name, value in vars(details).items() if value is not None}
    said.pop("digest", None)
    return replace(base, **said)


def _torchvision_digest(rest: str) -> str:
    _torchvision(f"torchvision:{rest}", rest)
    own = find_weights(rest)
    return _joined("torchvision", rest, version("torchvision"), file_digest(own) if own else "")


def _untrained_digest(rest: str) -> str:
    network, seed = split_seed(rest)
    _untrained(f"untrained:{rest}", rest)
    return _joined("untrained", network, str(seed), version("torch"))


def _joined(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


_CARDS: dict[str, Callable[[str, str], Card]] = {
    "": _listed,
    "torchvision": _torchvision,
    "untrained": _untrained,
    "file": _file,
}

_DIGESTS: dict[str, Callable[[str], str]] = {
    "": lambda rest: file_digest(weights_of(rest)),
    "torchvision": _torchvision_digest,
    "untrained": _untrained_digest,
    "file": lambda rest: file_digest(local_path("file", rest)),
}
