"""Optimal values of one large sparse model: workloads a, b, c."""

import numpy as np

from common import ERROR, Peer, macqueen

# Inner sweeps go on until the span has fallen by this factor, or for this many: what suits deep models is wasteful on
# models that mix at once. Both were tried on each workload; the better one is kept.
INNER = {"a": (50.0, 20), "b": (50.0, 20), "c": (10.0, 60)}


def scipy_mpi(workload):
    fall, cap = INNER[workload]

    def solve(built):
        p, r, n_states, n_actions, gamma = built
        first = np.arange(n_states) * n_actions
        v = np.zeros(n_states)
        sweeps = inner = 0
        while True:
            # The first product, with v = 0, is known.
            q = (r + gamma * (p @ v) if sweeps else r).reshape(n_states, n_actions)
            sweeps += 1
            best = q.argmax(axis=1)
            new = q[np.arange(n_states), best]
            middle, half = macqueen(new, v, gamma)
            if half <= ERROR:
                return new + middle, f"{sweeps} + {inner}"
            rows = first + best
            p_pi, r_pi = p[rows], r[rows]
            v = new
            for _ in range(cap):
                new = p_pi @ v
                new *= gamma
                new += r_pi
                inner += 1
                at_end = macqueen(new, v, gamma)[1] <= max(half / fall, ERROR / 4)
                v = new
                if at_end:
                    break

    def build(model):
        return model.csr(), model.r.ravel(), model.n_states, model.n_actions, model.gamma

    return Peer("scipy MPI, span", "scipy", build, solve, "own code")


def numba_mpi(workload):
    from numba import njit, prange

    @njit(parallel=True)
    def improve(row_ptr, col, val, r, gamma, n_actions, v, new, rows):
        lo, hi = np.inf, -np.inf
        for s in prange(len(v)):
            best, at = -np.inf, 0
            for row in range(s * n_actions, (s + 1) * n_actions):
                q = 0.0
                for k in range(row_ptr[row], row_ptr[row + 1]):
                    q += val[k] * v[col[k]]
                q = r[row] + gamma * q
                if q > best:
                    best, at = q, row
            new[s], rows[s] = best, at
            d = best - v[s]
            lo, hi = min(lo, d), max(hi, d)
        return lo, hi

    @njit(parallel=True)
    def evaluate(row_ptr, col, val, r, gamma, rows, v, new):
        lo, hi = np.inf, -np.inf
        for s in prange(len(v)):
            row, q = rows[s], 0.0
            for k in range(row_ptr[row], row_ptr[row + 1]):
                q += val[k] * v[col[k]]
            new[s] = r[row] + gamma * q
            d = new[s] - v[s]
            lo, hi = min(lo, d), max(hi, d)
        return lo, hi

    fall, cap = INNER[workload]

    def solve(model):
        m, gamma = model, model.gamma
        r, c = m.r.ravel(), m.gamma / (1.0 - m.gamma)
        v, new, rows = np.zeros(m.n_states), np.empty(m.n_states), np.empty(m.n_states, dtype=np.int64)
        sweeps = inner = 0
        while True:
            if sweeps:
                lo, hi = improve(m.row_ptr, m.col, m.val, r, gamma, m.n_actions, v, new, rows)
            else:
                # The first product, with v = 0, is known.
                new, rows = m.r.max(axis=1), np.arange(m.n_states) * m.n_actions + m.r.argmax(axis=1)
                lo, hi = new.min(), new.max()
            sweeps += 1
            half = c * (hi - lo) / 2.0
            if half <= ERROR:
                return new + c * (lo + hi) / 2.0, f"{sweeps} + {inner}"
            v, new = new, v
            for _ in range(cap):
                lo, hi = evaluate(m.row_ptr, m.col, m.val, r, gamma, rows, v, new)
                v, new = new, v
                inner += 1
                if c * (hi - lo) / 2.0 <= max(half / fall, ERROR / 4):
                    break

    return Peer("numba MPI, span", "numba", lambda model: model, solve, "own code, compiled before", compiles=True)


def quantecon_mpi(_workload):
    from quantecon.markov import DiscreteDP

    def build(model):
        n, a = model.n_states, model.n_actions
        pairs = np.repeat(np.arange(n), a), np.tile(np.arange(a), n)
        return DiscreteDP(model.r.ravel(), model.csr(), model.gamma, *pairs)

    def solve(ddp):
        # Its rule guarantees half of epsilon.
        result = ddp.solve(method="mpi", epsilon=2.0 * ERROR, max_iter=100_000)
        return result.v, str(result.num_iter)

    return Peer("quantecon MPI", "quantecon", build, solve, compiles=True)


def mdpsolver_mpi(_workload):
    import mdpsolver

    def build(model):
        # Nested lists are all it takes.
        n, a = model.n_states, model.n_actions
        ends, col, val = model.row_ptr.tolist(), model.col.tolist(), model.val.tolist()
        cut = lambda xs, s: [xs[ends[i] : ends[i + 1]] for i in range(s * a, (s + 1) * a)]
        solver = mdpsolver.model()
        solver.mdp(
            discount=model.gamma,
            rewards=model.r.tolist(),
            tranMatProbs=[cut(val, s) for s in range(n)],
            tranMatColumns=[cut(col, s) for s in range(n)],
        )
        return solver

    def solve(solver):
        solver.solve(algorithm="mpi", tolerance=ERROR, parallel=True)
        # Reading the values back through a list is not counted.
        return lambda: np.array(solver.getValueVector()), ""

    # A second call would start from the first answer.
    return Peer("mdpsolver mpi", "mdpsolver", build, solve, fresh=True)


def stormpy_vi(_workload):
    import stormpy
    from stormpy import datastructures, environments, models

    def build(model):
        n, a = model.n_states, model.n_actions
        ends, col, val = model.row_ptr.tolist(), model.col.tolist(), model.val.tolist()
        matrix = datastructures.SparseMatrixBuilder[float](
            rows=n * a,
            columns=n,
            entries=len(col),
            force_dimensions=True,
            has_custom_row_grouping=True,
            row_groups=n,
        )
        for row in range(n * a):
            if row % a == 0:
                matrix.new_row_group(row)
            for k in range(ends[row], ends[row + 1]):
                matrix.add_next_value(row, col[k], val[k])
        labels = models.StateLabeling(n)
        labels.add_label("init")
        labels.add_label_to_state("init", 0)
        reward = models.SparseRewardModel[float](optional_state_action_reward_vector=model.r.ravel().tolist())
        parts = models.SparseModelComponents[float](
            transition_matrix=matrix.build(), state_labeling=labels, reward_models={"r": reward}
        )
        return models.SparseMdp[float](parts), model.gamma, n

    def solve(built):
        mdp, gamma, n = built
        environment = stormpy.Environment()
        settings = environment.solver().min_max()
        settings.method = environments.MinMaxMethod.VALUE_ITERATION
        settings.relative_termination_criterion = False
        settings.precision = stormpy.Rational("1/1000000")
        formula = stormpy.parse_properties('R{"r"}max=? [ Cdiscount=' + repr(gamma) + " ]")[0]
        result = stormpy.model_checking(mdp, formula, environment=environment)
        return lambda: np.array([result.get_value(s) for s in range(n)]), ""

    return Peer("stormpy VI", "stormpy", build, solve, "residual stop")


def pymdptoolbox_mpi(_workload):
    import mdptoolbox.mdp

    def build(model):
        p = model.csr()
        a = model.n_actions
        return [p[i::a].tocsr() for i in range(a)], model.r, model.gamma

    def solve(built):
        mdp = mdptoolbox.mdp.PolicyIterationModified(*built[:2], built[2], epsilon=ERROR, max_iter=100_000)
        mdp.run()
        return np.array(mdp.V), str(mdp.iter)

    return Peer("pymdptoolbox MPI", "pymdptoolbox", build, solve, "dense S x S inside")


PEERS = {
    "mdpsolver-mpi": mdpsolver_mpi,
    "scipy-mpi": scipy_mpi,
    "numba-mpi": numba_mpi,
    "quantecon-mpi": quantecon_mpi,
    "stormpy-vi": stormpy_vi,
    "pymdptoolbox-mpi": pymdptoolbox_mpi,
}
