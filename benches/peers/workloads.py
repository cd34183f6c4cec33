"""Who runs on what, and which ratios are asked for."""

from dataclasses import dataclass

WORKLOADS = ("a", "b", "c", "d", "e", "e+", "f_garnet", "f_grid")

# Peers of each workload, in the order they take turns.
PEERS = {
    "a": ("mdpsolver-mpi", "scipy-mpi", "numba-mpi", "quantecon-mpi", "stormpy-vi"),
    "b": ("mdpsolver-mpi", "scipy-mpi", "numba-mpi", "quantecon-mpi"),
    "c": ("quantecon-mpi", "numba-mpi", "scipy-mpi", "mdpsolver-mpi"),
    "d": ("quantecon-mpi", "numpy-gemm", "pymdptoolbox-pi"),
    "e": ("numpy-batched", "numpy-quantecon"),
    "e+": ("numpy-dual",),
    "f_garnet": ("scipy-fixed-point", "scipy-bicgstab"),
    "f_grid": ("scipy-bicgstab", "pyamg-sa"),
}

# Those that take long and are far from winning run in one round only: (workload, peer).
ONCE = {("a", "stormpy-vi"), ("c", "mdpsolver-mpi"), ("c", "scipy-mpi")}

# What does not fit at full size runs on a smaller model of the same kind, beside ours: workload, peer, scale, reason.
REDUCED = (("a", "pymdptoolbox-mpi", 0.005, "it makes dense S x S arrays: 74.5 GiB at full size"),)

# Peers that are left out, and why.
ABSENT = {
    "pymdptoolbox": "on a, b, c at full size: dense S x S arrays whatever the input; see the reduced row, and workload d",
    "stormpy": "on b, c, d, e: its value iteration stops by the residual, which on a costs thousands of sweeps; one row "
    "shows it",
    "pyamg": "on f_garnet: aggregation fills in on a random graph, and no answer came within 40 s",
}


@dataclass(frozen=True)
class Target:
    """Ours is to be `ratio` times as fast as the fastest of `peers`."""

    workload: str
    peers: tuple
    ratio: float
    # Whether handing the arrays over counts.
    from_arrays: bool = False


TARGETS = (
    Target("a", ("mdpsolver-mpi",), 1.5),
    Target("a", ("mdpsolver-mpi",), 40.0, from_arrays=True),
    Target("a", ("scipy-mpi",), 4.0),
    Target("b", ("mdpsolver-mpi",), 2.0),
    Target("b", ("mdpsolver-mpi",), 30.0, from_arrays=True),
    Target("b", ("quantecon-mpi",), 8.0, from_arrays=True),
    Target("b", ("numba-mpi",), 4.0),
    Target("c", ("quantecon-mpi",), 8.0),
    Target("c", ("numba-mpi",), 5.0),
    Target("d", ("quantecon-mpi",), 15.0),
    Target("d", ("numpy-gemm",), 2.0),
    Target("e", ("numpy-batched",), 15.0),
    Target("e", ("numpy-quantecon",), 50.0),
    Target("e+", ("numpy-dual",), 15.0),
    Target("f_garnet", ("scipy-fixed-point",), 2.0),
    Target("f_grid", ("pyamg-sa", "scipy-bicgstab"), 2.0),
)

# Largest resident memory of ours, in bytes.
MEMORY = {"a": 0.35e9}
