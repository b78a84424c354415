"""`python -m fsbp_lsp.dev bench`: measure speed, beside `python -c pass` and beside checkov, and print ratios.

CPU time (user + system) unless a line says wall; medians of interleaved rounds, byte code cached. Others
are measured when they are there, else the line says "not measured":
  FSBP_CHECKOV          a checkov executable
  FSBP_CFN_VALIDATE     a Python interpreter that can import cloudformation_validate
  FSBP_VSIX             the package of the VS Code extension (docs/editors.md)
Inputs are generated; --corpus takes a folder of real source beside them.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from fsbp_lsp.dev import generate
from fsbp_lsp.dev.processes import Editor, environment, interleaved, run, script

SUFFIXES = (".tf", ".tofu", ".yaml", ".yml", ".json", ".template")
KEYSTROKES = 200


class Report:
    """Lines of measure, value and, where the project promises something, the promise."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def title(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def line(self, what: str, value: str, promise: str = "", kept: bool | None = None) -> None:
        verdict = "" if kept is None else ("  ok" if kept else "  MISSED")
        print(f"  {what:<58}{value:>12}  {promise}{verdict}".rstrip(), flush=True)
        if kept is False:
            self.missed.append(what)

    def missing(self, what: str, why: str) -> None:
        self.line(what, "not measured", f"({why})")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def checkov() -> str:
    return os.environ.get("FSBP_CHECKOV", "") or shutil.which("checkov") or ""


def write(path: str, text: str) -> str:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def cold(report: Report, folder: str, options: argparse.Namespace) -> None:
    """A cold process on one small file."""
    report.title("Cold start: `fsbp check` on one 60-line file")
    paths = {
        "Terraform": write(os.path.join(folder, "cold", "tf", "main.tf"), generate.terraform(60, head=True)),
        "template": write(os.path.join(folder, "cold", "cfn", "template.yaml"), generate.template(60)),
    }
    commands = {"python": [sys.executable, "-c", "pass"]}
    commands |= {name: [*script("fsbp"), "check", path] for name, path in paths.items()}
    if checkov():
        commands["checkov"] = [checkov(), "-f", paths["Terraform"], "--quiet", "--compact", "--skip-download"]
    costs = interleaved(commands, options.rounds, {"checkov": 3})
    bare = costs["python"].cpu
    report.line("python -c pass", milliseconds(bare))
    for name in paths:
        ratio = costs[name].cpu / bare
        report.line(f"fsbp check, {name}", milliseconds(costs[name].cpu))
        report.line("  to python -c pass", f"{ratio:.1f} x", "at most 6 x", ratio <= 6)
    if "checkov" in costs:
        ratio = costs["checkov"].cpu / costs["Terraform"].cpu
        report.line("checkov on the Terraform file", milliseconds(costs["checkov"].cpu))
        report.line("  to fsbp check", f"{ratio:.0f} x", "at least 25 x", ratio >= 25)
    else:
        report.missing("checkov", "set FSBP_CHECKOV")


def keystroke(report: Report, folder: str, options: argparse.Namespace) -> None:
    """Typing in a big file of a big module, through the real server; the debounce is set to nothing."""
    report.title("Keystroke: 1,000-line file of a 40-file module, edit sent to diagnostics received")
    paths = generate.module(os.path.join(folder, "keystroke"), 40, 40, big=1000)
    with open(paths[0], encoding="utf-8") as file:
        lines = file.read().split("\n")
    values = [number for number, line in enumerate(lines) if line.endswith(('"', "true", "false")) and " = " in line]
    dice = random.Random(1)
    # (characters before the end of the line, typed text); each is taken back afterwards, which is a keystroke as well.
    ways = {"in a comment": (0, " # x"), "in a value": (1, "x"), "half-typed attribute": (0, "\n  enc"), "new line above": (0, "\n")}
    editor = Editor(os.path.dirname(paths[0]))
    editor.open(paths[0])
    # Opening is not typing: the first check and the tidying after it are over before anybody has read a line.
    for _ in range(5):
        last = len(lines[values[0]])
        editor.type(paths[0], (values[0], last), (values[0], last), " ")
        editor.type(paths[0], (values[0], last), (values[0], last + 1), "")
    time.sleep(3)
    everything: list[float] = []
    unit = "wall"
    for name, (back, text) in ways.items():
        spent: list[float] = []
        for _ in range(KEYSTROKES // len(ways) // 2):
            line = dice.choice(values)
            start = (line, len(lines[line]) - back)
            tail = text.rpartition("\n")[2]
            end = (line + 1, len(tail)) if "\n" in text else (line, start[1] + len(text))
            for change in ((start, start, text), (start, end, "")):
                cpu, begun = editor.cpu(), time.perf_counter()
                editor.type(paths[0], *change)
                wall, after = time.perf_counter() - begun, editor.cpu()
                if cpu is not None and after is not None:
                    unit = "CPU of the server"
                    spent.append(after - cpu)
                else:
                    spent.append(wall)
        everything += spent
        report.line(f"{name}: p50 / p95", f"{_percentile(spent, 50) * 1000:.1f} / {_percentile(spent, 95) * 1000:.1f} ms")
    editor.close()
    p95 = _percentile(everything, 95)
    report.line(f"all, p95 ({unit})", milliseconds(p95), "under 16 ms", p95 < 0.016)


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def server(report: Report, folder: str, options: argparse.Namespace) -> None:
    """Start and memory of the server."""
    report.title("Server")
    walls, cpus, imports = [], [], []
    root = os.path.join(folder, "server")
    modules = generate.workspace(root, 1000, 40)
    for number in range(max(3, options.rounds // 2) + 1):
        bare = run([sys.executable, "-c", "import pygls.lsp.server"])
        editor = Editor(root)
        if number:
            imports.append(bare)
            walls.append(editor.initialized_wall)
            if editor.initialized_cpu is not None:
                cpus.append(editor.initialized_cpu)
        editor.close()
    pygls = statistics.median(cost.cpu for cost in imports)
    wall = statistics.median(walls)
    report.line("import pygls", milliseconds(pygls))
    report.line("start to `initialize` answered (wall)", milliseconds(wall))
    ratio = statistics.median(cpus) / pygls if cpus else wall / statistics.median(cost.wall for cost in imports)
    report.line("start to `initialize` answered, to importing pygls", f"{ratio:.2f} x", "at most 3 x", ratio <= 3)
    editor = Editor(root)
    begun = time.perf_counter()
    for paths in modules:
        editor.open(paths[0])
        editor.open(paths[-1])
    spent = time.perf_counter() - begun
    memory = editor.memory()
    editor.close()
    known = sum(len(paths) for paths in modules)
    if memory is None:
        report.missing("memory", "no /proc here")
    else:
        report.line(f"resident, {known} files of {len(modules)} modules known", f"{memory:.0f} MB", "at most 120 MB", memory <= 120)
    report.line("opening a file of each module (wall)", f"{spent:.1f} s")


def files_below(folder: str) -> int:
    return sum(name.endswith(SUFFIXES) for _, _, names in os.walk(folder) for name in names)


def corpus(report: Report, folder: str, options: argparse.Namespace) -> None:
    """Many files on one core: growth with their number, and checkov on the same ones."""
    report.title("Many files, one core")
    generated = os.path.join(folder, "many")
    generate.workspace(generated, 2000, 10)
    modules = sorted(os.listdir(generated))
    points = []
    for share in (1, 2, 3, 4):
        chosen = [os.path.join(generated, name) for name in modules[: len(modules) * share // 4]]
        count = sum(files_below(path) for path in chosen)
        costs = [run([*script("fsbp"), "check", *chosen], one_core=True).cpu for _ in range(3)]
        points.append((float(count), min(costs)))
        report.line(f"fsbp check, {count} generated files", f"{min(costs):.2f} s")
    _fit(report, "generated files", points)
    target = generated
    if options.corpus:
        _corpus_growth(report, options.corpus)
        target = options.corpus
    _beside_checkov(report, folder, target, options)


def _fit(report: Report, what: str, points: list[tuple[float, float]]) -> None:
    """Least squares through the points, and how much of the variation a line explains."""
    slope, intercept = statistics.linear_regression([x for x, _ in points], [y for _, y in points])
    explained = statistics.correlation([x for x, _ in points], [y for _, y in points]) ** 2
    report.line(
        f"fit over {what}",
        f"R2 {explained:.3f}",
        f"{intercept * 1000:.0f} ms + {slope * 1000:.2f} ms per file; linear: R2 of 0.98 and more",
        explained >= 0.98,
    )


def _corpus_growth(report: Report, folder: str) -> None:
    roots = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())
    for path in roots:
        count = files_below(path)
        if count >= 100:
            cost = run([*script("fsbp"), "check", path], one_core=True)
            report.line(
                f"fsbp check, {os.path.basename(path)[:36]}",
                f"{cost.cpu:.2f} s",
                f"{cost.cpu / count * 1000:.2f} ms for each of {count} files",
            )
    count = files_below(folder)
    cost = run([*script("fsbp"), "check", folder], one_core=True)
    report.line(
        f"fsbp check, whole corpus of {count} files",
        f"{cost.cpu:.2f} s",
        f"{cost.cpu / count * 1000:.2f} ms per file; status {cost.status}",
    )


def _beside_checkov(report: Report, folder: str, target: str, options: argparse.Namespace) -> None:
    if not checkov():
        report.missing("checkov", "set FSBP_CHECKOV")
        return
    # Folder by folder: over the whole of a large corpus checkov may wait for a process of its own that is gone.
    whole = sorted(entry.path for entry in os.scandir(target) if entry.is_dir()) if options.whole else []
    samples = whole or [_sample(target, os.path.join(folder, "sample"), options.sample)]
    ours = theirs = 0.0
    count = unfinished = 0
    for sample in samples:
        command = [checkov(), "-d", sample, "--quiet", "--compact", "--skip-download", "--framework", "terraform", "cloudformation"]
        their = run(command, one_core=True, limit=options.limit)
        if their.status < 0:
            unfinished += 1
            continue
        theirs += their.cpu
        ours += min(run([*script("fsbp"), "check", sample], one_core=True).cpu for _ in range(3))
        count += files_below(sample)
    if unfinished:
        report.line("folders checkov did not finish", str(unfinished), f"(in {options.limit:.0f} s each; left out)")
    if not count:
        return
    report.line(f"fsbp check, {count} files in {len(samples) - unfinished} folders", f"{ours:.2f} s")
    report.line("checkov on the same", f"{theirs:.2f} s")
    report.line("  to fsbp check", f"{theirs / ours:.0f} x", "at least 40 x", theirs / ours >= 40)


def _sample(source: str, folder: str, wanted: int) -> str:
    """A copy of some directories of `source`, spread evenly over it, until they hold `wanted` files."""
    holding = [
        (path, own)
        for path, _, names in sorted(os.walk(source))
        if (own := [name for name in names if name.endswith(SUFFIXES)]) and "/.terraform" not in path
    ]
    step = max(1, sum(len(own) for _, own in holding) // wanted)
    taken = 0
    for path, own in holding[::step]:
        if taken >= wanted:
            break
        at = os.path.join(folder, os.path.relpath(path, source))
        os.makedirs(at, exist_ok=True)
        for name in own:
            shutil.copyfile(os.path.join(path, name), os.path.join(at, name))
        taken += len(own)
    return folder


_VALIDATE = """
import statistics, sys, time
import cloudformation_validate as rival
text = open(sys.argv[1]).read()
best = None
for make in (rival.RegoEngine, rival.CelEngine):
    engine = make()
    content = rival.TemplateContent(text, "template.yaml")
    engine.validate_template(content)
    spent = []
    for _ in range(15):
        before = time.process_time()
        engine.validate_template(content)
        spent.append(time.process_time() - before)
    median = statistics.median(spent)
    best = median if best is None else min(best, median)
print(best)
"""


def warm(report: Report, folder: str, options: argparse.Namespace) -> None:
    """A big template in a process that is already running, read and checked from nothing each time."""
    report.title("Warm process: 1,300-line template")
    path = write(os.path.join(folder, "warm", "template.yaml"), generate.template(1300))
    from fsbp_lsp.config import Settings
    from fsbp_lsp.engine.check import Session
    from fsbp_lsp.engine.discover import ModuleKey
    from fsbp_lsp.files import DiskFiles

    settings = Settings()
    spent = []
    for number in range(18):
        before = time.process_time()
        checked = Session(DiskFiles(), lambda _: settings).check_module(ModuleKey("cloudformation", path))
        if checked is None or not checked.findings:
            raise RuntimeError("the generated template is not checked")
        if number >= 3:
            spent.append(time.process_time() - before)
    ours = statistics.median(spent)
    report.line("fsbp", milliseconds(ours))
    python = os.environ.get("FSBP_CFN_VALIDATE", sys.executable)
    done = subprocess.run([python, "-c", _VALIDATE, path], capture_output=True, text=True, check=False, env=environment())
    if done.returncode:
        report.missing("cloudformation-validate", "set FSBP_CFN_VALIDATE")
        return
    theirs = float(done.stdout)
    report.line("cloudformation-validate, the faster of its engines", milliseconds(theirs))
    report.line("  fsbp to it", f"{ours / theirs:.2f} x", "at most 2 x", ours / theirs <= 2)


def editor(report: Report, folder: str, options: argparse.Namespace) -> None:
    """Keystroke to squiggle in the real VS Code, where a checkout holds what drives it."""
    report.title("Keystroke to squiggle in VS Code (wall, with everything the editor does)")
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    driver = os.path.join(root, "tests", "editors", "vscode", "latency.mjs")
    vsix = os.environ.get("FSBP_VSIX", "")
    if not vsix or not os.path.exists(driver) or shutil.which("node") is None:
        report.missing("VS Code", "a checkout, node, .ci/editors-vscode, and FSBP_VSIX: the package of the extension")
        return
    done = subprocess.run(["node", driver, "--vsix", os.path.abspath(vsix)], capture_output=True, text=True, check=False)
    lines = [line.strip() for line in done.stdout.splitlines() if " ms" in line]
    if done.returncode or not lines:
        report.missing("VS Code", (done.stderr.strip().splitlines() or ["no answer"])[-1][:100])
    for line in lines:
        print(f"  {line}", flush=True)


SECTIONS = {"cold": cold, "keystroke": keystroke, "server": server, "corpus": corpus, "warm": warm, "editor": editor}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m fsbp_lsp.dev bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"some of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--corpus", metavar="FOLDER", help="real source to measure as well")
    parser.add_argument("--sample", type=int, default=120, metavar="N", help="files of it that checkov gets (default %(default)s)")
    parser.add_argument("--whole", action="store_true", help="give checkov the whole corpus")
    parser.add_argument(
        "--limit", type=float, default=600, metavar="S", help="seconds that checkov gets for a folder (default %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=11, metavar="N", help="rounds of short commands (default %(default)s)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"no section {unknown[0]}: {', '.join(SECTIONS)}")
    report = Report()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {load:.1f}")
    with tempfile.TemporaryDirectory(prefix="fsbp-bench-") as folder:
        for name in options.sections or SECTIONS:
            SECTIONS[name](report, folder, options)
    if report.missed:
        print(f"\nmissed: {'; '.join(what.strip() for what in report.missed)}")
    return 1 if report.missed else 0
