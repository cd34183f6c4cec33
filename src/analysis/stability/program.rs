//! Small linear and quadratic programs, solved by interior points.

use std::time::Instant;

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT};

use crate::base::{Code, Diag, Result};
use crate::solve::Limits;

/// A left-hand side: variables with their coefficients.
pub(super) type Terms = Vec<(usize, f64)>;

/// Minimise `cost x + 1/2 sum square x^2` under equations and upper bounds on linear forms.
pub(super) struct Program {
    cost: Vec<f64>,
    square: Vec<f64>,
    equal: Vec<(Terms, f64)>,
    at_most: Vec<(Terms, f64)>,
}

/// A solved program.
pub(super) struct Optimal {
    /// The variables.
    pub x: Vec<f64>,
    /// Multipliers of the upper bounds, in the order in which they were added.
    pub price: Vec<f64>,
}

impl Program {
    /// `n` variables, nothing asked of them.
    pub(super) fn new(n: usize) -> Self {
        Program { cost: vec![0.0; n], square: vec![0.0; n], equal: Vec::new(), at_most: Vec::new() }
    }

    /// Costs of a variable, by size and by square.
    pub(super) fn cost(&mut self, x: usize, cost: f64, square: f64) {
        (self.cost[x], self.square[x]) = (cost, square);
    }

    /// `terms = b`.
    pub(super) fn equal(&mut self, terms: Terms, b: f64) {
        self.equal.push((terms, b));
    }

    /// `terms <= b`.
    pub(super) fn at_most(&mut self, terms: Terms, b: f64) {
        self.at_most.push((terms, b));
    }

    /// `|x| <= bound`, for two variables.
    pub(super) fn within(&mut self, x: usize, bound: usize) {
        self.at_most(vec![(x, 1.0), (bound, -1.0)], 0.0);
        self.at_most(vec![(x, -1.0), (bound, -1.0)], 0.0);
    }

    /// Solves to about 1e-10 of the numbers in it.
    pub(super) fn solve(&self, limits: &Limits) -> Result<Optimal> {
        let n = self.cost.len();
        let (mut row, mut col, mut val, mut b) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (i, (terms, right)) in self.equal.iter().chain(&self.at_most).enumerate() {
            for &(x, c) in terms {
                row.push(i);
                col.push(x);
                val.push(c);
            }
            b.push(*right);
        }
        let a = CscMatrix::new_from_triplets(b.len(), n, row, col, val);
        let squares: Vec<usize> = (0..n).filter(|&x| self.square[x] != 0.0).collect();
        let values = squares.iter().map(|&x| self.square[x]).collect();
        let p = CscMatrix::new_from_triplets(n, n, squares.clone(), squares, values);
        let cones = [ZeroConeT(self.equal.len()), NonnegativeConeT(self.at_most.len())];
        let mut settings =
            DefaultSettings { verbose: false, tol_gap_abs: 1e-11, tol_gap_rel: 1e-10, ..DefaultSettings::default() };
        settings.tol_feas = 1e-10;
        if let Some(deadline) = limits.deadline {
            settings.time_limit = deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        }
        let failed = |why: String| {
            Diag::new(Code::Numerical, format!("a program for the nearest reward was not solved: {why}"))
                .help("give it more --time, or a smaller model")
        };
        let mut solver = DefaultSolver::new(&p, &self.cost, &a, &b, &cones, settings)
            .map_err(|e| Box::new(failed(format!("{e:?}"))))?;
        solver.solve();
        match solver.solution.status {
            SolverStatus::Solved | SolverStatus::AlmostSolved => {}
            status => return failed(format!("{status:?}")).err(),
        }
        let price = solver.solution.z[self.equal.len()..].to_vec();
        Ok(Optimal { x: solver.solution.x.clone(), price })
    }
}
