"""The value of a fixed policy: workloads f_garnet and f_grid."""

import numpy as np
import scipy.sparse as sp

from common import ERROR, Peer, macqueen


def uniform_chain(model):
    """Matrix and reward of the uniform policy, worked out before the clock starts."""
    n, a = model.n_states, model.n_actions
    if a == 1:
        return model.csr(), model.r.ravel(), model.gamma
    mix = sp.csr_matrix((np.full(n * a, 1.0 / a), np.arange(n * a), np.arange(0, n * a + 1, a)), shape=(n, n * a))
    return (mix @ model.csr()).tocsr(), model.r.mean(axis=1), model.gamma


def scipy_fixed_point(_workload):
    def solve(built):
        p, r, gamma = built
        v, sweeps = r.copy(), 1
        while True:
            new = p @ v
            new *= gamma
            new += r
            sweeps += 1
            middle, half = macqueen(new, v, gamma)
            if half <= ERROR:
                return new + middle, str(sweeps)
            v = new

    return Peer("scipy fixed point, span", "scipy", uniform_chain, solve, "own code")


def system(built):
    """`(I - gamma P) v = r`, and the residual that guarantees the error."""
    p, r, gamma = built
    return (sp.identity(len(r), format="csr") - gamma * p).tocsr(), r, ERROR * (1.0 - gamma)


def scipy_bicgstab(_workload):
    from scipy.sparse.linalg import bicgstab

    def solve(built):
        a, r, residual = system(built)
        steps = [0]

        def count(_):
            steps[0] += 1

        v, asked = None, residual * np.sqrt(len(r)) / 4.0
        while True:
            v, _ = bicgstab(a, r, x0=v, rtol=0.0, atol=asked, maxiter=20_000, callback=count)
            if np.abs(r - a @ v).max() <= residual or asked < 1e-3 * residual:
                return v, str(2 * steps[0])
            # The rule is on the 2-norm, the guarantee needs the largest entry: ask for more, and go on from here.
            asked /= 4.0

    return Peer("scipy BiCGSTAB", "scipy", uniform_chain, solve)


def pyamg_sa(_workload):
    import pyamg

    def solve(built):
        a, r, residual = system(built)
        levels = pyamg.smoothed_aggregation_solver(a, symmetry="nonsymmetric", max_coarse=500)
        v, asked, cycles = np.zeros(len(r)), residual * np.sqrt(len(r)) / 4.0, 0
        norm = np.linalg.norm(r)
        while True:
            history = []
            v = levels.solve(r, x0=v, tol=asked / norm, maxiter=200, accel="bicgstab", residuals=history)
            cycles += len(history)
            if np.abs(r - a @ v).max() <= residual or asked < 1e-3 * residual:
                return v, f"{cycles} cycles"
            asked /= 4.0

    return Peer("pyamg SA + BiCGSTAB", "pyamg", uniform_chain, solve, "set-up counted")


PEERS = {"scipy-fixed-point": scipy_fixed_point, "scipy-bicgstab": scipy_bicgstab, "pyamg-sa": pyamg_sa}
