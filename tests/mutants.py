#!/usr/bin/env python3
"""Do the tests fail when the code is wrong?  Breaks a copy of the tree in one place at a time and runs them.

    tests/mutants.py [--jobs N] [NAME ...]

The copy, and its build, are in a temporary folder; the tree itself is only read. Every mutant is compiled (one file, or
the few that include it) and the quick tests of layers and of engine run until one fails. Those of the kernels would
notice many of them too; here it is shown that ops, graph, planner and session are watched on their own. A second list is
of kernels alone, and of their tests. Exit status 0:
every mutant was noticed; 1: one lived, or did not build, or its text is not where this list says.
"""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
AREAS = ["layers", "engine"]

# name: file, text (once in the file), replacement. Not in headers that everything includes: a mutant is compiled in
# seconds.
MUTANTS = {
    "ReLU drops its mask": ("kernels/cpu/epilogue.cpp", "if (masks) value =", "if (false) value ="),
    "ReLU keeps the signs of other elements": (
        "kernels/cpu/epilogue.cpp",
        "read_signs<T>(g.mask + mask_at + c / 8, lane)",
        "read_signs<T>(g.mask + mask_at, lane)",
    ),
    "guided rule without [g>0]": (
        "kernels/cpu/epilogue.cpp",
        "cuts = g.gated && g.rule != ReluRule::gradient",
        "cuts = g.gated && g.rule == ReluRule::deconvnet",
    ),
    "deconvnet rule with [x>0]": ("kernels/cpu/epilogue.cpp", "masks = g.reads_mask()", "masks = g.gated"),
    "a residual join sets where it should add": (
        "layers/add.cpp",
        "c.input_gradient(i), c.write(i)",
        "c.input_gradient(i), Write::set",
    ),
    "a convolution sets where it should add": (
        "layers/conv.cpp",
        "c.input_gradient(0), c.gate(0)",
        "c.input_gradient(0), GradientGate{}",
    ),
    "every writer of a gradient sets it": (
        "engine/plan_gradients.cpp",
        "first ? Write::set : Write::add",
        "Write::set",
    ),
    "the planner frees a step early": (
        "engine/plan.cpp",
        "if (other->last < block.first || block.last < other->first) continue;",
        "if (other->last <= block.first || block.last <= other->first) continue;",
    ),
    "the planner forgets what the backward reads": (
        "engine/plan.cpp",
        "if (reads.inputs)",
        "if (reads.inputs && reads.output)",
    ),
    "the planner writes over a value that is read again": (
        "engine/plan.cpp",
        "last_use_[at(input)] == id &&",
        "last_use_[at(input)] >= id &&",
    ),
    "a gradient that another still reads is written over": (
        "engine/plan_gradients.cpp",
        "last_read_[at(id)] >= step)",
        "last_read_[at(id)] > end_)",
    ),
    "a gradient passes no ReLU where it is written": (
        "engine/plan_gradients.cpp",
        "planned.gates.back() = true;",
        "planned.gates.back() = false;",
    ),
    "a gradient passes its ReLU before all of it is there": (
        "engine/plan_gradients.cpp",
        "if (--to_come_[at(input)] == 0 &&",
        "if (--to_come_[at(input)] >= 0 &&",
    ),
    "a value that is read again is fused away": (
        "layers/passes/rewriter.cpp",
        "if (only) return nullptr;",
        "",
    ),
    "the planner lets a wanted gradient go": (
        "engine/plan_gradients.cpp",
        "if (wanted(id)) last_read_[at(id)] = end_;",
        "(void)id;",
    ),
    "the walk back takes only a node's first path": (
        "engine/differentiate.cpp",
        "step.inputs.push_back(depends[at(input)]);",
        "step.inputs.push_back(depends[at(input)] && step.inputs.empty());",
    ),
    "all layers share one layer's packed weights": (
        "engine/parameters.cpp",
        'shared_->prepared[name + "/" + kernel',
        'shared_->prepared["/" + kernel',
    ),
    "a linear layer's weight is read transposed": (
        "kernels/cpu/linear.cpp",
        "rows[r - begin] = w + r * s.in;",
        "rows[r - begin] = w + (s.out - 1 - r) * s.in;",
    ),
    "a convolution pads one row too few": (
        "layers/conv.cpp",
        "o.stride_y,   o.stride_x, o.pad_top,",
        "o.stride_y,   o.stride_x, o.pad_top - 1,",
    ),
    "a convolution's backward pads one column too many": (
        "kernels/cpu/conv_taps.cpp",
        "x = px + s.pad_left - kx",
        "x = px + s.pad_left + s.stride_x - kx",
    ),
    "max pool takes the last maximum": (
        "kernels/cpu/pool_loops.cpp",
        "value[k] > best[k] ||",
        "value[k] >= best[k] ||",
    ),
    "max pool forgets that windows overlap": (
        "kernels/cpu/pool_loops.cpp",
        "sum[k] += winners[k] == tap ? gradient : T(0);",
        "sum[k] = winners[k] == tap ? gradient : sum[k];",
    ),
    "average pool divides by the whole window": ("layers/pool.cpp", "o.count_padding};", "true};"),
    "batchnorm's backward in training without the mean of dy": (
        "kernels/cpu/channel.cpp",
        "(dy[i] - mean_dy[c] - normalized",
        "(dy[i] - normalized",
    ),
    "batchnorm's backward in training without the factor x̂": (
        "kernels/cpu/channel.cpp",
        "- normalized * mean_dot[c]);",
        "- mean_dot[c] + T(0) * normalized);",
    ),
    "batchnorm's dγ without 1/σ": (
        "kernels/cpu/channel.cpp",
        "dot[c] = totals[s.channels + c] * inverse_deviation[c];",
        "dot[c] = totals[s.channels + c] + T(0) * inverse_deviation[c];",
    ),
    "the weight gradient leaves the batch's last share out": (
        "kernels/cpu/conv_weights.cpp",
        "for (std::int64_t share = 1; share < k.shares; ++share)",
        "for (std::int64_t share = 1; share < k.shares - 1; ++share)",
    ),
    "an optimizer leaves old packed weights in use": (
        "engine/optimizer.cpp",
        "parameters_->changed(name);",
        "",
    ),
    "sgd has no momentum": (
        "engine/optimizer.cpp",
        "options_.momentum, options_.weight_decay},",
        "0 * options_.momentum, options_.weight_decay},",
    ),
    "batchnorm without its epsilon": (
        "layers/batchnorm.cpp",
        "mean, variance, epsilon_,",
        "mean, variance, 0.0,",
    ),
    "folding forgets the convolution's bias": (
        "layers/passes/fold_batchnorm.cpp",
        "shift[o] += bias[o] * scale[o];",
        "shift[o] += 0 * bias[o] * scale[o];",
    ),
    "folding scales weights that another layer has": (
        "layers/passes/fold_batchnorm.cpp",
        "scale[i / each]",
        "scale[i % scale.size()]",
    ),
    "the image's scale goes to the wrong colours": (
        "layers/passes/fold_input_scale.cpp",
        "std[i / taps % 3]",
        "std[i % 3]",
    ),
    "weights are packed before they are there": (
        "engine/parameters.cpp",
        "if (!entry.made) fill(entry, weights);",
        "",
    ),
    "labels have a gradient": (
        "layers/softmax.h",
        "bool has_gradient(int input) const override { return input == 0; }",
        "",
    ),
    "normalisation divides by 256": ("layers/normalize.cpp", "1 / (255 * std_[c])", "1 / (256 * std_[c])"),
    "blocks depend on the number of threads": (
        "kernels/cpu/linear.cpp",
        "std::min(rows_together, s.out - o)",
        "std::min(rows_together / workers.threads, s.out - o)",
    ),
}

# The same, of what the tests of the kernels have to notice.
KERNEL_MUTANTS = {
    "Winograd's tiles start a row late": (
        "kernels/cpu/winograd_product.h",
        "y = at.top - p_.pad_top + i,",
        "y = at.top - p_.pad_top + i + 1,",
    ),
    "Winograd's backward does not turn the filter": (
        "kernels/cpu/winograd_plan.cpp",
        "filter[forward ? k : 8 - k]",
        "filter[k]",
    ),
    "Winograd's points are not where its filter has them": (
        "kernels/cpu/winograd_tiles.cpp",
        "middle = number(2.5);",
        "middle = number(2.4999);",
    ),
    "Winograd loses the last channels of a sum": (
        "kernels/cpu/winograd_product.h",
        "std::min(p_.chunk, p_.depth - k)};",
        "std::min(p_.chunk, p_.depth - k - 1)};",
    ),
    "Winograd writes beyond the image's last column": (
        "kernels/cpu/winograd_product.h",
        "j < std::min<std::int64_t>(m, p_.target_width - at.left)",
        "j < m",
    ),
    "a sign is kept for 0": (
        "kernels/cpu/epilogue.cpp",
        "write_signs<T>(hn::Gt(value, zero), lane",
        "write_signs<T>(hn::Ge(value, zero), lane",
    ),
    "a NaN becomes 0 in a ReLU": (
        "kernels/cpu/epilogue.cpp",
        "hn::IfThenZeroElse(hn::Le(value, zero), value)",
        "hn::IfThenElseZero(hn::Gt(value, zero), value)",
    ),
    "a gradient that is to be added to is forgotten": (
        "kernels/cpu/epilogue.cpp",
        "if (g.write == Write::add) value =",
        "if (false) value =",
    ),
}

ALL = MUTANTS | KERNEL_MUTANTS


def build(tree, area, jobs):
    return subprocess.run(
        ["cmake", "--build", tree / "build", "-j", str(jobs), "--target", "test_" + area],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def first_failure(tree, area):
    """The first test that fails, or None. Each in a process of its own, as CTest runs them, would take too long: all
    but the one that counts the threads of its process, which comes first."""
    program = [tree / "build/tests" / f"test_{area}", "--test-suite-exclude=slow", "--abort-after=1"]
    for cases in ["--test-case=one thread means one thread", "--test-case=*"]:
        try:
            done = subprocess.run(
                [*program, cases],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=300,
                errors="replace",
            )
        except subprocess.TimeoutExpired:
            return f"{area}: ran for 5 minutes"
        if done.returncode:
            case = next((line for line in done.stdout.splitlines() if line.startswith("TEST CASE:")), None)
            return f"{area}: {case.removeprefix('TEST CASE:').strip() if case else f'exit status {done.returncode}'}"
    return None


def verdict(tree, name, jobs):
    """Whether the mutant is noticed, and by what."""
    file, text, replacement = ALL[name]
    path = tree / file
    original = path.read_text()
    if original.count(text) != 1:
        return False, f"its text is {original.count(text)} times in {file}"
    path.write_text(original.replace(text, replacement))
    try:
        for area in ["kernels"] if name in KERNEL_MUTANTS else AREAS:
            built = build(tree, area, jobs)
            if built.returncode:
                return False, "does not build: " + next(
                    (l for l in built.stdout.splitlines() if "error" in l), ""
                )
            if failure := first_failure(tree, area):
                return True, failure
        return False, ""
    finally:
        path.write_text(original)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="mutants whose names contain this; default: all"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    names = [n for n in ALL if not options.names or any(part in n for part in options.names)]
    if not names:
        parser.error("no mutant is called so")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the temporary folder goes

    with tempfile.TemporaryDirectory(prefix="backlight-mutants-") as folder:
        tree = pathlib.Path(folder) / "source"
        shutil.copytree(SOURCE, tree, ignore=shutil.ignore_patterns(".git", "build", "build-*"))
        configured = subprocess.run(
            [
                "cmake",
                "-S",
                tree,
                "-B",
                tree / "build",
                "-DCMAKE_BUILD_TYPE=Release",
                "-DBACKLIGHT_BENCH=OFF",
                *(["-G", "Ninja"] if shutil.which("ninja") else []),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if configured.returncode:
            sys.exit("the tree does not configure:\n" + configured.stdout[-3000:])
        for area in [*AREAS, "kernels"]:
            built = build(tree, area, options.jobs)
            if built.returncode:
                sys.exit("the tree itself does not build:\n" + built.stdout[-3000:])
            if failure := first_failure(tree, area):
                sys.exit("the tests fail without a mutant: " + failure)
        lived = 0
        for name in names:
            start = time.monotonic()
            noticed, text = verdict(tree, name, options.jobs)
            lived += not noticed
            seconds = time.monotonic() - start
            print(f"{'noticed' if noticed else 'LIVED':8}{name:58}{seconds:4.0f} s  {text}", flush=True)
    print(f"{len(names) - lived} of {len(names)} mutants noticed")
    sys.exit(1 if lived else 0)


if __name__ == "__main__":
    main()
