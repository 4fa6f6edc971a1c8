"""Backlight's own weight files: one HDF5 dataset per tensor under its state-dict name, attributes that describe the rest.
README.md beside this file is the specification."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from architectures import ARCHITECTURES, Manifest, Preprocessing

LABELS = Path(__file__).parent / "classes"


class BadFile(Exception):
    """A file that cannot be used: one line that says which, what was expected and what was found."""


@dataclass(frozen=True)
class Description:
    """The attributes of a native file."""

    architecture: str
    classes: list[str]
    preprocessing: Preprocessing
    source: str
    source_sha256: str
    license: str


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A temporary name to write to, in the same folder, which becomes `path` only when the writing has succeeded."""
    if path.is_dir():
        raise BadFile(f"{path}: cannot be written: it is a folder")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield unfinished
        os.replace(unfinished, path)
    except (OSError, RuntimeError) as error:
        reason = os.strerror(error.errno) if getattr(error, "errno", None) else error
        raise BadFile(f"{path}: cannot be written: {reason}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def read_labels(path: Path) -> list[str]:
    """Class names, one per line; lines that begin with # are comments."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: cannot be read as class names: {error}") from error
    labels = [line.strip() for line in lines if not line.startswith("#")]
    if not labels or not all(labels):
        raise BadFile(f"{path}: expected one class name per line, found an empty line or nothing")
    return labels


def default_labels(architecture: str) -> list[str]:
    return read_labels(LABELS / ARCHITECTURES[architecture].labels)


def check_names(found: dict[str, tuple[int, ...]], expected: Manifest, where: str) -> None:
    """Every tensor of the manifest, of the right shape, and no other."""

    def some(names: list[str]) -> str:
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    if missing := [name for name in expected if name not in found]:
        raise BadFile(f"{where}: missing {some(missing)}")
    if extra := [str(name) for name in found if name not in expected]:
        raise BadFile(f"{where}: unexpected {some(extra)}")
    for name, shape in expected.items():
        if tuple(found[name]) != shape:
            raise BadFile(f"{where}: {name}: expected shape {_times(shape)}, found {_times(found[name])}")


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "of a single number"


def write(path: Path, tensors: dict[str, np.ndarray], description: Description) -> None:
    with new_file(path) as unfinished, h5py.File(unfinished, "w") as file:
        for name, values in tensors.items():
            file.create_dataset(name, data=values, dtype="<f4")
        about = description.preprocessing
        file.attrs["format"] = "backlight-weights"
        file.attrs["version"] = np.int64(1)
        file.attrs["architecture"] = description.architecture
        file.attrs.create("classes", description.classes, dtype=h5py.string_dtype())
        file.attrs["input_size"] = np.int64(about.input_size)
        file.attrs["resize"] = np.int64(about.resize)
        file.attrs["mean"] = np.array(about.mean, "<f8")
        file.attrs["std"] = np.array(about.std, "<f8")
        file.attrs["source"] = description.source
        file.attrs["source_sha256"] = description.source_sha256
        file.attrs["license"] = description.license
        file.attrs["producer"] = f"weights/convert.py, h5py {h5py.__version__}"


def read(path: Path, architecture: str) -> tuple[dict[str, np.ndarray], Preprocessing]:
    """The tensors and the preprocessing of a native file of that architecture."""
    try:
        with h5py.File(path, "r") as file:
            found = file.attrs.get("architecture")
            if file.attrs.get("format") != "backlight-weights" or found != architecture:
                raise BadFile(f"{path}: expected Backlight weights of {architecture}, found {found}")
            about = Preprocessing(
                int(file.attrs["input_size"]),
                int(file.attrs["resize"]),
                tuple(map(float, file.attrs["mean"])),
                tuple(map(float, file.attrs["std"])),
            )
            return {name: dataset[()] for name, dataset in file.items()}, about
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadFile(f"{path}: damaged, or not a native weight file: {error}") from error
