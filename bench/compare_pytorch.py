#!/usr/bin/env python3
"""Times one image gradient (forward, and the logit's gradient at the pixels; 224x224, batch 1) in Backlight and in PyTorch,
in turn on this machine, and prints the ratio pair by pair. Both run frozen networks: PyTorch with requires_grad on the
image alone."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build"

TORCH_CHILD = """
import statistics, sys, time, torch, torchvision
torch.set_num_threads({threads})
net = getattr(torchvision.models, {architecture!r})(weights=None).eval().requires_grad_(False)
image = torch.randn(1, 3, 224, 224, requires_grad=True)
times = []
for _ in range({warmup} + {runs}):
    image.grad = None
    start = time.perf_counter()
    net(image)[0, 0].backward()
    times.append(time.perf_counter() - start)
print(1e3 * statistics.median(times[{warmup}:]))
"""


def pytorch_ms(architecture: str, threads: int, runs: int) -> float:
    code = TORCH_CHILD.format(architecture=architecture, threads=threads, runs=runs, warmup=3)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def backlight_ms(architecture: str, threads: int, runs: int, program: Path) -> float:
    command = [
        str(program),
        f"--benchmark_filter=^{architecture}/threads:{threads}/",
        "--benchmark_format=json",
        f"--benchmark_repetitions={runs}",
        "--benchmark_min_time=0.01",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    results = json.loads(done.stdout)["benchmarks"]
    return next(r["real_time"] for r in results if r.get("aggregate_name") == "median")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: .venv/bin/python bench/compare_pytorch.py resnet50 vgg16 --pairs 5",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("architectures", nargs="*", default=["resnet18", "resnet50", "vgg16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5, help="how often the two are timed in turn")
    parser.add_argument("--runs", type=int, default=10, help="gradients per timing; their median counts")
    parser.add_argument("--program", type=Path, default=BUILD / "bench" / "bench_image_gradient")
    args = parser.parse_args()

    print(f"{'network':<12} {'Backlight ms':>13} {'PyTorch ms':>11} {'ratio':>6}   pair by pair")
    for architecture in args.architectures:
        ours, theirs = [], []
        for _ in range(args.pairs):
            ours.append(backlight_ms(architecture, args.threads, args.runs, args.program))
            theirs.append(pytorch_ms(architecture, args.threads, args.runs))
        ratios = [a / b for a, b in zip(ours, theirs)]
        print(
            f"{architecture:<12} {statistics.median(ours):>13.1f} {statistics.median(theirs):>11.1f} "
            f"{statistics.median(ratios):>6.2f}   {' '.join(f'{r:.2f}' for r in ratios)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
