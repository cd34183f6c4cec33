"""Runs the workloads of `truenorth bench` with their peers, in turn, and writes docs/performance.md.

    python3 benches/peers/run.py --out docs/performance.md

Makes a virtual environment, installs the peers, builds truenorth, writes each workload as arrays, and lets everyone
solve the very same numbers: three rounds, each contender in a process of its own, ours first.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

import page  # noqa: E402
import workloads  # noqa: E402


def say(text):
    print(text, file=sys.stderr, flush=True)


def machine():
    """Processor, cores, memory and system, as far as the system says."""
    model = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
        model = names[0] if names else model
    except OSError:
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        memory = None
    return {"processor": model, "cores": cores, "memory": memory, "system": f"{platform.system()} {platform.release()}"}


def load():
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def install(place):
    """A Python with the peers in it."""
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        say(f"making {place}")
        venv.create(place, with_pip=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True)
    return python


def build():
    """The program, in release form."""
    say("building truenorth")
    subprocess.run(["cargo", "build", "--release", "--locked", "-q"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / ("truenorth.exe" if os.name == "nt" else "truenorth")


def call(command, timeout):
    """The JSON a process prints, or why there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return {"failed": f"no result within {timeout:.0f} s"}
    # Packages may print what they like before it.
    for line in reversed(done.stdout.splitlines()):
        try:
            found = json.loads(line)
            # Ours ends with 4 when a bound is wider than asked; the record says so.
            return found if isinstance(found, dict) and "error" in found and "workload" in found else {"failed": line}
        except ValueError:
            continue
    words = done.stderr.strip().splitlines()
    return {"failed": words[-1] if words else f"ended with {done.returncode}"}


class Runs:
    """How everything is run."""

    def __init__(self, args, python, program):
        self.args, self.python, self.program = args, python, program
        self.rounds = 1 if args.quick else args.rounds
        self.repeat = 1 if args.quick else 3
        self.timeout = 30.0 if args.quick else args.timeout

    def model(self, workload, scale):
        return [workload, "--scale", repr(scale), "--seed", str(self.args.seed)]

    def ours(self, workload, scale):
        command = [self.program, "bench", *self.model(workload, scale), "--repeat", str(self.repeat), "--json"]
        return call(command, 4 * self.timeout)

    def peer(self, peer, workload, folder):
        command = [self.python, HERE / "peer.py", peer, workload, folder, "--repeat", str(self.repeat)]
        return call(command, self.timeout)

    def workload(self, workload, peers, scale):
        """All rounds of one workload: records by contender, ours under `truenorth`."""
        at_start, records = load(), {name: [] for name in ("truenorth", *peers)}
        with tempfile.TemporaryDirectory(prefix="truenorth-bench-", dir=self.args.work) as place:
            say(f"{workload}: writing the model")
            command = [self.program, "bench", *self.model(workload, scale), "--export", place]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            for number in range(self.rounds):
                for name, found in records.items():
                    # Who failed once, or is far behind, is not asked again.
                    if number and ((workload, name) in workloads.ONCE or any("failed" in record for record in found)):
                        continue
                    ours = name == "truenorth"
                    new = self.ours(workload, scale) if ours else self.peer(name, workload, f"{place}/{workload}")
                    found.append(new)
                    say(f"{workload}, round {number + 1}, {name}: {page.short(new)}")
        return {"workload": workload, "scale": scale, "load": [at_start, load()], "records": records}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance.md", help="the page to write")
    parser.add_argument("--only", nargs="+", choices=workloads.WORKLOADS, default=workloads.WORKLOADS)
    parser.add_argument("--scale", type=float, default=1.0, help="size relative to the full workloads")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=90.0, help="seconds for one peer on one workload")
    parser.add_argument("--quick", action="store_true", help="one round, one run each: shows that everything works")
    parser.add_argument("--venv", type=Path, default=ROOT / "target" / "peers", help="where the peers are installed")
    parser.add_argument("--work", type=Path, help="where arrays are kept meanwhile, about 1 GB [default: temporary]")
    parser.add_argument("--truenorth", type=Path, help="a program that is already built")
    parser.add_argument("--python", type=Path, help="a Python that already has the peers")
    parser.add_argument("--page-only", action="store_true", help="write the page anew from the JSON file beside it")
    args = parser.parse_args()
    raw = args.out.with_suffix(".json")
    if args.page_only:
        result = json.loads(raw.read_text())
        args.out.write_text(page.render(result, page.notes(HERE / "notes.md")))
        return
    program = args.truenorth or build()
    python = args.python or install(args.venv)
    runs = Runs(args, python, program)
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    result = {
        "version": version,
        "machine": machine(),
        "scale": args.scale,
        "rounds": runs.rounds,
        "runs": runs.repeat,
        "timeout": runs.timeout,
        "seed": args.seed,
        "workloads": [runs.workload(w, workloads.PEERS[w], args.scale) for w in args.only],
        "reduced": [],
    }
    for workload, peer, scale, reason in workloads.REDUCED:
        if workload in args.only and not args.quick:
            found = runs.workload(workload, (peer,), scale * args.scale)
            result["reduced"].append({**found, "reason": reason})
    args.out.parent.mkdir(parents=True, exist_ok=True)
    raw.write_text(json.dumps(result, indent=1) + "\n")
    args.out.write_text(page.render(result, page.notes(HERE / "notes.md")))
    say(f"{args.out} and {raw} are written")


if __name__ == "__main__":
    main()
