"""Finds a network's weights in what a checkpoint holds: beside an optimizer's state, under whatever key and prefix. A
tensor is whatever has a shape: convert.py's own, or PyTorch's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from architectures import ARCHITECTURES, Manifest, manifest
from safe_pickle import Record

_MOST_LEVELS, _MOST_DICTS, _MOST_PREFIXES = 4, 200, 16  # that are looked through
_MOST_TEXT = 1500  # of a message
_AVERAGES = ("ema", "averaged", "swa", "shadow")


@dataclass(frozen=True)
class Weights:
    """Tensors that have the architecture's names and shapes, and where they were: key.key: prefix."""

    where: str
    tensors: dict[str, Any]

    def is_average(self) -> bool:
        return any(word in self.where.lower() for word in _AVERAGES)


def is_tensor(value: Any) -> bool:
    return isinstance(getattr(value, "shape", None), tuple)


def _dicts(root: Any, where: str = "", level: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict with tensors in it, and the keys that lead there; first the outer ones."""
    if not isinstance(root, dict) or level > _MOST_LEVELS:
        return
    if any(is_tensor(value) for value in root.values()):
        yield where, {str(name): value for name, value in root.items()}
    for key, value in root.items():
        if isinstance(value, dict) and isinstance(key, str):
            yield from _dicts(value, f"{where}.{key}".lstrip("."), level + 1)


def _counts_steps(name: str) -> bool:
    return name.endswith("num_batches_tracked")


def _prefixes(names: dict[str, Any], expected: Manifest) -> list[str]:
    """What may stand before the architecture's names, the shortest first."""
    first = next(iter(expected))
    found = [name[: -len(first)] for name in names if name == first or name.endswith(f".{first}")]
    return sorted({*found, ""}, key=len)[:_MOST_PREFIXES]


def _under(prefix: str, found: dict[str, Any]) -> dict[str, Any]:
    return {
        name[len(prefix) :]: value
        for name, value in found.items()
        if name.startswith(prefix) and not _counts_steps(name)
    }


def _differences(found: dict[str, Any], expected: Manifest) -> int:
    shapes = {name: getattr(value, "shape", None) for name, value in found.items()}
    return sum(shapes.get(name) != shape for name, shape in expected.items()) + sum(
        name not in expected for name in shapes
    )


def _without_wrappers(prefix: str, found: dict[str, Any], expected: Manifest) -> dict[str, Any]:
    """Of what has the prefix; a file of two sets, `model.` and `ema.`, has each under its own. Without a prefix every
    name counts."""
    return _under(prefix, found) if prefix else {n: v for n, v in found.items() if not _counts_steps(n)}


def find(root: Any, expected: Manifest) -> list[Weights]:
    """All that fit the architecture, names and shapes; averages (EMA) first, as those are what people evaluate."""
    fitting = []
    for where, found in list(_dicts(root))[:_MOST_DICTS]:
        for prefix in _prefixes(found, expected):
            tensors = _without_wrappers(prefix, found, expected)
            if _differences(tensors, expected) == 0:
                place = ": ".join(part for part in (where, prefix.rstrip(".")) if part)
                fitting.append(Weights(place, tensors))
    return sorted(fitting, key=lambda weights: not weights.is_average())


def class_count(root: Any, head: str) -> int | None:
    """How many outputs the layer of that name has in the first set of weights that has it; None: there is none."""
    for _, found in list(_dicts(root))[:_MOST_DICTS]:
        for name, value in found.items():
            if f".{name}".endswith(f".{head}.bias") and is_tensor(value) and len(value.shape) == 1:
                return value.shape[0]
    return None


def nearest(root: Any, expected: Manifest) -> dict[str, Any] | None:
    """The tensors that lack least of the architecture, so that one can say what is wrong; None where there are none."""
    candidates = [
        _without_wrappers(prefix, found, expected)
        for _, found in list(_dicts(root))[:_MOST_DICTS]
        for prefix in _prefixes(found, expected)
    ]
    return min(candidates, key=lambda found: sum(name not in found for name in expected), default=None)


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape[:8])) or "a number"


def kind(value: Any) -> str:
    """What a value is, in a word or two."""
    if isinstance(value, Record):
        return f"an object of {_short(value.name)}, which was not run"
    return f"tensor of shape {_times(value.shape)}" if is_tensor(value) else type(value).__name__


def _short(value: Any, most: int = 60) -> str:
    text = str(value) if isinstance(value, (str, int, float)) else type(value).__name__
    text = "".join(c if c.isprintable() else "?" for c in text[: most + 1])
    return text if len(text) <= most else text[: most - 1] + "~"


def _likely(root: Any) -> tuple[str, dict[str, Any]]:
    """The architectures whose names and shapes come nearest, whatever the number of classes, and the tensors meant."""
    scores = []
    for name, architecture in ARCHITECTURES.items():
        found = nearest(root, manifest(name, 1)) or {}
        head = getattr(found.get(f"{architecture.head}.weight"), "shape", ())
        classes = head[0] if len(head) == 2 else 1
        scores.append((_differences(found, manifest(name, classes)), name, found))
    scores.sort(key=lambda score: score[0])
    if scores[0][0] == 0:
        return f"it fits {scores[0][1]}", scores[0][2]
    named = ", ".join(f"{name} ({count} names or shapes differ)" for count, name, _ in scores[:2])
    return f"nearest are {named}", scores[0][2]


def describe(root: Any) -> str:
    """What a checkpoint holds, in a few words, for who has to find out why it does not fit."""
    if isinstance(root, Record):
        return (
            f"holds a whole object, {_short(root.name)}, which was not run, and not its weights; where you trust it, "
            'Python makes them: torch.save(torch.load(FILE, weights_only=False).state_dict(), "weights.pth")'
        )
    if not isinstance(root, dict):
        return f"holds no state dict, but an object of type {type(root).__name__}"
    keys = ", ".join(_short(key) for key in list(root)[:8]) + (" ..." if len(root) > 8 else "")
    modules = [value for value in root.values() if isinstance(value, Record) and "_modules" in value]
    if modules:
        return f"has the keys {keys}; {describe(modules[0])}"
    likely, found = _likely(root)
    shapes = [f"{_short(n)} {_times(v.shape)}" for n, v in found.items() if is_tensor(v)]
    if not shapes:
        return f"holds no state dict; it has the keys {keys}"
    return f"the file holds {', '.join(shapes[:4])} ...; its keys are {keys}; {likely}"[:_MOST_TEXT]
