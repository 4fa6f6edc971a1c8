"""What the tests of weights/convert.py share: a small network's state, and a conversion in a temporary folder."""

from __future__ import annotations

import collections
import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from checkpoint_writers import Tensor

import convert
from architectures import manifest

NET = "cifar_resnet20"


def random_state(dtype: str = "<f4") -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {name: random.uniform(0.1, 1, shape).astype(dtype) for name, shape in manifest(NET, 10).items()}


def tensors(state: dict[str, np.ndarray]) -> collections.OrderedDict:
    return collections.OrderedDict((name, Tensor(array)) for name, array in state.items())


class ConvertTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out" / "net.h5"
        self.out.parent.mkdir()

    def run_on(self, data: bytes, *options: str, architecture: str = NET) -> tuple[int, str]:
        file = self.folder / "weights.bin"
        file.write_bytes(data)
        return self.run_main(architecture, str(file), "-o", str(self.out), *options)

    def run_main(self, *arguments: str) -> tuple[int, str]:
        with contextlib.redirect_stderr(io.StringIO()) as stderr:
            status = convert.main(list(arguments))
        return status, stderr.getvalue()

    def assert_converted(self, data: bytes, state: dict[str, np.ndarray], *options: str) -> None:
        status, message = self.run_on(data, *options)
        self.assertEqual((status, message), (0, ""))
        self.assert_tensors(state)

    def assert_tensors(self, state: dict[str, np.ndarray]) -> None:
        """The file that was written holds these."""
        with h5py.File(self.out) as file:
            self.assertEqual(set(file), set(state))
            for name, values in state.items():
                self.assertEqual(file[name].dtype, np.dtype("<f4"))
                self.assertIsNone(file[name].chunks)
                np.testing.assert_array_equal(file[name][()], values.astype("<f4"), name)

    def assert_refused(self, data: bytes, *words: str, architecture: str = NET) -> None:
        """Status 1, one line that holds the words, and nothing written."""
        status, message = self.run_on(data, architecture=architecture)
        self.assertEqual(status, 1, message)
        self.assertEqual(message.count("\n"), 1, message)
        for word in words:
            self.assertIn(word, message)
        self.assertEqual(list(self.out.parent.iterdir()), [])
