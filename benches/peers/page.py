"""The page: what was measured, in words and tables. No number here is typed by hand."""

import statistics

from workloads import ABSENT, MEMORY, TARGETS

TITLES = {
    "a": "Garnet, 100,000 states, 8 actions, 8 successors, gamma 0.99",
    "b": "Garnet, 1,000,000 states, 4 actions, 4 successors, gamma 0.95",
    "c": "Slippery grid, 1000 x 1000 cells, gamma 0.99",
    "d": "1,000 rewards on one dense model, 200 states, 5 actions, gamma 0.99",
    "e": "10,000 pairs of rewards, 32 states, 4 actions, gamma 0.95: VAL L2 distance, regret of the proxy's optimum",
    "e+": "The same pairs, and exact worst-case regret both ways",
    "f_garnet": "Policy evaluation on a random chain, 1,000,000 states, 4 successors, gamma 0.99",
    "f_grid": "Policy evaluation, uniform policy on the grid, gamma 0.999",
}

METHOD = """\
## What is measured

Every contender solves the very same numbers: `truenorth bench --export` writes them, the peers load them. Values are
asked to within an absolute error of 1e-6. For ours the error in the table is certified: half the width of the widest
bounds, rounding included. For a peer it is its true error, read off bounds of ours that are a thousand times closer (an
upper bound, since those bounds have a width too). What a peer calls its tolerance is set to what it says guarantees
1e-6.

Contenders take turns, each in a process of its own: a round is ours, then every peer (rounds here: {rounds}). In a
process the solve is run more than once where that is quick (at most: {runs}). *wall* is the fastest of those, *cpu* the mean
processor time of all threads, *from arrays* adds handing the arrays over (for ours all checks of the model; for mdpsolver
the nested lists it takes) to *wall*. Each is the median over the rounds. Compilation of numba code is left out, and so is
reading answers out of objects. Peers that take one problem at a time solve a part, and the time is scaled. *memory* is
the peak of the process with the model in it. *work* counts sweeps (improvements + evaluations) or iterations.

A ratio is the median over the rounds of peer / ours. Ours uses all cores, as do mdpsolver and numba; the ratio of
processor seconds beside it says what is left of it on one core, or on a machine that is busy.
"""


def short(record):
    """One record in a few words."""
    if "failed" in record:
        return record["failed"]
    if "solve" in record:
        return f"{seconds(record['solve']['wall_min'])} s"
    return f"{seconds(min(record['wall']))} s, error {record['error']:.1e}"


def notes(path):
    """Explanations by workload: the paragraphs under `## a` in a file, if there is one."""
    found, current = {}, None
    if not path.exists():
        return found
    for line in path.read_text().splitlines():
        if line.startswith("## "):
            current = line[3:].strip()
            found[current] = []
        elif current is not None:
            found[current].append(line)
    return {key: "\n".join(lines).strip() for key, lines in found.items()}


def seconds(x):
    digits = 5 if x < 0.01 else 3 if x < 1 else 2 if x < 100 else 0
    return f"{x:.{digits}f}"


def figures(record):
    """(wall, cpu, from arrays, error, work, memory) of one record; `None` where it did not answer."""
    if "failed" in record:
        return None
    if "solve" in record:
        solve, arrays = record["solve"], record["from_arrays"]
        work = "" if record["sweeps"] is None else str(record["sweeps"])
        whole = arrays["wall_min"] if arrays else solve["wall_min"]
        return solve["wall_min"], solve["cpu"], whole, record["error"], work, record["peak_memory"]
    wall, cpu = min(record["wall"]), statistics.mean(record["cpu"])
    return wall, cpu, wall + record["build_wall"], record["error"], record["work"], record["peak_memory"]


def rounds(found, name):
    return [figures(record) for record in found["records"].get(name, [])]


def medians(all_figures):
    good = [f for f in all_figures if f]
    if not good:
        return None
    middle = lambda i: statistics.median(f[i] for f in good) if all(f[i] is not None for f in good) else None
    memory = None if any(f[5] is None for f in good) else max(f[5] for f in good)
    return middle(0), middle(1), middle(2), max(f[3] for f in good), good[0][4], memory


def ratio(found, name, i):
    """Median over the rounds of a peer's time / ours; a peer that ran once is held against our first round."""
    pairs = zip(rounds(found, name), rounds(found, "truenorth"))
    ratios = [p[i] / o[i] for p, o in pairs if p and o and p[i] and o[i]]
    return statistics.median(ratios) if ratios else None


def times(x):
    if x is None:
        return "-"
    return f"{x:.2f}x" if x < 10 else f"{x:.0f}x"


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def name_of(found, key):
    for record in found["records"].get(key, []):
        if "name" in record:
            return record["name"] + (f" ({record['note']})" if record["note"] else "")
    return key


def table(found):
    lines = [
        row(["", "wall s", "cpu s", "from arrays s", "error", "work", "memory GB", "wall / ours", "cpu / ours"]),
        row(["---", *["---:"] * 8]),
    ]
    for key, records in found["records"].items():
        middle = medians([figures(record) for record in records])
        ours = key == "truenorth"
        if middle is None:
            why = records[-1]["failed"] if records else "not run"
            lines.append(row(["**truenorth**" if ours else key, why, *[""] * 7]))
            continue
        wall, cpu, whole, error, work, memory = middle
        name = "**truenorth**" if ours else name_of(found, key)
        if ours:
            name += f", {next(r['method'] for r in records if 'method' in r)}"
        lines.append(
            row(
                [
                    name,
                    seconds(wall),
                    "-" if cpu is None else seconds(cpu),
                    seconds(whole),
                    f"{error:.1e}",
                    work,
                    "-" if memory is None else f"{memory / 1e9:.2f}",
                    "" if ours else times(ratio(found, key, 0)),
                    "" if ours else times(ratio(found, key, 1)),
                ]
            )
        )
    return lines


def verdict(target, found):
    """The ratio reached against the fastest of the target's peers, on both clocks, and a word."""
    i = 2 if target.from_arrays else 0
    all_ratios = [(ratio(found, peer, i), ratio(found, peer, 1), peer) for peer in target.peers]
    reached = [r for r in all_ratios if r[0] is not None]
    if not reached:
        return None, None, target.peers[0], "no result of the peer"
    wall, cpu, peer = min(reached)
    word = "met" if wall >= target.ratio else "missed"
    return wall, None if target.from_arrays else cpu, peer, word if wall >= 1.0 else f"{word}: the peer is faster"


def targets(result):
    lines = [
        row(["workload", "against", "what", "target", "reached", "cpu", ""]),
        row(["---", "---", "---", "---:", "---:", "---:", "---"]),
    ]
    missed = []
    by_id = {found["workload"]: found for found in result["workloads"]}
    for target in TARGETS:
        found = by_id.get(target.workload)
        if found is None:
            continue
        wall, cpu, peer, word = verdict(target, found)
        what = "from arrays" if target.from_arrays else "solve"
        cells = [target.workload, name_of(found, peer), what, f"{target.ratio:g}x", times(wall), times(cpu), word]
        lines.append(row(cells))
        if word.startswith("missed"):
            missed.append(target.workload)
    for workload, most in MEMORY.items():
        middle = medians(rounds(by_id[workload], "truenorth")) if workload in by_id else None
        if middle and middle[5]:
            word = "met" if middle[5] <= most else "missed"
            used = f"{middle[5] / 1e9:.2f} GB"
            lines.append(row([workload, "-", "peak memory", f"{most / 1e9:g} GB", used, "-", word]))
            missed += [workload] if word == "missed" else []
    return lines, list(dict.fromkeys(missed))


def losses(result):
    """Every peer that is faster than ours in any column, target or not."""
    found = []
    for one in result["workloads"]:
        for key in one["records"]:
            columns = ((0, "on the clock"), (1, "in processor seconds"), (2, "from arrays"))
            reached = [(ratio(one, key, i), what) for i, what in columns if key != "truenorth"]
            faster = [f"{1 / x:.1f} times as fast {what}" for x, what in reached if x is not None and x < 1.0]
            if faster:
                found.append(f"* {one['workload']}: {name_of(one, key)} is {', '.join(faster)}.")
    return found


def about_the_machine(result):
    m = result["machine"]
    loads = [x for found in result["workloads"] for x in found["load"] if x is not None]
    parts = [m["processor"], f"{m['cores']} cores"]
    if m["memory"]:
        parts.append(f"{m['memory'] / 2**30:.0f} GiB")
    parts.append(m["system"])
    text = ", ".join(parts) + "."
    if loads:
        text += f" Load average before and after each workload, the contenders' own included: {min(loads):.1f} to {max(loads):.1f}."
    versions = {}
    for found in [*result["workloads"], *result["reduced"]]:
        for record in (r for records in found["records"].values() for r in records if "package" in r):
            versions[record["package"]] = record["version"]
    packages = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return text, f"{result['version']}; {packages}." if packages else f"{result['version']}."


def render(result, explanations):
    where, versions = about_the_machine(result)
    lines = [
        "# Performance",
        "",
        "<!-- Generated by `python3 benches/peers/run.py --out docs/performance.md`; numbers are in performance.json. -->",
        "",
        "Made by one command, `python3 benches/peers/run.py --out docs/performance.md`, which installs the peers, builds",
        "truenorth, runs everyone and writes this page. `truenorth bench` alone times our side.",
        "",
        f"Machine: {where}",
        "",
        f"Versions: {versions}",
        "",
    ]
    if result["scale"] != 1.0:
        lines += [f"**Every workload is scaled by {result['scale']:g}: these are not the numbers to look at.**", ""]
    lines += [METHOD.format(rounds=result["rounds"], runs=result["runs"])]
    target_lines, missed = targets(result)
    lines += ["## Targets", "", *target_lines, ""]
    lost = losses(result)
    lines += ["## Where a peer is faster", "", *(lost or ["Nowhere in this run."]), ""]
    explained = [w for w in explanations if w in missed or any(line.startswith(f"* {w}:") for line in lost)]
    for workload in explained:
        lines += [f"**{workload}.** {explanations[workload]}", ""]
    lines += ["## Tables", ""]
    for found in result["workloads"]:
        lines += [f"### {found['workload']}: {TITLES[found['workload']]}", "", *table(found), ""]
    if result["reduced"]:
        lines += ["### At reduced size", ""]
        for found in result["reduced"]:
            lines += [f"{found['workload']} scaled by {found['scale']:g}: {found['reason']}.", "", *table(found), ""]
    lines += ["### Left out", "", *(f"* {name}, {why}." for name, why in ABSENT.items()), ""]
    return "\n".join(lines)
