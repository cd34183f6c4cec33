//! Ways to measure a change of the reward, and what an advantage is worth in each.
//!
//! `A(s,a) = <c, r>` is linear in the reward: `c` is 1 at `(s,a)` and `u(t)` at what the policy plays in every state `t`. A change
//! of size 1 moves it by at most the dual norm of `c`, so a gap `g` closes at distance `g / ||c||_dual`. Rewards of ended
//! episodes are 0 and stay 0.

use crate::base::Interval;
use crate::base::sum::gamma_n;
use crate::model::Mdp;
use crate::solve::{Shift, Shifts};

/// How a change of the reward is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ball {
    /// Largest change of an entry, of `R(s,a)` or `R(s,a,s')` alike.
    Linf,
    /// Sum of the changes of `R(s,a)`.
    L1,
    /// Root of the sum of their squares.
    L2,
    /// Sum of the changes of `R(s,a,s')`.
    L1Sas,
    /// Root of the sum of their squares.
    L2Sas,
}

impl Ball {
    /// All of them.
    pub const ALL: [Ball; 5] = [Ball::Linf, Ball::L1, Ball::L2, Ball::L1Sas, Ball::L2Sas];

    /// The key in results.
    pub fn id(self) -> &'static str {
        match self {
            Ball::Linf => "linf",
            Ball::L1 => "l1",
            Ball::L2 => "l2",
            Ball::L1Sas => "l1_sas",
            Ball::L2Sas => "l2_sas",
        }
    }

    /// Whether the dual norm is a largest entry; of those `|u|` is at most the horizon, else twice that.
    pub(super) fn is_largest(self) -> bool {
        matches!(self, Ball::L1 | Ball::L1Sas)
    }

    /// Dual norm of the vector that is 1 at one row and 0 elsewhere: the least it can be for any gap of that row.
    pub(super) fn own(self, mdp: &Mdp, row: usize) -> Interval {
        let p = mdp.p(row).1;
        let largest = p.iter().fold(0.0, |m: f64, &p| m.max(p));
        let squares = p.iter().map(|p| p * p).sum::<f64>();
        match self {
            Ball::Linf | Ball::L1 | Ball::L2 => Interval::point(1.0),
            Ball::L1Sas => Interval::point(largest),
            Ball::L2Sas => Interval::ball(squares, squares * 2.0 * gamma_n(p.len() + 2)).sqrt(),
        }
    }
}

/// An advantage as a function of the reward: its row, and the shift `u`.
#[derive(Clone, Debug)]
pub struct Direction {
    /// The row whose advantage it is.
    pub row: usize,
    /// What the policy plays.
    pub rows: Vec<usize>,
    /// Entries at what the policy plays.
    pub shift: Shift,
}

impl Direction {
    /// Of one row, which is not one of the policy.
    pub fn of(shifts: &Shifts<'_>, row: usize) -> Self {
        Direction { row, rows: shifts.rows().to_vec(), shift: shifts.of(row) }
    }

    /// Entries of `c` at rows of states where something can be earned.
    pub fn entries<'a>(&'a self, mdp: &'a Mdp) -> impl Iterator<Item = (usize, f64)> + 'a {
        let own = self.rows.iter().zip(&self.shift.u).enumerate();
        let own = own.filter(|&(t, _)| !mdp.is_terminal(t)).map(|(_, (&row, &u))| (row, u));
        std::iter::once((self.row, 1.0)).chain(own)
    }

    /// `||c||_dual` with bounds that count the error of `c` and every rounding.
    pub fn dual(&self, mdp: &Mdp, ball: Ball) -> Interval {
        let own = ball.own(mdp, self.row);
        let sizes = || {
            self.entries(mdp).map(|(row, c)| match ball {
                Ball::L1Sas | Ball::L2Sas => c.abs() * ball.own(mdp, row).hi,
                _ => c.abs(),
            })
        };
        // Doubled for the roundings of squares, roots and of the rows' own norms.
        let relative = 4.0 * gamma_n(self.rows.len() + 8);
        let size = match ball {
            Ball::Linf => sizes().sum::<f64>(),
            Ball::L1 | Ball::L1Sas => sizes().fold(0.0, f64::max),
            Ball::L2 | Ball::L2Sas => sizes().map(|x| x * x).sum::<f64>().sqrt(),
        };
        // A probability is at most 1 up to its rounding, so no norm here moves by more than the sum of errors.
        let x = Interval::ball(size, self.shift.error * 1.01 + relative * size);
        Interval { lo: x.lo.max(own.lo), hi: x.hi }
    }

    /// `<c, x>` for numbers over rows.
    pub fn dot(&self, mdp: &Mdp, x: &[f64]) -> f64 {
        crate::base::sum::sum(self.entries(mdp).map(|(row, c)| c * x[row]))
    }
}
