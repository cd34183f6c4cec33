//! The steepest way up from a point of the polytope of occupancies.
//!
//! Where some entries of the occupancy are zero they may only grow, and may grow again after they have been held. The
//! direction of steepest ascent is the projection of the reward on the cone of directions that are allowed: with
//! `G Phi` the shaping that is invisible and `lambda >= 0` on the rows at zero, what is left of `r - G Phi + lambda` after
//! least squares. That is least squares with signs, done by the active sets of Lawson and Hanson (1974), which end: a row
//! is held only if its column is independent of those held before, and each time what is left gets shorter.

use super::factor::Factor;
use super::flow::Flow;
use crate::base::sum::dot;

/// An entry this far below zero, for a reward of length 1, may be more than rounding.
const BELOW: f64 = 2e-16;
/// A row is held if that shortens the direction by this much: the entry over the length that its unit vector has as a
/// difference of occupancies, which is small for states that are left soon and never entered again.
const PRESSING: f64 = 1e-13;
/// A row whose unit vector is this close to being no difference of occupancies cannot move on this face: holding it would
/// hold nothing, and make the system singular.
const FIXED: f64 = 1e-9;
/// Rounds of a projection after which what moves is rounding.
const ROUNDS: usize = 8;
/// A violation beyond this means that rounding has hidden the direction.
const HIDDEN: f64 = 1e-7;

/// Directions of steepest ascent of one reward. What was held at one point is the first guess at the next.
pub(super) struct Ascent<'a> {
    flow: &'a Flow,
    reward: Vec<f64>,
    factor: Factor,
    /// Rows held at zero, and how hard each presses.
    held: Vec<Option<f64>>,
}

impl<'a> Ascent<'a> {
    /// Of a reward over rows, of length 1.
    pub fn new(flow: &'a Flow, reward: Vec<f64>) -> Self {
        let held = vec![None; reward.len()];
        let mut ascent = Ascent { flow, reward, factor: Factor::empty(flow.n), held };
        ascent.rebuild();
        ascent
    }

    /// The projection of the reward on all differences of occupancies.
    pub fn everywhere(&mut self) -> Vec<f64> {
        let reward = self.reward.clone();
        self.project(&reward)
    }

    /// The direction where the rows `at_zero` may only grow; zero at the top. Its length is the slope in its own direction.
    /// O(S^2) for each row that comes or goes; `None` where rounding hides it.
    pub fn direction(&mut self, at_zero: &[bool]) -> Option<Vec<f64>> {
        for row in (0..at_zero.len()).filter(|&row| !at_zero[row]) {
            self.release(row);
        }
        let mut fixed = vec![false; at_zero.len()];
        let most = 8 * at_zero.len() + 64;
        let mut direction = self.settle(at_zero.len())?;
        for _ in 0..most {
            let falls = |&row: &usize| at_zero[row] && self.held[row].is_none() && direction[row] < -BELOW;
            let falling = (0..direction.len()).filter(falls).filter(|&row| !fixed[row]);
            // The first of equals, so that the order of rows decides and not rounding.
            let Some(row) = falling.min_by(|&i, &j| direction[i].total_cmp(&direction[j])) else {
                return Self::within(direction, at_zero);
            };
            let length = self.independence(row);
            if length <= FIXED || direction[row] >= -PRESSING * length {
                fixed[row] = true;
                continue;
            }
            self.factor.remove(self.flow.line(row), length);
            self.held[row] = Some(0.0);
            direction = self.settle(at_zero.len())?;
            fixed.fill(false);
        }
        None
    }

    /// Cuts off what rounding leaves below zero.
    fn within(mut direction: Vec<f64>, at_zero: &[bool]) -> Option<Vec<f64>> {
        for (d, _) in direction.iter_mut().zip(at_zero).filter(|(d, zero)| **zero && **d < BELOW) {
            if *d < -HIDDEN {
                return None;
            }
            *d = 0.0;
        }
        Some(direction)
    }

    fn release(&mut self, row: usize) {
        if self.held[row].take().is_some() {
            self.factor.add(self.flow.line(row));
        }
    }

    /// Least squares with the held rows, letting go of those that would pull; the direction of the rows that are free.
    fn settle(&mut self, most: usize) -> Option<Vec<f64>> {
        let reward = self.reward.clone();
        for _ in 0..=most {
            let mut left = self.project(&reward);
            // Towards the new pressures, until the first of the held rows presses no more.
            let mut step: (f64, Option<usize>) = (1.0, None);
            for (row, before) in self.held.iter().enumerate() {
                let (Some(before), after) = (*before, -left[row]) else { continue };
                if after < 0.0 && before / (before - after) < step.0 {
                    step = (before / (before - after), Some(row));
                }
            }
            for (held, left) in self.held.iter_mut().zip(&mut left) {
                if let Some(pressure) = held {
                    *pressure = f64::max(*pressure + step.0 * (-*left - *pressure), 0.0);
                    *left = 0.0;
                }
            }
            match step.1 {
                None => return Some(left),
                Some(row) => self.release(row),
            }
        }
        None
    }

    /// What is left of a vector over rows without the shaping that takes most of it on the free rows: on those the
    /// projection, on the held ones how much they lack. Refined until it is orthogonal up to rounding.
    fn project(&mut self, x: &[f64]) -> Vec<f64> {
        let Some(left) = self.refine(x) else {
            // Rows that left took too many digits of the triangle with them.
            self.rebuild();
            return self.refine(x).unwrap_or_else(|| x.to_vec());
        };
        left
    }

    fn refine(&self, x: &[f64]) -> Option<Vec<f64>> {
        let mut left = x.to_vec();
        let mut before = f64::INFINITY;
        for _ in 0..ROUNDS {
            let half = self.factor.half(&self.flow.gather(&left, |row| self.held[row].is_none()));
            // The length of what is still to be taken.
            let more = dot(&half, &half).sqrt();
            if more <= f64::EPSILON * dot(x, x).sqrt() {
                return Some(left);
            }
            if !more.is_finite() || more > 0.5 * before {
                return (more <= 1e-11 * dot(x, x).sqrt()).then_some(left);
            }
            before = more;
            self.flow.take(&self.factor.back(&half), &mut left);
        }
        Some(left)
    }

    /// Length of what the projection leaves of the unit vector of a free row.
    fn independence(&mut self, row: usize) -> f64 {
        let mut unit = vec![0.0; self.reward.len()];
        unit[row] = 1.0;
        let left = self.project(&unit);
        let free = left.iter().zip(&self.held).zip(&self.flow.counts);
        free.filter(|((_, held), counts)| held.is_none() && **counts).map(|((x, _), _)| x * x).sum::<f64>().sqrt()
    }

    fn rebuild(&mut self) {
        self.factor = Factor::empty(self.flow.n);
        for row in (0..self.held.len()).filter(|&row| self.held[row].is_none() && self.flow.counts[row]) {
            self.factor.add(self.flow.line(row));
        }
    }
}
