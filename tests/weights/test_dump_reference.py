"""weights/dump_reference.py against stock torchvision and against hand computations. Needs torch and torchvision.

python3 -m unittest discover -s tests/weights
"""

from __future__ import annotations

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np

from checkpoint_writers import ZOO

try:
    import torch
    import torchvision
    from torch.nn import functional
except ImportError:
    raise unittest.SkipTest("needs torch and torchvision")

import convert
import dump_reference
import native
import reference_nets
from architectures import ARCHITECTURES, manifest

TORCHVISION = [name for name in ARCHITECTURES if not name.startswith(("cifar", "custom"))]


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


def relu_inputs(nodes: dict[str, torch.Tensor], network: object) -> dict[str, str]:
    """Which node each ReLU reads, by the naming rules of the dump."""
    if isinstance(network, reference_nets.Vgg):
        kinds = [kind for kind, _ in network.features()]
        relus = {f"features.{i}": f"features.{i - 1}" for i, kind in enumerate(kinds) if kind == "relu"}
        return {**relus, "classifier.1": "classifier.0", "classifier.4": "classifier.3"}
    relus = {"relu": "bn1"} if "relu" in nodes else {}
    for path in nodes:
        if path.rstrip("0123456").endswith("relu") and path != "relu":
            relus[path] = path.replace("relu", "bn")
        elif path.endswith(".add"):
            relus[path.removesuffix(".add")] = path
    return relus


class Pictures(unittest.TestCase):
    """What tests/apps/image_load_test.cpp asks of the program's own reader, of every kind of file."""

    def row(self, name: str, channel: int) -> list[int]:
        folder = Path(__file__).parent.parent / "fixtures" / "images"
        return np.asarray(dump_reference.picture(folder / name))[0, :, channel].tolist()

    def test_levels(self) -> None:
        for name in ("grey.png", "palette.png", "rgb.bmp", "grey.bmp", "grey16.png", "rgb16.png"):
            for channel in range(3):
                self.assertEqual(self.row(name, channel), [0, 64, 192, 255], name)

    def test_transparency_over_white(self) -> None:
        for name in ("rgba.png", "rgba16.png"):
            self.assertEqual(self.row(name, 0), [255, 255, 255, 255], name)
            self.assertEqual(self.row(name, 1), [255, 204, 51, 0], name)
        self.assertEqual(self.row("grey_alpha.png", 2), [255, 204, 51, 0])
        self.assertEqual(self.row("palette_alpha.png", 0), [255, 64, 192, 255])


class Manifests(unittest.TestCase):
    def test_as_torchvision(self) -> None:
        for name in TORCHVISION:
            with torch.device("meta"):
                state = torchvision.models.get_model(name, weights=None).state_dict()
            shapes = {k: tuple(v.shape) for k, v in state.items() if not k.endswith("num_batches_tracked")}
            self.assertEqual(list(manifest(name, 1000).items()), list(shapes.items()), name)


class Checkpoints(unittest.TestCase):
    def test_bare_wrapped_and_averaged(self) -> None:
        name = "cifar_resnet20"
        state = dump_reference.random_weights(name, 1)
        average = {f"module.{key}": 2 * value for key, value in state.items()}
        beside = {"epoch": 3, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}}}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "weights.pth"
            for held, factor in (
                (state, 1),
                ({"model_state_dict": state, **beside}, 1),
                ({"model": state, "ema": average, **beside}, 2),
            ):
                torch.save(held, path)
                found, _ = dump_reference.load_weights(path, name)
                self.assertEqual(found.keys(), manifest(name, 10).keys())
                for key, value in found.items():
                    self.assertTrue(torch.equal(value, factor * state[key]), key)
            torch.save({key: value for key, value in state.items() if key != "conv1.weight"}, path)
            with self.assertRaisesRegex(native.BadFile, "conv1.weight"):
                dump_reference.load_weights(path, name)


class AgainstTorchvision(unittest.TestCase):
    """The plain gradient is that of the stock model, to 1e-12 in float64."""

    def compare(self, name: str, objective: str, size: int = 64, batch: int = 2) -> None:
        state = dump_reference.random_weights(name, 1)
        stock = torchvision.models.get_model(name, weights=None)
        stock.load_state_dict(state)
        stock.double().eval()
        torch.manual_seed(2)
        x = torch.randn(batch, 3, size, size, dtype=torch.float64)
        target = torch.tensor([7, 3])[:batch]

        activations: dict[str, torch.Tensor] = {}
        for path, module in stock.named_modules():
            if not path.endswith(".relu"):  # one module for several ReLUs
                module.register_forward_hook(
                    lambda module, _, y, path=path: activations.__setitem__(path, y.detach().clone())
                )
        image = x.clone().requires_grad_()
        logits = stock(image)
        if objective == "logit":
            value = logits[range(batch), target].sum()
        else:
            value = -functional.log_softmax(logits, 1)[range(batch), target].sum()
        value.backward()

        double = {k: v.double() for k, v in state.items()}
        found = dump_reference.compute(name, double, x, target, "gradient", objective, with_parameters=True)
        self.assertLess(relative(found["logits"], logits.detach()), 1e-12)
        self.assertLess(relative(found["input_gradient"], image.grad), 1e-12)
        for path, parameter in stock.named_parameters():
            self.assertLess(relative(found[f"parameter_gradients/{path}"], parameter.grad), 1e-12, path)
        paths = [path.removeprefix("activations/") for path in found if path.startswith("activations/")]
        for path in paths:
            if path in activations:
                self.assertLess(relative(found[f"activations/{path}"], activations[path]), 1e-12, path)
            else:
                self.assertRegex(path, r"^(flatten|layer\d\.\d+\.(relu\d|add))$")
        containers = r"^(|features|classifier|layer\d|layer\d\.0\.downsample)$"
        for path in set(activations) - set(paths):
            self.assertRegex(path, containers)

    def test_resnet18(self) -> None:
        self.compare("resnet18", "logit")
        self.compare("resnet18", "cross_entropy")

    def test_resnet50(self) -> None:
        self.compare("resnet50", "logit", batch=1)

    def test_vgg11_bn(self) -> None:
        self.compare("vgg11_bn", "cross_entropy")


class Rules(unittest.TestCase):
    def test_chain_by_hand(self) -> None:
        random = np.random.default_rng(0)
        a, b, c, x = (random.standard_normal(shape) for shape in ((20, 9), (30, 20), (30,), (9,)))
        first = a @ x
        second = b @ np.maximum(first, 0)

        def rule(name: str, before: np.ndarray, g: np.ndarray) -> np.ndarray:
            return g * {"gradient": before > 0, "deconvnet": g > 0, "guided": (before > 0) & (g > 0)}[name]

        for name in reference_nets.RULES:
            expected = a.T @ rule(name, first, b.T @ rule(name, second, c))
            relu = lambda value: reference_nets.ReluWithRule.apply(value, name)
            image = torch.from_numpy(x).requires_grad_()
            y = relu(torch.from_numpy(b) @ relu(torch.from_numpy(a) @ image))
            (found,) = torch.autograd.grad(torch.from_numpy(c) @ y, image)
            np.testing.assert_allclose(found, expected, rtol=1e-12)

    def test_every_relu_of_the_networks(self) -> None:
        counts = {"resnet18": 17, "resnet50": 49, "cifar_resnet20": 19, "vgg11_bn": 10, "custom_cnn": 6}
        for name, count in counts.items():
            state = dump_reference.random_weights(name, 3)
            torch.manual_seed(4)
            x, target = torch.randn(1, 3, 64, 64), torch.tensor([5])
            images = {}
            for rule in reference_nets.RULES:
                found = dump_reference.compute(name, state, x, target, rule)
                images[rule] = found["input_gradient"]
                nodes = {k.split("/")[1]: v for k, v in found.items() if k.startswith("activations/")}
                relus = relu_inputs(nodes, ARCHITECTURES[name])
                self.assertEqual(len(relus), count)
                for after, before in relus.items():
                    self.assertTrue(torch.equal(nodes[after], nodes[before].relu()), after)
                    g, active = found[f"gradients/{after}"], nodes[before] > 0
                    mask = {"gradient": active, "deconvnet": g > 0, "guided": active & (g > 0)}[rule]
                    self.assertTrue(
                        torch.equal(found[f"gradients/{before}"], g * mask), f"{name} {rule} {after}"
                    )
            self.assertGreater(relative(images["guided"], images["gradient"]), 0.1)
            self.assertGreater(relative(images["guided"], images["deconvnet"]), 0.1)


class CommandLine(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_main(self, *arguments: object) -> tuple[int, str]:
        with contextlib.redirect_stderr(io.StringIO()) as stderr:
            status = dump_reference.main([str(argument) for argument in arguments])
        return status, stderr.getvalue()

    def test_dump_as_specified(self) -> None:
        saved, out = self.folder / "net.pth", self.folder / "dump.h5"
        made = ("cifar_resnet20", "--random-weights", 5, "--save", saved)
        common = (
            "--precision",
            "float64",
            "--batch",
            2,
            "--objective",
            "cross_entropy",
            "--parameter-gradients",
        )
        self.assertEqual(self.run_main(*made, *common, "--rule", "guided", "-o", out), (0, ""))
        with h5py.File(out) as file:
            self.assertEqual(
                {name: file.attrs[name] for name in file.attrs},
                {
                    "format": "backlight-reference-dump",
                    "version": 1,
                    "producer": f"torch {torch.__version__}",
                    "architecture": "cifar_resnet20",
                    "rule": "guided",
                    "objective": "cross_entropy",
                },
            )
            self.assertEqual(file["input"].shape, (2, 3, 32, 32))
            self.assertEqual((file["target"].shape, file["target"].dtype), ((2,), np.int64))
            self.assertEqual(file["activations/avgpool"].shape, (2, 64, 1, 1))
            self.assertEqual(file["gradients/layer2.0.shortcut"].shape, (2, 32, 16, 16))
            self.assertEqual(set(file["activations"]), set(file["gradients"]))
            parameters = {name for name in manifest("cifar_resnet20", 10) if "running_" not in name}
            self.assertEqual(set(file["parameter_gradients"]), parameters)
            whole = {name: file[f"gradients/{name}"][()] for name in file["gradients"]}
            for name, values in whole.items():
                self.assertEqual(values.dtype, np.float64, name)

        # The same network from its files, converted or not, gives the same dump; now sampled.
        native = self.folder / "net.h5"
        self.assertEqual(convert.main(["cifar_resnet20", str(saved), "-o", str(native)]), 0)
        for weights in (saved, native):
            again = (
                "cifar_resnet20",
                "--weights",
                weights,
                *common,
                "--rule",
                "guided",
                "--sample",
                100,
                "-o",
                out,
            )
            self.assertEqual(self.run_main(*again), (0, ""))
            with h5py.File(out) as file:
                for name, values in whole.items():
                    entry = file[f"gradients/{name}"]
                    if values.size <= 100:
                        np.testing.assert_array_equal(entry[()], values)
                        continue
                    index = entry["index"][()]
                    self.assertEqual(tuple(entry["shape"]), values.shape)
                    self.assertEqual(len(index), 100)
                    self.assertTrue((np.diff(index) > 0).all())
                    np.testing.assert_array_equal(entry["value"][()], values.ravel()[index], name)
        self.assertEqual({path.name for path in self.folder.iterdir()}, {"net.pth", "net.h5", "dump.h5"})

    @unittest.skipUnless((ZOO / "images").exists(), f"no {ZOO}/images: set BACKLIGHT_ZOO")
    def test_photographs(self) -> None:
        weights = next((ZOO / "cifar_resnet").glob("resnet20-*.th"))
        images = [ZOO / "images" / name for name in ("snake.png", "cat_dog.png")]
        out = self.folder / "dump.h5"
        run = self.run_main("cifar_resnet20", "--weights", weights, "--image", *images, "-o", out)
        self.assertEqual(run, (0, ""))
        with h5py.File(out) as file:
            self.assertEqual(file["input"].shape, (2, 3, 32, 32))
            np.testing.assert_array_equal(file["target"], file["logits"][()].argmax(1))

    def test_refusals(self) -> None:
        text, out = self.folder / "text", self.folder / "dump.h5"
        text.write_text("no weights")
        other = self.folder / "other.pth"
        torch.save({"linear.bias": torch.zeros(10)}, other)
        for arguments in (
            ("cifar_resnet20", "--weights", text),
            ("cifar_resnet20", "--weights", self.folder / "absent.h5"),
            ("cifar_resnet20", "--weights", other),
            ("resnet18", "--weights", other),
            ("cifar_resnet20", "--random-weights", 1, "--target", 10),
            ("cifar_resnet20", "--random-weights", 1, "--image", text),
        ):
            status, message = self.run_main(*arguments, "-o", out)
            self.assertEqual((status, message.count("\n")), (1, 1), message)
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
