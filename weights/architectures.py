"""What each supported network's state dict holds: tensor names and shapes, in the order of the framework's own file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Union

Manifest = dict[str, tuple[int, ...]]
Entries = Iterator[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Preprocessing:
    """How a photograph becomes an input: resize the shorter side to `resize`, cut out the centre square of side
    `input_size` (resize = 0: resize straight to that square), scale to 0..1, subtract `mean`, divide by `std`.
    """

    input_size: int
    resize: int
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ResNet:
    """torchvision's ImageNet ResNets: a 7x7 stem, then four stages."""

    depths: tuple[int, ...]
    bottleneck: bool = False
    head = "fc"
    preprocessing = Preprocessing(input_size=224, resize=256)
    labels = "imagenet.txt"

    def entries(self, classes: int) -> Entries:
        expansion = 4 if self.bottleneck else 1
        yield from _convolution("conv1", 64, 3, 7)
        yield from _batchnorm("bn1", 64)
        channels = 64
        for stage, depth in enumerate(self.depths):
            width = 64 << stage
            for index in range(depth):
                block = f"layer{stage + 1}.{index}"
                kernels = (1, 3, 1) if self.bottleneck else (3, 3)
                outputs = (width, width, width * expansion)[-len(kernels) :]
                inputs = (channels, *outputs)
                for i, kernel in enumerate(kernels):
                    yield from _convolution(f"{block}.conv{i + 1}", outputs[i], inputs[i], kernel)
                    yield from _batchnorm(f"{block}.bn{i + 1}", outputs[i])
                if index == 0 and channels != outputs[-1]:
                    yield from _convolution(f"{block}.downsample.0", outputs[-1], channels, 1)
                    yield from _batchnorm(f"{block}.downsample.1", outputs[-1])
                channels = outputs[-1]
        yield from _linear(self.head, classes, channels)


@dataclass(frozen=True)
class CifarResNet:
    """He et al. 2015, section 4.2: a 3x3 stem, three stages of 16, 32 and 64 channels, shortcuts without parameters."""

    depth: int
    head = "linear"
    preprocessing = Preprocessing(input_size=32, resize=0)
    labels = "cifar10.txt"

    def entries(self, classes: int) -> Entries:
        yield from _convolution("conv1", 16, 3, 3)
        yield from _batchnorm("bn1", 16)
        channels = 16
        for stage in range(3):
            width = 16 << stage
            for index in range(self.depth):
                block = f"layer{stage + 1}.{index}"
                yield from _convolution(f"{block}.conv1", width, channels, 3)
                yield from _batchnorm(f"{block}.bn1", width)
                yield from _convolution(f"{block}.conv2", width, width, 3)
                yield from _batchnorm(f"{block}.bn2", width)
                channels = width
        yield from _linear(self.head, classes, channels)


@dataclass(frozen=True)
class Vgg:
    """torchvision's VGGs: five stages of 3x3 convolutions, each closed by a 2x2 max pool, then three linear layers."""

    depths: tuple[int, ...]
    batchnorm: bool = False
    head = "classifier.6"
    preprocessing = Preprocessing(input_size=224, resize=256)
    labels = "imagenet.txt"

    def features(self) -> Iterator[tuple[str, int]]:
        """The modules of `features` in order: (kind, output channels)."""
        for width, depth in zip((64, 128, 256, 512, 512), self.depths):
            for _ in range(depth):
                yield "conv", width
                if self.batchnorm:
                    yield "bn", width
                yield "relu", width
            yield "maxpool", width

    def entries(self, classes: int) -> Entries:
        channels = 3
        for index, (kind, width) in enumerate(self.features()):
            if kind == "conv":
                yield from _convolution(f"features.{index}", width, channels, 3, bias=True)
            elif kind == "bn":
                yield from _batchnorm(f"features.{index}", width)
            channels = width
        yield from _linear("classifier.0", 4096, 512 * 7 * 7)
        yield from _linear("classifier.3", 4096, 4096)
        yield from _linear(self.head, classes, 4096)


@dataclass(frozen=True)
class CustomCnn:
    """Backlight's own: 3x3 convolutions with batchnorm and ReLU, a 2x2 max pool after each of the first four."""

    widths = (16, 24, 48, 96, 128, 128)
    pools = 4
    head = "fc"
    preprocessing = Preprocessing(input_size=128, resize=0)
    labels = "menagerie.txt"

    def entries(self, classes: int) -> Entries:
        channels = 3
        for number, width in enumerate(self.widths, 1):
            yield from _convolution(f"conv{number}", width, channels, 3)
            yield from _batchnorm(f"bn{number}", width)
            channels = width
        yield from _linear(self.head, classes, channels)


def _convolution(name: str, outputs: int, inputs: int, kernel: int, bias: bool = False) -> Entries:
    yield f"{name}.weight", (outputs, inputs, kernel, kernel)
    if bias:
        yield f"{name}.bias", (outputs,)


def _batchnorm(name: str, channels: int) -> Entries:
    for tensor in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{tensor}", (channels,)


def _linear(name: str, outputs: int, inputs: int) -> Entries:
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


Architecture = Union[ResNet, CifarResNet, Vgg, CustomCnn]

_VGG_DEPTHS = {
    "vgg11": (1, 1, 2, 2, 2),
    "vgg13": (2, 2, 2, 2, 2),
    "vgg16": (2, 2, 3, 3, 3),
    "vgg19": (2, 2, 4, 4, 4),
}

ARCHITECTURES: dict[str, Architecture] = {
    "resnet18": ResNet((2, 2, 2, 2)),
    "resnet34": ResNet((3, 4, 6, 3)),
    "resnet50": ResNet((3, 4, 6, 3), bottleneck=True),
    "resnet101": ResNet((3, 4, 23, 3), bottleneck=True),
    "resnet152": ResNet((3, 8, 36, 3), bottleneck=True),
    **{name: Vgg(depths) for name, depths in _VGG_DEPTHS.items()},
    **{f"{name}_bn": Vgg(depths, batchnorm=True) for name, depths in _VGG_DEPTHS.items()},
    **{f"cifar_resnet{6 * depth + 2}": CifarResNet(depth) for depth in (3, 5, 7, 9)},
    "custom_cnn": CustomCnn(),
}


def manifest(architecture: str, classes: int) -> Manifest:
    """Every tensor that a network with that many outputs needs, except batchnorm's step counters."""
    return dict(ARCHITECTURES[architecture].entries(classes))
