//! Linear and quadratic programs in doubles, handed to an interior-point solver.

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{NonnegativeConeT, ZeroConeT};
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus};

/// `minimise x' Q x / 2 + c x` with `Q` diagonal, equations and inequalities `row x <= b`.
pub(super) struct Program {
    pub quadratic: Vec<f64>,
    pub linear: Vec<f64>,
    equal: Vec<(Vec<(usize, f64)>, f64)>,
    at_most: Vec<(Vec<(usize, f64)>, f64)>,
}

/// What the solver found.
pub(super) struct Found {
    pub x: Vec<f64>,
    /// Objective, and what the dual says it cannot be below.
    pub value: f64,
    pub below: f64,
}

impl Program {
    pub fn new(n: usize) -> Self {
        Program { quadratic: vec![0.0; n], linear: vec![0.0; n], equal: Vec::new(), at_most: Vec::new() }
    }

    pub fn equal(&mut self, row: Vec<(usize, f64)>, b: f64) {
        self.equal.push((row, b));
    }

    pub fn at_most(&mut self, row: Vec<(usize, f64)>, b: f64) {
        self.at_most.push((row, b));
    }

    /// `None` unless it is solved.
    pub fn solve(self) -> Option<Found> {
        let n = self.linear.len();
        let cones = [ZeroConeT(self.equal.len()), NonnegativeConeT(self.at_most.len())];
        let (mut entries, mut b) = (Vec::new(), Vec::new());
        for (i, (row, right)) in self.equal.into_iter().chain(self.at_most).enumerate() {
            entries.extend(row.into_iter().map(|(j, x)| (j, i, x)));
            b.push(right);
        }
        let diagonal: Vec<_> =
            self.quadratic.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(j, &x)| (j, j, x)).collect();
        let (p, a) = (sparse(n, n, diagonal), sparse(b.len(), n, entries));
        let settings = DefaultSettings {
            verbose: false,
            tol_gap_abs: 1e-11,
            tol_gap_rel: 1e-11,
            tol_feas: 1e-11,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&p, &self.linear, &a, &b, &cones, settings).ok()?;
        solver.solve();
        let solution = &solver.solution;
        let is_solved = matches!(solution.status, SolverStatus::Solved | SolverStatus::AlmostSolved);
        is_solved.then(|| Found { x: solution.x.clone(), value: solution.obj_val, below: solution.obj_val_dual })
    }
}

/// A matrix from entries (column, row, value); those in the same place add up.
fn sparse(m: usize, n: usize, mut entries: Vec<(usize, usize, f64)>) -> CscMatrix<f64> {
    entries.sort_by_key(|&(j, i, _)| (j, i));
    entries.dedup_by(|next, last| {
        let is_same = (next.0, next.1) == (last.0, last.1);
        if is_same {
            last.2 += next.2;
        }
        is_same
    });
    let mut starts = vec![0; n + 1];
    entries.iter().for_each(|e| starts[e.0 + 1] += 1);
    (0..n).for_each(|j| starts[j + 1] += starts[j]);
    let (rows, values) = entries.into_iter().map(|(_, i, x)| (i, x)).unzip();
    CscMatrix::new(m, n, starts, rows, values)
}
