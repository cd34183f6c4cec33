//! Models from flat arrays, as numerical programs hand them over: checked in one pass, taken without a copy.

use super::{Inputs, Mdp};
use crate::base::sum::{UNIT, gamma_n};
use crate::base::{Code, Diag, Result};
use crate::model::names::Names;

/// Dynamics in CSR form: row `s * A + a` is `col[row_ptr[i]..row_ptr[i + 1]]` with the probabilities `val`.
///
/// An empty row is an action that is not available. Next states rise strictly within a row and probabilities are
/// above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrays {
    /// S.
    pub n_states: usize,
    /// A.
    pub n_actions: usize,
    /// Discount in [0, 1).
    pub gamma: f64,
    /// Length S*A + 1.
    pub row_ptr: Vec<usize>,
    /// Next states.
    pub col: Vec<u32>,
    /// Probabilities.
    pub val: Vec<f64>,
}

/// Rows are counted in `u32`, and the largest value is kept free.
const MAX_ROWS: usize = u32::MAX as usize - 1;

impl Arrays {
    /// Checks everything; returns bounds on the sums of the rows. O(nnz).
    ///
    /// Nothing is mended: a row that does not sum to 1 up to the rounding of its entries is refused. Files, whose
    /// numbers are decimals, go through [`Model::build`](crate::model::Model::build), which is more patient.
    fn check(&self) -> Result<(f64, f64)> {
        let Arrays { n_states, n_actions, gamma, row_ptr, col, val } = self;
        let refuse = |code, message: String| Diag::new(code, message).err();
        if !(0.0..1.0).contains(gamma) {
            let diag = Diag::new(Code::GammaRange, format!("the discount gamma is {gamma}"));
            return diag.expected("a number from 0 up to but not including 1").err();
        }
        let n_rows = n_states.saturating_mul(*n_actions);
        if n_rows == 0 || n_rows > MAX_ROWS || *n_states > MAX_ROWS {
            return refuse(Code::TooLarge, format!("{n_states} states times {n_actions} actions is not a model"));
        }
        let fits = row_ptr.len() == n_rows + 1 && col.len() == val.len();
        if !fits || row_ptr.first() != Some(&0) || row_ptr.last() != Some(&col.len()) || !row_ptr.is_sorted() {
            let lengths = format!("row_ptr ({}), col ({}) and val ({})", row_ptr.len(), col.len(), val.len());
            return Diag::new(Code::WrongShape, format!("{lengths} do not fit together"))
                .expected("row_ptr of length S*A + 1, rising from 0 to the length of col and val")
                .err();
        }
        let (mut lo, mut hi) = (1.0f64, 1.0f64);
        for (row, range) in row_ptr.windows(2).enumerate() {
            let (col, val) = (&col[range[0]..range[1]], &val[range[0]..range[1]]);
            let place = || format!("state {}, action {}", row / n_actions, row % n_actions);
            let Some(&last) = col.last() else { continue };
            if !col.is_sorted_by(|x, y| x < y) || last as usize >= *n_states {
                return Diag::new(Code::WrongShape, format!("the next states of {} do not rise below S", place()))
                    .help("sort each row and add up duplicates")
                    .err();
            }
            // NaN fails the comparison too.
            if !val.iter().all(|&p| p > 0.0) {
                return Diag::new(Code::ProbabilityRange, format!("a probability of {} is not above 0", place()))
                    .help("leave transitions out that do not happen")
                    .err();
            }
            let (total, n) = (val.iter().sum::<f64>(), val.len());
            // Every entry may carry one rounding, and every addition here another.
            let round = (2 * n + 1) as f64 * UNIT;
            let misses = (total - 1.0).abs() > round;
            if misses || total.is_nan() {
                return Diag::new(Code::RowSum, format!("the probabilities of {} sum to {total:?}", place()))
                    .expected("1, up to rounding")
                    .help("divide each row by its sum")
                    .err();
            }
            let error = gamma_n(n) * total;
            (lo, hi) = (lo.min((total - error).next_down()), hi.max((total + error).next_up()));
        }
        for s in 0..*n_states {
            if row_ptr[s * n_actions] == row_ptr[(s + 1) * n_actions] {
                return refuse(Code::StateWithoutAction, format!("state {s} has no action"));
            }
        }
        Ok((lo, hi))
    }
}

impl Mdp {
    /// A model from arrays, with unnamed states, a uniform start and no terminal states. The arrays are moved in, not
    /// copied; what is added is 4 bytes a state and 4 a row, and 9 a state for the start. A double that is not a whole
    /// number is known to half a unit in its last place: see [`exact_inputs`](Mdp::exact_inputs).
    pub fn from_arrays(arrays: Arrays) -> Result<Mdp> {
        let row_sum = arrays.check()?;
        let Arrays { n_states, n_actions, gamma, mut row_ptr, col, val } = arrays;
        let (mut state_ptr, mut row_action) = (Vec::with_capacity(n_states + 1), Vec::with_capacity(row_ptr.len() - 1));
        state_ptr.push(0);
        for s in 0..n_states {
            let first = s * n_actions;
            row_action.extend((0..n_actions as u32).filter(|&a| {
                let row = first + a as usize;
                row_ptr[row] < row_ptr[row + 1]
            }));
            // `check` keeps rows below the largest `u32`.
            state_ptr.push(row_action.len() as u32);
        }
        if row_action.len() + 1 < row_ptr.len() {
            // An empty row begins where the next one does.
            row_ptr.dedup();
        }
        Ok(Mdp {
            states: Names::count(n_states, 's'),
            actions: Names::count(n_actions, 'a'),
            gamma,
            mu0: vec![1.0 / n_states as f64; n_states],
            state_ptr,
            row_action,
            row_ptr,
            col,
            val,
            terminal: vec![false; n_states],
            // Every state may be the first.
            reachable: vec![true; n_states],
            row_sum,
            inputs: Inputs::Rounded,
        })
    }

    /// The dynamics as arrays, moved out unless actions are missing.
    pub fn into_arrays(self) -> Arrays {
        let (n_states, n_actions, gamma) = (self.n_states(), self.n_actions(), self.gamma);
        let row_ptr = match self.n_rows() == n_states * n_actions {
            true => self.row_ptr,
            false => {
                let mut full = Vec::with_capacity(n_states * n_actions + 1);
                for s in 0..n_states {
                    let mut rows = self.rows(s).peekable();
                    for a in 0..n_actions {
                        // The next row that is there begins where an absent one would.
                        full.push(rows.peek().map_or(self.row_ptr[self.rows(s).end], |&row| self.row_ptr[row]));
                        rows.next_if(|&row| self.action(row) == a);
                    }
                }
                full.push(self.val.len());
                full
            }
        };
        Arrays { n_states, n_actions, gamma, row_ptr, col: self.col, val: self.val }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two states; the second action is missing in the first.
    fn arrays() -> Arrays {
        Arrays {
            n_states: 2,
            n_actions: 2,
            gamma: 0.9,
            row_ptr: vec![0, 2, 2, 3, 4],
            col: vec![0, 1, 1, 0],
            val: vec![0.25, 0.75, 1.0, 1.0],
        }
    }

    #[test]
    fn arrays_come_back_as_they_went_in() {
        let mdp = Mdp::from_arrays(arrays()).unwrap();
        assert_eq!((mdp.n_rows(), mdp.row(0, 1), mdp.row(1, 1)), (3, None, Some(2)));
        assert_eq!(mdp.p(0), (&[0, 1][..], &[0.25, 0.75][..]));
        assert!(mdp.row_sums().0 <= 1.0 && 1.0 <= mdp.row_sums().1);
        assert_eq!(mdp.into_arrays(), arrays());
    }

    #[test]
    fn each_slip_is_refused_by_its_own_code() {
        let slip = |change: fn(&mut Arrays)| {
            let mut bad = arrays();
            change(&mut bad);
            Mdp::from_arrays(bad).expect_err("refused").code
        };
        assert_eq!(slip(|x| x.gamma = 1.0), Code::GammaRange);
        assert_eq!(slip(|x| x.gamma = f64::NAN), Code::GammaRange);
        assert_eq!(slip(|x| x.n_states = 0), Code::TooLarge);
        assert_eq!(slip(|x| x.n_states = usize::MAX), Code::TooLarge);
        assert_eq!(slip(|x| x.row_ptr[2] = 1), Code::WrongShape);
        assert_eq!(slip(|x| x.row_ptr[4] = 5), Code::WrongShape);
        assert_eq!(slip(|x| x.col.swap(0, 1)), Code::WrongShape);
        assert_eq!(slip(|x| x.col[1] = 0), Code::WrongShape);
        assert_eq!(slip(|x| x.col[3] = 2), Code::WrongShape);
        assert_eq!(slip(|x| x.val[0] = f64::NAN), Code::ProbabilityRange);
        assert_eq!(slip(|x| (x.val[0], x.val[1]) = (-0.25, 1.25)), Code::ProbabilityRange);
        assert_eq!(slip(|x| x.val[1] = 0.75 + 1e-12), Code::RowSum);
        assert_eq!(slip(|x| x.val[1] = f64::INFINITY), Code::RowSum);
        assert_eq!(slip(|x| x.row_ptr = vec![0, 2, 2, 3, 3]), Code::WrongShape);
        let no_action = |x: &mut Arrays| {
            (x.row_ptr, x.col, x.val) = (vec![0, 2, 2, 2, 2], vec![0, 1], vec![0.5, 0.5]);
        };
        assert_eq!(slip(no_action), Code::StateWithoutAction);
    }
}
