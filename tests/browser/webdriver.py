"""A headless Chromium, driven by its chromedriver over HTTP (W3C WebDriver), with nothing but Python's own library."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from collections.abc import Callable
from types import TracebackType
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how the protocol names one
KEYS = {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}


def is_installed() -> bool:
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))


class Browser:
    """One window. Leaves no process behind."""

    def __init__(self, width: int = 1200, height: int = 900, dark: bool = False) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.address = f"http://127.0.0.1:{port}"
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        arguments += [f"--window-size={width},{height}", "--force-color-profile=srgb", "--hide-scrollbars"]
        if dark:
            arguments += ["--blink-settings=preferredColorScheme=0"]
        options = {
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        for _ in range(100):
            try:
                found = self._send("POST", "/session", {"capabilities": {"alwaysMatch": options}})
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        else:
            self.driver.kill()
            raise RuntimeError("chromedriver does not answer")
        self.session = f"/session/{found['sessionId']}"
        # A window is never narrower than 500 pixels; what a page sees can be.
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._send(
            "POST",
            f"{self.session}/goog/cdp/execute",
            {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics},
        )

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        try:
            self._send("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(10)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(
            self.address + path,
            method=method,
            data=json.dumps(body or {}).encode() if method == "POST" else None,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def open(self, page: Path) -> None:
        self._send("POST", f"{self.session}/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        """What `return …` in the script gives."""
        return self._send("POST", f"{self.session}/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition: str, seconds: float = 60) -> None:
        """Until a JavaScript expression is true."""
        end = time.monotonic() + seconds
        while not self.run(f"return !!({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(
                    f"still not true after {seconds} s: {condition}; console: {self.console()}"
                )
            time.sleep(0.05)

    def find(self, selector: str) -> str:
        return self._send("POST", f"{self.session}/element", {"using": "css selector", "value": selector})[
            ELEMENT
        ]

    def press(self, selector: str, key: str) -> None:
        self._send(
            "POST", f"{self.session}/element/{self.find(selector)}/value", {"text": KEYS.get(key, key)}
        )

    def click(self, selector: str) -> None:
        self._send("POST", f"{self.session}/element/{self.find(selector)}/click")

    def click_at(self, selector: str, x: float, y: float) -> None:
        """At x, y from 0 to 1 across and down an element, which is scrolled into view."""
        element = self.find(selector)
        box = self.run(
            "arguments[0].scrollIntoView({block: 'center'}); const b = arguments[0].getBoundingClientRect();"
            "return [b.width, b.height]",
            {ELEMENT: element},
        )
        move = {
            "type": "pointerMove",
            "duration": 0,
            "origin": {ELEMENT: element},
            "x": round((x - 0.5) * box[0]),
            "y": round((y - 0.5) * box[1]),
        }
        actions = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": actions,
        }
        self._send("POST", f"{self.session}/actions", {"actions": [mouse]})

    def console(self) -> list[str]:
        """Warnings and errors since the last call."""
        entries = self._send("POST", f"{self.session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]


def run_tests(prepare: Callable[[str, Path], None]) -> None:
    """The tests of the main program, with an empty folder, after prepare(backlight, folder). Exit status 77: no browser."""
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} BACKLIGHT [OPTION of unittest]...")
    backlight = str(Path(sys.argv.pop(1)).resolve())
    if not is_installed():
        print("skipped: needs Debian's chromium and chromium-driver")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="backlight-") as folder:
        prepare(backlight, Path(folder))
        unittest.main()
