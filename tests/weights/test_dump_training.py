"""weights/dump_training.py against stock torchvision, and its start against the C++ standard.

python3 -m unittest discover -s tests/weights
"""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from checkpoint_writers import SOURCE  # noqa: F401: puts weights/ on the path

from initialize import initialize, mt19937_64

try:
    import torch
    import torchvision

    import dump_training
except ImportError:
    torch = None


class Start(unittest.TestCase):
    def test_generator(self) -> None:
        """[rand.predef] of the C++ standard: the 10000th number of a default-constructed std::mt19937_64."""
        self.assertEqual(int(mt19937_64(5489, 10000)[-1]), 9981545732273789042)

    def test_untrained_weights(self) -> None:
        state = initialize("custom_cnn", 5, 7)
        self.assertEqual(state["fc.weight"].shape, (5, 128))
        bound = np.sqrt(6 / 128)
        self.assertLess(np.abs(state["fc.weight"]).max(), bound)
        self.assertGreater(np.abs(state["fc.weight"]).max(), 0.98 * bound)
        for name, value in {"bn3.weight": 1, "bn3.running_var": 1, "bn3.bias": 0, "fc.bias": 0}.items():
            self.assertTrue((state[name] == value).all(), name)


@unittest.skipIf(torch is None, "needs torch and torchvision")
class AgainstTorchvision(unittest.TestCase):
    def test_resnet18(self) -> None:
        """What a user of torchvision would write: the stock model in training mode and a stock optimizer."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "dump.h5"
            arguments = "resnet18 --classes 7 --input-size 32 --batch 3 --steps 4 --seed 5 -o".split()
            self.assertEqual(dump_training.main([*arguments, str(path)]), 0)
            with h5py.File(path) as file:
                dump = {}
                file.visititems(
                    lambda name, item: dump.update({name: item[()]})
                    if isinstance(item, h5py.Dataset)
                    else None
                )
                mean, std = (torch.from_numpy(file.attrs[name])[:, None, None] for name in ("mean", "std"))
        x = (torch.from_numpy(dump["images"]) / 255 - mean) / std
        labels = torch.from_numpy(dump["labels"])
        self.assertEqual(x.shape, (6, 3, 32, 32))
        for name, make in {
            "sgd": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=5e-4),
            "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.01),
        }.items():
            model = torchvision.models.resnet18(num_classes=7).double().train()
            start = {k: torch.from_numpy(v) for k, v in initialize("resnet18", 7, 5).items()}
            model.load_state_dict(start, strict=False)
            optimizer, losses = make(model.parameters()), []
            for step in range(4):
                batch = slice(3 * (step % 2), 3 * (step % 2) + 3)
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(x[batch]), labels[batch])
                loss.backward()
                if step == 0:
                    for parameter, tensor in model.named_parameters():
                        np.testing.assert_allclose(
                            dump[f"gradients/{parameter}"], tensor.grad, rtol=1e-9, atol=1e-12
                        )
                    for statistic in (k for k in start if "running" in k):
                        found = model.state_dict()[statistic]
                        np.testing.assert_allclose(
                            dump[f"statistics/{statistic}"], found, rtol=1e-12, atol=1e-14
                        )
                optimizer.step()
                losses.append(loss.item())
            np.testing.assert_allclose(dump[f"{name}/losses"], losses, rtol=1e-10)


if __name__ == "__main__":
    unittest.main()
