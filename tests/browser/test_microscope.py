#!/usr/bin/env python3
"""The pages of `backlight microscope` in a headless Chromium: the slider, the click, the switch and the finite difference give
the numbers that the engine gave, without a word on the console. Needs chromium, chromium-driver and h5py.

tests/browser/test_microscope.py build/backlight"""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)
from webdriver import Browser, run_tests

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "weights"))
import initialize
import native
from architectures import ARCHITECTURES

PICTURE = SOURCE / "tests" / "fixtures" / "images" / "tall_47x61.png"
RULES = ("gradient", "guided", "deconvnet")
ZOO = Path(os.environ.get("BACKLIGHT_ZOO_H5", SOURCE / "build" / "zoo"))


def backlight(*arguments: str | Path) -> None:
    subprocess.run([BACKLIGHT, *map(str, arguments)], check=True, capture_output=True, cwd=FOLDER)


class Engine:
    """A network's numbers for PICTURE, as `backlight inspect` keeps them."""

    def __init__(self, *options: str | Path) -> None:
        self.files = {}
        for rule in RULES:
            file = FOLDER / f"{rule}.h5"
            backlight("inspect", PICTURE, "--rule", rule, "--out", file, *options)
            self.files[rule] = h5py.File(file)

    def value(self, node: str, place: tuple[int, ...]) -> float:
        return float(self.files["gradient"]["values"][node][place])

    def gradient(self, rule: str, node: str, place: tuple[int, ...]) -> float:
        return float(self.files[rule]["gradients"][node][place])

    def largest(self, rule: str, node: str) -> float:
        return float(abs(self.files[rule]["gradients"][node][()]).max())

    def close(self) -> None:
        for file in self.files.values():
            file.close()


class Page(unittest.TestCase):
    options: tuple[str | Path, ...] = ()

    def setUp(self) -> None:
        self.page = FOLDER / "page.html"
        backlight("microscope", PICTURE, "--out", self.page, *self.options)
        self.engine = Engine(*self.options)
        self.addCleanup(self.engine.close)

    def opened(self, **how: int | bool) -> Browser:
        browser = Browser(**how)
        self.addCleanup(browser.__exit__)
        browser.open(self.page)
        browser.wait("document.body.dataset.ready")
        return browser

    def check_place(self, browser: Browser, node: str) -> None:
        """The numbers of the marked place, and what they are said to be sums of."""
        shape, index = browser.run(
            "const s = numbers.shapes[state.id]; return [s, state.pixel]",
        )
        channel, rest = divmod(index, shape[1] * shape[2])
        place = (channel, *divmod(rest, shape[2]))
        about = f"{node} at {place}"
        shown = browser.run(
            "return [Number(document.querySelector('[data-value]').dataset.value),"
            " ...[...document.querySelectorAll('[data-rule]')].map(e => Number(e.dataset.gradient))]"
        )
        self.assertAlmostEqual(
            shown[0], self.engine.value(node, place), delta=1e-4 * max(1, abs(shown[0])), msg=about
        )
        for rule, found in zip(RULES, shown[1:]):
            allowed = (
                2e-3 * self.engine.largest(rule, node) + 1e-12
            )  # a plane in half precision; a sign that flips
            self.assertAlmostEqual(
                found, self.engine.gradient(rule, node, place), delta=allowed, msg=f"{about}, {rule}"
            )
        sums = browser.run(
            "return [...document.querySelectorAll('[data-sum]')].map(e => Number(e.dataset.sum))"
        )
        chosen = browser.run("return state.rule")
        self.assertAlmostEqual(sums[0], shown[0], delta=1e-5 * max(1, abs(shown[0])), msg=f"{about}, forward")
        back = shown[1 + RULES.index(chosen)]
        self.assertAlmostEqual(
            sum(sums[1:]),
            back,
            delta=1e-4 * abs(back) + 1e-9 + 1e-5 * self.engine.largest(chosen, node),
            msg=f"{about}, back",
        )


class Computed(Page):
    def test_every_room(self) -> None:
        browser = self.opened()
        names = browser.run("return numbers.nodes.map(n => n.name)")
        for step, name in enumerate(names, 1):
            browser.press("#step", "ArrowRight")
            self.assertEqual(browser.run("return document.getElementById('room-name').textContent"), name)
            self.assertEqual(browser.run("return state.id"), step)
            browser.press("#gradient", "ArrowDown")  # marks the strongest place
            if step < len(names):
                self.check_place(browser, name)
        self.assertEqual(browser.console(), [])

    def test_click_and_switch(self) -> None:
        browser = self.opened()
        browser.run("goTo(numbers.nodes.findIndex(n => n.kind === 'relu') + 1)")
        node = browser.run("return numbers.nameOf(state.id)")
        for canvas, x, y in (("#value", 0.52, 0.31), ("#gradient", 0.24, 0.77)):
            browser.click_at(canvas, x, y)
            width, height, index = browser.run(
                "const s = numbers.shapes[state.id]; return [s[2], s[1], state.pixel % (s[1] * s[2])]"
            )
            self.assertLessEqual(abs(index % width - x * width), 1)
            self.assertLessEqual(abs(index // width - y * height), 1)
            for rule in ("guided", "deconvnet", "gradient"):
                browser.click(f"input[value={rule}]")
                self.assertEqual(browser.run("return state.rule"), rule)
                self.check_place(browser, node)
        self.assertEqual(browser.console(), [])

    def test_finite_difference(self) -> None:
        browser = self.opened()
        for room in (0, 2):
            browser.run("goTo(arguments[0]); state.pixel = strongestPlace(state.id); render()", room)
            browser.press("#epsilon", "\ue011")  # Home: the smallest
            difference, gradient = browser.run(
                "return [Number(document.querySelector('[data-difference]').dataset.difference),"
                " numbers.gradient('gradient', state.id, state.pixel)]"
            )
            self.assertAlmostEqual(difference / gradient, 1, delta=1e-6)
            browser.press("#epsilon", "\ue010")  # End: so far that the score bends
            self.assertIn("kink", browser.run("return document.getElementById('truth-body').textContent"))
        self.assertEqual(browser.console(), [])

    def test_agrees_with_the_engine(self) -> None:
        browser = self.opened()
        self.assertLess(
            browser.run("return Number(document.getElementById('check').dataset.distance)"), 1e-10
        )

    def test_lessons_show_what_they_speak_of(self) -> None:
        browser = self.opened()
        buttons = browser.run(
            "return [...document.querySelectorAll('[data-question]')].map(b => b.dataset.question)"
        )
        self.assertGreaterEqual(len(buttons), 8)
        for button in buttons:
            browser.run("document.querySelector(`[data-question='${arguments[0]}']`).click()", button)
            place = browser.run("return [state.id, state.pixel, state.rule]")
            found = browser.run(
                "const q = questions(facts())[arguments[0]]; return [...q.find(), q.rule]", int(button)
            )
            self.assertEqual(place, found)
            self.assertGreaterEqual(place[1], 0)
            if 0 < place[0] < browser.run("return numbers.nodes.length"):
                self.check_place(browser, browser.run("return numbers.nameOf(state.id)"))
        self.assertEqual(browser.console(), [])

    def test_what_the_questions_promise(self) -> None:
        browser = self.opened()
        leaves = "return [...document.querySelectorAll('#number-body td')].map(e => e.textContent).filter(t => t.includes('leaves'))"
        for question, rule, promised in (
            (0, "gradient", "by the mask"),
            (4, "guided", "by the sign"),
            (1, "deconvnet", "deconvnet lets it pass"),
        ):
            browser.run("document.querySelector(`[data-question='${arguments[0]}']`).click()", question)
            text = browser.run(leaves)[RULES.index(rule)]
            self.assertIn(promised, text)
            self.assertNotIn("nothing comes", text)

    def test_probability_and_attack(self) -> None:
        browser = self.opened()
        scale, factor = browser.run(
            "return [numbers.scale(0, 'gradient'), softmax(numbers.logits)[numbers.target]]"
        )
        browser.run(
            "const s = document.getElementById('score'); s.value = 'probability'; s.dispatchEvent(new Event('change'))"
        )
        self.assertLess(browser.run("return numbers.scale(0, 'gradient')"), scale * factor)
        browser.run("goTo(0, strongestOf('gradient', 0))")
        browser.press("#epsilon", "\ue011")
        difference, gradient = browser.run(
            "return [Number(document.querySelector('[data-difference]').dataset.difference), numbers.gradient('gradient', 0, state.pixel)]"
        )
        self.assertAlmostEqual(difference / gradient, 1, delta=1e-5)
        margin, least, random = browser.run(
            "const a = numbers.attack(0.01), m = l => l[numbers.target] - l[a.other];"
            "return [a.margin - 0.01 * a.sum, m(a.against), m(a.random) - a.margin]"
        )
        self.assertAlmostEqual(least, margin, delta=0.02 * abs(margin) + 1e-3)
        self.assertEqual(browser.console(), [])

    def test_moved_winners(self) -> None:
        """Which zero of an all-zero window wins is no matter where a mask is asked."""
        browser = self.opened()
        if (
            browser.run(
                "return numbers.poolCounts(numbers.nodes.findIndex(n => n.kind === 'max_pool')).all_zero"
            )
            == 0
        ):
            self.skipTest("no window of this picture is all zero")
        browser.run("document.getElementById('move-winners').click()")
        gradient, guided, deconvnet = browser.run("return numbers.movedWinners()")
        self.assertEqual([gradient, guided], [0, 0])
        self.assertGreater(deconvnet, 0.1)
        self.assertIn(
            "gradient moves by exactly 0",
            browser.run("return document.getElementById('moved-winners').textContent"),
        )

    def test_following_a_number(self) -> None:
        browser = self.opened()
        browser.run("goTo(4, strongestOf('gradient', 4))")
        browser.click("#number-body [data-go]")
        self.assertEqual(browser.run("return state.id"), 3)
        self.check_place(browser, browser.run("return numbers.nameOf(state.id)"))
        browser.press("#step", "ArrowRight")
        self.assertIsNotNone(browser.run("return state.pixel"))

    def test_narrow_dark_and_described(self) -> None:
        for width, dark in ((400, False), (400, True), (1200, True)):
            browser = self.opened(width=width, height=800, dark=dark)
            self.assertLessEqual(browser.run("return document.documentElement.scrollWidth"), width)
            wide = browser.run(
                "return [...document.querySelectorAll('main *')].filter(e => !e.closest('.strip, .scroll') &&"
                " e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
            )
            self.assertEqual(wide, [])
            for canvas in ("value", "gradient"):
                label = browser.run(
                    "return document.getElementById(arguments[0]).getAttribute('aria-label')", canvas
                )
                self.assertRegex(
                    label, r"strongest at row \d+, column \d+ \((upper|middle|lower) (left|centre|right)\)"
                )
            self.assertEqual(browser.run("return matchMedia('(prefers-color-scheme: dark)').matches"), dark)

    def test_without_decompression(self) -> None:
        text = self.page.read_text()
        self.page.write_text(
            text.replace("<head>", "<head><script>delete window.DecompressionStream</script>", 1)
        )
        with Browser() as browser:
            browser.open(self.page)
            browser.wait("!document.getElementById('unsupported').hidden")
            self.assertTrue(browser.run("return document.getElementById('page').hidden"))
            self.assertEqual(browser.console(), [])


class Residual(Page):
    """A network with joins and shortcuts, computed in the page too."""

    options = ("--weights", ZOO / "cifar_resnet20.h5")

    def setUp(self) -> None:
        if not self.options[1].exists():
            self.skipTest(f"needs {self.options[1]}")
        super().setUp()

    def test_every_room(self) -> None:
        Computed.test_every_room(self)

    def test_summands(self) -> None:
        browser = self.opened()
        browser.run("goTo(numbers.nodes.findIndex(n => n.kind === 'add') + 1)")
        self.assertEqual(browser.run("return document.querySelectorAll('#summands canvas').length"), 2)
        self.assertLess(
            browser.run("return Number(document.getElementById('check').dataset.distance)"), 1e-10
        )


class Stored(Page):
    """A network too large to be computed in a page."""

    def setUp(self) -> None:
        weights = FOLDER / "resnet18.h5"
        description = native.Description(
            "resnet18",
            native.default_labels("resnet18"),
            ARCHITECTURES["resnet18"].preprocessing,
            "seed 1",
            "0" * 64,
            "none",
        )
        tensors = {k: v.astype(np.float32) for k, v in initialize.initialize("resnet18", 1000, 1).items()}
        native.write(weights, tensors, description)
        self.options = ("--weights", weights)
        super().setUp()
        self.assertLess(self.page.stat().st_size, 10_000_000)

    def test_every_room(self) -> None:
        browser = self.opened()
        names = browser.run("return numbers.nodes.map(n => n.name)")
        for step, name in enumerate(names[:-1], 1):
            browser.run("goTo(arguments[0])", step)
            # The place that is spelled out.
            browser.run(
                "const all = numbers.known[`gradient ${state.id}`], shape = numbers.shapes[state.id];"
                "let best; for (const [index, g] of all) if (best === undefined || Math.abs(g) > Math.abs(all.get(best))) best = index;"
                "state.pixel = best; render()"
            )
            self.check_place(browser, name)
        self.assertEqual(browser.console(), [])

    def test_stored_difference(self) -> None:
        browser = self.opened()
        browser.press("#epsilon", "\ue011")
        difference = browser.run(
            "return Number(document.querySelector('[data-difference]').dataset.difference)"
        )
        self.assertAlmostEqual(
            difference / browser.run("return numbers.header.differences[0].gradient"), 1, delta=1e-3
        )
        browser.click("[data-image]")
        self.assertEqual(browser.run("return state.id"), 0)
        self.assertEqual(browser.console(), [])


def prepare(backlight: str, folder: Path) -> None:
    global BACKLIGHT, FOLDER
    BACKLIGHT, FOLDER = backlight, folder


if __name__ == "__main__":
    run_tests(prepare)
