//! One backup of sixteen values at once: in double precision around a base, in single precision for what is added to it.
//!
//! With `V = v + c e`, a base `v` and its action values `q = r + gamma P v`, the next values are
//! `max_a q + c max_a (x + gamma P e)`, where `c x = q - max_a q`. All but `v` and `q` is small, so it is kept in units
//! of `c` in single precision; `x` is 0 for a best action, and an action far below it never counts, so that its
//! rounding is of no matter.

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::super::certify::is_allowed;
use super::group::Lane;
use super::product::{LANES, Lanes, Rows};
use crate::model::Mdp;

/// States a block; a smaller model is not worth waking a thread for.
const BLOCK: usize = 256;
/// States whose action values are worked out at a time: they stay in the first cache.
const TILE: usize = 16;
/// Below a best action by this many units, an action is out of the question: `e` never comes near it.
const FAR: f64 = -1e30;

/// Extremes over states that are not terminal, lane by lane.
#[derive(Clone, Copy)]
pub(super) struct Spans {
    pub lo: Lanes<f32>,
    pub hi: Lanes<f32>,
}

impl Spans {
    pub(super) const NONE: Spans = Spans { lo: [f32::INFINITY; LANES], hi: [f32::NEG_INFINITY; LANES] };

    #[inline(always)]
    fn take(&mut self, x: &Lanes<f32>) {
        for l in 0..LANES {
            self.lo[l] = if x[l] < self.lo[l] { x[l] } else { self.lo[l] };
            self.hi[l] = if x[l] > self.hi[l] { x[l] } else { self.hi[l] };
        }
    }

    fn join(self, other: Spans) -> Spans {
        let lo = std::array::from_fn(|l| self.lo[l].min(other.lo[l]));
        Spans { lo, hi: std::array::from_fn(|l| self.hi[l].max(other.hi[l])) }
    }

    /// Largest size of what was taken.
    pub(super) fn size(&self, l: usize) -> f32 {
        self.hi[l].max(-self.lo[l]).max(0.0)
    }
}

/// Runs `body` for every block of states with its part of an array over rows and of one over states. Extremes do not
/// depend on how they are joined, so results are the same for any number of threads.
fn blocks<A: Send, B: Send>(
    mdp: &Mdp,
    states: Range<usize>,
    over_rows: &mut [A],
    over_states: &mut [B],
    body: &(impl Fn(Range<usize>, &mut [A], &mut [B]) -> Spans + Sync),
) -> Spans {
    if states.len() <= BLOCK {
        return body(states, over_rows, over_states);
    }
    let half = states.len().div_ceil(2 * BLOCK) * BLOCK;
    let middle = states.start + half;
    let (rows, more_rows) = over_rows.split_at_mut(mdp.rows(middle).start - mdp.rows(states.start).start);
    let (part, rest) = over_states.split_at_mut(half);
    let (a, b) = rayon::join(
        || blocks(mdp, states.start..middle, rows, part, body),
        || blocks(mdp, middle..states.end, more_rows, rest, body),
    );
    a.join(b)
}

/// First and last row of some states, of which there is one at least.
fn rows_of(mdp: &Mdp, states: &Range<usize>) -> Range<usize> {
    mdp.rows(states.start).start..mdp.rows(states.end - 1).end
}

/// The base: `x` over rows and `d = (T v - v - centre) / c` over states, from action values in double precision. Returns
/// the extremes of `d`.
pub(super) fn base(
    rows: &Rows<'_>,
    lanes: &[Lane<'_>],
    v: Option<&[Lanes<f64>]>,
    x: &mut [Lanes<f32>],
    d: &mut [Lanes<f32>],
) -> Spans {
    let mdp = rows.mdp;
    let (mut unit, mut centre) = ([0.0; LANES], [0.0; LANES]);
    for (l, lane) in lanes.iter().enumerate() {
        (unit[l], centre[l]) = (1.0 / lane.scale, lane.centre);
    }
    blocks(mdp, 0..mdp.n_states(), x, d, &|states, x, d| {
        let first_row = mdp.rows(states.start).start;
        let mut spans = Spans::NONE;
        let mut room: Vec<Lanes<f64>> = Vec::new();
        for from in states.clone().step_by(TILE) {
            let tile = from..states.end.min(from + TILE);
            let range = rows_of(mdp, &tile);
            room.clear();
            room.resize(range.len(), [0.0; LANES]);
            action_values(rows, lanes, v, range.clone(), &mut room);
            for s in tile {
                let own = mdp.rows(s);
                let (q, x) = (&room[own.start - range.start..own.end - range.start], &mut x[own.start - first_row..]);
                let d = &mut d[s - states.start];
                if mdp.is_terminal(s) {
                    x[..q.len()].fill([0.0; LANES]);
                    *d = [0.0; LANES];
                    continue;
                }
                let mut best = [f64::NEG_INFINITY; LANES];
                for q in q {
                    for l in 0..LANES {
                        best[l] = if q[l] > best[l] { q[l] } else { best[l] };
                    }
                }
                for (x, q) in x.iter_mut().zip(q) {
                    for l in 0..LANES {
                        let below = (q[l] - best[l]) * unit[l];
                        x[l] = (if below > FAR { below } else { FAR }) as f32;
                    }
                }
                for l in 0..LANES {
                    let v = v.map_or(0.0, |v| v[s][l]);
                    d[l] = ((best[l] - v - centre[l]) * unit[l]) as f32;
                }
                spans.take(d);
            }
        }
        spans
    })
}

/// `q = r + gamma P v` of some rows; of a reward to be minimised, with its sign changed.
fn action_values(
    rows: &Rows<'_>,
    lanes: &[Lane<'_>],
    v: Option<&[Lanes<f64>]>,
    range: Range<usize>,
    q: &mut [Lanes<f64>],
) {
    if let Some(v) = v {
        rows.product(range.clone(), v, lanes.len(), q);
    }
    for (l, lane) in lanes.iter().enumerate() {
        let sign = lane.task.sense.sign();
        for (q, r) in q.iter_mut().zip(&lane.task.reward.r[range.clone()]) {
            q[l] += sign * r;
        }
        if lane.task.allowed.is_some() {
            for (q, row) in q.iter_mut().zip(range.clone()) {
                q[l] = if is_allowed(lane.task, row) { q[l] } else { f64::NEG_INFINITY };
            }
        }
    }
}

/// `e <- e + change - middle` away from terminal states. Returns the extremes of `e`.
pub(super) fn follow(mdp: &Mdp, e: &mut [Lanes<f32>], change: &[Lanes<f32>], middle: &Lanes<f32>) -> Spans {
    // Nothing is kept over rows here: an array of nothing.
    blocks(mdp, 0..mdp.n_states(), &mut vec![(); mdp.n_rows()], e, &|states, _, e| {
        let mut spans = Spans::NONE;
        for (e, s) in e.iter_mut().zip(states) {
            if mdp.is_terminal(s) {
                continue;
            }
            for l in 0..LANES {
                e[l] += change[s][l] - middle[l];
            }
            spans.take(e);
        }
        spans
    })
}

/// A backup of `e`: `y = x + gamma P e` over rows, and `change = d + max_a y - e` over states. Returns the extremes of the
/// change.
pub(super) fn step(
    rows: &Rows<'_>,
    [x, d, e]: [&[Lanes<f32>]; 3],
    y: &mut [Lanes<f32>],
    change: &mut [Lanes<f32>],
) -> Spans {
    blocks(rows.mdp, 0..rows.mdp.n_states(), y, change, &|states, y, change| {
        Arch::new().dispatch(Step { rows, states, x, d, e, y, change })
    })
}

struct Step<'a> {
    rows: &'a Rows<'a>,
    states: Range<usize>,
    x: &'a [Lanes<f32>],
    d: &'a [Lanes<f32>],
    e: &'a [Lanes<f32>],
    y: &'a mut [Lanes<f32>],
    change: &'a mut [Lanes<f32>],
}

impl Step<'_> {
    #[inline(always)]
    fn run<const FUSED: bool>(self) -> Spans {
        let Step { rows, states, x, d, e, y, change } = self;
        let mdp = rows.mdp;
        let range = rows_of(mdp, &states);
        rows.multiply::<f32, FUSED>(range.clone(), e, LANES, y);
        let mut spans = Spans::NONE;
        for (change, s) in change.iter_mut().zip(states) {
            let own = mdp.rows(s);
            if mdp.is_terminal(s) {
                *change = [0.0; LANES];
                continue;
            }
            let (y, x) = (&mut y[own.start - range.start..own.end - range.start], &x[own]);
            let mut best = [f32::NEG_INFINITY; LANES];
            for (y, x) in y.iter_mut().zip(x) {
                for l in 0..LANES {
                    y[l] += x[l];
                    best[l] = if y[l] > best[l] { y[l] } else { best[l] };
                }
            }
            for l in 0..LANES {
                change[l] = d[s][l] + best[l] - e[s][l];
            }
            spans.take(change);
        }
        spans
    }
}

impl WithSimd for Step<'_> {
    type Output = Spans;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Spans {
        // Without an instruction for it a fused operation is a function call.
        if S::IS_SCALAR { self.run::<false>() } else { self.run::<true>() }
    }
}
