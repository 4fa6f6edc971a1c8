"""The untrained weights of layers/initialize.h, to the bit: a start that other programs can make too."""

from __future__ import annotations

import numpy as np

from architectures import manifest

_WORDS, _MIDDLE = 312, 156


def mt19937_64(seed: int, count: int) -> np.ndarray:
    """The first numbers of C++'s std::mt19937_64 (Matsumoto & Nishimura 1998; Nishimura 2000)."""
    state = np.empty(_WORDS, np.uint64)
    x = seed
    for i in range(_WORDS):
        state[i] = x
        x = (6364136223846793005 * (x ^ x >> 62) + i + 1) % 2**64
    blocks = []
    for _ in range(-(-count // _WORDS)):
        new = np.empty_like(state)
        new[:_MIDDLE] = _twist(state[:_MIDDLE], state[1 : _MIDDLE + 1], state[_MIDDLE:])
        new[_MIDDLE:-1] = _twist(state[_MIDDLE:-1], state[_MIDDLE + 1 :], new[: _MIDDLE - 1])
        new[-1] = _twist(state[-1:], new[:1], new[_MIDDLE - 1 : _MIDDLE])[0]
        blocks.append(new)
        state = new
    x = np.concatenate(blocks)[:count]
    x = x ^ x >> np.uint64(29) & np.uint64(0x5555555555555555)
    x = x ^ x << np.uint64(17) & np.uint64(0x71D67FFFEDA60000)
    x = x ^ x << np.uint64(37) & np.uint64(0xFFF7EEE000000000)
    return x ^ x >> np.uint64(43)


def _twist(high: np.ndarray, low: np.ndarray, far: np.ndarray) -> np.ndarray:
    y = high & np.uint64(0xFFFFFFFF80000000) | low & np.uint64(0x7FFFFFFF)
    return far ^ y >> np.uint64(1) ^ (y & np.uint64(1)) * np.uint64(0xB5026F5AA96619E9)


def initialize(architecture: str, classes: int, seed: int) -> dict[str, np.ndarray]:
    """float64. Uniform in ±sqrt(6 / fan_in), and 0 and 1 where there is nothing to draw."""
    shapes = manifest(architecture, classes)
    sizes = {name: int(np.prod(shape)) for name, shape in shapes.items() if len(shape) > 1}
    numbers = mt19937_64(seed, sum(sizes.values()))
    uniform = np.ldexp((numbers >> np.uint64(11)).astype(np.float64), -52) - 1
    state = {}
    for name, shape in shapes.items():
        if name in sizes:
            drawn, uniform = np.split(uniform, [sizes[name]])
            state[name] = (np.sqrt(6 / (sizes[name] // shape[0])) * drawn).reshape(shape)
        else:
            one = name.endswith(
                (".weight", ".running_var")
            )  # other weights of one axis are batchnorm's scales
            state[name] = np.full(shape, float(one))
    return state
