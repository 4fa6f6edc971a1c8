"""Checkpoints as people have them: what stands beside the weights, around them and before their names; and files that
would take memory or time without end. Needs numpy and h5py.

python3 -m unittest discover -s tests/weights
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import pickle
import resource
import subprocess
import sys
import time
import unittest

import numpy as np

from checkpoint_writers import SOURCE, Tensor, legacy, safetensors, zip_archive, zip_of
from convert_case import NET, ConvertTest, random_state, tensors

import checkpoints
import safe_pickle


class CheckpointDict(collections.OrderedDict):
    """An OrderedDict of a module that the reader does not know."""


class NumpyScalar:
    """Pickled as numpy does a float32: by the functions `scalar` and `dtype` of a module that has had two names."""

    def __reduce__(self):
        return np.float32(91.5).__reduce__()


def prefixed(prefix: str, state: dict[str, np.ndarray]) -> dict[str, Tensor]:
    return tensors({prefix + name: values for name, values in state.items()})


class Field(ConvertTest):
    def test_keys_around_the_weights(self) -> None:
        state = random_state()
        for key in (
            *(
                "state_dict",
                "model",
                "net",
                "network",
                "model_state_dict",
                "model_ema",
                "ema",
                "state_dict_ema",
            ),
            *("module", "weights", "anything"),
        ):
            with self.subTest(key):
                self.assert_converted(zip_archive({"epoch": 3, key: tensors(state)}), state)
        self.assert_converted(zip_archive({"train": {"model": {"state_dict": tensors(state)}}}), state)

    def test_prefixes(self) -> None:
        state = random_state()
        for prefix in (
            *(
                "module.",
                "module.module.",
                "_orig_mod.",
                "module._orig_mod.",
                "model.",
                "ema.",
                "ema.module.",
            ),
            *("encoder.backbone.",),
        ):
            with self.subTest(prefix):
                held = prefixed(prefix, state)
                held[f"{prefix}bn1.num_batches_tracked"] = Tensor(np.array(7))
                self.assert_converted(zip_archive({"state_dict": held}), state)
        both = {**prefixed("model.", state), "loss.weight": Tensor(np.ones(3, "<f4"))}
        self.assert_converted(zip_archive({"state_dict": both}), state)

    def test_objects_beside_the_weights(self) -> None:
        state = random_state()
        for beside in (
            argparse.Namespace(arch="resnet20", milestones=[100, 150]),
            collections.defaultdict(list, loss=[0.4, 0.3]),
            {1, 2},
            frozenset({"a"}),
            NumpyScalar(),
            np.arange(3),
            slice(1, 2),
            bytearray(b"abc"),
            {1: "a", 2.5: "b"},
            CheckpointDict(loss=1),
            subprocess.Popen,
        ):
            with self.subTest(type(beside).__name__):
                for write in (zip_archive, legacy):
                    self.assert_converted(write({"state_dict": tensors(state), "beside": beside}), state)
        self.assert_converted(zip_archive(CheckpointDict(tensors(state))), state)

    def test_every_protocol(self) -> None:
        beside = {
            "set": {1},
            "text": "é",
            "big": 1 << 80,
            "none": None,
            "list": [1.5, True],
            "date": complex(1),
        }
        for protocol in range(6):
            with self.subTest(protocol):
                read = safe_pickle.load(io.BytesIO(pickle.dumps(beside, protocol)), {})
                self.assertEqual(read["text"], "é")
                self.assertEqual(read["big"], 1 << 80)
                self.assertIsInstance(read["set"], safe_pickle.Record)
                self.assertIsInstance(read["date"], safe_pickle.Record)

    def test_an_average_is_taken_and_said(self) -> None:
        last, average = random_state(), random_state()
        average["linear.bias"] = average["linear.bias"] + 1
        data = zip_archive({"model": tensors(last), "model_ema": tensors(average)})
        status, message = self.run_on(data)
        self.assertEqual(status, 0)
        self.assertIn("took 'model_ema'; --from 'model' takes another", message)
        self.assert_tensors(average)
        self.out.unlink()
        self.assertEqual(self.run_on(data, "--from", "model"), (0, ""))
        self.assert_tensors(last)
        self.out.unlink()
        status, message = self.run_on(data, "--from", "optimizer")
        self.assertEqual(status, 1)
        self.assertIn("those that do: 'model_ema', 'model'", message)

    def test_what_does_not_fit_is_described(self) -> None:
        self.assert_refused(
            safetensors(random_state()),
            *("conv1.weight 16x3x3x3", "it fits cifar_resnet20", "missing layer1.3"),
            architecture="cifar_resnet32",
        )
        script = zip_of({"a/constants.pkl": b"", "a/code/net.py": b"", "a/data.pkl": b""})
        self.assert_refused(script, "TorchScript", "torch.jit.load(FILE).state_dict()")
        module = b"\x80\x02cnet\nNet\n)\x81}X\x08\0\0\0_modules}sb."
        whole = "holds a whole object, net.Net, which was not run", "torch.load(FILE, weights_only=False)"
        self.assert_refused(zip_of({"a/data.pkl": module}), *whole)
        self.assert_refused(zip_archive({"epoch": 3, "lr": 0.1}), "no state dict", "the keys epoch, lr")
        status, message = self.run_on(zip_archive({"k" * 100_000: 1, "\x1b[2J": tensors({"a": np.ones(3)})}))
        self.assertEqual(status, 1)
        self.assertLess(len(message), 3000)
        self.assertNotIn("\x1b", message)


class Exhaustion(ConvertTest):
    """Each of these took gigabytes or minutes, or printed megabytes."""

    def assert_refused_quickly(self, data: bytes, *words: str) -> None:
        file = self.folder / "weights.bin"
        file.write_bytes(data)
        command = [sys.executable, SOURCE / "weights" / "convert.py", NET, file, "-o", self.out]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=_limit_memory)
        self.assertLess(time.monotonic() - start, 8)
        self.assertEqual(done.returncode, 1, done.stderr[-300:])
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertLess(len(done.stderr), 3000)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_nested_references(self) -> None:
        for count in (20, 60, 200):
            nested = b"\x80\x02X\x03\0\0\0lol" + b"".join(
                b"q%c" % n + b"h%c" % n * 3 + b"\x87" for n in range(count)
            )
            for tail in (b".", b"cnet\nNet\nq\xffh\xff" + b"\x86R."):
                self.assert_refused_quickly(zip_of({"a/data.pkl": nested + tail}))
            size = b"ctorch._utils\n_rebuild_tensor_v2\n"
            self.assert_refused_quickly(zip_of({"a/data.pkl": b"\x80\x02" + size + nested[2:] + b"\x85R."}))

    def test_operations_without_end(self) -> None:
        many = b"\x80\x02" + b"K\x010" * (safe_pickle.MOST_OPERATIONS // 2 + 1) + b"}."
        self.assert_refused_quickly(zip_of({"a/data.pkl": many}), "operations")
        listed = b"\x80\x02ccollections\nOrderedDict\nq\0](" + b"K\x01" * 10_000 + b"e\x85q\x01"
        self.assert_refused_quickly(zip_of({"a/data.pkl": listed + b"0h\0h\x01R0" * 1000 + b"}."}))

    def test_numbers_of_one_hash_as_keys(self) -> None:
        modulus = (1 << 61) - 1
        keys = b"".join(
            b"\x8a\x0a" + (n * modulus).to_bytes(10, "little", signed=True) + b"N" for n in range(1, 200_000)
        )
        self.assert_refused_quickly(zip_of({"a/data.pkl": b"\x80\x02}(" + keys[: 14 * 20_000] + b"u."}))

    def test_axes_without_end(self) -> None:
        entry = {"dtype": "F32", "shape": [1] * 30_000, "data_offsets": [0, 4]}
        header = json.dumps({"a": entry}).encode()
        self.assert_refused_quickly(len(header).to_bytes(8, "little") + header + bytes(4), "30000 axes")

    def test_bytes_of_two_tensors(self) -> None:
        state = random_state()
        self.assert_refused(safetensors(state, {"linear.bias": {"data_offsets": [0, 40]}}), "another tensor")

    def test_a_storage_that_many_share_is_read_once(self) -> None:
        state = random_state()
        held = tensors(state)
        shared = np.zeros(5_000_000, "<f4")  # 20 MB
        for name in state:
            if "running" in name:
                held[name] = Tensor(shared, 0, state[name].shape)
                state[name] = np.zeros_like(state[name])
        reads = 0
        data = checkpoints.Storage.data

        def count(storage):
            nonlocal reads
            reads += storage.size == shared.nbytes and (
                checkpoints._last is None or checkpoints._last[0] is not storage
            )
            return data(storage)

        checkpoints.Storage.data = count
        self.addCleanup(setattr, checkpoints.Storage, "data", data)
        self.assert_converted(zip_archive(held), state)
        self.assertEqual(reads, 1)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


if __name__ == "__main__":
    unittest.main()
