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
    import state_dict
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


def choose(root: object, expected: Manifest, where: str, wanted: str | None) -> state_dict.Weights:
    """The weights that fit; of several those that are wanted, or an average, and then says so. Raises BadFile where
    none do: what the nearest lack, and what the file holds."""
    fitting = state_dict.find(root, expected)
    if wanted is not None:
        chosen = [weights for weights in fitting if wanted in (weights.where, weights.where.split(": ")[0])]
        if not chosen:
            places = ", ".join(f"'{weights.where}'" for weights in fitting) or "none"
            raise BadFile(f"{where}: --from {wanted}: no weights that fit; those that do: {places}")
        return chosen[0]
    if not fitting:
        nearest = state_dict.nearest(root, expected)
        if nearest is None:
            wrong = root.get(next(iter(expected))) if isinstance(root, dict) else None
            found = "" if wrong is None else f"; expected tensors, found {state_dict.kind(wrong)}"
            raise BadFile(f"{where}: {state_dict.describe(root)}{found}")
        for name, tensor in nearest.items():
            if not isinstance(tensor, checkpoints.StoredTensor) and name in expected:
                raise BadFile(f"{where}: {name}: expected a tensor, found {state_dict.kind(tensor)}")
        tensors = {name: getattr(tensor, "shape", ()) for name, tensor in nearest.items()}
        try:
            native.check_names(tensors, expected, where)
        except BadFile as error:
            raise BadFile(f"{error}; {state_dict.describe(root)}") from error
    if len(fitting) > 1:
        others = ", ".join(f"--from '{weights.where}'" for weights in fitting[1:])
        print(f"convert.py: {where}: took '{fitting[0].where}'; {others} takes another", file=sys.stderr)
    return fitting[0]


def read_tensors(
    data: bytes, expected: Manifest, where: str, wanted: str | None = None
) -> dict[str, np.ndarray]:
    """The manifest's tensors as float32, in its order. Raises BadFile if one is missing, extra, misshapen or not finite."""
    try:
        root = checkpoints.read(data)
    except (
        Exception
    ) as error:  # a hostile file can provoke any exception; every one means that the file is bad
        reason = str(error)[:500] or type(error).__name__
        raise BadFile(f"{where}: damaged or refused: {reason}; nothing in it was run") from error
    found = choose(root, expected, where, wanted).tensors

    tensors = {}
    for name in sorted(expected, key=lambda name: id(found[name].storage)):  # each storage is read once
        try:
            tensors[name] = found[name].float32()
        except Exception as error:
            raise BadFile(f"{where}: {name}: {str(error) or type(error).__name__}") from error
        if not np.isfinite(tensors[name]).all():
            raise BadFile(f"{where}: {name}: holds a NaN or an infinite value")
        if name.endswith("running_var") and (tensors[name] < 0).any():
            raise BadFile(f"{where}: {name}: holds a negative variance")
    return {name: tensors[name] for name in expected}


def convert(
    architecture: str,
    source: Path,
    out: Path,
    labels: Path | None = None,
    preprocessing: Preprocessing | None = None,
    license: str = "unstated",
    origin: str | None = None,
    wanted: str | None = None,
) -> None:
    """Converts one file. `labels` and `preprocessing` default to those the architecture was published with."""
    classes = native.read_labels(labels) if labels else native.default_labels(architecture)
    data = read_bytes(source)
    if out.exists() and out.samefile(source):
        raise BadFile(f"{out}: is the source itself")
    tensors = read_tensors(data, manifest(architecture, len(classes)), f"{source} as {architecture}", wanted)
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
        "--from",
        metavar="KEY",
        help="which weights, where the file holds several that fit (default: an average, such as model_ema)",
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
            getattr(options, "from"),
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
