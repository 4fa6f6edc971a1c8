"""What weights/convert.py refuses: each time one line, status 1, nothing written, nothing run. Needs numpy and h5py.

python3 -m unittest discover -s tests/weights
"""

from __future__ import annotations

import os
import pickle
import unittest
import zipfile
from unittest import mock

import numpy as np

from checkpoint_writers import Tensor, legacy, safetensors, zip_archive, zip_of
from convert_case import NET, ConvertTest, random_state, tensors


class Evil:
    """Runs a command when an ordinary unpickler meets it."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


class Refusals(ConvertTest):
    def test_code_in_a_pickle_does_not_run(self) -> None:
        witness = self.folder / "ran"
        evil = Evil(f"touch {witness}")
        with_evil = tensors(random_state())
        with_evil["linear.bias"] = evil
        command = f"touch {witness}".encode()
        instance = b"(X" + len(command).to_bytes(4, "little") + command + b"ios\nsystem\n."
        files = {
            "bare": pickle.dumps(evil, 2),
            "protocol 4": pickle.dumps(evil, 4),
            "legacy": legacy(with_evil),
            "zip": zip_archive(with_evil),
            "instance": zip_of({"archive/data.pkl": instance}),
        }
        for name, data in files.items():
            with self.subTest(name):
                words = (
                    ("nothing in it was run",)
                    if name in ("bare", "protocol 4")
                    else ("system", "was not run")
                )
                self.assert_refused(data, *words)
                self.assertFalse(witness.exists())

    def test_pickles_that_misuse_what_is_allowed(self) -> None:
        for text in (
            b"\x80\x02ctorch\nFloatStorage\n).",  # a name, called below
            b"\x80\x02ctorch\nFloatStorage\n)R.",
            b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
            b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)\x81.",
            b"\x80\x02h\x07.",
            b"\x80\x020.",
            b"\x80\x02}K\x01.",
            b"\x80\x02}(K\x01K\x01)u.",
            b"\x80\x02]",
            b"\x80\x02\x8a\xff\x01.",
            b"\x80\x02X\xff\xff\xff\x7fabc.",
            b"\x80\x04\x8d" + b"\xff" * 7 + b"\x7fabc.",
            b"\x80\x02}s.",
            b"\x80\x02(u.",
            b"\x80\x02u.",
            b"\x80\x02" + b"(" * 100000 + b".",
        ):
            with self.subTest(text[:40]):
                self.assert_refused(zip_of({"archive/data.pkl": text}), "weights.bin")
                self.assert_refused(text, "weights.bin")

    def test_truncated(self) -> None:
        state = random_state()
        for write in (
            lambda: zip_archive(tensors(state)),
            lambda: legacy(tensors(state)),
            lambda: safetensors(state),
        ):
            data = write()
            for end in (0, 1, 5, 9, 300, len(data) // 2, len(data) - 1):
                self.assert_refused(data[:end], "weights.bin")

    def test_truncated_in_a_part_that_is_not_used(self) -> None:
        """Even there the file is refused: who knows what else is lost."""
        state = {**random_state(), "bn1.num_batches_tracked": np.array(7)}
        self.assert_refused(legacy(tensors(state))[:-1], "weights.bin")
        self.assert_refused(safetensors(state)[:-1], "bn1.num_batches_tracked")

    def test_not_weights(self) -> None:
        self.assert_refused(b"a text\n", "neither")
        self.assert_refused(pickle.dumps([1, 2], 2), "torch.save did not write it")
        self.assert_refused(zip_of({"a.txt": b"a"}), "data.pkl")
        self.assert_refused(zip_of({"archive/data.pkl": b"\x80\x02}."}, zipfile.ZIP_DEFLATED), "compressed")
        self.assert_refused(zip_archive({"conv1.weight": "text"}), "expected tensors, found str")
        self.assert_refused(zip_archive([1, 2]), "no state dict")
        self.assertEqual(self.run_main(NET, str(self.folder), "-o", str(self.out))[0], 1)

    def test_wrong_architecture(self) -> None:
        self.assert_refused(safetensors(random_state()), "missing layer1.3", architecture="cifar_resnet32")
        self.assert_refused(
            safetensors(random_state()), "missing layer2.0.downsample.0.weight", architecture="resnet18"
        )

    def test_missing_extra_transposed(self) -> None:
        state = random_state()
        del state["layer2.1.bn1.bias"]
        self.assert_refused(safetensors(state), "missing layer2.1.bn1.bias")
        self.assert_refused(safetensors({**random_state(), "fc.bias": np.ones(3)}), "unexpected fc.bias")
        state = random_state()
        state["linear.weight"] = state["linear.weight"].T.copy()
        self.assert_refused(safetensors(state), "linear.weight: expected shape 10x64, found 64x10")
        state = {f"module.{name}": values for name, values in random_state().items()}
        state["linear.bias"] = state.pop("module.linear.bias")
        self.assert_refused(safetensors(state), "missing linear.bias")

    def test_values(self) -> None:
        for name, value in (
            ("conv1.weight", np.nan),
            ("linear.bias", np.inf),
            ("layer3.2.bn2.running_var", -1),
        ):
            state = random_state()
            state[name].flat[-1] = value
            self.assert_refused(safetensors(state), name)
        state = random_state("<f8")
        state["conv1.weight"].flat[0] = 1e300
        self.assert_refused(safetensors(state), "conv1.weight", "infinite")
        self.assert_refused(
            safetensors({**random_state(), "linear.bias": np.ones(10, "<i8")}), "linear.bias", "int64"
        )

    def test_views_that_leave_their_storage(self) -> None:
        for case in (
            {"offset": 1},
            {"offset": 2**62},
            {"offset": -1},
            {"strides": (64, -1)},
            {"strides": (65, 1)},
            {"strides": (2**61, 1)},
            {"strides": (64,)},
            {"shape": (10, 2**40), "strides": (0, 0)},
            {"shape": (10, True)},
            {"numel": 10**15},
            {"numel": 639},
            {"numel": -640},
        ):
            held = tensors(random_state())
            values = held["linear.weight"].storage
            held["linear.weight"] = Tensor(values, **{"shape": (10, 64), "strides": (64, 1), **case})
            for write in (zip_archive, legacy):
                with self.subTest(f"{write.__name__} {case}"):
                    self.assert_refused(write(held), "weights.bin")

    def test_storage_that_holds_more_than_it_says(self) -> None:
        held = tensors(random_state())
        held["linear.bias"] = Tensor(np.ones(15, "<f4"), shape=(10,), strides=(1,), numel=10)
        for write in (zip_archive, legacy):
            self.assert_refused(write(held), "60 bytes, expected 40")

    def test_safetensors_that_lie(self) -> None:
        state = random_state()
        for entry in (
            {"shape": [2**62, 2**62]},
            {"shape": [-10]},
            {"shape": [10.0]},
            {"shape": None},
            {"data_offsets": [0, 2**40]},
            {"data_offsets": [-40, 0]},
            {"data_offsets": [40, 0]},
            {"dtype": "F99"},
            {"dtype": []},
        ):
            with self.subTest(str(entry)):
                self.assert_refused(safetensors(state, {"linear.bias": entry}), "weights.bin")
        self.assert_refused(b"\xff" * 7 + b"\x7f{}", "header")
        twice = b'{"a": {}, "a": {}}'
        self.assert_refused(len(twice).to_bytes(8, "little") + twice, "twice")
        deep = b'{"a":' + b"[" * 100000
        self.assert_refused(len(deep).to_bytes(8, "little") + deep, "weights.bin")

    def test_labels(self) -> None:
        labels = self.folder / "labels.txt"
        for text, words in (("a\nb\n", "expected shape 2x64"), ("", "nothing"), ("a\n\nb\n", "empty line")):
            labels.write_text(text)
            status, message = self.run_on(safetensors(random_state()), "--classes", str(labels))
            self.assertEqual(status, 1)
            self.assertIn(words, message)

    def test_output_that_cannot_be_written(self) -> None:
        file = self.folder / "weights.bin"
        file.write_bytes(safetensors(random_state()))
        before = file.read_bytes()
        for out in (self.folder / "no folder" / "net.h5", self.folder, file):
            status, message = self.run_main(NET, str(file), "-o", str(out))
            self.assertEqual((status, message.count("\n")), (1, 1), message)
        self.assertEqual(file.read_bytes(), before)

    def test_nothing_is_left_of_an_interrupted_write(self) -> None:
        with mock.patch("os.replace", side_effect=OSError("no space left")):
            self.assert_refused(safetensors(random_state()), "net.h5: cannot be written: no space left")


if __name__ == "__main__":
    unittest.main()
