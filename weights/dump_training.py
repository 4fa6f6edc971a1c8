#!/usr/bin/env python3
"""Writes a training dump, version 1: what PyTorch computes when it trains a network for a few steps from a given start, in
float64. The gradient of every parameter and the running statistics after the first batch; then the losses of SGD and of
AdamW, step by step. Needs torch and h5py.

example:
  python3 weights/dump_training.py cifar_resnet20 -o training.h5
  backlight verify training.h5
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import native
import reference_nets
from architectures import ARCHITECTURES
from command_line import exit_status, parser_of
from dump_reference import State, write_tensor
from initialize import initialize

BATCHNORM_MOMENTUM = 0.1
OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {"rate": 0.02, "momentum": 0.9, "weight_decay": 5e-4}),
    "adamw": (
        torch.optim.AdamW,
        {"rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
    ),
}


def optimizer(name: str, parameters: list[Tensor]) -> torch.optim.Optimizer:
    make, options = OPTIMIZERS[name]
    options = dict(options)
    rate = options.pop("rate")
    if name == "adamw":
        options |= {"betas": (options.pop("beta1"), options.pop("beta2")), "eps": options.pop("epsilon")}
    return make(parameters, lr=rate, **options)


class Training:
    """A network with weights of its own, and batches that it sees in turn."""

    def __init__(self, architecture: str, start: State, batches: list[tuple[Tensor, Tensor]]) -> None:
        self.architecture, self.batches = architecture, batches
        self.state = {name: tensor.clone() for name, tensor in start.items()}
        self.learned = [name for name in start if name.endswith((".weight", ".bias"))]
        for name in self.learned:
            self.state[name].requires_grad_()

    def loss(self, step: int) -> Tensor:
        """The mean cross-entropy of one batch."""
        x, target = self.batches[step % len(self.batches)]
        tape = reference_nets.Tape(self.state, momentum=BATCHNORM_MOMENTUM)
        return functional.cross_entropy(reference_nets.run(self.architecture, tape, x), target)

    def first_step(self) -> dict[str, Tensor]:
        gradients = torch.autograd.grad(self.loss(0), [self.state[name] for name in self.learned])
        statistics = {f"statistics/{k}": v for k, v in self.state.items() if k not in self.learned}
        return {f"gradients/{k}": v for k, v in zip(self.learned, gradients)} | statistics

    def losses(self, name: str, steps: int) -> Tensor:
        """Of every step, before the parameters move."""
        update = optimizer(name, [self.state[name] for name in self.learned])
        losses = []
        for step in range(steps):
            update.zero_grad()
            loss = self.loss(step)
            loss.backward()
            update.step()
            losses.append(loss.item())
        return torch.tensor(losses, dtype=torch.float64)


def compute(options: argparse.Namespace) -> tuple[dict[str, object], dict[str, Tensor]]:
    """The attributes and the datasets of the dump, by path."""
    about = ARCHITECTURES[options.architecture].preprocessing
    size = options.input_size or about.input_size
    start = initialize(options.architecture, options.classes, options.seed)
    start = {name: torch.from_numpy(values) for name, values in start.items()}
    random = torch.Generator().manual_seed(options.seed)
    count = options.batch * options.batches
    images = torch.randint(256, (count, 3, size, size), generator=random).double()
    labels = torch.randint(options.classes, (count,), generator=random)
    mean, std = (torch.tensor(v, dtype=torch.float64)[:, None, None] for v in (about.mean, about.std))
    x = (images / 255 - mean) / std
    batches = list(zip(x.split(options.batch), labels.split(options.batch)))

    results = {"images": images, "labels": labels}
    results |= Training(options.architecture, start, batches).first_step()
    for name in OPTIMIZERS:
        losses = Training(options.architecture, start, batches).losses(name, options.steps)
        results[f"{name}/losses"] = losses
    attributes = {
        "architecture": options.architecture,
        "producer": f"torch {torch.__version__}",
        "seed": np.int64(options.seed),
        "classes": np.int64(options.classes),
        "batch": np.int64(options.batch),
        "mean": np.array(about.mean),
        "std": np.array(about.std),
    }
    return attributes, results


def write_dump(path: Path, attributes: dict[str, object], results: dict[str, Tensor], sample: int) -> None:
    """`sample` > 0: of larger tensors of parameters only that many elements."""
    random = np.random.default_rng(0)
    with native.new_file(path) as unfinished, h5py.File(unfinished, "w", libver=("v108", "v110")) as file:
        file.attrs["format"] = "backlight-training-dump"
        file.attrs["version"] = np.int64(1)
        file.attrs.update(attributes)
        for name, tensor in results.items():
            if name == "images":  # whole grey levels: most of their bytes are 0
                file.create_dataset(name, data=tensor.numpy(), compression=9, shuffle=True)
            else:
                of_parameter = "." in name
                write_tensor(file, name, tensor.numpy(), sample if of_parameter else 0, random)
        for name, (_, options) in OPTIMIZERS.items():
            file[name].attrs.update({key: np.float64(value) for key, value in options.items()})


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(__doc__, "DUMP.h5")
    parser.add_argument("--seed", type=int, default=1, help="of the untrained weights, images and labels")
    parser.add_argument("--classes", type=int, metavar="N", help="(default: as published)")
    parser.add_argument(
        "--input-size", type=int, metavar="N", help="side of the input (default: as published)"
    )
    parser.add_argument("--batch", type=int, default=4, metavar="N", help="images in a step")
    parser.add_argument("--batches", type=int, default=2, metavar="N", help="that the steps take in turn")
    parser.add_argument("--steps", type=int, default=20, metavar="N")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="keep N elements of larger tensors (default: all)"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    return parser


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    options.classes = options.classes or len(native.default_labels(options.architecture))
    if min(options.batch, options.batches, options.steps, options.threads, options.classes) < 1:
        parser.error("--batch, --batches, --steps, --threads and --classes: expected at least 1")
    if min(options.seed, options.sample) < 0 or (options.input_size or 1) < 1:
        parser.error("--seed and --sample: expected at least 0; --input-size: at least 1")
    torch.set_num_threads(options.threads)
    return exit_status("dump_training.py", lambda: write_dump(options.out, *compute(options), options.sample))


if __name__ == "__main__":
    sys.exit(main())
