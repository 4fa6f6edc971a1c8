#!/usr/bin/env python3
"""The page of `backlight demo` in a headless Chromium: wide and narrow, light and dark, without a word on the console; every
picture can be enlarged and is described, and every link leads to a page that opens. Needs chromium and chromium-driver.

tests/browser/test_demo.py build/backlight"""

from __future__ import annotations

import subprocess
import unittest
from pathlib import Path

from webdriver import Browser, run_tests


class Demo(unittest.TestCase):
    def test_page(self) -> None:
        page = FOLDER / "out" / "page.html"
        for width, dark in ((1200, False), (400, True)):
            with Browser(width, 900, dark) as browser:
                browser.open(page)
                self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), width)
                descriptions = browser.run("return [...document.images].map(i => i.alt)")
                self.assertTrue(all(len(text) > 20 for text in descriptions), descriptions)
                before = browser.run("return document.images[2].getBoundingClientRect().width")
                browser.click(".animal figure:nth-child(3) .zoom")
                self.assertGreater(
                    browser.run("return document.images[2].getBoundingClientRect().width"), 2 * before
                )
                self.assertEqual(
                    browser.run("return getComputedStyle(document.images[2]).imageRendering"), "pixelated"
                )
                self.assertEqual(browser.console(), [])

    def test_links(self) -> None:
        with Browser() as browser:
            browser.open(FOLDER / "out" / "page.html")
            links = browser.run("return [...document.links].map(a => a.href)")
            pages = [link for link in links if link.endswith(".html")]
            self.assertEqual(len(pages), 5)
            for link in pages:
                browser.open(FOLDER / "out" / Path(link).name)
                browser.wait("document.body.dataset.ready")
                self.assertLess(
                    browser.run("return Number(document.getElementById('check').dataset.distance)"), 1e-10
                )
            self.assertEqual(browser.console(), [])


def prepare(backlight: str, folder: Path) -> None:
    global FOLDER
    FOLDER = folder
    subprocess.run([backlight, "demo", "--out", folder / "out"], check=True, capture_output=True)


if __name__ == "__main__":
    run_tests(prepare)
