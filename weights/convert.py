#!/usr/bin/env python3
"""Converts a PyTorch or safetensors checkpoint to Backlight's native HDF5 format. Needs numpy and h5py, not PyTorch,
and runs nothing that the file contains.

example:
  python3 weights/convert.py resnet50 resnet50-11ad3fa6.pth -o resnet50.h5 --license BSD-3-Clause
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from pathlib import Path

try:
    import numpy as np

    import checkpoints
    import native
except ModuleNotFoundError as error:
    sys.exit(
        f"convert.py: {error}; it needs numpy and h5py: apt-get install python3-numpy python3-h5py, or pip"
    )
from architectures import ARCHITECTURES, Manifest, Preprocessing, manifest
from command_line import exit_status, parser_of
from native import BadFile


def read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BadFile(f"{path}: not a regular file")
        return path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error


def read_tensors(data: bytes, expected: Manifest, where: str) -> dict[str, np.ndarray]:
    """The manifest's tensors as float32, in its order. Raises BadFile if one is missing, extra, misshapen or not finite."""
    try:
        found = checkpoints.state_dict(checkpoints.read(data))
    except (
        Exception
    ) as error:  # a hostile file can provoke any exception; every one means that the file is bad
        raise BadFile(f"{where}: damaged or refused: {error or type(error).__name__}") from error
    for name, tensor in found.items():
        if not isinstance(tensor, checkpoints.StoredTensor):
            raise BadFile(f"{where}: {name}: expected a tensor, found {type(tensor).__name__}")
    native.check_names({name: tensor.shape for name, tensor in found.items()}, expected, where)

    tensors = {}
    for name in expected:
        try:
            tensors[name] = found[name].float32()
        except Exception as error:
            raise BadFile(f"{where}: {name}: {error}") from error
        if not np.isfinite(tensors[name]).all():
            raise BadFile(f"{where}: {name}: holds a NaN or an infinite value")
        if name.endswith("running_var") and (tensors[name] < 0).any():
            raise BadFile(f"{where}: {name}: holds a negative variance")
    return tensors


def convert(
    architecture: str,
    source: Path,
    out: Path,
    labels: Path | None = None,
    preprocessing: Preprocessing | None = None,
    license: str = "unstated",
    origin: str | None = None,
) -> None:
    """Converts one file. `labels` and `preprocessing` default to those the architecture was published with."""
    classes = native.read_labels(labels) if labels else native.default_labels(architecture)
    data = read_bytes(source)
    if out.exists() and out.samefile(source):
        raise BadFile(f"{out}: is the source itself")
    tensors = read_tensors(data, manifest(architecture, len(classes)), f"{source} as {architecture}")
    description = native.Description(
        architecture=architecture,
        classes=classes,
        preprocessing=preprocessing or ARCHITECTURES[architecture].preprocessing,
        source=origin or source.name,
        source_sha256=hashlib.sha256(data).hexdigest(),
        license=license,
    )
    native.write(out, tensors, description)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(__doc__, "OUT.h5")
    parser.add_argument("file", type=Path, metavar="FILE", help=".pth, .th, .pt or .safetensors")
    parser.add_argument(
        "--classes", type=Path, metavar="FILE", help="class names, one per line (default: the published ones)"
    )
    parser.add_argument("--license", default="unstated", metavar="TEXT", help="licence of the weights")
    parser.add_argument(
        "--source", metavar="TEXT", help="where the weights come from (default: the file's name)"
    )
    parser.add_argument(
        "--input-size", "--crop", type=int, metavar="N", help="side of the input, cut from the centre"
    )
    parser.add_argument(
        "--resize", type=int, metavar="N", help="shorter side before the cut; 0: resize straight to the input"
    )
    parser.add_argument(
        "--mean", type=float, nargs=3, metavar=("R", "G", "B"), help="of the training images, in 0..1"
    )
    parser.add_argument(
        "--std", type=float, nargs=3, metavar=("R", "G", "B"), help="of the training images, in 0..1"
    )
    return parser


def _preprocessing(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Preprocessing:
    default = ARCHITECTURES[options.architecture].preprocessing
    chosen = Preprocessing(
        default.input_size if options.input_size is None else options.input_size,
        default.resize if options.resize is None else options.resize,
        tuple(options.mean or default.mean),
        tuple(options.std or default.std),
    )
    if not 1 <= chosen.input_size <= 4096:
        parser.error(f"--input-size {chosen.input_size}: expected 1 to 4096")
    if chosen.resize != 0 and not chosen.input_size <= chosen.resize <= 8192:
        parser.error(f"--resize {chosen.resize}: expected 0, or the input size ({chosen.input_size}) to 8192")
    if not all(map(math.isfinite, chosen.mean)):
        parser.error("--mean: expected finite numbers")
    if not all(math.isfinite(value) and value > 0 for value in chosen.std):
        parser.error("--std: expected positive numbers")
    return chosen


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    preprocessing = _preprocessing(parser, options)
    return exit_status(
        "convert.py",
        lambda: convert(
            options.architecture,
            options.file,
            options.out,
            options.classes,
            preprocessing,
            options.license,
            options.source,
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
