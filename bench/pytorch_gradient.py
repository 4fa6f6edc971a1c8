#!/usr/bin/env python3
"""Times one image gradient in PyTorch, with every advantage that a user can give it: a frozen network, and, by variant,
batch normalisation folded into the convolutions (torch.fx), channels last, torch.compile. Prints JSON, seconds per
gradient."""

from __future__ import annotations

import argparse
import json
import statistics
import time

import torch
import torchvision
from torch.fx.experimental import optimization

VARIANTS = ("eager", "folded", "compiled")


def network(architecture: str, variant: str) -> torch.nn.Module:
    net = getattr(torchvision.models, architecture)(weights=None).eval().requires_grad_(False)
    if variant == "eager":
        return net
    net = optimization.fuse(net).requires_grad_(False).to(memory_format=torch.channels_last)
    return torch.compile(net) if variant == "compiled" else net


def seconds(architecture: str, variant: str, batch: int, runs: int) -> list[float]:
    net = network(architecture, variant)
    layout = torch.contiguous_format if variant == "eager" else torch.channels_last
    images = torch.randn(batch, 3, 224, 224).to(memory_format=layout).requires_grad_(True)
    times = []
    for _ in range(3 + runs):
        images.grad = None
        start = time.perf_counter()
        net(images)[:, 0].sum().backward()
        times.append(time.perf_counter() - start)
    return times[3:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("architecture")
    parser.add_argument("--variant", choices=VARIANTS, default="folded")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=10)
    args = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(args.threads)
    times = seconds(args.architecture, args.variant, args.batch, args.runs)
    print(json.dumps({"torch": torch.__version__, "median": statistics.median(times), "best": min(times)}))


if __name__ == "__main__":
    main()
