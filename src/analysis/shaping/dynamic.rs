//! Potentials that change with time (Devlin and Kudenko 2012).
//!
//! Paid as `gamma Phi_{t+1}(s') - Phi_t(s)`, what is added on arrival is what is subtracted on departure, and every return
//! moves by `Phi_0` at the start alone. Paid from the table of the moment, `gamma Phi_t(s') - Phi_t(s)`, what is left over is
//! `gamma^{t+1} (Phi_t - Phi_{t+1})(s_{t+1})`: a policy that returns where the table falls collects reward for nothing.

use crate::analysis::returns::ReturnRange;
use crate::base::sum::{gamma_n, max_abs};
use crate::base::{Bounded, Grade, Interval};
use crate::model::Mdp;
use crate::solve::{Sense, Solver};

/// Longest part of a policy's way that is kept.
const WAY: usize = 40;

/// One move of a way, and what the changing table leaves in it.
#[derive(Clone, Copy, Debug)]
pub struct Collected {
    /// State arrived in.
    pub state: usize,
    /// What arriving there collected, discounted to the start.
    pub gain: f64,
}

/// What a changing potential does.
#[derive(Clone, Debug)]
pub struct Dynamic {
    /// Tables given; the last stays for ever.
    pub n_tables: usize,
    /// `Phi_0` at the start: what consistent shaping takes from every return.
    pub at_start: f64,
    /// Largest difference from that over all policies, evaluated step by step with the next table on arrival.
    pub consistent_residual: f64,
    /// Least and most that a policy collects, with the present table on arrival; exactly 0 where all tables are the same.
    pub collected: [Bounded; 2],
    /// What optimising the reward so shaped costs, at its luckiest and unluckiest; hulls where rounding does not tell what is
    /// optimal for it.
    pub regret: [Bounded; 2],
    /// State in which the way of the policy that collects most begins.
    pub start: usize,
    /// That way along its likeliest moves.
    pub way: Vec<Collected>,
    /// The part of it that comes back to where it was and has collected something: places of the first move after the
    /// state is left, and of the move that returns.
    pub turn: Option<(usize, usize)>,
}

/// Backward induction over the tables' time.
struct Induction<'a> {
    mdp: &'a Mdp,
    phis: &'a [Vec<f64>],
}

impl Induction<'_> {
    /// Table at a time; the last stays.
    fn phi(&self, t: usize) -> &[f64] {
        &self.phis[t.min(self.phis.len() - 1)]
    }

    /// Values at time 0 from `tail` at the time of the last table, over the allowed rows; `q(t, row, next)` are action
    /// values from the values of the next time. Also the rows of each time that may be best, where the tail may be off by `off`
    /// and no number that comes up in between is larger than `size`.
    fn run(
        &self,
        sense: Sense,
        tail: Vec<f64>,
        (mut off, size): (f64, f64),
        allowed: Option<&[Vec<bool>]>,
        q: impl Fn(usize, usize, &[f64]) -> f64,
    ) -> (Vec<f64>, Vec<Vec<bool>>) {
        let sign = if sense == Sense::Max { 1.0 } else { -1.0 };
        let (mdp, mut v) = (self.mdp, tail);
        let mut best = vec![Vec::new(); self.phis.len() - 1];
        for t in (0..self.phis.len() - 1).rev() {
            let values: Vec<f64> = (0..mdp.n_rows()).map(|row| sign * q(t, row, &v)).collect();
            let longest = (0..mdp.n_rows()).map(|row| mdp.p(row).0.len()).max().unwrap_or(0);
            // Two backups and four terms, doubled.
            off = (mdp.gamma() * off + 4.0 * gamma_n(longest + 6) * size + f64::MIN_POSITIVE)
                * (1.0 + 4.0 * f64::EPSILON);
            best[t] = vec![false; mdp.n_rows()];
            for s in 0..mdp.n_states() {
                let usable = |row: &usize| allowed.is_none_or(|allowed| allowed[t][*row]);
                let top = mdp.rows(s).filter(usable).map(|row| values[row]).fold(f64::NEG_INFINITY, f64::max);
                mdp.rows(s).filter(usable).for_each(|row| best[t][row] = top - values[row] <= 2.0 * off);
                v[s] = if mdp.is_terminal(s) { 0.0 } else { sign * top };
            }
        }
        (v, best)
    }

    /// Shaping alone on a row: with the next table on arrival, or with the present one. Where episodes have ended nothing
    /// is paid.
    fn shaping(&self, t: usize, row: usize, s: usize, on_arrival: usize) -> f64 {
        let mdp = self.mdp;
        if mdp.is_terminal(s) { 0.0 } else { mdp.gamma() * mdp.backup(row, self.phi(on_arrival)) - self.phi(t)[s] }
    }
}

/// Works out what tables of potentials, at least one, do in time. `O(tables x nnz)` a pass, six passes.
pub fn dynamic(solver: &Solver<'_>, range: &ReturnRange, phis: &[Vec<f64>]) -> Dynamic {
    let mdp = solver.mdp();
    let induction = Induction { mdp, phis };
    let state: Vec<usize> = (0..mdp.n_states()).flat_map(|s| mdp.rows(s).map(move |_| s)).collect();
    let last = &phis[phis.len() - 1];
    let down: Vec<f64> = last.iter().map(|x| -x).collect();
    let size = phis.iter().fold(0.0f64, |m, phi| m.max(max_abs(phi)));
    let width = range.best.lo.iter().zip(&range.best.hi).fold(0.0f64, |m, (lo, hi)| m.max(hi - lo));
    let discounted = |row: usize, v: &[f64]| mdp.gamma() * mdp.backup(row, v);
    let of_shaping = |sense, ahead: usize| {
        induction.run(sense, down.clone(), (0.0, 4.0 * size), None, |t, row, v| {
            induction.shaping(t, row, state[row], t + ahead) + discounted(row, v)
        })
    };
    let at_start = mdp.at_start(&phis[0]);
    let rounding = |size: f64| 16.0 * phis.len() as f64 * gamma_n(mdp.n_states() + 4) * size;
    let consistent = [Sense::Max, Sense::Min].map(|sense| (mdp.at_start(&of_shaping(sense, 1).0) + at_start).abs());
    let (low, high) = (of_shaping(Sense::Min, 0).0, of_shaping(Sense::Max, 0));
    let is_still = phis.windows(2).all(|pair| pair[0] == pair[1]);
    let collected = |v: &[f64]| {
        let value = mdp.at_start(v) + at_start;
        Bounded::around(value, Interval::ball(value, rounding(size)), Grade::Bounded)
    };
    let r = &range.reward.r;
    let v_star = &range.best.v;
    let shaped_tail: Vec<f64> =
        (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { v_star[s] - last[s] }).collect();
    // No value on the way is larger than the optimal one and the potentials collected.
    let largest = max_abs(r) + 2.0 * max_abs(v_star) + 2.0 * (phis.len() + 1) as f64 * size;
    let off = width + range.reward.err * phis.len() as f64;
    let (_, best) = induction.run(Sense::Max, shaped_tail, (off, largest), None, |t, row, v| {
        r[row] + induction.shaping(t, row, state[row], t) + discounted(row, v)
    });
    let mut regret = [Sense::Max, Sense::Min].map(|sense| {
        let (v, _) =
            induction.run(sense, v_star.clone(), (off, largest), Some(&best), |_, row, v| r[row] + discounted(row, v));
        let value = range.max.value - mdp.at_start(&v);
        let radius = 2.0 * width + rounding(solver.scale(&range.reward));
        Bounded::around(value, Interval::ball(value, radius), Grade::Bounded).clamped(0.0, range.rho.hi)
    });
    // The best rows are some of those that may be.
    let is_known = |rows: &Vec<bool>| {
        (0..mdp.n_states()).all(|s| mdp.is_terminal(s) || mdp.rows(s).filter(|&row| rows[row]).count() == 1)
    };
    if !best.iter().all(is_known) {
        let hull = Interval { lo: regret[0].lo, hi: regret[1].hi };
        regret = regret.map(|one| Bounded::around(one.value, hull, Grade::Bounded));
    }
    let (start, way) = way(mdp, &induction, &high.1);
    Dynamic {
        n_tables: phis.len(),
        at_start,
        consistent_residual: consistent[0].max(consistent[1]),
        collected: if is_still { [Bounded::exact(0.0); 2] } else { [collected(&low), collected(&high.0)] },
        regret,
        start,
        turn: turn(start, &way),
        way,
    }
}

/// The likeliest way of the policy that collects most.
fn way(mdp: &Mdp, induction: &Induction<'_>, best: &[Vec<bool>]) -> (usize, Vec<Collected>) {
    let likeliest = |weights: &[f64]| {
        let first = |best: usize, s: usize| if weights[s] > weights[best] { s } else { best };
        (0..weights.len()).fold(0, first)
    };
    let start = likeliest(mdp.mu0());
    let (mut s, mut way, mut discount) = (start, Vec::new(), 1.0);
    for (t, best) in best.iter().enumerate().take(WAY) {
        let Some(row) = mdp.rows(s).find(|&row| best[row]).filter(|_| !mdp.is_terminal(s)) else { break };
        let (col, p) = mdp.p(row);
        s = col[likeliest(p)] as usize;
        discount *= mdp.gamma();
        way.push(Collected { state: s, gain: discount * (induction.phi(t)[s] - induction.phi(t + 1)[s]) });
    }
    (start, way)
}

/// The return to a state that has collected most.
fn turn(start: usize, way: &[Collected]) -> Option<(usize, usize)> {
    let states: Vec<usize> = std::iter::once(start).chain(way.iter().map(|c| c.state)).collect();
    let mut most = (0.0, None);
    for from in 0..way.len() {
        let mut gain = 0.0;
        for to in from..way.len() {
            gain += way[to].gain;
            if states[to + 1] == states[from] {
                if gain > most.0 {
                    most = (gain, Some((from, to)));
                }
                break;
            }
        }
    }
    most.1
}
