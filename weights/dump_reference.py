#!/usr/bin/env python3
"""Writes a reference dump, version 1: what PyTorch computes at every node of a network, forward and backward, so that
another engine can be compared with it node by node. Needs torch, torchvision, h5py and pillow.

example:
  python3 weights/dump_reference.py resnet18 --random-weights 1 --save resnet18.pth --rule guided -o resnet18_guided.h5
  python3 weights/dump_reference.py resnet50 --weights resnet50-11ad3fa6.pth --image cat.jpg --precision float64 -o cat.h5
"""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

import native
import reference_nets
import state_dict
from architectures import ARCHITECTURES, CifarResNet, CustomCnn, Preprocessing, manifest
from command_line import exit_status, parser_of
from native import BadFile

if TYPE_CHECKING:
    from PIL import Image

State = dict[str, Tensor]
OBJECTIVES = ("logit", "cross_entropy")
SHIPPED = Path(__file__).with_name("custom_cnn.h5")


def random_weights(architecture: str, seed: int) -> State:
    """torchvision's own initialisation (He et al. 2015 for the networks that it does not have), then batchnorm
    statistics of a random batch, and a seeded perturbation so that no scale is 1 and no shift is 0."""
    torch.manual_seed(seed)
    if isinstance(ARCHITECTURES[architecture], (CifarResNet, CustomCnn)):
        classes = len(native.default_labels(architecture))
        state = {name: torch.zeros(shape) for name, shape in manifest(architecture, classes).items()}
        for tensor in state.values():
            if tensor.dim() > 1:
                torch.nn.init.kaiming_normal_(tensor)
    else:
        import torchvision

        state = dict(torchvision.models.get_model(architecture, weights=None).state_dict())
    normalisations = [name.rsplit(".", 1)[0] for name in state if name.endswith("running_var")]
    with torch.no_grad():
        for name, tensor in state.items():
            if name.endswith(".bias"):
                tensor.add_(torch.randn_like(tensor), alpha=0.1)
        for path in normalisations:
            state[f"{path}.weight"].uniform_(0.5, 1.5)
        if normalisations:
            size = ARCHITECTURES[architecture].preprocessing.input_size
            tape = reference_nets.Tape(state, momentum=1)
            reference_nets.run(architecture, tape, torch.randn(4, 3, size, size))
        for path in normalisations:
            mean, var = state[f"{path}.running_mean"], state[f"{path}.running_var"]
            mean.add_(torch.randn_like(mean) * var.sqrt(), alpha=0.1)
            var.mul_(torch.empty_like(var).uniform_(0.8, 1.25))
    return state


def trained(root: object, architecture: str) -> State:
    """The weights that convert.py takes of a checkpoint without --from; where none fit, the nearest."""
    classes = state_dict.class_count(root, ARCHITECTURES[architecture].head)
    expected = manifest(architecture, classes or 1)
    fitting = state_dict.find(root, expected)
    return fitting[0].tensors if fitting else state_dict.nearest(root, expected) or {}


def load_weights(path: Path, architecture: str) -> tuple[State, Preprocessing]:
    """By the libraries that wrote the file, not by convert.py's readers: a dump is to be an independent witness."""
    about = ARCHITECTURES[architecture].preprocessing
    try:
        if path.suffix == ".h5":
            arrays, about = native.read(path, architecture)
            state = {name: torch.from_numpy(array) for name, array in arrays.items()}
        elif path.suffix == ".safetensors":
            from safetensors.torch import load_file

            state = trained(load_file(path), architecture)
        else:
            state = trained(torch.load(path, map_location="cpu", weights_only=True), architecture)
        classes = len(state[f"{ARCHITECTURES[architecture].head}.bias"])
    except BadFile:
        raise
    except Exception as error:
        raise BadFile(f"{path}: cannot be read as weights of {architecture}: {error}") from error
    state = {
        name: tensor.float() for name, tensor in state.items() if not name.endswith("num_batches_tracked")
    }
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    native.check_names(shapes, manifest(architecture, classes), f"{path} as {architecture}")
    return state, about


def picture(path: Path) -> Image.Image:
    """A picture as Backlight reads it: upright, transparency over white, of 16 bits the upper byte."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode.startswith("I"):  # 16-bit grey
        levels = np.asarray(image).astype(np.int64)
        opaque = levels != image.info.get("transparency", -1)
        grey = (levels >> 8).astype(np.uint8)
        image = Image.merge(
            "LA", (Image.fromarray(grey), Image.fromarray(np.where(opaque, 255, 0).astype(np.uint8)))
        )
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = np.asarray(image.convert("RGBA")).astype(np.int64)
    alpha = rgba[..., 3:]
    white = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return Image.fromarray(white.astype(np.uint8))


def load_images(paths: list[Path], about: Preprocessing) -> Tensor:
    """The images as torchvision's transforms prepare them: resize (antialiased), centre crop, normalise."""
    from torchvision.transforms import v2

    size = about.input_size
    resize = [v2.Resize(about.resize), v2.CenterCrop(size)] if about.resize else [v2.Resize((size, size))]
    prepare = v2.Compose(
        [
            *resize,
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(about.mean, about.std),
        ]
    )
    try:
        return torch.stack([prepare(picture(path)) for path in paths])
    except (OSError, ValueError) as error:
        raise BadFile(f"an image cannot be read: {error}") from error


def compute(
    architecture: str,
    state: State,
    x: Tensor,
    target: Tensor | None = None,
    rule: str = "gradient",
    objective: str = "logit",
    with_parameters: bool = False,
    held: State | None = None,
) -> dict[str, Tensor]:
    """The datasets of a dump, by path. Without a target it is each input's best class. With the nodes of another run,
    `held`, every ReLU sign and pooling winner is as there."""
    x = x.detach().requires_grad_()
    learned = [name for name in state if name.endswith((".weight", ".bias"))] if with_parameters else []
    parameters = {name: state[name].detach().requires_grad_() for name in learned}
    state = {**state, **parameters}
    tape = reference_nets.HeldTape(state, rule, held) if held else reference_nets.Tape(state, rule)
    logits = reference_nets.run(architecture, tape, x)
    target = logits.argmax(1) if target is None else target
    if objective == "logit":
        value = logits.gather(1, target[:, None]).sum()
    else:
        value = functional.cross_entropy(logits, target, reduction="sum")

    sources = {
        "input_gradient": x,
        **{f"gradients/{path}": node for path, node in tape.nodes.items()},
        **{f"parameter_gradients/{name}": parameter for name, parameter in parameters.items()},
    }
    gradients = dict(zip(sources, torch.autograd.grad(value, list(sources.values()))))
    activations = {f"activations/{path}": node for path, node in tape.nodes.items()}
    results = {"input": x, "target": target, "logits": logits, **activations, **gradients}
    return {path: tensor.detach() for path, tensor in results.items()}


def write_tensor(
    file: h5py.File,
    name: str,
    values: np.ndarray,
    sample: int,
    random: np.random.Generator,
    deflate: bool = False,
) -> None:
    """`sample` > 0: of a larger tensor only that many elements."""
    if not 0 < sample < values.size:
        how = {"compression": 9, "shuffle": True, "chunks": values.shape} if deflate else {}
        file.create_dataset(name, data=values, **how)
        return
    index = np.sort(random.choice(values.size, sample, replace=False)).astype(np.int64)
    group = file.create_group(name)
    group["shape"] = np.array(values.shape, np.int64)
    group["index"] = index
    group["value"] = values.reshape(-1)[index]


def write_dump(
    path: Path,
    attributes: dict[str, str],
    results: dict[str, Tensor],
    sample: int = 0,
    seed: int = 0,
    deflate: bool = False,
) -> None:
    """`sample` > 0: of larger tensors only that many elements, except of the four that stand at the root."""
    random = np.random.default_rng(seed)
    with native.new_file(path) as unfinished, h5py.File(unfinished, "w") as file:
        file.attrs["format"] = "backlight-reference-dump"
        file.attrs["version"] = np.int64(1)
        file.attrs["producer"] = f"torch {torch.__version__}"
        for name, text in attributes.items():
            file.attrs[name] = text
        for name, tensor in results.items():
            write_tensor(file, name, tensor.numpy(), sample if "/" in name else 0, random, deflate)


def _parser() -> argparse.ArgumentParser:
    parser = parser_of(__doc__, "DUMP.h5")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--weights", type=Path, metavar="W", help=".pth, .th, .safetensors or native .h5; "
                         "default for custom_cnn: those that ship with Backlight")  # fmt: skip
    weights.add_argument("--random-weights", type=int, metavar="SEED", help="initialise them; see --save")
    parser.add_argument(
        "--save", type=Path, metavar="FILE.pth", help="keep the random weights, as torchvision would"
    )
    parser.add_argument(
        "--rule", choices=reference_nets.RULES, default="gradient", help="backward rule of every ReLU"
    )
    parser.add_argument("--objective", choices=OBJECTIVES, default="logit")
    parser.add_argument("--precision", choices=("float32", "float64"), default="float32")
    parser.add_argument(
        "--image", type=Path, nargs="+", metavar="IMAGE", help="photographs (default: random inputs)"
    )
    parser.add_argument("--batch", type=int, default=1, metavar="N", help="number of random inputs")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the random inputs, their targets and the sampling"
    )
    parser.add_argument("--target", type=int, nargs="+", metavar="CLASS", help="index for all or one per input "
                        "(default: the best class of a photograph, a random one of a random input)")  # fmt: skip
    parser.add_argument(
        "--input-size", type=int, metavar="N", help="side of the input (default: as published)"
    )
    parser.add_argument("--parameter-gradients", action="store_true", help="also of every parameter")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="keep N elements of larger tensors (default: all)"
    )
    parser.add_argument(
        "--deflate", action="store_true", help="compress: half the size, much slower to write"
    )
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    return parser


def _dump(options: argparse.Namespace) -> None:
    about = ARCHITECTURES[options.architecture].preprocessing
    if options.weights:
        state, about = load_weights(options.weights, options.architecture)
    else:
        state = random_weights(options.architecture, options.random_weights)
        if options.save:
            with native.new_file(options.save) as unfinished:
                torch.save(state, unfinished)
    if options.input_size:
        about = replace(about, input_size=options.input_size)
    precision = getattr(torch, options.precision)
    state = {name: tensor.to(precision) for name, tensor in state.items() if tensor.is_floating_point()}
    classes = len(state[f"{ARCHITECTURES[options.architecture].head}.bias"])

    random = torch.Generator().manual_seed(options.seed)
    if options.image:
        x, target = load_images(options.image, about), None
    else:
        x = torch.randn(options.batch, 3, about.input_size, about.input_size, generator=random)
        target = torch.randint(classes, (options.batch,), generator=random)
    if options.target:
        if len(options.target) not in (1, len(x)) or not all(0 <= t < classes for t in options.target):
            raise BadFile(f"--target: expected 1 or {len(x)} classes below {classes}")
        target = torch.tensor(options.target).expand(len(x)).contiguous()

    attributes = {name: getattr(options, name) for name in ("architecture", "rule", "objective")}
    attributes["command"] = shlex.join(["weights/dump_reference.py", *options.arguments])
    results = compute(
        options.architecture,
        state,
        x.to(precision),
        target,
        options.rule,
        options.objective,
        options.parameter_gradients,
    )
    write_dump(options.out, attributes, results, options.sample, options.seed, options.deflate)


def main(arguments: list[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    options.arguments = sys.argv[1:] if arguments is None else arguments
    if min(options.batch, options.threads) < 1 or options.sample < 0 or (options.input_size or 1) < 1:
        parser.error("--batch, --threads and --input-size: expected at least 1; --sample: at least 0")
    if options.weights is None and options.random_weights is None:
        if options.architecture != SHIPPED.stem:
            parser.error(f"one of --weights and --random-weights: only {SHIPPED.stem} ships with its weights")
        options.weights = SHIPPED
    if options.save and options.random_weights is None:
        parser.error("--save: only with --random-weights")
    torch.set_num_threads(options.threads)
    return exit_status("dump_reference.py", lambda: _dump(options))


if __name__ == "__main__":
    sys.exit(main())
