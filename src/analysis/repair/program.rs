//! Linear and quadratic programs in doubles, handed to an interior-point solver.

use std::time::Instant;

use clarabel::algebra::CscMatrix;
use clarabel::solver::SupportedConeT::{NonnegativeConeT, ZeroConeT};
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus};

/// How near the solver is asked to come: close to what doubles allow. How near it came is found out from its answer.
const AIM: f64 = 1e-12;

/// `minimise x' Q x / 2 + c x` with `Q` diagonal, equations and inequalities `row x <= b`.
pub(super) struct Program {
    pub quadratic: Vec<f64>,
    pub linear: Vec<f64>,
    equal: Vec<(Vec<(usize, f64)>, f64)>,
    at_most: Vec<(Vec<(usize, f64)>, f64)>,
}

/// What the solver found: nothing of it is relied upon before it has been checked.
pub(super) struct Found {
    pub x: Vec<f64>,
    /// Of the equations and of the inequalities, each in the order they came.
    pub equal: Vec<f64>,
    pub at_most: Vec<f64>,
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

    /// `None` if the solver gives up; no longer than until `deadline`.
    pub fn solve(self, deadline: Option<Instant>) -> Option<Found> {
        let n = self.linear.len();
        let n_equal = self.equal.len();
        let cones = [ZeroConeT(self.equal.len()), NonnegativeConeT(self.at_most.len())];
        let (mut entries, mut b) = (Vec::new(), Vec::new());
        for (i, (row, right)) in self.equal.into_iter().chain(self.at_most).enumerate() {
            entries.extend(row.into_iter().map(|(j, x)| (j, i, x)));
            b.push(right);
        }
        let diagonal: Vec<_> =
            self.quadratic.iter().enumerate().filter(|(_, x)| **x != 0.0).map(|(j, &x)| (j, j, x)).collect();
        let (p, a) = (sparse(n, n, diagonal), sparse(b.len(), n, entries));
        let left = deadline.map_or(f64::INFINITY, |end| end.saturating_duration_since(Instant::now()).as_secs_f64());
        let settings = DefaultSettings {
            verbose: false,
            tol_gap_abs: AIM,
            tol_gap_rel: AIM,
            tol_feas: AIM,
            time_limit: left,
            ..DefaultSettings::default()
        };
        let mut solver = DefaultSolver::new(&p, &self.linear, &a, &b, &cones, settings).ok()?;
        solver.solve();
        let solution = &solver.solution;
        let is_number = solution.x.iter().chain(&solution.z).all(|x| x.is_finite());
        let is_infeasible = matches!(
            solution.status,
            SolverStatus::PrimalInfeasible
                | SolverStatus::DualInfeasible
                | SolverStatus::AlmostPrimalInfeasible
                | SolverStatus::AlmostDualInfeasible
                | SolverStatus::MaxTime
        );
        let (equal, at_most) = solution.z.split_at_checked(n_equal)?;
        (is_number && !is_infeasible).then(|| Found {
            x: solution.x.clone(),
            equal: equal.to_vec(),
            at_most: at_most.to_vec(),
        })
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
