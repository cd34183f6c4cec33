"""What the peers share: the model as arrays, and what a peer is."""

import json
import os
from dataclasses import dataclass
from typing import Callable

import numpy as np
import scipy.sparse as sp

# Absolute error asked of every value, as of ours.
ERROR = 1e-6


@dataclass
class Model:
    """One workload as `truenorth bench --export` writes it. Row `s * A + a` of the matrix is the pair (s, a)."""

    n_states: int
    n_actions: int
    gamma: float
    row_ptr: np.ndarray
    col: np.ndarray
    val: np.ndarray
    r: np.ndarray

    @staticmethod
    def load(folder):
        with open(os.path.join(folder, "model.json")) as file:
            sizes = json.load(file)
        array = lambda name: np.load(os.path.join(folder, name + ".npy"))
        # 32-bit indices are what scipy is fastest with.
        row_ptr, col = array("row_ptr").astype(np.int32), array("col").view(np.int32)
        return Model(sizes["n_states"], sizes["n_actions"], sizes["gamma"], row_ptr, col, array("val"), array("r"))

    def csr(self):
        """The transition matrix, `[S*A, S]`, around the same arrays."""
        shape = (self.n_states * self.n_actions, self.n_states)
        return sp.csr_matrix((self.val, self.col, self.row_ptr), shape=shape, copy=False)

    @staticmethod
    def tiny(like):
        """Three states with the shapes and types of another model: for compilers that need to see them."""
        n, a = 3, like.n_actions
        col = np.tile(np.arange(n, dtype=np.int32), n * a)
        val = np.full(n * a * n, 1.0 / n)
        row_ptr = np.arange(0, n * a * n + 1, n, dtype=np.int32)
        r = np.linspace(0.0, 1.0, n * a).reshape(n, a)
        return Model(n, a, 0.5, row_ptr, col, val, np.stack([r, r]) if like.r.ndim == 3 else r)


@dataclass
class Peer:
    """One rival on some workloads.

    `build(model)` hands the arrays over, `solve(built)` returns the answer, or a function that reads it, and a word on
    the work done. `share(model)`
    is the part of the problems that is solved, where a peer takes them one at a time; times are scaled by it.
    """

    name: str
    package: str
    build: Callable
    solve: Callable
    note: str = ""
    # A first small solve is not timed: it compiles.
    compiles: bool = False
    # Every solve needs a model that has not been solved.
    fresh: bool = False
    share: Callable = lambda model: 1.0


def macqueen(new, old, gamma):
    """Bounds on the distance to the fixed point as (middle, half width) of a shift of `new`: MacQueen 1966."""
    d = new - old
    lo, hi = d.min(), d.max()
    c = gamma / (1.0 - gamma)
    return c * (lo + hi) / 2.0, c * (hi - lo) / 2.0
