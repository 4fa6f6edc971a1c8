"""Reads PyTorch checkpoints (zip and legacy) and safetensors with numpy alone. Nothing in a file is executed, and
every offset, length and shape is checked against the bytes that are there before memory is taken for it."""

from __future__ import annotations

import functools
import io
import json
import math
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import safe_pickle

MOST_AXES = 16  # of a tensor
MOST_HEADER_BYTES = 32 << 20  # of a safetensors file: thousands of tensors take one

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001  # torch.serialization.MAGIC_NUMBER, PROTOCOL_VERSION

# Element types: the name in torch, and the type that numpy reads. numpy has no bfloat16; see StoredTensor.float32.
_NUMPY_TYPES = {
    "float32": "<f4",
    "float64": "<f8",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "i1",
    "uint8": "u1",
    "bool": "u1",
}
_FLOATING = ("float32", "float64", "float16", "bfloat16")
_TORCH_STORAGES = {
    "torch.FloatStorage": "float32",
    "torch.DoubleStorage": "float64",
    "torch.HalfStorage": "float16",
    "torch.BFloat16Storage": "bfloat16",
    "torch.LongStorage": "int64",
    "torch.IntStorage": "int32",
    "torch.ShortStorage": "int16",
    "torch.CharStorage": "int8",
    "torch.ByteStorage": "uint8",
    "torch.BoolStorage": "bool",
}
_UNTYPED = ("torch.UntypedStorage", "torch.storage.UntypedStorage")  # counted in bytes
_DTYPES = {f"torch.{name}": name for name in _NUMPY_TYPES}
_SAFETENSORS_TYPES = {
    "F32": "float32",
    "F64": "float64",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


@dataclass
class Storage:
    """A run of bytes in the file. `read` fetches them when a tensor is wanted."""

    dtype: str
    size: int
    read: Callable[[], bytes | memoryview] | None = None

    def data(self) -> bytes | memoryview:
        """Its bytes. Those that were read last are kept: tensors that share a storage often come one after another."""
        global _last
        if _last is None or _last[0] is not self:
            _last = None  # before the next is read
            _last = (self, self.read())
        return _last[1]


_last: tuple[Storage, bytes | memoryview] | None = None


@dataclass(frozen=True)
class StoredTensor:
    """A view of a storage: offset and strides count elements, as in torch."""

    storage: Storage
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def float32(self) -> np.ndarray:
        """The values as a contiguous float32 array. Raises ValueError where the view leaves its storage."""
        if self.dtype not in _FLOATING:
            raise ValueError(f"holds {self.dtype}, expected a floating-point type")
        numpy_type = np.dtype(_NUMPY_TYPES[self.dtype])
        last = self.offset + sum((size - 1) * stride for size, stride in zip(self.shape, self.strides))
        needed = (last + 1) * numpy_type.itemsize
        if needed > self.storage.size or self.storage.read is None:
            raise ValueError(f"needs {needed} bytes of a storage that holds {self.storage.size}")
        data = self.storage.data()
        if len(data) != self.storage.size:
            raise ValueError(f"its storage holds {len(data)} bytes, expected {self.storage.size}")
        flat = np.frombuffer(data, numpy_type, count=self.storage.size // numpy_type.itemsize)
        byte_strides = [stride * numpy_type.itemsize for stride in self.strides]
        view = np.lib.stride_tricks.as_strided(flat[self.offset :], self.shape, byte_strides, writeable=False)
        if self.dtype == "bfloat16":  # the upper half of a float32
            return np.ascontiguousarray((view.astype("<u4") << 16).view("<f4"))
        with np.errstate(over="ignore"):  # too large for float32 becomes infinite, which the caller refuses
            return np.ascontiguousarray(view, "<f4")


def _itemsize(dtype: str) -> int:
    return np.dtype(_NUMPY_TYPES[dtype]).itemsize


def _slice(data: bytes, begin: int, end: int) -> Callable[[], memoryview]:
    return lambda: memoryview(data)[begin:end]


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(
            f"a {type(value).__name__} stands where a size or an offset belongs, or it is below 0"
        )
    return value


def _rebuild_tensor(storage: Storage, offset: int, shape: tuple, strides: tuple, *rest: Any) -> StoredTensor:
    if not isinstance(storage, Storage) or len(shape) != len(strides) or len(shape) > MOST_AXES:
        raise ValueError("a tensor is described wrongly")
    # _rebuild_tensor_v3 names the element type after requires_grad and backward_hooks; before, the storage has it.
    dtype = storage.dtype
    if len(rest) > 2 and isinstance(rest[2], safe_pickle.Global) and rest[2].name in _DTYPES:
        dtype = _DTYPES[rest[2].name]
    return StoredTensor(
        storage, dtype, _natural(offset), tuple(map(_natural, shape)), tuple(map(_natural, strides))
    )


def _dict(items: Any = ()) -> dict[Any, Any]:
    """Of pairs, as an OrderedDict is made of; a defaultdict is made of the type of what it lacks."""
    if not isinstance(items, (list, tuple)):
        return {}
    if not all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str) for pair in items
    ):
        raise ValueError("an OrderedDict has keys that are not names")
    return dict(items)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _dict,
    "torch.Size": lambda sizes=(): tuple(sizes),
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v3": _rebuild_tensor,
    "torch._utils._rebuild_parameter": lambda data, *rest: data,
    "torch._utils._rebuild_parameter_with_state": lambda data, *rest: data,
}


def _unpickle(stream: io.BytesIO, storages: dict[str, Storage] | None = None) -> Any:
    """One of torch's pickles. The storages that it refers to are collected under their keys."""

    def persistent(identity: Any) -> Storage:
        is_storage = isinstance(identity, tuple) and len(identity) >= 5 and identity[0] == "storage"
        if not is_storage or not isinstance(identity[2], str) or storages is None:
            raise safe_pickle.Refused(
                "the pickle refers to something outside it that is not a tensor's storage"
            )
        if any(view is not None for view in identity[5:]):
            raise safe_pickle.Refused("the pickle refers to a part of a storage; save it with a newer torch")
        kind = identity[1].name if isinstance(identity[1], safe_pickle.Global) else ""
        if kind not in _UNTYPED and kind not in _TORCH_STORAGES:
            return Storage("unknown", 0)  # quantised, complex ...: weights they are not
        dtype = "uint8" if kind in _UNTYPED else _TORCH_STORAGES[kind]
        storage = Storage(dtype, _natural(identity[4]) * _itemsize(dtype))
        known = storages.setdefault(identity[2], storage)
        if (known.dtype, known.size) != (storage.dtype, storage.size):
            raise ValueError(f"storage {identity[2]} is described in two ways")
        return known

    return safe_pickle.load(stream, _FUNCTIONS, persistent)


def _read_zip(data: bytes) -> Any:
    """torch.save since 1.6: NAME/data.pkl, and NAME/data/KEY for each storage, stored without compression."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    if any(name.endswith("/constants.pkl") or "/code/" in name for name in archive.namelist()):
        raise ValueError(
            "a TorchScript archive; Python makes its weights: "
            'torch.save(torch.jit.load(FILE).state_dict(), "weights.pth")'
        )
    pickles = [name for name in archive.namelist() if name.endswith("/data.pkl") and name.count("/") == 1]
    if len(pickles) != 1:
        raise ValueError("a zip archive, but torch.save did not write it: there is no single data.pkl")
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in archive.infolist()):
        raise ValueError("its zip entries are compressed, which torch.save never does")
    folder = pickles[0].split("/")[0]
    if f"{folder}/byteorder" in archive.namelist() and archive.read(f"{folder}/byteorder") != b"little":
        raise ValueError("written on a big-endian machine, which is not supported")
    storages: dict[str, Storage] = {}
    root = _unpickle(io.BytesIO(archive.read(pickles[0])), storages)
    for key, storage in storages.items():
        storage.read = functools.partial(archive.read, f"{folder}/data/{key}")
    return root


def _read_legacy(data: bytes) -> Any:
    """torch.save before 1.6: pickles of a magic number, a version, the system, the object and the storage keys; then
    for each key the number of elements (int64) and the elements."""
    stream = io.BytesIO(data)
    magic = _unpickle(stream)
    if type(magic) is not int or magic != _MAGIC or _unpickle(stream) != _PROTOCOL:
        raise ValueError("a pickle, but torch.save did not write it")
    if _unpickle(stream).get("little_endian") is not True:
        raise ValueError("written on a big-endian machine, which is not supported")
    storages: dict[str, Storage] = {}
    root = _unpickle(stream, storages)
    for key in _unpickle(stream):
        storage = storages[key]
        size = int.from_bytes(stream.read(8), "little", signed=True) * _itemsize(storage.dtype)
        start = stream.tell()
        if size != storage.size or start + size > len(data):
            raise ValueError(
                f"storage {key} has {size} bytes, expected {storage.size}; {len(data) - start} are left"
            )
        storage.read = _slice(data, start, start + size)
        stream.seek(size, io.SEEK_CUR)
    return root


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("its header names something twice")
    return dict(pairs)


def _read_safetensors(data: bytes) -> dict[str, StoredTensor]:
    """Eight bytes: the length of a JSON header {name: {dtype, shape, data_offsets: [begin, end]}}; the header; the data."""
    start = 8 + int.from_bytes(data[:8], "little")
    if start > len(data):
        raise ValueError(f"its header should end at byte {start} of {len(data)}")
    if start > MOST_HEADER_BYTES:
        raise ValueError(f"its header has {start - 8} bytes, at most {MOST_HEADER_BYTES} are read")
    header = json.loads(data[8:start], object_pairs_hook=_without_duplicates)
    header.pop("__metadata__", None)
    tensors = {}
    last_end = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        if len(entry["shape"]) > MOST_AXES:
            raise ValueError(f"{name[:100]}: has {len(entry['shape'])} axes, expected at most {MOST_AXES}")
        dtype, shape = _SAFETENSORS_TYPES[entry["dtype"]], tuple(map(_natural, entry["shape"]))
        begin, end = map(_natural, entry["data_offsets"])
        if end > len(data) - start or end - begin != math.prod(shape) * _itemsize(dtype):
            raise ValueError(
                f"{name[:100]}: bytes {begin} to {end} of {len(data) - start} cannot hold shape {shape}"
            )
        if begin < last_end:
            raise ValueError(f"{name[:100]}: its bytes are those of another tensor as well")
        last_end = end
        storage = Storage(dtype, end - begin, _slice(data, start + begin, start + end))
        strides = tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))
        tensors[name] = StoredTensor(storage, dtype, 0, shape, strides)
    return tensors


def read(data: bytes) -> Any:
    """The object in a checkpoint's bytes, tensors as StoredTensor. Raises almost anything on a damaged file."""
    if data.startswith(b"PK"):
        return _read_zip(data)
    if data.startswith(b"\x80"):
        return _read_legacy(data)
    if data[8:9] == b"{":
        return _read_safetensors(data)
    raise ValueError("neither a .pth/.th file of torch.save nor .safetensors")
