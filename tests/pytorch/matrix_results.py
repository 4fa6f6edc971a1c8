"""The figures of verify_matrix.py, added up and kept in a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Figure:
    """The worst of a distance, and where it was."""

    value: float = 0.0
    where: str = "-"

    def raise_to(self, value: float | None, where: str) -> None:
        if value is not None and not value <= self.value:
            self.value, self.where = value, where

    def __str__(self) -> str:
        return f"{self.value:.1e}" if self.where != "-" else "-"


FIGURES = ("local64", "end64", "local32", "held32", "torch32", "end32")


@dataclass
class Result:
    """Of one dump, or of several of one network."""

    dumps: int = 0
    seconds: float = 0.0
    kinks: int = 0
    decisions: int = 0
    figures: dict[str, Figure] = field(default_factory=lambda: {name: Figure() for name in FIGURES})
    failures: list[str] = field(default_factory=list)

    def add(self, other: Result) -> None:
        self.dumps += other.dumps
        self.seconds += other.seconds
        self.kinks += other.kinks
        self.decisions += other.decisions
        for name, figure in other.figures.items():
            self.figures[name].raise_to(figure.value, figure.where)
        self.failures += other.failures


class Results:
    """What is known of each dump, by a text that says what the dump is of; in a file of one JSON object per line, if there
    is one."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.known = path, {}
        for line in path.read_text().splitlines() if path and path.exists() else ():
            of, result = json.loads(line)
            figures = result.pop("figures")
            figures = {name: Figure(**figures[name]) for name in FIGURES}
            self.known[of] = Result(**result, figures=figures)

    def keep(self, of: str, result: Result) -> None:
        self.known[of] = result
        if self.path:
            with self.path.open("a") as file:  # one write: lines of several processes do not mix
                file.write(json.dumps([of, asdict(result)]) + "\n")
