//! Small linear programs in fractions: the simplex method with Bland's rule, which cannot cycle.

use dashu_ratio::RBig;

/// `maximise c x` subject to `A x <= b`, `x >= 0`, with `b >= 0`: zero is a point of it.
pub(super) struct Program {
    /// One row a constraint.
    pub a: Vec<Vec<RBig>>,
    pub b: Vec<RBig>,
    pub c: Vec<RBig>,
}

/// An optimal point.
pub(super) struct Optimum {
    pub value: RBig,
    pub x: Vec<RBig>,
    /// One price a constraint: `A' prices >= c` and `b prices = value`.
    pub prices: Vec<RBig>,
}

impl Program {
    /// `None` where the objective has no bound.
    pub fn solve(self) -> Option<Optimum> {
        let (m, n) = (self.b.len(), self.c.len());
        let mut table = Table::new(self);
        while let Some(enters) = (0..n + m).find(|&j| table.cost[j] > RBig::ZERO) {
            let ratio = |i: usize| (&table.rows[i][n + m] / &table.rows[i][enters], table.basis[i]);
            let leaves = (0..m).filter(|&i| table.rows[i][enters] > RBig::ZERO).min_by_key(|&i| ratio(i))?;
            table.pivot(leaves, enters);
        }
        let mut x = vec![RBig::ZERO; n];
        for (row, &j) in table.rows.iter().zip(&table.basis).filter(|(_, j)| **j < n) {
            x[j] = row[n + m].clone();
        }
        let prices = table.cost[n..n + m].iter().map(|c| -c).collect();
        Some(Optimum { value: -&table.cost[n + m], x, prices })
    }
}

/// Rows of the constraints with their slacks and right-hand sides, and what is left to gain.
struct Table {
    rows: Vec<Vec<RBig>>,
    cost: Vec<RBig>,
    basis: Vec<usize>,
}

impl Table {
    fn new(program: Program) -> Self {
        let (m, n) = (program.b.len(), program.c.len());
        let with_slack = |(i, (mut row, b)): (usize, (Vec<RBig>, RBig))| {
            row.extend((0..m).map(|k| if k == i { RBig::ONE } else { RBig::ZERO }));
            row.push(b);
            row
        };
        let rows = program.a.into_iter().zip(program.b).enumerate().map(with_slack).collect();
        let mut cost = program.c;
        cost.resize(n + m + 1, RBig::ZERO);
        Table { rows, cost, basis: (n..n + m).collect() }
    }

    fn pivot(&mut self, i: usize, j: usize) {
        let by = self.rows[i][j].clone();
        self.rows[i].iter_mut().for_each(|x| *x /= &by);
        let pivot = self.rows[i].clone();
        let clear = |row: &mut Vec<RBig>| {
            let factor = row[j].clone();
            if !factor.is_zero() {
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= &factor * p);
            }
        };
        self.rows.iter_mut().enumerate().filter(|(k, _)| *k != i).for_each(|(_, row)| clear(row));
        clear(&mut self.cost);
        self.basis[i] = j;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(a: &[&[i64]], b: &[i64], c: &[i64]) -> Program {
        let list = |x: &[i64]| x.iter().map(|&x| RBig::from(x)).collect::<Vec<_>>();
        Program { a: a.iter().map(|row| list(row)).collect(), b: list(b), c: list(c) }
    }

    #[test]
    fn a_program_with_known_answer_and_prices() {
        let found = program(&[&[1, 0], &[0, 2], &[3, 2]], &[4, 12, 18], &[3, 5]).solve().unwrap();
        assert_eq!(found.value, RBig::from(36));
        assert_eq!(found.x, [2, 6].map(RBig::from));
        assert_eq!(found.prices, [RBig::ZERO, RBig::from(3) / RBig::from(2), RBig::ONE]);
    }

    #[test]
    fn what_cycles_by_the_largest_cost_ends_here() {
        // Beale's example, multiplied out.
        let a: [&[i64]; 3] = [&[25, -6000, -4, 900], &[50, -9000, -2, 300], &[0, 0, 1, 0]];
        let found = program(&a, &[0, 0, 1], &[75, -15_000, 2, -600]).solve().unwrap();
        assert_eq!(found.value, RBig::from(5));
    }

    #[test]
    fn no_bound_is_noticed() {
        assert!(program(&[&[1, -1]], &[1], &[0, 1]).solve().is_none());
    }
}
