//! Small discounted models written out: `gamma P` in dense rows, one elimination a policy, backups as dense products.
//!
//! Below some dozens of states a linear system costs about as much as two backups, and lists of successors, components
//! and memory on the heap cost more than the arithmetic. The numbers are those of the general road up to rounding; both
//! are certified by the same backup. Vector instructions never add across, and every product is a fused one, so results
//! do not depend on the processor.

use pulp::{Arch, Simd, WithSimd};

use crate::model::{Mdp, Policy};

/// Most states: a system then is 34 KB and lives in the first cache.
pub(super) const STATES: usize = 64;
/// Most rows: the model written out twice stays below 4 MB.
const ROWS: usize = 4_096;
/// Columns eliminated at once; rows are filled up to a multiple with zeros.
const PANEL: usize = 4;
/// Right-hand sides that one elimination takes along.
pub(super) const SIDES: usize = 4;

/// `gamma P`, written out.
#[derive(Clone, Debug)]
pub(super) struct Small {
    n: usize,
    /// `n` filled up to whole panels.
    padded: usize,
    /// `-gamma P`, `[rows, padded]`.
    by_row: Vec<f64>,
    /// `gamma P`, `[padded, rows]`.
    by_state: Vec<f64>,
    /// At least the largest sum of a row of `gamma P` as stored.
    shrink: f64,
    /// Most successors of a row.
    longest: usize,
    /// What the inputs of `gamma P` are off in any row, relative to it.
    inputs: f64,
}

impl Small {
    /// Writes a model out, if it is small and discounted.
    pub(super) fn new(mdp: &Mdp) -> Option<Self> {
        let (n, n_rows, gamma) = (mdp.n_states(), mdp.n_rows(), mdp.gamma());
        if n > STATES || n_rows > ROWS || gamma >= 1.0 {
            return None;
        }
        let padded = n.next_multiple_of(PANEL);
        let (mut by_row, mut by_state) = (vec![0.0; n_rows * padded], vec![0.0; padded * n_rows]);
        for row in 0..n_rows {
            let (col, p) = mdp.p(row);
            for (&t, &p) in col.iter().zip(p) {
                by_row[row * padded + t as usize] = -gamma * p;
                by_state[t as usize * n_rows + row] = gamma * p;
            }
        }
        // Each product is one rounding off.
        let shrink = (gamma * mdp.row_sums().1).next_up() * (1.0 + 2.0 * f64::EPSILON);
        let longest = (0..n_rows).map(|row| mdp.p(row).0.len()).max().unwrap_or(0);
        let inputs = (0..n_rows).map(|row| mdp.row_error(row)).fold(0.0, f64::max);
        Some(Small { n, padded, by_row, by_state, shrink, longest, inputs })
    }

    /// At least the sum of any row of `gamma P` as stored.
    pub(super) fn shrink(&self) -> f64 {
        self.shrink
    }

    /// Most successors of a row: products with what is no successor are exact, and so are their sums.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// What the inputs of `gamma P` are off in any row, relative to it.
    pub(super) fn inputs(&self) -> f64 {
        self.inputs
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.by_row[row * self.padded..(row + 1) * self.padded]
    }

    /// `q = r + gamma P v` over all rows, with at most one rounding a successor on the way of any term, and two more.
    pub(super) fn q(&self, r: &[f64], v: &[f64], q: &mut [f64]) {
        q.copy_from_slice(r);
        Arch::new().dispatch(BackUp { by_state: &self.by_state, v, q });
    }

    /// Discounted visits of a policy to every state from the start.
    pub(super) fn visits(&self, mdp: &Mdp, policy: &Policy) -> Vec<f64> {
        let mut system = self.system();
        system.solve_transposed(mdp, policy, mdp.mu0());
        (0..self.n).map(|s| system.at(s)[0]).collect()
    }

    /// Values of a policy for each of several rewards over rows, one elimination for every [`SIDES`] of them.
    pub(super) fn values(&self, mdp: &Mdp, policy: &Policy, rewards: &[&[f64]]) -> Vec<Vec<f64>> {
        let mut system = self.system();
        let mut values = Vec::with_capacity(rewards.len());
        for group in rewards.chunks(SIDES) {
            let averages: Vec<Vec<f64>> = group.iter().map(|r| policy.average(mdp, r)).collect();
            let side = |s: usize| std::array::from_fn(|i| averages.get(i).map_or(0.0, |r| r[s]));
            system.solve_policy(mdp, policy, side);
            values.extend((0..group.len()).map(|i| (0..self.n).map(|s| system.at(s)[i]).collect::<Vec<f64>>()));
        }
        values
    }

    /// Room for the linear systems of this model.
    pub(super) fn system(&self) -> System<'_> {
        let stride = self.padded + SIDES;
        System { small: self, stride, a: vec![0.0; self.padded * stride], inverse: [0.0; STATES] }
    }
}

/// `I - gamma P` of a policy, or its transpose, with up to [`SIDES`] right-hand sides.
pub(super) struct System<'a> {
    small: &'a Small,
    /// Length of a row of `a`: one of the matrix, and the right-hand sides.
    stride: usize,
    a: Vec<f64>,
    /// Inverses of the pivots; 0 where rounding left none.
    inverse: [f64; STATES],
}

impl System<'_> {
    /// Solves `x = b + gamma P x` for the rows of a deterministic policy; `side(s)` are the right-hand sides.
    pub(super) fn solve(&mut self, rows: &[usize], side: impl Fn(usize) -> [f64; SIDES]) {
        for (s, (a, &row)) in self.a.chunks_exact_mut(self.stride).zip(rows).enumerate() {
            let (a, b) = a.split_at_mut(self.small.padded);
            a.copy_from_slice(self.small.row(row));
            b.copy_from_slice(&side(s));
        }
        self.eliminate();
    }

    /// The same for any policy.
    fn solve_policy(&mut self, mdp: &Mdp, policy: &Policy, side: impl Fn(usize) -> [f64; SIDES]) {
        self.mix(mdp, policy);
        for (s, a) in self.a.chunks_exact_mut(self.stride).take(self.small.n).enumerate() {
            a[self.small.padded..].copy_from_slice(&side(s));
        }
        self.eliminate();
    }

    /// Solves `d = b + gamma P' d` for any policy; one right-hand side.
    fn solve_transposed(&mut self, mdp: &Mdp, policy: &Policy, b: &[f64]) {
        self.mix(mdp, policy);
        let stride = self.stride;
        for s in 0..self.small.n {
            for t in 0..s {
                self.a.swap(s * stride + t, t * stride + s);
            }
            self.a[s * stride + self.small.padded] = b[s];
        }
        self.eliminate();
    }

    /// Writes `-gamma P` of a policy into the matrix.
    fn mix(&mut self, mdp: &Mdp, policy: &Policy) {
        self.a.fill(0.0);
        for (s, a) in self.a.chunks_exact_mut(self.stride).take(self.small.n).enumerate() {
            for (row, weight) in policy.support(mdp, s) {
                a.iter_mut().zip(self.small.row(row)).for_each(|(a, p)| *a += weight * p);
            }
        }
    }

    /// Adds the identity, also where rows and columns only fill up, and solves.
    fn eliminate(&mut self) {
        let (n, padded, stride) = (self.small.n, self.small.padded, self.stride);
        self.a[n * stride..].fill(0.0);
        for s in 0..padded {
            self.a[s * stride + s] += 1.0;
        }
        Arch::new().dispatch(Eliminate { a: &mut self.a, stride, inverse: &mut self.inverse[..padded] });
    }

    /// The solution at state `s`, for each right-hand side.
    pub(super) fn at(&self, s: usize) -> [f64; SIDES] {
        let from = s * self.stride + self.small.padded;
        [self.a[from], self.a[from + 1], self.a[from + 2], self.a[from + 3]]
    }
}

/// `x += sum_k factors[k] rows[k]`, entry by entry.
#[inline(always)]
fn add_multiples<S: Simd, const K: usize>(simd: S, x: &mut [f64], rows: [&[f64]; K], factors: [f64; K]) {
    let n = x.len();
    let (x, x_rest) = S::as_mut_simd_f64s(x);
    let parts = rows.map(|row| S::as_simd_f64s(&row[..n]).0);
    let splat = factors.map(|factor| simd.splat_f64s(factor));
    for (j, x) in x.iter_mut().enumerate() {
        let mut sum = *x;
        for k in 0..K {
            sum = simd.mul_add_f64s(splat[k], parts[k][j], sum);
        }
        *x = sum;
    }
    let first = n - x_rest.len();
    for (j, x) in x_rest.iter_mut().enumerate() {
        for k in 0..K {
            *x = f64::mul_add(factors[k], rows[k][first + j], *x);
        }
    }
}

/// `q += A v`, with `A` stored by columns.
struct BackUp<'a> {
    by_state: &'a [f64],
    v: &'a [f64],
    q: &'a mut [f64],
}

impl WithSimd for BackUp<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n = self.q.len();
        for (v, columns) in self.v.chunks(PANEL).zip(self.by_state.chunks_exact(PANEL * n)) {
            // What only fills up has the value 0.
            let v: [f64; PANEL] = std::array::from_fn(|k| v.get(k).copied().unwrap_or(0.0));
            add_multiples(simd, self.q, std::array::from_fn::<_, PANEL, _>(|k| &columns[k * n..(k + 1) * n]), v);
        }
    }
}

/// Gaussian elimination in place without pivoting, a panel of columns at a time, and back substitution; rows end with the
/// right-hand sides, and then the solutions.
///
/// `I - gamma P` has row sums of at least `1 - gamma > 0` and no positive entry off the diagonal, so it is diagonally
/// dominant: every pivot is positive and no entry grows. Its transpose has the same elimination by columns.
struct Eliminate<'a> {
    a: &'a mut [f64],
    stride: usize,
    inverse: &'a mut [f64],
}

impl WithSimd for Eliminate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Eliminate { a, stride, inverse } = self;
        let n = inverse.len();
        for k in (0..n).step_by(PANEL) {
            let (above, below) = a[k * stride..].split_at_mut(PANEL * stride);
            let inverse = &mut inverse[k..k + PANEL];
            factor(simd, above, stride, k, inverse);
            let rows: [&[f64]; PANEL] = std::array::from_fn(|i| &above[i * stride + k..(i + 1) * stride]);
            let after = rows.map(|row| &row[PANEL..]);
            for x in below.chunks_exact_mut(stride) {
                let (x, trailing) = x[k..].split_at_mut(PANEL);
                let mut factors = [0.0; PANEL];
                for i in 0..PANEL {
                    let reached = (0..i).fold(x[i], |sum, j| f64::mul_add(factors[j], rows[j][i], sum));
                    factors[i] = -reached * inverse[i];
                }
                add_multiples(simd, trailing, after, factors);
            }
        }
        for k in (0..n).step_by(PANEL).rev() {
            let (above, panel) = a[..(k + PANEL) * stride].split_at_mut(k * stride);
            substitute(simd, panel, stride, k, n, &inverse[k..k + PANEL]);
            let x: [&[f64]; PANEL] = std::array::from_fn(|i| &panel[i * stride + n..(i + 1) * stride]);
            for row in above.chunks_exact_mut(stride) {
                let (row, b) = row.split_at_mut(n);
                add_multiples(simd, b, x, std::array::from_fn(|i| -row[k + i]));
            }
        }
    }
}

/// Solves for the unknowns of a panel, those after it being known and taken off already.
#[inline(always)]
fn substitute<S: Simd>(simd: S, panel: &mut [f64], stride: usize, k: usize, n: usize, inverse: &[f64]) {
    for i in (0..PANEL).rev() {
        let (above, rest) = panel.split_at_mut(i * stride);
        let x = &mut rest[n..stride];
        x.iter_mut().for_each(|x| *x *= inverse[i]);
        for row in above.chunks_exact_mut(stride) {
            let (row, b) = row.split_at_mut(n);
            add_multiples(simd, b, [x], [-row[k + i]]);
        }
    }
}

/// Eliminates the rows of a panel among themselves.
#[inline(always)]
fn factor<S: Simd>(simd: S, panel: &mut [f64], stride: usize, k: usize, inverse: &mut [f64]) {
    for i in 0..PANEL {
        let (above, rest) = panel.split_at_mut(i * stride);
        let row = &mut rest[k..stride];
        for j in 0..i {
            let factor = -row[j] * inverse[j];
            add_multiples(simd, row, [&above[j * stride + k..(j + 1) * stride]], [factor]);
        }
        // Where rounding ate the way out nothing can be said, and the certificate will say so.
        inverse[i] = if row[i] > 0.0 { 1.0 / row[i] } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
    use rand::RngExt;

    use super::*;
    use crate::model::mdp::Arrays;
    use crate::model::mdp::random::{self, rng};
    use crate::model::reward::ExpectedReward;
    use crate::solve::{Options, Sense, Solution, Solver, Task};

    /// Sparse rows with ties everywhere: probabilities in quarters, small whole rewards; some states absorb, some lie on a
    /// cycle, some lack actions, and some actions are twice the same.
    fn model(seed: u64, gamma: f64) -> (Mdp, ExpectedReward) {
        let mut rng = rng(seed);
        let (n, n_actions) = (rng.random_range(1..=STATES), rng.random_range(1..=5));
        let (mut row_ptr, mut col, mut val, mut r) = (vec![0], Vec::new(), Vec::new(), Vec::new());
        for s in 0..n {
            let kind = rng.random_range(0..6);
            for a in 0..n_actions {
                if a > 0 && rng.random_range(0..5) == 0 {
                    row_ptr.push(col.len());
                    continue;
                }
                let mut p = vec![0.0; n];
                match kind {
                    0 => p[s] = 1.0,
                    1 => p[(s + 1) % n] = 1.0,
                    _ => (0..4).for_each(|_| p[rng.random_range(0..n)] += 0.25),
                }
                for (t, &p) in p.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                    col.push(t as u32);
                    val.push(p);
                }
                row_ptr.push(col.len());
                r.push(f64::from(rng.random_range(-2..=2)));
            }
        }
        let arrays = Arrays { n_states: n, n_actions, gamma, row_ptr, col, val };
        (Mdp::from_arrays(arrays).unwrap(), ExpectedReward::exact(r))
    }

    const GAMMAS: [f64; 4] = [0.0, 0.5, 0.95, 1.0 - 1.0 / (1u64 << 20) as f64];

    /// A solver that does not know that the model is small.
    fn general(mdp: &Mdp) -> Solver<'_> {
        let solver = Solver::new(mdp, Options::default()).unwrap();
        solver.small.set(None).expect("not looked at yet");
        solver
    }

    #[test]
    fn both_systems_agree_with_a_pivoted_dense_solve() {
        for seed in 0..120 {
            let (mdp, _) = model(seed, GAMMAS[seed as usize % 4]);
            let (n, small) = (mdp.n_states(), Small::new(&mdp).expect("small"));
            let mut rng = rng(1_000 + seed);
            let weights: Vec<f64> = (0..mdp.n_rows()).map(|_| rng.random::<f64>()).collect();
            let policy = Policy::from_occupancy(&mdp, &weights);
            let mut matrix = DMatrix::<f64>::identity(n, n);
            for s in 0..n {
                for (row, weight) in policy.support(&mdp, s) {
                    let (col, p) = mdp.p(row);
                    col.iter().zip(p).for_each(|(&t, &p)| matrix[(s, t as usize)] -= weight * mdp.gamma() * p);
                }
            }
            let sides: Vec<Vec<f64>> = (0..6).map(|_| random::normals(&mut rng, mdp.n_rows())).collect();
            let slices: Vec<&[f64]> = sides.iter().map(Vec::as_slice).collect();
            let lu = matrix.clone().lu();
            let near = |x: &[f64], y: &DVector<f64>| {
                let size = y.amax().max(1.0);
                // Both are off by the condition number, about the horizon.
                let error = 1e-14 * n as f64 / (1.0 - mdp.gamma());
                x.iter().zip(y).all(|(x, y)| (x - y).abs() <= error * size)
            };
            for (found, r) in small.values(&mdp, &policy, &slices).iter().zip(&slices) {
                let wanted = lu.solve(&DVector::from_vec(policy.average(&mdp, r))).unwrap();
                assert!(near(found, &wanted), "seed {seed}");
            }
            let wanted = matrix.transpose().lu().solve(&DVector::from_column_slice(mdp.mu0())).unwrap();
            assert!(near(&small.visits(&mdp, &policy), &wanted), "seed {seed}, transposed");
            let rows: Vec<usize> = (0..n).map(|s| mdp.rows(s).end - 1).collect();
            let mut system = small.system();
            system.solve(&rows, |s| [1.0, s as f64, -1.0, 0.0]);
            let again = small.values(&mdp, &Policy::Deterministic(rows), &[&vec![1.0; mdp.n_rows()]]);
            assert!((0..n).all(|s| system.at(s)[0] == again[0][s] && system.at(s)[2] == -again[0][s]), "seed {seed}");
        }
    }

    #[test]
    fn backups_are_those_of_the_sparse_rows() {
        for seed in 0..40 {
            let (mdp, reward) = model(seed, GAMMAS[seed as usize % 4]);
            let v = random::normals(&mut rng(seed), mdp.n_states());
            let mut q = vec![f64::NAN; mdp.n_rows()];
            let small = Small::new(&mdp).expect("small");
            small.q(&reward.r, &v, &mut q);
            for row in 0..mdp.n_rows() {
                let wanted = reward.r[row] + mdp.gamma() * mdp.backup(row, &v);
                assert!((q[row] - wanted).abs() <= 1e-14, "seed {seed}, row {row}");
                assert!(-small.row(row).iter().sum::<f64>() <= small.shrink());
            }
        }
    }

    #[test]
    fn what_is_not_small_or_not_discounted_takes_the_general_road() {
        let chain = |n: usize, n_actions: usize| {
            let rows = n * n_actions;
            let col = (0..rows).map(|row| ((row / n_actions + 1) % n) as u32).collect();
            let arrays =
                Arrays { n_states: n, n_actions, gamma: 0.9, row_ptr: (0..=rows).collect(), col, val: vec![1.0; rows] };
            Mdp::from_arrays(arrays).unwrap()
        };
        assert!(Small::new(&chain(STATES, 2)).is_some());
        assert!(Small::new(&chain(STATES + 1, 2)).is_none());
        assert!(Small::new(&chain(STATES, ROWS / STATES + 1)).is_none());
        assert!(Small::new(&chain(4, 2).with_gamma(1.0)).is_none());
    }

    fn all_within(x: &Solution, y: &Solution) -> bool {
        let meet = |s: usize| x.lo[s] <= y.hi[s] && y.lo[s] <= x.hi[s];
        (0..x.v.len()).all(meet)
    }

    #[test]
    fn the_small_road_finds_what_the_general_one_finds() {
        let mut tied = 0;
        for seed in 0..240 {
            let gamma = GAMMAS[seed as usize % 4];
            let (mdp, reward) = model(seed, gamma);
            let (fast, slow) = (Solver::new(&mdp, Options::default()).unwrap(), general(&mdp));
            let first: Vec<usize> = (0..mdp.n_states()).map(|s| mdp.rows(s).start).collect();
            for sense in [Sense::Max, Sense::Min] {
                for warm in [None, Some(first.as_slice())] {
                    let task = Task { warm, ..Task::new(&reward, sense) };
                    let (x, y) = (fast.optimise(&task), slow.optimise(&task));
                    assert!(fast.small().is_some() && slow.small().is_none());
                    assert!(all_within(&x, &y), "seed {seed}");
                    let widest = |x: &Solution| x.lo.iter().zip(&x.hi).fold(0.0f64, |m, (lo, hi)| m.max(hi - lo));
                    assert!(widest(&x) <= 4.0 * widest(&y), "seed {seed}: {} {}", widest(&x), widest(&y));
                    // What one chooses may be optimal for the other.
                    assert!(x.policy.iter().all(|&row| y.optimal[row]), "seed {seed}");
                    assert!(y.policy.iter().all(|&row| x.optimal[row]), "seed {seed}");
                    if gamma < 0.99 {
                        // Gaps are whole multiples of what rounding never reaches.
                        assert_eq!((x.n_ties, &x.optimal), (y.n_ties, &y.optimal), "seed {seed}");
                        tied += x.n_ties;
                    }
                    let other = ExpectedReward::exact(reward.r.iter().map(|r| r * r - 1.0).collect());
                    let (policy, returns) = fast.policy_and_returns(&task, [&reward, &other]);
                    let wanted = slow.returns(&policy, [&reward, &other]);
                    for (x, y) in returns.iter().zip(wanted) {
                        assert!((x - y).abs() <= 1e-13 * (4.0 / (1.0 - gamma)).powi(2), "seed {seed}: {x} {y}");
                    }
                }
            }
        }
        assert!(tied > 100, "{tied}");
    }

    #[test]
    fn a_restriction_holds_on_the_small_road() {
        for seed in 0..60 {
            let (mdp, reward) = model(seed, 0.9);
            let mut rng = rng(seed);
            let mut allowed = vec![false; mdp.n_rows()];
            for s in 0..mdp.n_states() {
                allowed[mdp.rows(s).start + rng.random_range(0..mdp.rows(s).len())] = true;
                mdp.rows(s).for_each(|row| allowed[row] |= rng.random::<f64>() < 0.3);
            }
            let task = Task { allowed: Some(&allowed), ..Task::new(&reward, Sense::Min) };
            let (x, y) =
                (Solver::new(&mdp, Options::default()).unwrap().optimise(&task), general(&mdp).optimise(&task));
            assert!(x.policy.iter().all(|&row| allowed[row]) && all_within(&x, &y), "seed {seed}");
            assert_eq!(x.optimal, y.optimal, "seed {seed}");
        }
    }
}
