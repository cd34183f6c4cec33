//! Small linear programs in fractions: the simplex method with Bland's rule, which cannot cycle, on whole numbers.
//!
//! Every unknown and every constraint has a unit of its own in which all its coefficients are whole. Then no table needs
//! fractions: with `D` the last pivot, all entries are minors of the first table, and `(p x - f y) / D` is whole (Edmonds
//! 1967; Bareiss 1968). No greatest common divisor is taken on the way.

use dashu_base::Gcd;
use dashu_int::{IBig, UBig};
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
        let mut table = Table::new(&self);
        while let Some(enters) = (0..n + m).find(|&j| table.rows[m][j] > IBig::ZERO) {
            let leaves = (0..m).filter(|&i| table.rows[i][enters] > IBig::ZERO).min_by(|&i, &k| {
                let (x, y) = (&table.rows[i], &table.rows[k]);
                let ratios = (&x[n + m] * &y[enters]).cmp(&(&y[n + m] * &x[enters]));
                ratios.then(table.basis[i].cmp(&table.basis[k]))
            })?;
            table.pivot(leaves, enters);
        }
        let over = |x: &IBig| RBig::from(x.clone()) / RBig::from(table.pivot.clone());
        let mut x = vec![RBig::ZERO; n];
        for (row, &j) in table.rows.iter().zip(&table.basis).filter(|(_, j)| **j < n) {
            x[j] = over(&row[n + m]) * RBig::from(table.units[j].clone());
        }
        let prices = (0..m).map(|i| -over(&table.rows[m][n + i]) * RBig::from(table.row_units[i].clone())).collect();
        Some(Optimum { value: -over(&table.rows[m][n + m]), x, prices })
    }
}

/// Rows of the constraints with their slacks and right-hand sides, and last what is left to gain; all of them times `pivot`.
struct Table {
    rows: Vec<Vec<IBig>>,
    pivot: IBig,
    basis: Vec<usize>,
    /// What each unknown is counted in.
    units: Vec<UBig>,
    /// What each constraint is multiplied by.
    row_units: Vec<UBig>,
}

/// Least common multiple of denominators.
fn common<'a>(numbers: impl IntoIterator<Item = &'a RBig>) -> UBig {
    numbers.into_iter().fold(UBig::ONE, |all, x| &all / (&all).gcd(x.denominator()) * x.denominator())
}

fn whole(x: &RBig, unit: &UBig) -> IBig {
    x.numerator() * IBig::from(unit / x.denominator())
}

impl Table {
    fn new(program: &Program) -> Self {
        let Program { a, b, c } = program;
        let (m, n) = (b.len(), c.len());
        let units: Vec<UBig> = (0..n).map(|j| common(a.iter().map(|row| &row[j]).chain([&c[j]]))).collect();
        let row_units: Vec<UBig> = b.iter().map(|b| common([b])).collect();
        let mut rows = Vec::with_capacity(m + 1);
        for i in 0..m {
            let unit = IBig::from(row_units[i].clone());
            let mut row: Vec<IBig> = a[i].iter().zip(&units).map(|(x, of)| whole(x, of) * &unit).collect();
            row.extend((0..m).map(|k| if k == i { IBig::ONE } else { IBig::ZERO }));
            row.push(whole(&b[i], &row_units[i]));
            rows.push(row);
        }
        let mut gain: Vec<IBig> = c.iter().zip(&units).map(|(x, of)| whole(x, of)).collect();
        gain.resize(n + m + 1, IBig::ZERO);
        rows.push(gain);
        Table { rows, pivot: IBig::ONE, basis: (n..n + m).collect(), units, row_units }
    }

    fn pivot(&mut self, i: usize, j: usize) {
        let row = std::mem::take(&mut self.rows[i]);
        let by = &row[j];
        for (_, other) in self.rows.iter_mut().enumerate().filter(|(k, _)| *k != i) {
            let factor = other[j].clone();
            for (x, p) in other.iter_mut().zip(&row) {
                let mut minor = &*x * by;
                if !factor.is_zero() && !p.is_zero() {
                    minor -= &factor * p;
                }
                *x = minor / &self.pivot;
            }
        }
        self.pivot = by.clone();
        self.rows[i] = row;
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
