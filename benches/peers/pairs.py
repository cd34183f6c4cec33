"""Many pairs of rewards on small models: workloads e and e+."""

import os
from dataclasses import dataclass

import numpy as np

from common import Peer

GAMMA = 0.95
# An improvement below this is rounding: values are below 100.
NOISE = 1e-11
# Pairs solved by those who take one at a time; the time is scaled.
SAMPLE = 100


@dataclass
class Pairs:
    """`p[M, S, A, S]`, `rewards[M, pairs, 2, S, A, S]`: the truth, then the proxy."""

    p: np.ndarray
    rewards: np.ndarray

    @staticmethod
    def load(folder):
        return Pairs(np.load(os.path.join(folder, "p.npy")), np.load(os.path.join(folder, "rewards.npy")))

    def each(self, limit):
        """The first `limit` pairs, spread over the models, with their places."""
        per_mdp = -(-limit // len(self.p))
        for m in range(len(self.p)):
            for i in range(min(per_mdp, self.rewards.shape[1])):
                yield m, i


def share(pairs):
    m, per_mdp = pairs.rewards.shape[:2]
    return min(per_mdp, -(-SAMPLE // m)) / per_mdp


def val_distance(p, r):
    """L2 distances between advantages of the uniform policy, for `r[pairs, 2, S, A]`."""
    n = p.shape[0]
    flat = r.reshape(-1, n, r.shape[-1])
    v = np.linalg.solve(np.eye(n) - GAMMA * p.mean(axis=1), flat.mean(axis=2).T).T
    advantage = flat - v[:, :, None] + GAMMA * (v @ p.reshape(-1, n).T).reshape(flat.shape)
    # A form that does not depend on the next state is repeated for each: the factor cancels.
    advantage /= np.sqrt((advantage**2).sum(axis=(1, 2), keepdims=True))
    both = advantage.reshape(r.shape)
    return np.sqrt(((both[:, 0] - both[:, 1]) ** 2).sum(axis=(1, 2)))


def batched_pi(p, r):
    """Optimal policies for rewards `r[B, S, A]` on one model, and the inverse systems' values, all at once."""
    b, n, _ = r.shape
    states = np.arange(n)
    policy, values, left = r.argmax(axis=2), np.empty((b, n)), np.arange(b)
    while len(left):
        chosen = policy[left]
        v = np.linalg.solve(np.eye(n) - GAMMA * p[states, chosen], r[left[:, None], states, chosen][..., None])[..., 0]
        values[left] = v
        q = r[left] + GAMMA * (v @ p.reshape(-1, n).T).reshape(len(left), n, -1)
        best = q.argmax(axis=2)
        gain = np.take_along_axis(q, best[..., None], 2) - np.take_along_axis(q, chosen[..., None], 2)
        better = gain[..., 0] > NOISE
        policy[left] = np.where(better, best, chosen)
        left = left[better.any(axis=1)]
    return policy, values


def numpy_batched(_workload):
    def solve(pairs):
        distance, regret = [], []
        for p, rewards in zip(pairs.p, pairs.rewards):
            r = np.einsum("sat,kisat->kisa", p, rewards)
            k, n = len(r), p.shape[0]
            distance.append(val_distance(p, r))
            policy, v = batched_pi(p, np.concatenate([r[:, 0], -r[:, 0], r[:, 1]]))
            best, worst, proxy = v[:k].mean(axis=1), -v[k : 2 * k].mean(axis=1), policy[2 * k :]
            states = np.arange(n)
            system = np.eye(n) - GAMMA * p[states, proxy]
            earned = np.linalg.solve(system, r[np.arange(k)[:, None], 0, states, proxy][..., None])[..., 0].mean(axis=1)
            regret.append((best - earned) / (best - worst))
        return {"distance": np.array(distance), "regret": np.array(regret)}, ""

    return Peer("numpy, batched PI", "numpy", lambda pairs: pairs, solve, "own code, all pairs of a model at once")


def numpy_quantecon(_workload):
    from quantecon.markov import DiscreteDP

    def solve(pairs):
        shape = pairs.rewards.shape[:2]
        distance, regret = np.full(shape, np.nan), np.full(shape, np.nan)
        for m, i in pairs.each(SAMPLE):
            p = pairs.p[m]
            n = p.shape[0]
            r = np.einsum("sat,isat->isa", p, pairs.rewards[m, i])
            distance[m, i] = val_distance(p, r[None])[0]
            best, worst, proxy = (DiscreteDP(x, p, GAMMA).solve(method="pi") for x in (r[0], -r[0], r[1]))
            states = np.arange(n)
            v = np.linalg.solve(np.eye(n) - GAMMA * p[states, proxy.sigma], r[0][states, proxy.sigma])
            top, bottom = best.v.mean(), -worst.v.mean()
            regret[m, i] = (top - v.mean()) / (top - bottom)
        return {"distance": distance, "regret": regret}, ""

    note = "one pair at a time"
    return Peer("numpy + quantecon PI", "quantecon", lambda pairs: pairs, solve, note, compiles=True, share=share)


class Dual:
    """Worst-case regret of one pair: `min over lambda >= 0 of rho(x - lambda y)`, by supporting lines."""

    def __init__(self, p, r):
        self.p, self.n, self.states = p, p.shape[0], np.arange(p.shape[0])
        top, bottom = (self.optimum(r[0], sign) for sign in (1, -1))
        other_top, other_bottom = (self.optimum(r[1], sign) for sign in (1, -1))
        self.rho = [self.earns(top, r[0]) - self.earns(bottom, r[0])]
        self.rho.append(self.earns(other_top, r[1]) - self.earns(other_bottom, r[1]))
        self.ends = [(top, bottom), (other_top, other_bottom)]
        self.unit = r / np.array(self.rho)[:, None, None]

    def optimum(self, r, sign, start=None):
        r = sign * r
        policy = r.argmax(axis=1) if start is None else start.copy()
        while True:
            v = np.linalg.solve(np.eye(self.n) - GAMMA * self.p[self.states, policy], r[self.states, policy])
            q = r + GAMMA * self.p @ v
            best = q.argmax(axis=1)
            better = q[self.states, best] - q[self.states, policy] > NOISE * np.abs(r).max()
            if not better.any():
                return policy
            policy[better] = best[better]

    def earns(self, policy, *rewards):
        system = np.eye(self.n) - GAMMA * self.p[self.states, policy]
        right = np.stack([r[self.states, policy] for r in rewards], axis=1)
        found = np.linalg.solve(system, right).mean(axis=0)
        return found if len(rewards) > 1 else found[0]

    def line(self, x, y, plus, minus):
        """Height at 0 and slope of `lambda -> J_{x - lambda y}(plus) - J_{x - lambda y}(minus)`."""
        (px, py), (mx, my) = self.earns(plus, x, y), self.earns(minus, x, y)
        return px - mx, my - py

    def worst_case(self, truth):
        """Normalised, paid in reward number `truth`."""
        x, y = self.unit[truth], self.unit[1 - truth]
        plus, minus = self.ends[truth]
        left = self.line(x, y, plus, minus)
        if left[1] >= 0.0:
            return 1.0
        right, at = None, 2.0
        while True:
            reward = x - at * y
            plus, minus = self.optimum(reward, 1, plus), self.optimum(reward, -1, minus)
            new = self.line(x, y, plus, minus)
            height = new[0] + at * new[1]
            if right is not None and height <= left[0] + at * left[1] + 1e-12:
                return height
            if new[1] < 0.0:
                left = new
            else:
                right = new
            if right is None:
                return height
            at = (left[0] - right[0]) / (right[1] - left[1])


def numpy_dual(_workload):
    def solve(pairs):
        shape = pairs.rewards.shape[:2]
        names = ("distance", "regret", "worst_case", "worst_case_reverse")
        answer = {name: np.full(shape, np.nan) for name in names}
        for m, i in pairs.each(SAMPLE):
            p = pairs.p[m]
            r = np.einsum("sat,isat->isa", p, pairs.rewards[m, i])
            answer["distance"][m, i] = val_distance(p, r[None])[0]
            dual = Dual(p, r)
            earned = dual.earns(dual.ends[1][0], dual.unit[0])
            answer["regret"][m, i] = dual.earns(dual.ends[0][0], dual.unit[0]) - earned
            answer["worst_case"][m, i] = dual.worst_case(0)
            answer["worst_case_reverse"][m, i] = dual.worst_case(1)
        return answer, ""

    return Peer("numpy dual", "numpy", lambda pairs: pairs, solve, "own code, one pair at a time", share=share)


PEERS = {"numpy-batched": numpy_batched, "numpy-quantecon": numpy_quantecon, "numpy-dual": numpy_dual}
