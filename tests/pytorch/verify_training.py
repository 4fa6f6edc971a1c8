#!/usr/bin/env python3
"""Holds training against PyTorch: the gradient of every parameter and every running statistic after one batch, and the
losses of twenty steps of SGD and of AdamW, in float64, for a network of each family that has batchnorm. The dumps are
made by weights/dump_training.py, whole, and verified by `backlight verify`. Ends with 77 without torch and h5py.

example:
  tests/pytorch/verify_training.py --network resnet18"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "weights"))
try:
    import torch

    import dump_training
except ImportError as error:
    print(f"skipped: {error}; this needs torch and h5py")
    sys.exit(77)

INPUT_SIZES = {"custom_cnn": 64, "cifar_resnet20": 32, "resnet18": 64}


def verify(backlight: Path, network: str, threads: int) -> bool:
    with tempfile.TemporaryDirectory(prefix="backlight-") as folder:
        dump = Path(folder) / "training.h5"
        made = dump_training.main(
            [network, "--input-size", str(INPUT_SIZES[network]), "--threads", str(threads), "-o", str(dump)]
        )
        command = [str(backlight), "verify", str(dump), "--threads", str(threads), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if made != 0 or done.returncode not in (0, 3):
        return False
    report = json.loads(done.stdout)
    worst = {
        kind: max((p["distance"], p["name"]) for p in report["parameters"] if p["kind"] == kind)
        for kind in ("gradient", "statistic")
    }
    losses = [f"{run['distance']:7.1e} ({len(run['dump'])})" for run in report["runs"]]
    columns = [f"{distance:7.1e} {name:<28}" for distance, name in worst.values()]
    print(
        f"{network:<15} {len(report['parameters']):>10}  {'  '.join(columns)} {'  '.join(losses)}  {report['verdict']}",
        flush=True,
    )
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--backlight", type=Path, default=SOURCE / "build" / "backlight", metavar="EXECUTABLE"
    )
    parser.add_argument(
        "--network", nargs="+", choices=INPUT_SIZES, default=list(INPUT_SIZES), metavar="ARCH"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    options = parser.parse_args()
    print(
        f"torch {torch.__version__}; relative distances to its training in float64, worst of all parameters and steps"
    )
    print(
        f"{'network':<15} {'parameters':>10}  {'gradient':<36}  {'running statistic':<36} {'SGD (steps)':<12}  AdamW"
    )
    good = [verify(options.backlight.resolve(), network, options.threads) for network in options.network]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
