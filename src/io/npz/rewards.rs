//! Rewards of an archive, in the form their shape says.

use std::io::Read;

use super::read::{Archive, reserve};
use super::stream::Stream;
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::model::raw::*;

/// Most numbers in a reward of shape `[S, A, S]`.
const MAX_CUBE: usize = 1 << 26;

impl Archive<'_> {
    /// Reads one reward; its shape says which kind it is.
    pub(super) fn reward(&mut self, name: &str, n_states: usize, n_actions: usize, nnz: usize) -> Result<RawReward> {
        let (s, a) = (n_states as u64, n_actions as u64);
        let header = self.need(name)?;
        match *header.shape.as_slice() {
            [n] if n == s => {
                let mut out = reserve(self.source, name, n_states)?;
                self.array(name, |s, h| s.finite(h, |x| out.push(At::nowhere(x))))?;
                Ok(RawReward::S(out))
            }
            [n] if n == nnz as u64 => {
                let mut out = reserve(self.source, name, nnz)?;
                self.array(name, |s, h| s.finite(h, |x| out.push(x)))?;
                Ok(RawReward::PerTransition(out))
            }
            [x, y] if (x, y) == (s, a) => self.reward_sa(name, n_states, n_actions),
            [x, y, z] if (x, y, z) == (s, a, s) && header.len <= MAX_CUBE => self.reward_sas(name, n_states, n_actions),
            [x, y, z] if (x, y, z) == (s, a, s) => self.shape(
                name,
                header,
                &format!("at most {MAX_CUBE} numbers"),
                "save [nnz], one number a stored transition",
            ),
            _ => {
                let expected = format!(
                    "[S] = [{s}], [S, A] = [{s}, {a}], [S, A, S] = [{s}, {a}, {s}] or one number a stored transition, [{nnz}]"
                );
                self.shape(name, header, &expected, "the sizes come from `mu0`, `row_ptr` and `col`")
            }
        }
    }

    fn reward_sa(&mut self, name: &str, n_states: usize, n_actions: usize) -> Result<RawReward> {
        let mut rows = reserve(self.source, name, n_states)?;
        let mut row = Vec::with_capacity(n_actions);
        self.array(name, |s, h| {
            s.floats(h, |s, i, x| {
                no_infinity(s, i, x)?;
                row.push(At::nowhere((!x.is_nan()).then_some(x)));
                if row.len() == n_actions {
                    rows.push(At::nowhere(std::mem::replace(&mut row, Vec::with_capacity(n_actions))));
                }
                Ok(())
            })
        })?;
        Ok(RawReward::Sa(rows))
    }

    fn reward_sas(&mut self, name: &str, n_states: usize, n_actions: usize) -> Result<RawReward> {
        let mut states = reserve(self.source, name, n_states)?;
        let mut rows = Vec::with_capacity(n_actions);
        let mut row: Vec<At<f64>> = Vec::with_capacity(n_states);
        self.array(name, |s, h| {
            s.floats(h, |s, i, x| {
                no_infinity(s, i, x)?;
                row.push(At::nowhere(x));
                if row.len() < n_states {
                    return Ok(());
                }
                let nans = row.iter().filter(|x| x.value.is_nan()).count();
                if nans != 0 && nans != n_states {
                    return s
                        .refuse(Code::BadNumber, format!("has both numbers and NaN in the row that ends at {i}"))
                        .expected("finite numbers, or NaN in a whole row")
                        .help("a row of NaN stands for an action that is not available")
                        .err();
                }
                let full = std::mem::replace(&mut row, Vec::with_capacity(n_states));
                rows.push(At::nowhere((nans == 0).then_some(full)));
                if rows.len() == n_actions {
                    states.push(At::nowhere(std::mem::replace(&mut rows, Vec::with_capacity(n_actions))));
                }
                Ok(())
            })
        })?;
        Ok(RawReward::Sas(states))
    }
}

fn no_infinity<R: Read>(stream: &Stream<'_, R>, i: usize, x: f64) -> Result<()> {
    match x.is_infinite() {
        false => Ok(()),
        true => stream
            .refuse(Code::BadNumber, format!("holds {x} at {i}"))
            .expected("finite numbers, or NaN for an action that is not available")
            .help("the largest double is about 1.8e308")
            .err(),
    }
}

/// Refuses rewards per stored transition where checking the model would change which transitions are stored: sorting,
/// adding up duplicates, leaving out zeros and making terminal states absorbing would each move a reward elsewhere.
pub(super) fn check_order(
    source: &Source,
    dynamics: &RawDynamics,
    terminal: &[At<Ref>],
    n_actions: usize,
) -> Result<()> {
    let RawDynamics::Csr { row_ptr, col, val } = dynamics else { return Ok(()) };
    let refuse = |s: usize, a: usize, what: &str, help: &str| {
        let message = format!("rewards per stored transition need settled rows, but row s = {s}, a = {a} {what}");
        Diag::new(Code::WrongShape, message)
            .at(source, Offset::NONE)
            .expected("next states that rise within each row, each with a positive probability")
            .help(help)
            .err()
    };
    // Rows were checked when they were read: they rise from 0 to the length of `col`.
    let row = |i: usize| row_ptr[i] as usize..row_ptr[i + 1] as usize;
    for i in 0..row_ptr.len() - 1 {
        if !col[row(i)].is_sorted_by(|x, y| x < y) {
            let help = "call sum_duplicates() on the scipy matrix before saving it and its rewards";
            return refuse(i / n_actions, i % n_actions, "is not sorted, or names a next state twice", help);
        }
        if val[row(i)].contains(&0.0) {
            let help = "call eliminate_zeros() on the scipy matrix before saving it and its rewards";
            return refuse(i / n_actions, i % n_actions, "has a probability of zero", help);
        }
    }
    for state in terminal {
        let Ref::Index(s) = state.value else { continue };
        let Some(s) = usize::try_from(s).ok().filter(|&s| (s + 1) * n_actions < row_ptr.len()) else { continue };
        let stored = |i: &usize| !row(*i).is_empty();
        let is_loop = |i: usize| col[row(i)] == [s as u32] && val[row(i)] == [1.0];
        let mut rows = (s * n_actions..(s + 1) * n_actions).filter(stored).peekable();
        if rows.peek().is_none() || !rows.all(is_loop) {
            let help = "store terminal states as self-loops of probability 1";
            return refuse(s, 0, "leaves a terminal state", help);
        }
    }
    Ok(())
}
