"""Many rewards on one small dense model: workload d."""

import numpy as np

from common import ERROR, Peer

# Packages take one reward at a time; this many are solved and the time is scaled.
SAMPLE = 50
SLOW_SAMPLE = 10


def tensor(model):
    """`[S, A, S]` from the sparse rows."""
    n, a = model.n_states, model.n_actions
    return model.csr().toarray().reshape(n, a, n)


def share(sample):
    return lambda model: min(1.0, sample / len(model.r))


def numpy_gemm(_workload):
    def build(model):
        n, a = model.n_states, model.n_actions
        # Rewards as columns, as the product gives them.
        return tensor(model).reshape(n * a, n), np.ascontiguousarray(model.r.reshape(-1, n * a).T), (n, a, model.gamma)

    def solve(built):
        p, r, (n, a, gamma) = built
        c = gamma / (1.0 - gamma)
        v = r.reshape(n, a, -1).max(axis=1)
        answer, left, sweeps = np.empty_like(v), np.arange(v.shape[1]), 1
        while True:
            q = p @ v
            q *= gamma
            q += r
            new = q.reshape(n, a, -1).max(axis=1)
            sweeps += 1
            d = new - v
            lo, hi = d.min(axis=0), d.max(axis=0)
            done = c * (hi - lo) / 2.0 <= ERROR
            if done.any():
                answer[:, left[done]] = new[:, done] + c * (lo + hi)[done] / 2.0
                # Finished rewards leave the product once they are worth the copy.
                if done.all():
                    return answer.T, str(sweeps)
                left, new, r = left[~done], np.ascontiguousarray(new[:, ~done]), np.ascontiguousarray(r[:, ~done])
            v = new

    return Peer("numpy GEMM VI, span", "numpy", build, solve, "own code, all rewards at once")


def quantecon_mpi(_workload):
    from quantecon.markov import DiscreteDP

    def solve(model):
        p = tensor(model)
        k = max(1, round(share(SAMPLE)(model) * len(model.r)))
        # A user must construct a model for each reward.
        runs = [DiscreteDP(r, p, model.gamma) for r in model.r[:k]]
        runs = [ddp.solve(method="mpi", epsilon=2.0 * ERROR, max_iter=100_000) for ddp in runs]
        return np.stack([run.v for run in runs]), str(sum(run.num_iter for run in runs))

    note = "one reward at a time"
    return Peer("quantecon MPI", "quantecon", lambda m: m, solve, note, compiles=True, share=share(SAMPLE))


def pymdptoolbox_pi(_workload):
    import mdptoolbox.mdp

    def solve(model):
        p = np.ascontiguousarray(tensor(model).transpose(1, 0, 2))
        k = max(1, round(share(SLOW_SAMPLE)(model) * len(model.r)))
        values = []
        for r in model.r[:k]:
            mdp = mdptoolbox.mdp.PolicyIteration(p, r, model.gamma, eval_type=0)
            mdp.run()
            values.append(mdp.V)
        return np.array(values), ""

    return Peer("pymdptoolbox PI", "pymdptoolbox", lambda m: m, solve, "one reward at a time", share=share(SLOW_SAMPLE))


PEERS = {"numpy-gemm": numpy_gemm, "quantecon-mpi": quantecon_mpi, "pymdptoolbox-pi": pymdptoolbox_pi}
