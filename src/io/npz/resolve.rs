//! A model as written, resolved to the arrays of an archive: names to indices, any dynamics to stored transitions.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::base::{Code, Diag, Offset, Result};
use crate::io::access::Access;
use crate::io::document::quoted;
use crate::io::policy_file::resolve;
use crate::model::Names;
use crate::model::raw::*;

/// Most numbers of a reward written as `[S, A, S]`.
pub const MAX_DENSE: usize = 4_000_000;
/// Most rows `S * A` of a model that can be written.
const MAX_ROWS: usize = 1 << 28;

/// Stored transitions; row `s * A + a`.
pub struct Csr<'a> {
    /// Length S*A + 1.
    pub row_ptr: Cow<'a, [u64]>,
    /// Next states.
    pub col: Cow<'a, [u32]>,
    /// Probabilities.
    pub val: Cow<'a, [f64]>,
}

impl Csr<'_> {
    /// Positions of the transitions of a row.
    fn row(&self, row: usize) -> std::ops::Range<usize> {
        // Checked when the rows were made: they rise and end at the length of `col`.
        self.row_ptr[row] as usize..self.row_ptr[row + 1] as usize
    }
}

/// One reward, ready to be written.
pub struct Written<'a> {
    /// `[S]`, `[S, A]`, `[S, A, S]` or `[nnz]`.
    pub shape: Vec<usize>,
    /// As many as the shape says.
    pub values: Cow<'a, [f64]>,
    /// Whether rewards on impossible transitions were left out.
    pub lost: bool,
}

/// Names to indices.
pub struct Resolver<'a> {
    model: &'a RawModel,
    /// Names of the states.
    pub states: Names,
    /// Names of the actions.
    pub actions: Names,
}

impl<'a> Resolver<'a> {
    /// Reads the names of a model.
    pub fn new(model: &'a RawModel) -> Result<Self> {
        let names = |names: &At<RawNames>, letter: char| match &names.value {
            RawNames::Count(n) => Ok(Names::count(usize::try_from(*n).unwrap_or(usize::MAX), letter)),
            RawNames::List(list) => {
                let texts = list.iter().map(|n| n.value.clone()).collect();
                Names::list(texts, letter).map_err(|i| {
                    let name = quoted(&list[i].value);
                    let diag = Diag::new(Code::NameTwice, format!("the name {name} is empty or used twice"));
                    Box::new(
                        diag.at(&model.source_file, list[i].at).expected("every name once").help("rename one of them"),
                    )
                })
            }
        };
        let resolver = Resolver { model, states: names(&model.states, 's')?, actions: names(&model.actions, 'a')? };
        let rows = resolver.states.len().checked_mul(resolver.actions.len());
        match rows {
            Some(1..=MAX_ROWS) => Ok(resolver),
            _ => resolver.refuse(Code::TooLarge, model.states.at, "the model has no rows, or too many to be written"),
        }
    }

    /// S.
    pub fn n_states(&self) -> usize {
        self.states.len()
    }

    fn refuse<T>(&self, code: Code, at: Offset, message: &str) -> Result<T> {
        Diag::new(code, message)
            .at(&self.model.source_file, at)
            .expected("a model that can be built")
            .help("build the model first; that says what is wrong with it")
            .err()
    }

    /// Index of a state.
    pub fn state(&self, r: &At<Ref>) -> Result<usize> {
        resolve(&Access { source: &self.model.source_file }, r, &self.states, "state")
    }

    fn action(&self, r: &At<Ref>) -> Result<usize> {
        resolve(&Access { source: &self.model.source_file }, r, &self.actions, "action")
    }

    /// `mu0`, length S.
    pub fn start(&self) -> Result<Vec<f64>> {
        let n = self.n_states();
        let at = self.model.mu0.at;
        let mut mu0 = vec![0.0; n];
        match &self.model.mu0.value {
            RawStart::Uniform => mu0.fill(1.0 / n as f64),
            RawStart::State(r) => mu0[self.state(&At { value: r.clone(), at })?] = 1.0,
            RawStart::Dense(list) if list.len() == n => mu0 = list.iter().map(|p| p.value).collect(),
            RawStart::Dense(_) => return self.refuse(Code::WrongShape, at, "`mu0` has the wrong length"),
            RawStart::Table(pairs) => {
                for (state, p) in pairs {
                    mu0[self.state(state)?] += p.value;
                }
            }
        }
        Ok(mu0)
    }

    /// The stored transitions.
    pub fn dynamics(&self) -> Result<Csr<'a>> {
        let (n_states, n_actions) = (self.n_states(), self.actions.len());
        let at = self.model.dynamics.at;
        let mut rows: Vec<(usize, u32, f64)> = Vec::new();
        match &self.model.dynamics.value {
            RawDynamics::Csr { row_ptr, col, val } => {
                let rises = row_ptr.first() == Some(&0) && row_ptr.is_sorted();
                let ends = row_ptr.len() == n_states * n_actions + 1 && row_ptr.last() == Some(&(col.len() as u64));
                let known = col.iter().all(|&s| (s as usize) < n_states);
                if !rises || !ends || !known || col.len() != val.len() {
                    return self.refuse(Code::WrongShape, at, "the arrays of the dynamics do not fit together");
                }
                let any = |f: fn(&RawReward) -> bool| self.model.rewards.iter().any(|(_, r)| f(&r.value));
                let is_spread = any(|r| matches!(r, RawReward::Sas(_) | RawReward::Entries { .. }));
                if !is_spread || any(|r| matches!(r, RawReward::PerTransition(_))) {
                    return Ok(Csr { row_ptr: row_ptr.into(), col: col.into(), val: val.into() });
                }
                // Rewards that may become one number a stored transition need settled rows.
                for (row, ends) in row_ptr.windows(2).enumerate() {
                    rows.extend((ends[0] as usize..ends[1] as usize).map(|k| (row, col[k], val[k])));
                }
            }
            RawDynamics::List(list) => {
                for t in list {
                    let (s, a) = (self.state(&t.value.s)?, self.action(&t.value.a)?);
                    let s_next = self.state(&t.value.s_next)?;
                    rows.push((s * n_actions + a, s_next as u32, t.value.p.value));
                }
            }
            RawDynamics::Dense(p) => self.each_row(p, at, |row, xs| {
                let possible = (0..).zip(xs).filter(|(_, p)| p.value != 0.0);
                rows.extend(possible.map(|(s_next, p)| (row, s_next, p.value)));
            })?,
        }
        self.settle(&mut rows)?;
        let mut row_ptr = vec![0u64; n_states * n_actions + 1];
        for (row, ..) in &rows {
            row_ptr[row + 1] += 1;
        }
        for row in 0..n_states * n_actions {
            row_ptr[row + 1] += row_ptr[row];
        }
        let col: Vec<u32> = rows.iter().map(|r| r.1).collect();
        let val: Vec<f64> = rows.iter().map(|r| r.2).collect();
        Ok(Csr { row_ptr: row_ptr.into(), col: col.into(), val: val.into() })
    }

    /// Brings stored transitions into the form a checked model has: sorted, duplicates added up, nothing impossible,
    /// terminal states absorbing. Rewards per stored transition rely on that order.
    fn settle(&self, rows: &mut Vec<(usize, u32, f64)>) -> Result<()> {
        let n_actions = self.actions.len();
        rows.sort_by_key(|(row, s_next, _)| (*row, *s_next));
        rows.dedup_by(|later, first| {
            let same = (later.0, later.1) == (first.0, first.1);
            first.2 += if same { later.2 } else { 0.0 };
            same
        });
        rows.retain(|r| r.2 != 0.0);
        let mut terminal: HashMap<usize, Vec<usize>> = HashMap::new();
        for state in &self.model.terminal {
            terminal.insert(self.state(state)?, Vec::new());
        }
        if terminal.is_empty() {
            return Ok(());
        }
        rows.retain(|(row, ..)| match terminal.get_mut(&(row / n_actions)) {
            Some(list) => {
                list.push(*row);
                false
            }
            None => true,
        });
        for (s, mut list) in terminal {
            list.dedup();
            let list = if list.is_empty() { (s * n_actions..(s + 1) * n_actions).collect() } else { list };
            rows.extend(list.into_iter().map(|row| (row, s as u32, 1.0)));
        }
        rows.sort_by_key(|(row, s_next, _)| (*row, *s_next));
        Ok(())
    }

    /// Passes each row `s * A + a` of `[S][A][S]` that is not `null`, lengths checked.
    fn each_row(&self, cube: &'a RawTensor, at: Offset, mut f: impl FnMut(usize, &'a [At<f64>])) -> Result<()> {
        let n_actions = self.actions.len();
        if cube.len() != self.n_states() || cube.iter().any(|rows| rows.value.len() != n_actions) {
            return self.refuse(Code::WrongShape, at, "a table [S][A][S] has the wrong shape");
        }
        for (row, xs) in cube.iter().flat_map(|rows| &rows.value).enumerate() {
            match &xs.value {
                Some(list) if list.len() != self.n_states() => {
                    return self.refuse(Code::WrongShape, xs.at, "a table [S][A][S] has the wrong shape");
                }
                Some(list) => f(row, list),
                None => {}
            }
        }
        Ok(())
    }

    /// A reward in the smallest form that holds it.
    pub fn reward(&self, csr: &Csr, reward: &'a At<RawReward>) -> Result<Written<'a>> {
        let (n_states, n_actions) = (self.n_states(), self.actions.len());
        let wrong = |what: &str| self.refuse(Code::WrongShape, reward.at, what);
        let dense = n_states.checked_mul(n_actions * n_states).filter(|&n| n <= MAX_DENSE);
        match &reward.value {
            RawReward::S(xs) if xs.len() == n_states => {
                let values: Vec<f64> = xs.iter().map(|x| x.value).collect();
                Ok(Written { shape: vec![n_states], values: values.into(), lost: false })
            }
            RawReward::S(_) => wrong("a reward [S] has the wrong length"),
            RawReward::Sa(rows) => {
                if rows.len() != n_states || rows.iter().any(|r| r.value.len() != n_actions) {
                    return wrong("a reward [S][A] has the wrong shape");
                }
                let values: Vec<f64> =
                    rows.iter().flat_map(|r| r.value.iter().map(|x| x.value.unwrap_or(f64::NAN))).collect();
                Ok(Written { shape: vec![n_states, n_actions], values: values.into(), lost: false })
            }
            RawReward::PerTransition(xs) if xs.len() == csr.col.len() => {
                // A list of S numbers is read as one a state; that says the same if each state has one transition.
                let one_each = (0..n_states).all(|s| csr.row_ptr[s * n_actions] == s as u64);
                match (xs.len() == n_states && !one_each, dense) {
                    (false, _) => Ok(Written { shape: vec![xs.len()], values: xs.into(), lost: false }),
                    (true, None) => wrong("a reward per stored transition has as many numbers as there are states"),
                    (true, Some(n)) => {
                        let mut values = vec![0.0; n];
                        for row in 0..n_states * n_actions {
                            if csr.row(row).is_empty() {
                                values[row * n_states..][..n_states].fill(f64::NAN);
                            }
                            for k in csr.row(row) {
                                values[row * n_states + csr.col[k] as usize] = xs[k];
                            }
                        }
                        Ok(Written { shape: vec![n_states, n_actions, n_states], values: values.into(), lost: false })
                    }
                }
            }
            RawReward::PerTransition(_) => wrong("a reward per stored transition has the wrong length"),
            RawReward::Sas(cube) => match dense {
                Some(n) => {
                    let mut values = vec![f64::NAN; n];
                    self.each_row(cube, reward.at, |row, xs| {
                        for (out, x) in values[row * n_states..].iter_mut().zip(xs) {
                            *out = x.value;
                        }
                    })?;
                    Ok(Written { shape: vec![n_states, n_actions, n_states], values: values.into(), lost: false })
                }
                None => {
                    let mut values = vec![0.0; csr.col.len()];
                    self.each_row(cube, reward.at, |row, xs| {
                        for k in csr.row(row) {
                            values[k] = xs[csr.col[k] as usize].value;
                        }
                    })?;
                    Ok(Written { shape: vec![values.len()], values: values.into(), lost: true })
                }
            },
            RawReward::Entries { entries, default } => {
                let mut is_end = vec![false; n_states];
                let entries: Vec<Entry> = entries.iter().map(|e| self.entry(&e.value)).collect::<Result<_>>()?;
                Ok(match dense {
                    Some(n) => {
                        let mut values = vec![default.value; n];
                        for state in &self.model.terminal {
                            // Meant for the states where episodes go on; only an entry that names an end is about one.
                            let s = self.state(state)?;
                            values[s * n_actions * n_states..][..n_actions * n_states].fill(0.0);
                            is_end[s] = true;
                        }
                        for entry in &entries {
                            entry.each(n_states, n_actions, |row, s_next| {
                                if entry.s.is_some() || !is_end[row / n_actions] {
                                    values[row * n_states + s_next] = entry.r;
                                }
                            });
                        }
                        for row in (0..n_states * n_actions).filter(|&row| csr.row(row).is_empty()) {
                            values[row * n_states..][..n_states].fill(f64::NAN);
                        }
                        Written { shape: vec![n_states, n_actions, n_states], values: values.into(), lost: false }
                    }
                    None => {
                        let values = self.entries_per_transition(csr, &entries, default.value);
                        Written { shape: vec![values.len()], values: values.into(), lost: true }
                    }
                })
            }
        }
    }

    fn entry(&self, e: &RawEntry) -> Result<Entry> {
        let one = |pattern: &At<Pattern>, names: &Names, kind: &str| match &pattern.value {
            Pattern::Any => Ok(None),
            Pattern::One(r) => {
                let access = Access { source: &self.model.source_file };
                resolve(&access, &At { value: r.clone(), at: pattern.at }, names, kind).map(Some)
            }
        };
        Ok(Entry {
            s: one(&e.s, &self.states, "state")?,
            a: one(&e.a, &self.actions, "action")?,
            s_next: one(&e.s_next, &self.states, "state")?,
            r: e.r.value,
        })
    }

    /// The last matching entry of each stored transition. O(matches) for entries that name a state.
    fn entries_per_transition(&self, csr: &Csr, entries: &[Entry], default: f64) -> Vec<f64> {
        let (n_states, n_actions) = (self.n_states(), self.actions.len());
        let mut into: HashMap<u32, Vec<(usize, usize)>> =
            entries.iter().filter_map(|e| e.s_next).map(|s| (s as u32, Vec::new())).collect();
        for row in 0..n_states * n_actions {
            for k in csr.row(row) {
                if let Some(list) = into.get_mut(&csr.col[k]) {
                    list.push((row, k));
                }
            }
        }
        let mut values = vec![default; csr.col.len()];
        for entry in entries {
            let fits = |row: usize| entry.a.is_none_or(|a| row % n_actions == a);
            match (entry.s, entry.s_next) {
                (None, Some(s_next)) => {
                    for &(_, k) in into[&(s_next as u32)].iter().filter(|(row, _)| fits(*row)) {
                        values[k] = entry.r;
                    }
                }
                (s, s_next) => {
                    let rows = s.map_or(0..n_states * n_actions, |s| s * n_actions..(s + 1) * n_actions);
                    for k in rows.filter(|&row| fits(row)).flat_map(|row| csr.row(row)) {
                        if s_next.is_none_or(|s| csr.col[k] as usize == s) {
                            values[k] = entry.r;
                        }
                    }
                }
            }
        }
        values
    }
}

/// An entry with indices; `None` is the wildcard.
struct Entry {
    s: Option<usize>,
    a: Option<usize>,
    s_next: Option<usize>,
    r: f64,
}

impl Entry {
    fn each(&self, n_states: usize, n_actions: usize, mut f: impl FnMut(usize, usize)) {
        let span = |i: Option<usize>, n: usize| i.map_or(0..n, |i| i..i + 1);
        for s in span(self.s, n_states) {
            for a in span(self.a, n_actions) {
                for s_next in span(self.s_next, n_states) {
                    f(s * n_actions + a, s_next);
                }
            }
        }
    }
}
