//! Up to sixteen rewards that are swept together, from their start to bounds as close as asked.
//!
//! Each lane is relative value iteration, `V <- TV - m` with `m` the middle of `d = TV - V`, stopped by the extremes of `d`
//! as in modified policy iteration. It runs in single precision around a base in double precision, and takes a new base
//! once what it adds to the base says no more; every base gains about six digits.

use super::super::certify::is_allowed;
use super::super::mpi::Bounds;
use super::super::sweep::Extent;
use super::super::{Outcome, Sense, Solver, Task};
use super::backup::{self, Spans};
use super::product::{LANES, Lanes, Rows};
use super::{End, Found, Start};
use crate::base::Buffer;
use crate::base::sum::{self, UNIT, gamma_n};

/// Relative rounding of single precision.
const SINGLE: f64 = f32::EPSILON as f64 / 2.0;
/// Smallest unit of single precision: its reciprocal is a number.
const LEAST: f64 = 1e-290;
/// Sweeps from one look at the speed to the next.
pub(super) const LOOK: usize = 16;

/// How a group may end.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// Whether to give up what is left once half of the rewards are done, so that others fill the lanes.
    pub may_leave: bool,
    /// Sweeps in all that a reward is worth.
    pub budget: Option<usize>,
    /// Whether the set of optimal rows is asked for.
    pub with_ties: bool,
}

/// One reward of a group. Values are those of the reward to be maximised: a minimum has its sign changed.
pub(super) struct Lane<'a> {
    pub task: &'a Task<'a>,
    place: usize,
    /// Unit of single precision: about the largest change of the last sweep.
    pub scale: f64,
    /// Middle of the changes of the last sweep.
    pub centre: f64,
    /// Largest `|v|` of the base.
    size: f64,
    /// Largest `|r|`.
    largest: f64,
    /// Half width asked for.
    asked: f64,
    /// Sweeps in other groups.
    before: usize,
    look: Look,
    is_open: bool,
}

/// How far a lane was some sweeps ago.
#[derive(Clone, Copy)]
struct Look {
    sweeps: usize,
    width: f64,
    spread: f64,
}

/// What a sweep says of one lane.
struct Judgement {
    /// `TV + shift` is the estimate, which is within `half` of the optimal value.
    shift: f64,
    half: f64,
    /// Half width in units of what was asked; done at 1.
    width: f64,
    /// Single precision has no more to say.
    is_flat: bool,
    /// How far values of actions may be off, beyond the bounds.
    noise: f64,
}

pub(super) struct Group<'a> {
    solver: &'a Solver<'a>,
    rows: &'a Rows<'a>,
    lanes: Vec<Lane<'a>>,
    sweeps: usize,
    /// Sweeps when the base was taken.
    base_at: usize,
    /// Base; empty for a base of zeros.
    v: Vec<Lanes<f64>>,
    x: Buffer<Lanes<f32>>,
    y: Buffer<Lanes<f32>>,
    d: Buffer<Lanes<f32>>,
    e: Buffer<Lanes<f32>>,
    change: Buffer<Lanes<f32>>,
    changes: Spans,
    /// Largest `|e|`.
    reach: Lanes<f32>,
}

impl<'a> Group<'a> {
    /// Some rewards, [`LANES`] at most.
    pub(super) fn new(solver: &'a Solver<'a>, rows: &'a Rows<'a>, tasks: &'a [Task<'a>], starts: &[Start]) -> Self {
        let mdp = solver.mdp;
        let (n, n_rows) = (mdp.n_states(), mdp.n_rows());
        let mut v = Vec::new();
        let mut lanes = Vec::with_capacity(starts.len());
        for (l, start) in starts.iter().enumerate() {
            let task = &tasks[start.place];
            let largest = sum::max_abs(&task.reward.r);
            let asked = solver.options.tolerance * largest * solver.horizon.longest();
            let (scale, centre) = start.v.as_ref().map_or((largest, 0.0), |_| (start.scale, start.centre));
            if let Some(from) = &start.v {
                v.resize(n, [0.0; LANES]);
                v.iter_mut().zip(from).for_each(|(v, &from)| v[l] = from);
            }
            let (scale, before) = (scale.max(LEAST), start.sweeps);
            let size = start.v.as_deref().map_or(0.0, sum::max_abs);
            let look = Look { sweeps: 0, width: f64::INFINITY, spread: f64::INFINITY };
            lanes.push(Lane {
                task,
                place: start.place,
                scale,
                centre,
                size,
                largest,
                asked,
                before,
                look,
                is_open: true,
            });
        }
        Group {
            solver,
            rows,
            lanes,
            sweeps: 0,
            base_at: 0,
            v,
            x: Buffer::zeros(n_rows),
            y: Buffer::zeros(n_rows),
            d: Buffer::zeros(n),
            e: Buffer::zeros(n),
            change: Buffer::zeros(n),
            changes: Spans::NONE,
            reach: [0.0; LANES],
        }
    }

    /// Sweeps until every lane has ended.
    pub(super) fn run(mut self, rules: Rules) -> Vec<(usize, End)> {
        let begun = self.lanes.len();
        let mut ends = Vec::with_capacity(begun);
        loop {
            self.take_base();
            loop {
                let (mut open, mut flat, mut worst) = (0, 0, 0.0f64);
                let mut done: Vec<(usize, Judgement, Outcome)> = Vec::new();
                let judged: Vec<(usize, Judgement)> = self.open().map(|l| (l, self.judge(l))).collect();
                judged.iter().for_each(|(_, judgement)| worst = worst.max(judgement.width));
                let swept = self.sweeps + self.open().map(|l| self.lanes[l].before).max().unwrap_or(0);
                let reached = self.solver.must_stop(swept, worst);
                for (l, mut judgement) in judged {
                    let outcome = if judgement.width <= 1.0 { Some(Outcome::Converged) } else { reached };
                    if let Some(outcome) = outcome {
                        done.push((l, judgement, outcome));
                    } else if self.is_slow(l, &mut judgement, rules.budget) {
                        self.lanes[l].is_open = false;
                        ends.push((self.lanes[l].place, End::Slow(self.policy(l))));
                    } else {
                        (open, flat) = (open + 1, flat + usize::from(judgement.is_flat));
                    }
                }
                if !done.is_empty() {
                    self.finish(done, rules.with_ties, &mut ends);
                }
                if open == 0 {
                    return ends;
                }
                if 2 * flat >= open || rules.may_leave && 2 * open <= begun {
                    break;
                }
                self.sweep();
            }
            self.move_base();
            if rules.may_leave && 2 * self.open().count() <= begun {
                ends.extend(self.open().map(|l| (self.lanes[l].place, End::Left(self.start(l)))));
                return ends;
            }
        }
    }

    fn open(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.lanes.len()).filter(|&l| self.lanes[l].is_open)
    }

    /// A backup of the base itself, in double precision.
    fn take_base(&mut self) {
        let v = (!self.v.is_empty()).then_some(&self.v[..]);
        self.changes = backup::base(self.rows, &self.lanes, v, &mut self.x, &mut self.d);
        self.e.fill([0.0; LANES]);
        self.reach = [0.0; LANES];
        self.change.copy_from_slice(&self.d);
        // Best actions of the base, until a sweep says more.
        self.y.copy_from_slice(&self.x);
        self.sweeps += 1;
        self.base_at = self.sweeps;
    }

    /// One more backup, in single precision.
    fn sweep(&mut self) {
        let middle = std::array::from_fn(|l| self.middle(l));
        let reach = backup::follow(self.solver.mdp, &mut self.e, &self.change, &middle);
        self.reach = std::array::from_fn(|l| reach.size(l));
        self.changes = backup::step(self.rows, [&self.x, &self.d, &self.e], &mut self.y, &mut self.change);
        self.sweeps += 1;
    }

    /// Middle of the extremes of a lane; 0 where values may not be shifted.
    fn middle(&self, l: usize) -> f32 {
        let middle = if self.solver.shape().is_closed { (self.changes.lo[l] + self.changes.hi[l]) / 2.0 } else { 0.0 };
        // Of a model whose states are all terminal there are no extremes.
        if middle.is_finite() { middle } else { 0.0 }
    }

    /// Largest distance of the changes from their middle.
    fn spread(&self, l: usize) -> f64 {
        let middle = f64::from(self.middle(l));
        (f64::from(self.changes.hi[l]) - middle).max(middle - f64::from(self.changes.lo[l]))
    }

    fn judge(&self, l: usize) -> Judgement {
        let (solver, lane, changes) = (self.solver, &self.lanes[l], &self.changes);
        let Lane { scale, centre, size, largest, .. } = *lane;
        let extent =
            Extent { lo: centre + scale * f64::from(changes.lo[l]), hi: centre + scale * f64::from(changes.hi[l]) };
        if changes.lo[l] > changes.hi[l] {
            // Every state is terminal.
            return Judgement { shift: 0.0, half: 0.0, width: 0.0, is_flat: false, noise: 0.0 };
        }
        // Of the base: as in `certify::backup_error` with every part at its largest, and a product more a term.
        let terms = solver.shape().layout.longest() + 12;
        let inputs = (solver.mdp.gamma_error() + solver.mdp.p_error()) * (size + scale * f64::from(self.reach[l]));
        let exact = lane.task.reward.err + inputs + 2.0 * gamma_n(terms) * (largest + 2.0 * size) + f64::MIN_POSITIVE;
        // Of single precision: a product of as many terms and the rounding of P; of `x`, where actions that count are
        // within twice `e` of the best; of `d`, which is within twice `e` of the change; three additions. A hundredth
        // more for products of these, and what underflows.
        let (reach, moved) = (f64::from(self.reach[l]), f64::from(changes.size(l)));
        let units = 1.01 * (single_gamma(terms) * reach + 4.0 * SINGLE * moved) + f64::from(f32::MIN_POSITIVE);
        let horizon = solver.horizon.longest();
        // Rounding keeps bounds from coming closer than this, whatever the tolerance says.
        let precise = Bounds::new(solver, extent, exact);
        let target = lane.asked.max(4.0 * horizon * (exact + 16.0 * UNIT * precise.shift.abs()));
        let bounds = Bounds::new(solver, extent, exact + scale * units);
        // Extremes below this are mostly rounding: a step at random for each term, and the few that are not random.
        let flat = (16.0 + 4.0 * (terms as f64).sqrt()) * SINGLE * reach;
        let is_flat = self.spread(l) <= flat || precise.half <= 0.5 * target;
        Judgement { shift: bounds.shift, half: bounds.half, width: bounds.half / target, is_flat, noise: scale * units }
    }

    /// Whether a lane will need more sweeps than it is worth, going by its speed between the last two looks. Where sweeps
    /// change less than their rounding may, however slowly they go, single precision has no more to say.
    fn is_slow(&mut self, l: usize, judgement: &mut Judgement, budget: Option<usize>) -> bool {
        let (sweeps, spread, base_at) = (self.sweeps, self.spread(l), self.base_at);
        let lane = &mut self.lanes[l];
        if judgement.is_flat || sweeps < lane.look.sweeps + LOOK {
            return false;
        }
        let now = Look { sweeps, width: judgement.width, spread };
        let before = std::mem::replace(&mut lane.look, now);
        let passed = (sweeps - before.sweeps) as f64;
        let rounding = 4.0 * SINGLE * passed * f64::from(self.reach[l]);
        judgement.is_flat = base_at <= before.sweeps && before.spread - spread <= rounding;
        let Some(budget) = budget.filter(|_| before.width.is_finite()) else { return false };
        let a_sweep = (before.width / now.width).ln() / passed;
        let left = if a_sweep > 0.0 { now.width.ln() / a_sweep } else { f64::INFINITY };
        left > budget.saturating_sub(lane.before + sweeps) as f64
    }

    /// Turns to `TV`, less the middle of its changes, as the base.
    fn move_base(&mut self) {
        self.v.resize(self.solver.mdp.n_states(), [0.0; LANES]);
        for l in 0..self.lanes.len() {
            let (middle, spread) = (self.middle(l), self.spread(l));
            let lane = &mut self.lanes[l];
            if !lane.is_open {
                // Nobody asks for it any more, but it is swept along: from the start again, where its numbers are harmless.
                self.v.iter_mut().for_each(|v| v[l] = 0.0);
                (lane.scale, lane.centre) = (lane.largest.max(LEAST), 0.0);
                continue;
            }
            let (e, change) = (&self.e, &self.change);
            lane.size = 0.0;
            for (s, v) in self.v.iter_mut().enumerate().filter(|(s, _)| !self.solver.mdp.is_terminal(*s)) {
                v[l] += lane.scale * (f64::from(e[s][l]) + f64::from(change[s][l] - middle));
                lane.size = lane.size.max(v[l].abs());
            }
            lane.centre += lane.scale * f64::from(middle);
            // The next changes are smaller than these; single precision cannot tell them from rounding much below that.
            lane.scale = (lane.scale * spread.max(SINGLE)).max(LEAST);
        }
    }

    fn start(&self, l: usize) -> Start {
        let lane = &self.lanes[l];
        Start {
            place: lane.place,
            v: Some(self.v.iter().map(|v| v[l]).collect()),
            scale: lane.scale,
            centre: lane.centre,
            sweeps: lane.before + self.sweeps,
        }
    }

    /// Greedy rows of a lane.
    fn policy(&self, l: usize) -> Vec<usize> {
        let mdp = self.solver.mdp;
        (0..mdp.n_states()).map(|s| self.greedy(s, l)).collect()
    }

    /// First best row of a state.
    fn greedy(&self, s: usize, l: usize) -> usize {
        let rows = self.solver.mdp.rows(s);
        let (mut best, mut best_row) = (f32::NEG_INFINITY, rows.start);
        for row in rows.filter(|&row| is_allowed(self.lanes[l].task, row)) {
            if self.y[row][l] > best {
                (best, best_row) = (self.y[row][l], row);
            }
        }
        best_row
    }

    /// Closes lanes: values with their bounds, policy, optimal rows.
    fn finish(&mut self, done: Vec<(usize, Judgement, Outcome)>, with_ties: bool, ends: &mut Vec<(usize, End)>) {
        let (mdp, horizon) = (self.solver.mdp, self.solver.horizon.longest());
        for (l, Judgement { shift, half, noise, .. }, outcome) in done {
            let lane = &self.lanes[l];
            let sign = lane.task.sense.sign();
            let lift = lane.centre + shift;
            let value = |s: usize| {
                let v = self.v.get(s).map_or(0.0, |v| v[l]);
                v + (lane.scale * (f64::from(self.e[s][l]) + f64::from(self.change[s][l])) + lift)
            };
            let mut v: Vec<f64> =
                (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { sign * value(s) }).collect();
            if lane.task.sense == Sense::Min {
                // No -0 where there was 0.
                v.iter_mut().for_each(|v| *v += 0.0);
            }
            let size = sum::max_abs(&v).max(lane.size + lane.scale * f64::from(self.reach[l]));
            let half = half + 8.0 * UNIT * (size + horizon * (lane.largest + size));
            let mut found = Found {
                v,
                half,
                policy: self.policy(l),
                optimal: Vec::new(),
                n_ties: 0,
                sweeps: lane.before + self.sweeps,
                outcome,
            };
            if with_ties {
                self.tell_ties(l, noise, &mut found);
            }
            ends.push((lane.place, End::Found(found)));
            self.lanes[l].is_open = false;
        }
    }

    /// Rows that may be optimal: as in `certify::solution`, with the rounding of single precision.
    fn tell_ties(&self, l: usize, noise: f64, found: &mut Found) {
        let (mdp, lane) = (self.solver.mdp, &self.lanes[l]);
        let tie = 4.0 * found.half;
        // Twice the rounding of a value; of a gap itself, a rounding on either side.
        let tie = (tie + 4.0 * noise) / lane.scale * (1.0 + 8.0 * SINGLE);
        found.optimal = vec![false; mdp.n_rows()];
        for s in 0..mdp.n_states() {
            let best = f64::from(self.y[found.policy[s]][l]);
            let mut count = 0;
            for row in mdp.rows(s).filter(|&row| is_allowed(lane.task, row)) {
                found.optimal[row] = best - f64::from(self.y[row][l]) <= tie;
                count += usize::from(found.optimal[row]);
            }
            found.n_ties += usize::from(count > 1 && !mdp.is_terminal(s));
        }
    }
}

/// As [`gamma_n`], of single precision.
fn single_gamma(n: usize) -> f64 {
    let nu = n as f64 * SINGLE;
    nu / (1.0 - nu)
}
