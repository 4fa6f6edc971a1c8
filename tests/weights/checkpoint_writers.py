"""Writes small checkpoints as torch and safetensors do, without either, so that the readers can be tested anywhere and
with files that no honest program would write. Beside them: where the sources and the zoo are."""

from __future__ import annotations

import collections
import io
import json
import os
import pickle
import struct
import sys
import types
import zipfile
from pathlib import Path
from unittest import mock

import numpy as np

SOURCE = Path(__file__).resolve().parents[2]
ZOO = Path(os.environ.get("BACKLIGHT_ZOO", SOURCE.parent / "shared" / "zoo"))
sys.path.insert(0, str(SOURCE / "weights"))

_STORAGES = {"<f4": "FloatStorage", "<f8": "DoubleStorage", "<f2": "HalfStorage", "<i8": "LongStorage"}


class Tensor:
    """A tensor to be pickled: an array for its storage; offset, shape and strides as given, right or wrong."""

    def __init__(self, storage: np.ndarray, offset: int = 0, shape=None, strides=None, numel=None) -> None:
        self.storage, self.offset = storage, offset
        self.shape = storage.shape if shape is None else shape
        whole = tuple(int(np.prod(self.shape[axis + 1 :])) for axis in range(len(self.shape)))
        self.strides = whole if strides is None else strides
        self.numel = storage.size if numel is None else numel

    def __reduce__(self):
        rebuild = sys.modules["torch._utils"]._rebuild_tensor_v2
        return rebuild, (
            _Reference(self),
            self.offset,
            self.shape,
            self.strides,
            False,
            collections.OrderedDict(),
        )


class _Reference:
    def __init__(self, tensor: Tensor) -> None:
        self.tensor = tensor


def _fake_torch() -> dict[str, types.ModuleType]:
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2():
        pass

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2, torch._utils = _rebuild_tensor_v2, utils
    for name in _STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    return {"torch": torch, "torch._utils": utils}


def _pickled(root: object) -> tuple[bytes, dict[str, np.ndarray]]:
    """The pickle of the object with its tensors, and the storages that it refers to."""
    storages: dict[str, np.ndarray] = {}

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, _Reference):
                return None
            storage, key = value.tensor.storage, str(id(value.tensor.storage))
            storages[key] = storage
            kind = getattr(sys.modules["torch"], _STORAGES[storage.dtype.str])
            return ("storage", kind, key, "cpu", value.tensor.numel)

    with mock.patch.dict(sys.modules, _fake_torch()):
        stream = io.BytesIO()
        Pickler(stream, 2).dump(root)
    return stream.getvalue(), storages


def zip_archive(root: object) -> bytes:
    text, storages = _pickled(root)
    return zip_of(
        {"archive/data.pkl": text, **{f"archive/data/{k}": v.tobytes() for k, v in storages.items()}}
    )


def zip_of(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return stream.getvalue()


def legacy(root: object) -> bytes:
    text, storages = _pickled(root)
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    head = b"".join(pickle.dumps(value, 2) for value in (0x1950A86A20F9469CFC6C, 1001, system))
    data = b"".join(struct.pack("<q", value.size) + value.tobytes() for value in storages.values())
    return head + text + pickle.dumps(list(storages), 2) + data


def safetensors(tensors: dict[str, np.ndarray], changes: dict[str, dict] | None = None) -> bytes:
    """uint16 stands for bfloat16; `changes` replaces fields of the header's entries."""
    names = {"<f4": "F32", "<f8": "F64", "<f2": "F16", "<u2": "BF16", "<i8": "I64"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in tensors.items():
        begin, data = len(data), data + array.tobytes()
        header[name] = {
            "dtype": names[array.dtype.str],
            "shape": list(array.shape),
            "data_offsets": [begin, len(data)],
            **(changes or {}).get(name, {}),
        }
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data
