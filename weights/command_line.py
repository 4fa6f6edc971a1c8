"""What the programs of this folder have in common on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from architectures import ARCHITECTURES
from native import BadFile


def parser_of(document: str, out: str) -> argparse.ArgumentParser:
    """A parser with the architecture and --out, which help shows as `out`. `document`: a summary and an example."""
    summary, example = document.split("\n\n")
    parser = argparse.ArgumentParser(
        description=summary, epilog=example, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("architecture", choices=ARCHITECTURES, metavar="ARCH", help=", ".join(ARCHITECTURES))
    parser.add_argument("-o", "--out", type=Path, required=True, metavar=out)
    return parser


def exit_status(program: str, act: Callable[[], None]) -> int:
    """1, with one line that says why, where a file is refused."""
    try:
        act()
    except BadFile as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0
