#!/usr/bin/env python3
"""Holds Backlight against PyTorch: every supported network, backward rule, objective and batch size is dumped in float64
node by node by weights/dump_reference.py and verified by `backlight verify`, in float64 and in float32, as written and as run.

float64 must agree to 1e-10 at every node end to end; float32 to 1e-5 at every node by itself and to 1e-4 end to end with
the signs and winners of the dump. The networks get random weights from torchvision, in its own .pth format, converted by
weights/convert.py; the CIFAR ResNets the zoo's trained ones. Needs torch, torchvision and h5py; ends with 77 without.

The whole matrix takes half an hour on two cores. With --results every dump's figures are kept in a file as soon as they are
there; those that it has are not computed again, and several processes may share it.

example:
  tests/pytorch/verify_matrix.py --quick
  tests/pytorch/verify_matrix.py --network resnet50 --input-size 224
  tests/pytorch/verify_matrix.py --results matrix.jsonl --rule guided --batch 3"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "weights"))
try:
    import h5py
    import torch
    import torchvision  # noqa: F401: dump_reference.random_weights needs it

    import convert
    import dump_reference
except ImportError as error:
    print(f"skipped: {error}; this needs torch, torchvision and h5py")
    sys.exit(77)
from matrix_results import FIGURES, Figure, Result, Results

RULES = ("gradient", "guided", "deconvnet")
OBJECTIVES = ("logit", "cross_entropy")
BATCHES = (1, 3)
FLOAT64_BAR, LOCAL_BAR, HELD_BAR = 1e-10, 1e-5, 1e-4


@dataclass(frozen=True)
class Case:
    rule: str
    objective: str
    batch: int
    precision: str = "float64"  # of the dump
    parameters: bool = False  # with the gradients of the parameters

    def __str__(self) -> str:
        extras = ["parameters"] * self.parameters + [self.precision] * (self.precision != "float64")
        return " ".join([self.rule, self.objective, f"batch {self.batch}", *extras])


@dataclass(frozen=True)
class Network:
    input_size: int  # ResNets take any multiple of 32; VGG has to have 224
    quick: Case  # together these cover every rule, objective and batch size
    more: tuple[Case, ...] = ()  # beyond the matrix


PARAMETERS = Case("gradient", "cross_entropy", 3, parameters=True)
FLOAT32 = Case("gradient", "logit", 1, precision="float32")
NETWORKS = {
    "resnet18": Network(96, Case("guided", "cross_entropy", 3), (PARAMETERS, FLOAT32)),
    "resnet34": Network(96, Case("deconvnet", "logit", 3)),
    "resnet50": Network(96, Case("gradient", "logit", 1), (PARAMETERS,)),
    "vgg11": Network(224, Case("guided", "logit", 3)),
    "vgg16": Network(224, Case("gradient", "cross_entropy", 1)),
    "vgg16_bn": Network(224, Case("deconvnet", "cross_entropy", 1)),
    "cifar_resnet20": Network(32, PARAMETERS, (PARAMETERS, FLOAT32)),
    "cifar_resnet56": Network(32, Case("guided", "cross_entropy", 1)),
}


class Matrix:
    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder

    def size(self, name: str) -> int:
        return self.options.input_size or NETWORKS[name].input_size

    def cases(self, name: str) -> list[Case]:
        network, chosen = NETWORKS[name], self.options
        if chosen.quick:
            return [network.quick]
        matrix = [Case(*case) for case in itertools.product(chosen.rule, chosen.objective, chosen.batch)]
        whole = (chosen.rule, chosen.objective, chosen.batch) == (RULES, OBJECTIVES, BATCHES)
        return [*matrix, *(network.more if whole else ())]

    def weights(self, name: str) -> tuple[dump_reference.State, Path]:
        """The state dict as PyTorch reads it, and the converted file."""
        if name.startswith("cifar_"):
            found = sorted(self.options.zoo.glob(f"cifar_resnet/{name.removeprefix('cifar_')}-*.th"))
            if not found:
                raise FileNotFoundError(f"no weights of {name} in {self.options.zoo}: set BACKLIGHT_ZOO")
            saved = found[0]
        else:
            saved = self.folder / f"{name}.pth"
            torch.save(dump_reference.random_weights(name, self.options.seed), saved)
        native = self.folder / f"{name}.h5"
        if convert.main([name, str(saved), "-o", str(native)]) != 0:
            raise RuntimeError(f"{name}: the weights cannot be converted")
        return dump_reference.load_weights(saved, name)[0], native

    def run(self, name: str, results: Results) -> Result:
        total, made = Result(), None
        for case in self.cases(name):
            of = f"{name} {self.size(name)}, {case}, seed {self.options.seed}, torch {torch.__version__}"
            if of not in results.known:
                made = made or self.weights(name)
                results.keep(of, self.judge(name, *made, case))
            total.add(results.known[of])
        return total

    def judge(self, name: str, state: dump_reference.State, native: Path, case: Case) -> Result:
        result, start, dump = Result(dumps=1), time.monotonic(), self.folder / "dump.h5"
        self.dump(name, state, case, dump, result)
        for precision, as_run in itertools.product(("float64", "float32"), (False, True)):
            self.verify(name, dump, native, case, precision, as_run, result)
        dump.unlink()
        result.seconds = time.monotonic() - start
        return result

    def dump(self, name: str, state: dump_reference.State, case: Case, path: Path, result: Result) -> None:
        precision = getattr(torch, case.precision)
        weights = {key: tensor.to(precision) for key, tensor in state.items()}
        size = self.size(name)
        random = torch.Generator().manual_seed(self.options.seed + case.batch)
        x = torch.randn(case.batch, 3, size, size, generator=random).to(precision)
        classes = 10 if name.startswith("cifar_") else 1000
        target = torch.randint(classes, (case.batch,), generator=random)
        how = (case.rule, case.objective, case.parameters)
        results = dump_reference.compute(name, weights, x, target, *how)
        attributes = {"architecture": name, "rule": case.rule, "objective": case.objective}
        dump_reference.write_dump(path, attributes, results)
        if case.precision == "float64":
            self.pytorch_in_float32(name, state, x.float(), target, case, results, result)

    @staticmethod
    def pytorch_in_float32(
        name: str,
        state: dump_reference.State,
        x: torch.Tensor,
        target: torch.Tensor,
        case: Case,
        exact: dump_reference.State,
        result: Result,
    ) -> None:
        """What PyTorch itself loses with the signs and winners held: what ours may be held against."""
        held = {path.split("/")[1]: v for path, v in exact.items() if path.startswith("activations/")}
        how = (case.rule, case.objective, case.parameters, held)
        found = dump_reference.compute(name, state, x, target, *how)
        for path, tensor in found.items():
            if path not in ("input", "target"):
                distance = (tensor - exact[path]).norm() / exact[path].norm()
                result.figures["torch32"].raise_to(float(distance), f"{path} ({case})")

    def verify(
        self, name: str, dump: Path, native: Path, case: Case, precision: str, as_run: bool, result: Result
    ) -> None:
        command = [
            self.options.backlight.resolve(),
            "verify",
            dump,
            "--weights",
            native,
            "--precision",
            precision,
        ]
        command += ["--threads", str(self.options.threads), "--json", *(["--as-run"] if as_run else [])]
        done = subprocess.run([str(p) for p in command], capture_output=True, text=True)
        label = f"{name}, {case}, verified in {precision}{' as run' if as_run else ''}"
        if done.returncode not in (0, 3) or done.stderr:
            result.failures.append(f"{label}: exit status {done.returncode}, {done.stderr.strip()}")
            return
        report = json.loads(done.stdout)
        exact = precision == case.precision == "float64"
        worst = {"end_to_end": Figure(), "local": Figure(), "held": Figure()}
        for node in report["nodes"]:
            for way in ("forward", "backward"):
                for kind, figure in worst.items():
                    figure.raise_to(node[way][kind], f"{way} at {node['name']} ({case})")
        slots = (
            {"local": "local64", "end_to_end": "end64"}
            if exact
            else {"local": "local32", "held": "held32", "end_to_end": "end32"}
        )
        for kind, slot in slots.items():
            result.figures[slot].raise_to(worst[kind].value, worst[kind].where)
        if not exact and not as_run:
            result.kinks += report["kinks"]
            result.decisions += report["decisions"]

        # The program's own verdict, and the bars once more.
        bars = (
            {"end_to_end": FLOAT64_BAR, "local": FLOAT64_BAR}
            if exact
            else {"local": LOCAL_BAR, "held": HELD_BAR}
        )
        over = [
            f"{kind} {worst[kind]} {worst[kind].where}"
            for kind in bars
            if not worst[kind].value <= bars[kind]
        ]
        verdicts = ("pass",) if exact else ("pass", "kink")
        if done.returncode != 0 or report["verdict"] not in verdicts or over:
            result.failures.append(
                f"{label}: {report['verdict']} at {report['first_divergent']}; {'; '.join(over)}"
            )
        missing = self.nodes(dump, not as_run) ^ {node["name"] for node in report["nodes"]}
        unjudged = [node["name"] for node in report["nodes"] if not self.judged(node, as_run)]
        if missing or unjudged or report["unknown"]:
            result.failures.append(f"{label}: not judged: {sorted(missing) + unjudged + report['unknown']}")

    @staticmethod
    def judged(node: dict, as_run: bool) -> bool:
        """As run, a value that a ReLU made within a node has no gradient of its own, and the one before it no value."""
        if as_run and (node["fused_into"] or node["forward"]["local"] is not None):
            return True
        return node["backward"]["local"] is not None

    @staticmethod
    def nodes(dump: Path, parameters: bool) -> set[str]:
        with h5py.File(dump) as file:
            gradients = file.get("parameter_gradients", ()) if parameters else ()
            return {"input", *file["activations"], *file["gradients"], *gradients}


def print_row(name: str, r: Result) -> None:
    local64, end64, local32, held32, torch32, end32 = (str(r.figures[figure]) for figure in FIGURES)
    kinks = f"{r.kinks} of {r.decisions:.2e}"
    print(
        f"{name:<15} {r.dumps:>5}  {local64:>8} {end64:>8}  {local32:>8} {held32:>8} {torch32:>8} {end32:>8}"
        f"  {kinks:>20}  {r.seconds:>6.0f} s  {'FAILED' if r.failures else 'pass'}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    zoo = Path(os.environ.get("BACKLIGHT_ZOO") or SOURCE.parent / "shared" / "zoo")
    parser.add_argument(
        "--backlight", type=Path, default=SOURCE / "build" / "backlight", metavar="EXECUTABLE"
    )
    parser.add_argument("--zoo", type=Path, default=zoo, metavar="FOLDER")
    parser.add_argument("--quick", action="store_true", help="one dump of each network")
    parser.add_argument("--network", nargs="+", choices=NETWORKS, default=list(NETWORKS), metavar="ARCH")
    for option, all_of_them in (("rule", RULES), ("objective", OBJECTIVES), ("batch", BATCHES)):
        parser.add_argument(
            f"--{option}", nargs="+", choices=all_of_them, default=all_of_them, type=type(all_of_them[0])
        )
    parser.add_argument(
        "--results", type=Path, metavar="FILE.jsonl", help="keep each dump's figures, and go on from there"
    )
    parser.add_argument("--input-size", type=int, metavar="N", help="side of the input, of every network")
    parser.add_argument("--seed", type=int, default=1, help="of the random weights and inputs")
    parser.add_argument("--threads", type=int, default=2, metavar="N")
    parser.add_argument("--where", action="store_true", help="also say where the worst figures were")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    print(f"torch {torch.__version__}; relative distances to its float64 dumps, worst of all nodes")
    print(f"{'':<15} {'':>5}  {'float64':>8} {'':>8}  {'float32':>8} {'':>8} {'PyTorch':>8}")
    print(
        f"{'network':<15} {'dumps':>5}  {'local':>8} {'end':>8}  {'local':>8} {'held':>8} {'held':>8} {'end':>8}"
        f"  {'kinks (float32)':>20}  {'time':>8}"
    )
    failures, results = [], Results(options.results)
    for name in options.network:
        if name.startswith("cifar_") and not (options.zoo / "cifar_resnet").exists():
            print(f"{name:<15} skipped: no {options.zoo}/cifar_resnet; set BACKLIGHT_ZOO")
            continue
        with tempfile.TemporaryDirectory(prefix="backlight-") as folder:
            result = Matrix(options, Path(folder)).run(name, results)
        print_row(name, result)
        if options.where:
            for figure in FIGURES:
                print(f"    {figure:<8} {result.figures[figure].where}")
        failures += result.failures
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
