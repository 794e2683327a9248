"""Torchvision's architectures, one after another: `python -m tests.classifiers.architectures NAME ...`.

Each is taken with random weights, as torchvision:NAME and as an exported program of seven classes, both at
its own input size: logits and gradient are compared with plain torchvision's, a curve of three points is
measured and two steps of a search are made. The largest take 4 GB.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

import engine
from engine.classifiers.networks import AUXILIARY, torchvision

NAMES = (
    *("alexnet", "vgg16", "vgg16_bn", "squeezenet1_0", "squeezenet1_1", "mobilenet_v2"),
    *("mobilenet_v3_small", "mobilenet_v3_large", "mnasnet0_5", "mnasnet1_0", "shufflenet_v2_x1_0"),
    *("googlenet", "inception_v3", "resnet18", "resnet34", "resnet50", "resnext50_32x4d"),
    *("wide_resnet50_2", "densenet121", "densenet161", "regnet_x_400mf", "regnet_y_400mf"),
    *("efficientnet_b0", "efficientnet_b1", "efficientnet_v2_s", "convnext_tiny", "vit_b_16"),
    *("vit_b_32", "swin_t", "swin_v2_t", "maxvit_t"),
)


def drawn(name: str, **how: object) -> nn.Module:
    """Torchvision's network with random weights, whose BatchNorms and heads do something."""
    torch.manual_seed(1)
    network = torchvision().models.get_model(name, weights=None, **how).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    if name.startswith("vit"):  # whose head begins with zeros
        nn.init.normal_(network.heads[-1].weight, 0, 0.3)
    return network


def compared(classifier: engine.Classifier, network: nn.Module) -> str:
    """How far two pictures' logits and gradient are from those of `network`, and what became of a path.

    Where ReLUs stand near their kink, rounding decides the gradient, so both are compared with float64's.
    """
    images = torch.rand(2, *classifier.input_shape)
    logits, ours = differentiated(classifier, images)
    plain, theirs = differentiated(normalised(network, classifier), images)
    exact = differentiated(normalised(network.double(), classifier), images.double())[1]
    off = float((logits - plain).abs().max() / plain.abs().max())
    far, usual = (1 - cosine(one.double(), exact) for one in (ours, theirs))
    label = int(logits[0].argmax())
    curve = engine.loss_curve(classifier, images, label, points=3)
    steps = {"rounds": 1, "iterations": 2, "search_points": 16, "verify_points": 17}
    path = engine.connect(classifier, images[0], images[1], label, threshold=1e-6, **steps)
    right = off < 1e-5 and far < max(1e-3, 3 * usual) and logits.shape == plain.shape
    return (
        f"{'same' if right else 'DIFFERENT'}: logits differ by {off:.0e} of the largest; 1 - cosine between "
        f"the gradient and float64's is {far:.0e}, of plain torchvision's {usual:.0e}; losses "
        f"{', '.join(f'{loss:.2f}' for loss in curve.loss)}; {len(path.path.nodes)} nodes"
    )


def differentiated(see: Callable[..., torch.Tensor], images: torch.Tensor) -> list[torch.Tensor]:
    """Logits (2, K) of images, and the gradient of a weighted sum of them."""
    pixels = images.clone().requires_grad_(True)
    logits = see(pixels)
    total = (logits * torch.linspace(-1, 1, logits.shape[1])).sum()
    return [logits.detach(), torch.autograd.grad(total, pixels)[0]]


def normalised(network: nn.Module, classifier: engine.Classifier) -> Callable[..., torch.Tensor]:
    """The network on pixels in [0, 1]."""
    return lambda pixels: network((pixels - classifier.mean) / classifier.std)


def cosine(one: torch.Tensor, other: torch.Tensor) -> float:
    """Between two gradients, float64."""
    return float(torch.cosine_similarity(one.flatten(), other.flatten(), 0))


def tried(name: str, folder: Path) -> None:
    """Print what comes of one architecture."""
    begin, head = time.process_time(), f"{name:20}"
    trained = {"aux_logits": False, "init_weights": False, "transform_input": True}
    network = drawn(name, **(trained if name in AUXILIARY else {}))
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    weights = folder / f"{name}.safetensors"
    save_file(state, weights)
    classifier = engine.load_classifier(f"torchvision:{name}", "cpu")
    weights.unlink()
    print(f"{head} {classifier.input_shape} {compared(classifier, network)}", flush=True)

    network = drawn(name, num_classes=7, **({"init_weights": False} if name in AUXILIARY else {}))
    shape = classifier.input_shape
    count = ({0: torch.export.Dim("n", min=1, max=32)},)
    program = torch.export.export(network, (torch.rand(2, *shape),), dynamic_shapes=count)
    path = folder / f"{name}.pt2"
    torch.export.save(program, path)
    del program, classifier, state
    details = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    path.with_suffix(".json").write_text(
        json.dumps({"classes": list("abcdefg"), "input_shape": shape, **details})
    )
    exported = engine.load_classifier(f"file:{path}", "cpu")
    path.unlink()
    print(f"{head} exported {compared(exported, network)}; {time.process_time() - begin:.0f} s")


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        os.environ["ISTHMUS_DATA"] = place
        for architecture in sys.argv[1:] or NAMES:
            tried(architecture, Path(place))
            gc.collect()
