#!/usr/bin/env python3
"""Times image gradients (forward, and a logit's gradient at the pixels, 224x224) and whole processes (photograph to saliency
PNG) in Backlight and in PyTorch, in turn on this machine, and prints the ratios pair by pair.

PyTorch gets every advantage: all variants of bench/pytorch_gradient.py run in the first pair, and the quickest runs in all
others."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from ratio_picture import draw

HERE = Path(__file__).resolve().parent
VARIANTS = ("eager", "folded", "compiled")


@dataclass
class Comparison:
    """Seconds, pair by pair."""

    name: str
    variant: str
    backlight: list[float]
    pytorch: list[float]

    def ratios(self) -> list[float]:
        return [theirs / ours for ours, theirs in zip(self.backlight, self.pytorch)]

    def row(self) -> str:
        ours, theirs = statistics.median(self.backlight), statistics.median(self.pytorch)
        pairs = " ".join(f"{ratio:.2f}" for ratio in self.ratios())
        ratio = statistics.median(self.ratios())
        return f"{self.name:<34} {1e3 * ours:>10.1f} {1e3 * theirs:>10.1f} {ratio:>6.2f}x  {pairs}  ({self.variant})"


def run_json(command: list[object]) -> dict:
    done = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def timed(command: list[object]) -> float:
    start = time.perf_counter()
    subprocess.run([str(c) for c in command], check=True, capture_output=True)
    return time.perf_counter() - start


class Bench:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.torch = options, "?"

    def backlight(self, architecture: str, batch: int, threads: int) -> float:
        how = ["--architecture", architecture, "--batch", batch, "--threads", threads]
        profile = run_json([self.options.program, "profile", *how, "--repeat", self.options.runs, "--json"])
        return profile["whole"]["median"]

    def pytorch(self, architecture: str, variant: str, batch: int, threads: int) -> float:
        how = ["--variant", variant, "--batch", batch, "--threads", threads, "--runs", self.options.runs]
        found = run_json([sys.executable, HERE / "pytorch_gradient.py", architecture, *how])
        self.torch = found["torch"]
        return found["median"]

    def every_variant(self, architecture: str, batch: int, threads: int) -> dict[str, float]:
        """A variant that does not run here (torch.compile refuses an instruction set below the processor's) is left out."""
        found = {}
        for variant in VARIANTS:
            try:
                found[variant] = self.pytorch(architecture, variant, batch, threads)
            except subprocess.CalledProcessError as error:
                reason = error.stderr.strip().splitlines()[-1] if error.stderr.strip() else "no reason given"
                print(
                    f"{architecture}: PyTorch's variant '{variant}' does not run: {reason}", file=sys.stderr
                )
        if not found:
            sys.exit("no variant of PyTorch runs")
        return found

    def gradient(self, architecture: str, batch: int, threads: int) -> Comparison:
        name = f"{architecture}, batch {batch}, {threads} thread{'s' if threads > 1 else ''}"
        ours = [self.backlight(architecture, batch, threads)]
        first = self.every_variant(architecture, batch, threads)
        best = min(first, key=first.get)
        theirs = [first[best]]
        for _ in range(self.options.pairs - 1):
            ours.append(self.backlight(architecture, batch, threads))
            theirs.append(self.pytorch(architecture, best, batch, threads))
        return Comparison(name, best, ours, theirs)

    def process(self, architecture: str, folder: Path) -> Comparison:
        """From the start of a process to the PNG that it has written."""
        weights, native, photo = folder / "net.pth", folder / "net.h5", self.options.photo
        save = "import sys, torch, torchvision; torch.manual_seed(1); "
        save += "torch.save(getattr(torchvision.models, sys.argv[1])(weights=None).state_dict(), sys.argv[2])"
        subprocess.run([sys.executable, "-c", save, architecture, str(weights)], check=True)
        convert = [
            sys.executable,
            HERE.parent / "weights" / "convert.py",
            architecture,
            weights,
            "-o",
            native,
        ]
        subprocess.run([str(c) for c in convert], check=True, capture_output=True)
        ours = [self.options.program, "saliency", photo, "--weights", native, "--out", folder / "ours.png"]
        theirs = [sys.executable, HERE / "pytorch_saliency.py", photo, "--architecture", architecture]
        theirs += ["--weights", weights, "--out", folder / "theirs.png"]
        timed(ours), timed(theirs)  # the files are in memory after that
        pairs = [(timed(ours), timed(theirs)) for _ in range(self.options.pairs)]
        name = f"{architecture}, process start to PNG"
        return Comparison(name, "a script", [o for o, _ in pairs], [t for _, t in pairs])

    def all(self):
        cores = os.cpu_count() or 1
        for architecture in self.options.architectures:
            if "gradient" in self.options.what:
                yield self.gradient(architecture, 1, cores)
            if "batch" in self.options.what:
                yield self.gradient(architecture, 4 if architecture.startswith("vgg") else 8, cores)
            if "thread" in self.options.what:
                yield self.gradient(architecture, 1, 1)
            if "process" in self.options.what:
                with tempfile.TemporaryDirectory(prefix="backlight-") as folder:
                    yield self.process(architecture, Path(folder))


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    sets = [name for name in ("avx2", "avx512f", "amx_bf16") if name in flags]
    limits = ("BACKLIGHT_ISA", "ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA")
    held = "".join(f", {name}={os.environ[name]}" for name in limits if name in os.environ)
    return f"{names[0] if names else platform.machine()} ({', '.join(sets)}), {os.cpu_count()} threads{held}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: .venv/bin/python bench/compare_pytorch.py resnet50 --pairs 5 --what gradient process",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = ("gradient", "batch", "thread", "process")
    photo = HERE.parent / "apps" / "pictures" / "demo.jpg"
    parser.add_argument("architectures", nargs="*", default=["resnet18", "resnet50", "vgg16"])
    parser.add_argument("--what", nargs="+", choices=what, default=list(what), help="default: all of it")
    parser.add_argument("--pairs", type=int, default=5, help="how often the two are timed in turn")
    parser.add_argument("--runs", type=int, default=12, help="gradients per timing; their median counts")
    parser.add_argument("--program", type=Path, default=HERE.parent / "build" / "backlight")
    parser.add_argument("--photo", type=Path, default=photo, help="what the processes look at")
    parser.add_argument("--json", type=Path, metavar="FILE.json", help="keep all seconds")
    parser.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw the ratios")
    args = parser.parse_args()

    bench, found = Bench(args), []
    title = f"{processor()}; {date.today()}"
    print(
        f"{title}\n{'':<34} {'Backlight':>10} {'PyTorch':>10}\n{'':<34} {'ms':>10} {'ms':>10}  ratio  pair by pair"
    )
    for comparison in bench.all():
        found.append(comparison)
        print(comparison.row(), flush=True)
    title += f"; torch {bench.torch}"
    if args.json:
        args.json.write_text(
            json.dumps({"machine": title, "comparisons": [asdict(c) for c in found]}, indent=1)
        )
    if args.picture:
        args.picture.write_text(draw(title, [(c.name, c.ratios()) for c in found]))


if __name__ == "__main__":
    main()
