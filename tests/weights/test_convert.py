"""What weights/convert.py reads and writes. Needs numpy and h5py; torch only where it says so.

python3 -m unittest discover -s tests/weights
"""

from __future__ import annotations

import collections
import hashlib
import io
import subprocess
import sys
import unittest

import h5py
import numpy as np

from checkpoint_writers import SOURCE, ZOO, Tensor, legacy, safetensors, zip_archive
from convert_case import NET, ConvertTest, random_state, tensors

from architectures import ARCHITECTURES, manifest
from native import default_labels

try:
    import torch
except ImportError:
    torch = None

LEGACY_FILE = ZOO / "cifar_resnet" / "resnet20-12fca82f.th"

REAL_LINEAR_BIAS = np.array(
    [0.19355906546115875, -0.3431008756160736, 0.11120541393756866], "<f4"
)  # as torch.load reads them
REAL_CONV1_END = np.array([0.26224276423454285, 0.6991925239562988, 0.3087101876735687], "<f4")


class Formats(ConvertTest):
    def test_zip_and_legacy(self) -> None:
        state = random_state()
        for write in (zip_archive, legacy):
            with self.subTest(write.__name__):
                self.assert_converted(write(tensors(state)), state)

    def test_wrappers_and_counters(self) -> None:
        state = random_state()
        named = tensors({f"module.{name}": values for name, values in state.items()})
        named["module.bn1.num_batches_tracked"] = Tensor(np.array(7))
        for key in ("state_dict", "model"):
            self.assert_converted(zip_archive({key: named, "epoch": 3, "best_prec1": 91.5}), state)

    def test_strides_and_offsets_of_a_shared_storage(self) -> None:
        state = random_state()
        held = tensors(state)
        weight, bias = state["linear.weight"], state["linear.bias"]
        storage = np.concatenate([bias, weight.T.ravel()])
        held["linear.bias"] = Tensor(storage, 0, (10,), (1,))
        held["linear.weight"] = Tensor(storage, 10, (10, 64), (1, 10))
        for write in (zip_archive, legacy):
            with self.subTest(write.__name__):
                self.assert_converted(write(held), state)

    def test_half_bfloat16_double(self) -> None:
        half, double = random_state("<f2"), random_state("<f8")
        self.assert_converted(safetensors(half), half)
        self.assert_converted(zip_archive(tensors(half)), half)
        self.assert_converted(legacy(tensors(double)), double)
        upper = {name: (values.view("<u4") >> 16).astype("<u2") for name, values in random_state().items()}
        expected = {name: (bits.astype("<u4") << 16).view("<f4") for name, bits in upper.items()}
        self.assert_converted(safetensors(upper), expected)

    def test_safetensors(self) -> None:
        state = random_state()
        self.assert_converted(safetensors(state), state)

    @unittest.skipUnless(LEGACY_FILE.exists(), f"no {LEGACY_FILE}: set BACKLIGHT_ZOO")
    def test_real_legacy_file(self) -> None:
        status, message = self.run_main(NET, str(LEGACY_FILE), "-o", str(self.out))
        self.assertEqual((status, message), (0, ""))
        with h5py.File(self.out) as file:
            self.assertEqual({name: tensor.shape for name, tensor in file.items()}, manifest(NET, 10))
            self.assertEqual(file.attrs["source"], LEGACY_FILE.name)
            np.testing.assert_array_equal(file["linear.bias"][:3], REAL_LINEAR_BIAS)
            np.testing.assert_array_equal(file["conv1.weight"][15, 2, 2], REAL_CONV1_END)

    @unittest.skipUnless(torch, "needs torch")
    def test_files_of_torch(self) -> None:
        state = random_state()
        held = {name: torch.from_numpy(values) for name, values in state.items()}
        held["linear.weight"] = held["linear.weight"].T.contiguous().T
        held["linear.bias"] = torch.nn.Parameter(held["linear.bias"])
        for zipped in (True, False):
            for root in (held, {"state_dict": collections.OrderedDict(held), "epoch": 1}):
                stream = io.BytesIO()
                torch.save(root, stream, _use_new_zipfile_serialization=zipped)
                self.assert_converted(stream.getvalue(), state)
            stream = io.BytesIO()
            rounded = {name: values.bfloat16() for name, values in held.items()}
            torch.save(rounded, stream, _use_new_zipfile_serialization=zipped)
            self.assert_converted(
                stream.getvalue(), {name: t.float().detach().numpy() for name, t in rounded.items()}
            )


class Attributes(ConvertTest):
    def test_defaults_and_options(self) -> None:
        data = safetensors(random_state())
        self.assert_converted(data, random_state())
        with h5py.File(self.out) as file:
            found = dict(file.attrs)
        self.assertEqual(found["format"], "backlight-weights")
        self.assertEqual((found["version"], found["version"].dtype), (1, np.int64))
        self.assertEqual(found["architecture"], NET)
        self.assertEqual(list(found["classes"][:4]), ["airplane", "automobile", "bird", "cat"])
        self.assertEqual((found["input_size"], found["resize"]), (32, 0))
        self.assertEqual(list(found["mean"]), [0.485, 0.456, 0.406])
        self.assertEqual(found["source_sha256"], hashlib.sha256(data).hexdigest())

        labels = self.folder / "labels.txt"
        labels.write_text("# a comment\n" + "".join(f"Größe {i}\n" for i in range(10)), encoding="utf-8")
        options = (
            f"--crop 48 --resize 56 --mean 0 0.5 1 --license MIT --source here --classes {labels}".split()
        )
        self.assert_converted(data, random_state(), *options)
        with h5py.File(self.out) as file:
            found = dict(file.attrs)
        self.assertEqual((found["input_size"], found["resize"]), (48, 56))
        self.assertEqual(list(found["mean"]), [0, 0.5, 1])
        self.assertEqual(list(found["std"]), [0.229, 0.224, 0.225])
        self.assertEqual((found["license"], found["source"]), ("MIT", "here"))
        self.assertEqual(found["classes"][9], "Größe 9")

    def test_label_lists(self) -> None:
        for name, network in ARCHITECTURES.items():
            labels = default_labels(name)
            classes, size = {"cifar": (10, 32), "custo": (5, 128)}.get(name[:5], (1000, 224))
            self.assertEqual((len(labels), network.preprocessing.input_size), (classes, size))

    def test_same_input_same_bytes(self) -> None:
        data = safetensors(random_state())
        self.run_on(data)
        first = self.out.read_bytes()
        self.run_on(data)
        self.assertEqual(first, self.out.read_bytes())

    def test_command_line(self) -> None:
        script = str(SOURCE / "weights" / "convert.py")

        def status(*arguments: str) -> int:
            return subprocess.run([sys.executable, script, *arguments], capture_output=True).returncode

        self.assertEqual(status("--help"), 0)
        self.assertEqual(status("resnet19", "a", "-o", "b"), 2)
        self.assertEqual(status(NET, "a", "-o", "b", "--std", "1", "0", "1"), 2)
        self.assertEqual(status(NET, "a", "-o", "b", "--input-size", "0"), 2)
        self.assertEqual(status("resnet18", "a", "-o", "b", "--input-size", "320"), 2)
        self.assertEqual(status(NET, "no such file", "-o", "b"), 1)

    def test_any_surroundings(self) -> None:
        """The same bytes without a home, in the C and in a foreign language, where nobody may write."""
        script = str(SOURCE / "weights" / "convert.py")
        file = self.folder / "gewichte-\u00e9.bin"
        file.write_bytes(zip_archive(tensors(random_state())))
        written = set()
        for language in ("C.UTF-8", "C", "de_DE.UTF-8"):
            command = [sys.executable, "-B", script, NET, str(file), "-o", str(self.out)]
            run = subprocess.run(
                command,
                capture_output=True,
                cwd="/proc",
                env={"LC_ALL": language, "LC_NUMERIC": "de_DE.UTF-8"},
            )
            self.assertEqual((run.returncode, run.stderr), (0, b""))
            written.add(self.out.read_bytes())
        self.assertEqual(len(written), 1)


if __name__ == "__main__":
    unittest.main()
