"""Runs one peer on one workload in this process and prints one line of JSON.

    python3 peer.py PEER WORKLOAD FOLDER [--repeat N] [--budget SECONDS]
"""

import argparse
import importlib.metadata
import json
import resource
import time

import numpy as np

from common import Model

FAMILIES = {"a": "sparse", "b": "sparse", "c": "sparse", "d": "dense", "e": "pairs", "e+": "pairs"}


def family(workload):
    return __import__(FAMILIES.get(workload, "chains"))


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def miss(found, lo, hi):
    """Largest distance to the truth that the certified bounds leave open; not a number where an answer is none."""
    return float(np.maximum(found - lo, hi - found).max())


def miss_where(solved, found, lo, hi):
    return miss(found[solved], lo[solved], hi[solved])


def true_error(answer, folder, workload):
    bound = lambda name: np.load(f"{folder}/{name}.npy")
    if isinstance(answer, dict):
        # Pairs left out have no distance; every other number of theirs must then be there.
        solved = ~np.isnan(answer["distance"])
        return max(
            miss_where(solved, found, bound(name + "_lo"), bound(name + "_hi")) for name, found in answer.items()
        )
    lo, hi = bound("lo"), bound("hi")
    if workload == "d":
        lo, hi = lo[: len(answer)], hi[: len(answer)]
    return miss(answer, lo, hi)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("workload")
    parser.add_argument("folder")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--budget", type=float, default=15.0)
    args = parser.parse_args()
    module = family(args.workload)
    peer = module.PEERS[args.peer](args.workload)
    model = (module.Pairs if FAMILIES.get(args.workload) == "pairs" else Model).load(args.folder)
    if peer.compiles:
        small = Model.tiny(model) if isinstance(model, Model) else type(model)(model.p[:1], model.rewards[:1, :1])
        peer.solve(peer.build(small))
    started = time.perf_counter()
    built, build_wall, build_cpu = timed(lambda: peer.build(model))
    walls, cpus = [], []
    while not walls or len(walls) < args.repeat and time.perf_counter() - started < args.budget:
        if peer.fresh and walls:
            built = None
            built = peer.build(model)
        (answer, work), wall, cpu = timed(lambda: peer.solve(built))
        walls.append(wall)
        cpus.append(cpu)
    # Before the answer is looked at, which takes memory of its own.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    answer = answer() if callable(answer) else answer
    share = peer.share(model)
    print(
        json.dumps(
            {
                "peer": args.peer,
                "name": peer.name,
                "note": peer.note,
                "package": peer.package,
                "version": importlib.metadata.version(peer.package),
                "workload": args.workload,
                "share": share,
                "build_wall": build_wall,
                "build_cpu": build_cpu,
                "wall": [wall / share for wall in walls],
                "cpu": [cpu / share for cpu in cpus],
                "work": work,
                "error": true_error(answer, args.folder, args.workload),
                "peak_memory": memory,
            }
        )
    )


if __name__ == "__main__":
    main()
