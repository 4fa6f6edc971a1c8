"""The supported networks written out in PyTorch, one line per operation, so that every value has a name and every
ReLU the chosen backward rule. Parameters come from a state dict with torchvision's (or akamaster's) names."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from architectures import ARCHITECTURES, CifarResNet, CustomCnn, ResNet, Vgg

RULES = ("gradient", "guided", "deconvnet")


class ReluWithRule(torch.autograd.Function):
    """max(x, 0). With g the incoming gradient, backward is g·[x>0] (gradient), g·[g>0] (deconvnet; Zeiler and Fergus
    2013) or g·[x>0]·[g>0] (guided; Springenberg et al. 2014). `positive` takes the place of x>0."""

    @staticmethod
    def forward(context, x: Tensor, rule: str, positive: Tensor | None = None) -> Tensor:
        positive = x > 0 if positive is None else positive
        context.save_for_backward(positive)
        context.rule = rule
        return torch.where(positive, x, 0.0)

    @staticmethod
    def backward(context, g: Tensor) -> tuple[Tensor, None, None]:
        (positive,) = context.saved_tensors
        if context.rule != "deconvnet":
            g = g * positive
        if context.rule != "gradient":
            g = g * (g > 0)
        return g, None, None


class Tape:
    """The operations of the networks. Each is called with the path of its module in the framework, finds its
    parameters under that path, and keeps its output in `nodes`."""

    def __init__(
        self, state: dict[str, Tensor], rule: str = "gradient", momentum: float | None = None
    ) -> None:
        """With a momentum batchnorm is in training mode, and moves its running statistics by that much."""
        self.state, self.rule, self.momentum = state, rule, momentum
        self.nodes: dict[str, Tensor] = {}

    def keep(self, path: str, value: Tensor) -> Tensor:
        assert path not in self.nodes, path
        self.nodes[path] = value
        return value

    def convolution(self, path: str, x: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
        weight, bias = self.state[f"{path}.weight"], self.state.get(f"{path}.bias")
        return self.keep(path, functional.conv2d(x, weight, bias, stride, padding))

    def batchnorm(self, path: str, x: Tensor) -> Tensor:
        weight, bias, mean, var = (
            self.state[f"{path}.{name}"] for name in ("weight", "bias", "running_mean", "running_var")
        )
        training, momentum = self.momentum is not None, self.momentum or 0.0
        y = functional.batch_norm(x, mean, var, weight, bias, training, momentum, eps=1e-5)
        return self.keep(path, y)

    def linear(self, path: str, x: Tensor) -> Tensor:
        return self.keep(path, functional.linear(x, self.state[f"{path}.weight"], self.state[f"{path}.bias"]))

    def relu(self, path: str, x: Tensor) -> Tensor:
        return self.keep(path, ReluWithRule.apply(x, self.rule))

    def max_pool(self, path: str, x: Tensor, kernel: int, stride: int, padding: int = 0) -> Tensor:
        return self.keep(path, functional.max_pool2d(x, kernel, stride, padding))

    def dropout(self, path: str, x: Tensor) -> Tensor:
        """A network at inference drops nothing."""
        return self.keep(path, x.view_as(x))


class HeldTape(Tape):
    """Every ReLU sign and pooling winner is that of another run of the same network, whose nodes these are."""

    def __init__(self, state: dict[str, Tensor], rule: str, held: dict[str, Tensor]) -> None:
        super().__init__(state, rule)
        self.held = held

    def relu(self, path: str, x: Tensor) -> Tensor:
        return self.keep(path, ReluWithRule.apply(x, self.rule, self.held[path] > 0))

    def max_pool(self, path: str, x: Tensor, kernel: int, stride: int, padding: int = 0) -> Tensor:
        source = next(name for name, value in self.nodes.items() if value is x)
        _, winners = functional.max_pool2d(self.held[source], kernel, stride, padding, return_indices=True)
        return self.keep(path, x.flatten(2).gather(2, winners.flatten(2)).view(winners.shape))


def basic_block(tape: Tape, path: str, x: Tensor, stride: int) -> Tensor:
    y = tape.convolution(f"{path}.conv1", x, stride, padding=1)
    y = tape.batchnorm(f"{path}.bn1", y)
    y = tape.relu(f"{path}.relu1", y)
    y = tape.convolution(f"{path}.conv2", y, padding=1)
    return tape.batchnorm(f"{path}.bn2", y)


def bottleneck(tape: Tape, path: str, x: Tensor, stride: int) -> Tensor:
    y = tape.convolution(f"{path}.conv1", x)
    y = tape.batchnorm(f"{path}.bn1", y)
    y = tape.relu(f"{path}.relu1", y)
    y = tape.convolution(f"{path}.conv2", y, stride, padding=1)
    y = tape.batchnorm(f"{path}.bn2", y)
    y = tape.relu(f"{path}.relu2", y)
    y = tape.convolution(f"{path}.conv3", y)
    return tape.batchnorm(f"{path}.bn3", y)


def projection(tape: Tape, path: str, x: Tensor, stride: int) -> Tensor:
    """The shortcut of torchvision's ResNets: nothing, or a 1x1 convolution where the shape changes."""
    if f"{path}.downsample.0.weight" not in tape.state:
        return x
    return tape.batchnorm(f"{path}.downsample.1", tape.convolution(f"{path}.downsample.0", x, stride))


def option_a(tape: Tape, path: str, x: Tensor, stride: int) -> Tensor:
    """The shortcut of the CIFAR ResNets: where the shape changes, every second pixel and zero channels on both sides."""
    if stride == 1:
        return x
    zeros = x.shape[1] // 2
    return tape.keep(f"{path}.shortcut", functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, zeros, zeros)))


def _stages(tape: Tape, x: Tensor, depths: tuple[int, ...], branch, shortcut) -> Tensor:
    for stage, depth in enumerate(depths):
        for index in range(depth):
            path, stride = f"layer{stage + 1}.{index}", 2 if stage > 0 and index == 0 else 1
            y = branch(tape, path, x, stride) + shortcut(tape, path, x, stride)
            x = tape.relu(path, tape.keep(f"{path}.add", y))
    return x


def _head(tape: Tape, x: Tensor, classifier: str) -> Tensor:
    x = tape.keep("avgpool", functional.adaptive_avg_pool2d(x, 1))
    x = tape.keep("flatten", x.flatten(1))
    return tape.linear(classifier, x)


def resnet(tape: Tape, x: Tensor, network: ResNet) -> Tensor:
    x = tape.convolution("conv1", x, stride=2, padding=3)
    x = tape.batchnorm("bn1", x)
    x = tape.relu("relu", x)
    x = tape.max_pool("maxpool", x, 3, stride=2, padding=1)
    x = _stages(tape, x, network.depths, bottleneck if network.bottleneck else basic_block, projection)
    return _head(tape, x, network.head)


def cifar_resnet(tape: Tape, x: Tensor, network: CifarResNet) -> Tensor:
    x = tape.convolution("conv1", x, padding=1)
    x = tape.batchnorm("bn1", x)
    x = tape.relu("relu", x)
    x = _stages(tape, x, (network.depth,) * 3, basic_block, option_a)
    return _head(tape, x, network.head)


def vgg(tape: Tape, x: Tensor, network: Vgg) -> Tensor:
    for index, (kind, _) in enumerate(network.features()):
        path = f"features.{index}"
        if kind == "conv":
            x = tape.convolution(path, x, padding=1)
        elif kind == "bn":
            x = tape.batchnorm(path, x)
        elif kind == "relu":
            x = tape.relu(path, x)
        else:
            x = tape.max_pool(path, x, 2, stride=2)
    x = tape.keep("avgpool", functional.adaptive_avg_pool2d(x, 7))
    x = tape.keep("flatten", x.flatten(1))
    x = tape.linear("classifier.0", x)
    x = tape.relu("classifier.1", x)
    x = tape.dropout("classifier.2", x)
    x = tape.linear("classifier.3", x)
    x = tape.relu("classifier.4", x)
    x = tape.dropout("classifier.5", x)
    return tape.linear(network.head, x)


def custom_cnn(tape: Tape, x: Tensor, network: CustomCnn) -> Tensor:
    for number in range(1, len(network.widths) + 1):
        x = tape.convolution(f"conv{number}", x, padding=1)
        x = tape.batchnorm(f"bn{number}", x)
        x = tape.relu(f"relu{number}", x)
        if number <= network.pools:
            x = tape.max_pool(f"pool{number}", x, 2, stride=2)
    return _head(tape, x, network.head)


def run(architecture: str, tape: Tape, x: Tensor) -> Tensor:
    """The logits of a network; every value on the way is in `tape.nodes`."""
    network = ARCHITECTURES[architecture]
    forward = {ResNet: resnet, CifarResNet: cifar_resnet, Vgg: vgg, CustomCnn: custom_cnn}[type(network)]
    return forward(tape, x, network)
