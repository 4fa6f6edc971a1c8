#!/usr/bin/env python3
"""Walks the checkpoints, dumps and pictures that FIELD/make_field.py makes of the zoo, and holds Backlight against what
FIELD/README.md says is right for each. Ends with 77 without torch, h5py, Pillow or those folders.

example:
  tests/pytorch/verify_field.py --field ../shared/field --zoo ../shared/zoo"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
try:
    import h5py
    import numpy as np
    import PIL  # noqa: F401
    import torch
except ImportError as error:
    print(f"skipped: {error}; this needs torch, h5py and Pillow")
    sys.exit(77)

RESNET20 = "resnet20-12fca82f.th"
NUMBER = {"checkpoints": 14, "dumps": 6}
# Of `backlight verify`: the verdict, and the words that its text must have.
DUMPS = {
    "whole": ("pass", []),
    "int32_target": ("pass", []),
    "float16": ("reduced precision", ["float16"]),
    "only_input_gradient": ("pass", ["no node"]),
    "only_activations": ("pass", ["gradient"]),
    "tf32": ("reduced precision", ["conv", "11 bits"]),
}


def python(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SOURCE / "weights" / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def checkpoints(folder: Path, zoo: Path, out: Path) -> Iterator[tuple[str, bool]]:
    """The tensors are bit by bit those of the zoo's network, or those that the file says were chosen."""
    truth = torch.load(zoo / "cifar_resnet" / RESNET20, map_location="cpu", weights_only=True)["state_dict"]
    truth = {name.removeprefix("module."): values.numpy() for name, values in truth.items() if values.dim()}
    for path in sorted(folder.iterdir()):
        done = python("convert.py", "cifar_resnet20", path, "-o", out)
        good = done.returncode == 0
        if good:
            with h5py.File(out) as file:
                half = "float16" in path.name
                good = set(file) == set(truth) and all(
                    np.array_equal(
                        file[name][()], truth[name].astype("f2").astype("f4") if half else truth[name]
                    )
                    for name in file
                )
        if path.name == "model_and_ema.pth":
            good = good and "model_ema" in done.stderr and done.stderr.count("\n") == 1
        yield path.name, good


def dumps(folder: Path, weights: Path, backlight: Path) -> Iterator[tuple[str, bool]]:
    for path in sorted(folder.iterdir()):
        verdict, words = DUMPS[path.stem]
        command = [str(backlight), "verify", str(path), "--weights", str(weights)]
        text = subprocess.run(command, capture_output=True, text=True)
        report = json.loads(subprocess.run([*command, "--json"], capture_output=True).stdout)
        bugs = [node for node in report["nodes"] if node["verdict"] == "bug"]
        yield path.name, (
            report["verdict"] == verdict
            and text.returncode == (0 if verdict == "pass" else 3)
            and not bugs
            and all(word in text.stdout for word in words)
        )


def pictures(folder: Path, backlight: Path, out: Path) -> Iterator[tuple[str, bool]]:
    """PyTorch sees the same picture as Backlight; a name that is no UTF-8 is no reason to lose a result."""

    def logits(path: bytes) -> tuple[int, list[float]]:
        done = subprocess.run([str(backlight), "classify", path, "--json"], capture_output=True)
        image = json.loads(done.stdout.decode("utf-8"))["images"][0]
        by_class = sorted(image["top"], key=lambda p: p["index"])
        return done.returncode, [p["logit"] for p in by_class]

    for name in ("alpha.png", "grey16.png", "cmyk_no_app14.jpg"):
        made = python("dump_reference.py", "custom_cnn", "--image", folder / name, "-o", out)
        if made.returncode != 0:
            print(made.stderr)
            yield name, False
            continue
        with h5py.File(out) as dump:
            yield name, bool(
                np.allclose(dump["logits"][0], logits(os.fsencode(folder / name))[1], atol=1e-5, rtol=0)
            )
    (latin1,) = (path for path in os.listdir(os.fsencode(folder)) if path.startswith(b"caf"))
    yield repr(latin1), logits(os.fsencode(folder) + b"/" + latin1)[0] == 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = SOURCE.parent / "shared"
    parser.add_argument("--field", type=Path, default=os.environ.get("BACKLIGHT_FIELD", shared / "field"))
    parser.add_argument("--zoo", type=Path, default=os.environ.get("BACKLIGHT_ZOO", shared / "zoo"))
    parser.add_argument(
        "--backlight", type=Path, default=SOURCE / "build" / "backlight", metavar="EXECUTABLE"
    )
    options = parser.parse_args()
    if not (options.field / "make_field.py").exists() or not (options.zoo / "cifar_resnet").exists():
        print(f"skipped: this needs the folders {options.field} and {options.zoo}")
        return 77
    with tempfile.TemporaryDirectory(prefix="backlight-") as name:
        folder = Path(name)
        maker = [sys.executable, str(options.field / "make_field.py"), name, "--zoo", str(options.zoo)]
        subprocess.run(maker, check=True, capture_output=True)
        weights = folder / "w.h5"
        python("convert.py", "cifar_resnet20", options.zoo / "cifar_resnet" / RESNET20, "-o", weights)
        results = {
            "checkpoints": checkpoints(folder / "checkpoints", options.zoo, folder / "out.h5"),
            "dumps": dumps(folder / "dumps", weights, options.backlight),
            "pictures": pictures(folder, options.backlight, folder / "dump.h5"),
        }
        failed = 0
        for kind, walk in results.items():
            number = 0
            for file, good in walk:
                print(f"{kind:<12} {file:<28} {'right' if good else 'WRONG'}")
                number, failed = number + 1, failed + (not good)
            if number < NUMBER.get(kind, 4):
                print(f"{kind}: only {number} files, expected {NUMBER[kind]}")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
