//! The steepest way up from a point of the polytope of occupancies.
//!
//! Where some entries of the occupancy are zero they may only grow. The direction of steepest ascent is the projection of
//! the reward on the cone of directions that are allowed: with `A' Phi` the shaping that is invisible and `lambda >= 0`
//! on the rows at zero, what is left of `r - A' Phi + lambda` after least squares. That is least squares with signs in
//! `Phi` and `lambda`, done by the active sets of Lawson and Hanson (1974), which end.

use crate::analysis::canon::face_projection;
use crate::base::sum::max_abs;
use crate::base::{Code, Diag, Result};
use crate::model::reward::ExpectedReward;
use crate::solve::Solver;

/// An entry this far below zero, relative to the largest, asks for its row to be held.
const BELOW: f64 = 1e-11;

/// Directions of steepest ascent of one reward. What was held at one point is the first guess at the next.
pub(super) struct Ascent<'a> {
    solver: &'a Solver<'a>,
    reward: ExpectedReward,
    /// Rows held at zero, and how hard each presses.
    held: Vec<Option<f64>>,
}

impl<'a> Ascent<'a> {
    /// Of a reward over rows.
    pub fn new(solver: &'a Solver<'a>, reward: Vec<f64>) -> Self {
        let held = vec![None; reward.len()];
        Ascent { solver, reward: ExpectedReward::exact(reward), held }
    }

    /// The direction where the rows `at_zero` may only grow; zero at the top. Its length is the slope in its own direction.
    /// One S x S system for each row that comes or goes.
    pub fn direction(&mut self, at_zero: &[bool]) -> Result<Vec<f64>> {
        self.held.iter_mut().zip(at_zero).filter(|(_, zero)| !**zero).for_each(|(held, _)| *held = None);
        let least = -BELOW * max_abs(&self.reward.r);
        for _ in 0..3 * at_zero.len() + 16 {
            let direction = self.settle()?;
            let falling = |&row: &usize| at_zero[row] && self.held[row].is_none() && direction[row] < least;
            let worst = (0..direction.len()).filter(falling).min_by(|&i, &j| direction[i].total_cmp(&direction[j]));
            match worst {
                None => return Ok(direction),
                Some(row) => self.held[row] = Some(0.0),
            }
        }
        Diag::new(Code::Numerical, "the direction of steepest ascent keeps changing by rounding").err()
    }

    /// Least squares with the held rows, letting go of those that would pull; the direction of the rows that are free.
    fn settle(&mut self) -> Result<Vec<f64>> {
        loop {
            let free: Vec<bool> = self.held.iter().map(Option::is_none).collect();
            let mut left = face_projection(self.solver, &self.reward, &free)?;
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
                    *pressure += step.0 * (-*left - *pressure);
                    *left = 0.0;
                }
            }
            match step.1 {
                None => return Ok(left),
                Some(row) => self.held[row] = None,
            }
        }
    }
}
