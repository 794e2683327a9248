"""Real networks on real images: as accurate as their weights are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import engine
from engine.classifiers import align
from engine.classifiers.classifier import Classifier
from engine.datasets import ImageSet
from engine.images import to_pixels

pytestmark = pytest.mark.data


def accuracy(classifier: Classifier, data: ImageSet, count: int) -> float:
    rows = np.arange(count) * len(data) // count
    labels = align(data.classes, classifier.classes)[data.labels[rows]]
    right = 0
    with torch.inference_mode():
        for part in np.array_split(np.arange(count), max(1, count // 50)):
            seen = classifier(to_pixels(data.batch(rows[part]))).argmax(1).numpy()
            right += int((seen == labels[part]).sum())
    return right / count


def test_vgg16_on_cifar10(data_folder: Path) -> None:
    classifier = engine.load_classifier("vgg16-cifar10", "cpu")
    assert accuracy(classifier, engine.load_dataset("cifar10"), 1000) > 0.84


def test_googlenet_on_ten_imagenet_classes(data_folder: Path) -> None:
    classifier = engine.load_classifier("googlenet-imagenette", "cpu")
    assert accuracy(classifier, engine.load_dataset("imagenette"), 100) > 0.75


def test_an_imagenet_network_from_a_file(data_folder: Path) -> None:
    classifier = engine.load_classifier(f"file:{data_folder / 'mobilenet-imagenet.pt2'}", "cpu")
    data = engine.load_dataset(f"parquet:{data_folder / 'imagenet-samples.parquet'}")
    assert classifier.input_shape == (3, 224, 224)
    assert accuracy(classifier, data, len(data)) > 0.75
    ball = np.flatnonzero(data.labels == 574)[0]
    pixels = torch.from_numpy(to_pixels(data.batch([ball]))).requires_grad_(True)
    logits = classifier(pixels)
    assert classifier.classes[int(logits.argmax())] == "golf ball"
    (gradient,) = torch.autograd.grad(logits.logsumexp(1).sum(), pixels)
    assert gradient.abs().max() > 0
