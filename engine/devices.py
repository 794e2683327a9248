"""Where networks run: ISTHMUS_DEVICE if it is set, else the GPU if there is one, else the CPU."""

from __future__ import annotations

import os

import torch

from engine.errors import ParameterError
from engine.words import counted

VARIABLE = "ISTHMUS_DEVICE"


def choose_device(name: str | None = None) -> torch.device:
    """The device called `name` ("cpu", "cuda" for the first GPU, "cuda:1"), or the default one.

    Raises ParameterError for a name that is no device, or a device that this machine lacks.
    """
    wanted = name or os.environ.get(VARIABLE) or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in ("cpu", "cuda"):
        raise ParameterError(f"Device: expected cpu, cuda or cuda:1 and the like, got {wanted!r}.")
    return _gpu(device) if device.type == "cuda" else device


def _gpu(device: torch.device) -> torch.device:
    """A GPU by its number, as tensors on it name it, and PyTorch told what results rely on."""
    count = torch.cuda.device_count()
    if (device.index or 0) >= count:
        raise ParameterError(
            f"Device {str(device)!r} is not there: this machine has {counted(count, 'GPUs')} that PyTorch "
            f"can use. Choose cpu, or unset {VARIABLE}."
        )
    # What is shown or stored is float32; PyTorch would let convolutions round to TF32. And it would choose
    # algorithms for their gradients that give other bits every time; without those, VGG-16 takes 1.5 to
    # 1.9 times as long on an H200.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    return torch.device("cuda", device.index or 0)
