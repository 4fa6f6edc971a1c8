#!/usr/bin/env python3
"""Runs the comparison with PyTorch's autograd that README.md shows, as it stands there, and holds the distance that it prints
to 1e-2 (a sign of a ReLU may differ). Needs torch, torchvision and pillow; ends with 77 without."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
try:
    import torch  # noqa: F401
    import torchvision  # noqa: F401
    from PIL import Image  # noqa: F401
except ImportError as error:
    print(f"skipped: {error}; this needs torch, torchvision and pillow")
    sys.exit(77)


def main() -> None:
    backlight = Path(sys.argv[1]).resolve()
    blocks = re.findall(r"```python\n(.*?)```", (SOURCE / "README.md").read_text(), re.DOTALL)
    (script,) = [block for block in blocks if "torchvision" in block]
    with tempfile.TemporaryDirectory(prefix="backlight-") as folder:
        for name in ("apps", "weights"):
            (Path(folder) / name).symlink_to(SOURCE / name)
        (Path(folder) / "build").mkdir()
        (Path(folder) / "build" / "backlight").symlink_to(backlight)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # python3 is this one
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": path},
        )
    print(done.stdout)
    distance = float(done.stdout.split()[-1])
    if not distance < 1e-2:
        sys.exit(f"too far from PyTorch: {distance}")


if __name__ == "__main__":
    main()
