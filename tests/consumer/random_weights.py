"""random_weights.py OUT.h5: a CIFAR ResNet20 with random weights in the native format."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "weights"))
import native
from architectures import ARCHITECTURES, manifest

NET = "cifar_resnet20"
random = np.random.default_rng(0)
tensors = {name: random.uniform(0.1, 0.2, shape) for name, shape in manifest(NET, 10).items()}
native.write(
    Path(sys.argv[1]),
    tensors,
    native.Description(
        NET, native.default_labels(NET), ARCHITECTURES[NET].preprocessing, "random", "0" * 64, "none"
    ),
)
