//! Rows of probabilities: sorted, merged, summed, rescaled or refused.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use dashu_ratio::RBig;

use super::{Resolver, mend_sum, show};
use crate::base::{Code, Diag, Offset, Result, sum};
use crate::model::mdp::{Fractions, Inputs, MOST_FRACTIONS, Mdp, normalised};
use crate::model::names::Names;
use crate::model::raw::{At, RawDynamics, RawInputs, RawStart, Ref};

/// Largest number of rows added for terminal states.
const MAX_TERMINAL_ROWS: usize = 100_000_000;

/// Builds the dynamics; names, discount and start are filled in by the caller. Also says whether every transition is
/// stored where it was given, so that arrays over transitions still fit.
pub(super) fn build(
    resolver: &Resolver<'_>,
    raw: At<RawDynamics>,
    terminal: Vec<bool>,
    warnings: &mut Vec<Diag>,
) -> Result<(Mdp, bool)> {
    let n_states = resolver.states.len();
    let n_terminal = terminal.iter().filter(|&&t| t).count();
    let mut sink = Sink::new(resolver, terminal, &raw.value);
    match raw.value {
        RawDynamics::Dense(states) => {
            shape(resolver, "p", "list per state", states.len(), n_states, raw.at)?;
            for (s, actions) in states.into_iter().enumerate() {
                shape(
                    resolver,
                    &format!("p[{s}]"),
                    "row per action",
                    actions.value.len(),
                    resolver.actions.len(),
                    actions.at,
                )?;
                for (a, row) in actions.value.into_iter().enumerate() {
                    let Some(p) = row.value else { continue };
                    shape(resolver, &format!("p[{s}][{a}]"), "probability per next state", p.len(), n_states, row.at)?;
                    sink.begin(s, a, row.at)?;
                    for (t, x) in p.into_iter().enumerate() {
                        sink.add(t as u32, x)?;
                    }
                    sink.end()?;
                }
            }
        }
        RawDynamics::List(list) => {
            // Every state needs a transition or is terminal; a huge count is refused before it takes memory.
            if list.len().saturating_add(n_terminal) < n_states {
                let mut has_action: HashSet<usize> = HashSet::new();
                for t in &list {
                    has_action.insert(resolver.state(&t.value.s.value, t.value.s.at)?);
                }
                let is_bare = |s: &usize| !sink.terminal[*s] && !has_action.contains(s);
                let first = (0..n_states).find(is_bare).map_or_else(Default::default, |s| resolver.states.name(s));
                return Diag::new(
                    Code::StateWithoutAction,
                    format!(
                        "state `{first}` has no action: {n_states} states, but only {} transitions and {n_terminal} terminal \
                         states",
                        list.len()
                    ),
                )
                .expected("at least one transition from every state that is not terminal")
                .help("an absorbing state needs a row to itself, or a place under `terminal`")
                .at(resolver.src, raw.at)
                .err();
            }
            let mut rows = Vec::with_capacity(list.len());
            for t in &list {
                let s = resolver.state(&t.value.s.value, t.value.s.at)?;
                let a = resolver.action(&t.value.a.value, t.value.a.at)?;
                let s_next = resolver.state(&t.value.s_next.value, t.value.s_next.at)?;
                rows.push((s as u32, a as u32, s_next as u32, t.value.p, t.at));
            }
            rows.sort_by_key(|&(s, a, _, _, _)| (s, a));
            for row in rows.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
                sink.begin(row[0].0 as usize, row[0].1 as usize, row[0].4)?;
                for &(_, _, s_next, p, _) in row {
                    sink.add(s_next, p)?;
                }
                sink.end()?;
            }
        }
        RawDynamics::Csr { row_ptr, col, val } => {
            let n_actions = resolver.actions.len();
            let bad = |message: String| Diag::new(Code::WrongShape, message).at(resolver.src, Offset::NONE).err();
            if row_ptr.len() != n_states * n_actions + 1 {
                return bad(format!("row_ptr has {} entries; S*A + 1 is {}", row_ptr.len(), n_states * n_actions + 1));
            }
            if col.len() != val.len() || row_ptr.last() != Some(&(col.len() as u64)) || row_ptr.first() != Some(&0) {
                return bad(format!("row_ptr, col ({}) and val ({}) do not fit together", col.len(), val.len()));
            }
            if !row_ptr.is_sorted() {
                return bad("row_ptr decreases".into());
            }
            sink.reserve(row_ptr.len(), col.len());
            for (i, range) in row_ptr.windows(2).enumerate() {
                let range = range[0] as usize..range[1] as usize;
                if range.is_empty() {
                    continue;
                }
                sink.begin(i / n_actions, i % n_actions, Offset::NONE)?;
                for (&t, &p) in col[range.clone()].iter().zip(&val[range]) {
                    if t as usize >= n_states {
                        return Diag::new(Code::NameUnknown, format!("col names state {t} in row {i}"))
                            .expected(format!("an index from 0 to {}", n_states - 1))
                            .at(resolver.src, Offset::NONE)
                            .err();
                    }
                    sink.add(t, At::nowhere(p))?;
                }
                sink.end()?;
            }
        }
    }
    sink.finish(raw.at, warnings)
}

fn shape(resolver: &Resolver<'_>, what: &str, unit: &str, found: usize, wanted: usize, at: Offset) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Diag::new(Code::WrongShape, format!("`{what}` has {found} entries"))
        .expected(format!("{wanted}, one {unit}"))
        .help("sparse models are shorter as `transitions = [[s, a, s_next, probability], ...]`")
        .at(resolver.src, at)
        .err()
}

/// A transition of the row being read.
struct Entry {
    s_next: u32,
    p: f64,
    exact: Option<RBig>,
}

impl Entry {
    /// A row that stays.
    fn certain(s: usize) -> Self {
        Entry { s_next: s as u32, p: 1.0, exact: Some(RBig::ONE) }
    }
}

/// Collects rows in order of `(s, a)`.
struct Sink<'a> {
    resolver: &'a Resolver<'a>,
    terminal: Vec<bool>,
    state_ptr: Vec<u32>,
    row_action: Vec<u32>,
    row_ptr: Vec<usize>,
    col: Vec<u32>,
    val: Vec<f64>,
    /// The row being read.
    current: (usize, usize, Offset),
    entries: Vec<Entry>,
    /// Probabilities as written, each row divided by its sum; `None` where they are doubles, or too many.
    fractions: Option<Vec<RBig>>,
    next_state: usize,
    row_sum: (f64, f64),
    merged: (usize, Option<Diag>),
    rescaled: (usize, Option<Diag>),
    overruled: (usize, Option<Diag>),
    /// Whether no transition was moved, merged, dropped or added.
    as_given: bool,
}

impl<'a> Sink<'a> {
    fn new(resolver: &'a Resolver<'a>, terminal: Vec<bool>, raw: &RawDynamics) -> Self {
        let n_given = match raw {
            RawDynamics::Dense(states) => {
                let rows = states.iter().flat_map(|actions| &actions.value);
                rows.map(|row| row.value.as_ref().map_or(0, Vec::len)).sum()
            }
            RawDynamics::List(list) => list.len(),
            RawDynamics::Csr { col, .. } => col.len(),
        };
        let is_exact = resolver.inputs == RawInputs::Written && n_given <= MOST_FRACTIONS;
        Sink {
            resolver,
            terminal,
            state_ptr: vec![0],
            row_action: Vec::new(),
            row_ptr: vec![0],
            col: Vec::new(),
            val: Vec::new(),
            current: (0, 0, Offset::NONE),
            entries: Vec::new(),
            fractions: is_exact.then(Vec::new),
            next_state: 0,
            row_sum: (1.0, 1.0),
            merged: (0, None),
            rescaled: (0, None),
            overruled: (0, None),
            as_given: true,
        }
    }

    fn reserve(&mut self, rows: usize, nnz: usize) {
        self.row_action.reserve(rows);
        self.row_ptr.reserve(rows);
        self.col.reserve(nnz);
        self.val.reserve(nnz);
    }

    fn pair(&self, s: usize, a: usize) -> String {
        format!("state `{}`, action `{}`", self.resolver.states.name(s), self.resolver.actions.name(a))
    }

    fn begin(&mut self, s: usize, a: usize, at: Offset) -> Result<()> {
        self.close_states_before(s)?;
        self.current = (s, a, at);
        self.entries.clear();
        Ok(())
    }

    fn add(&mut self, s_next: u32, p: At<f64>) -> Result<()> {
        let (s, a, _) = self.current;
        // NaN fails the comparison too.
        if !(p.value >= 0.0 && p.value <= 1.0 + 1e-9) {
            return Diag::new(
                Code::ProbabilityRange,
                format!(
                    "the probability {} of {} -> `{}`",
                    p.value,
                    self.pair(s, a),
                    self.resolver.states.name(s_next as usize)
                ),
            )
            .expected("a number from 0 to 1")
            .help("a cost belongs into a reward, not into a probability")
            .at(self.resolver.src, p.at)
            .err();
        }
        let exact = self.fractions.is_some().then(|| self.resolver.fraction(p));
        self.entries.push(Entry { s_next, p: p.value, exact });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let (s, a, at) = self.current;
        let mut entries = std::mem::take(&mut self.entries);
        if !entries.is_sorted_by(|x, y| x.s_next < y.s_next) {
            self.as_given = false;
            entries.sort_by_key(|e| e.s_next);
            let before = entries.len();
            entries.dedup_by(|later, first| {
                let same = later.s_next == first.s_next;
                if same {
                    first.p += later.p;
                    if let (Some(first), Some(later)) = (&mut first.exact, &later.exact) {
                        *first += later;
                    }
                }
                same
            });
            if entries.len() < before {
                let pair = self.pair(s, a);
                let src = self.resolver.src;
                self.merged.0 += before - entries.len();
                self.merged.1.get_or_insert_with(|| {
                    Diag::new(
                        Code::NameTwice,
                        format!("transitions are listed more than once for {pair}; they were added up"),
                    )
                    .at(src, at)
                });
            }
        }
        let given = entries.len();
        entries.retain(|e| e.p > 0.0);
        self.as_given &= entries.len() == given;
        let total = sum::sum(entries.iter().map(|e| e.p));
        let factor = mend_sum(total, entries.len()).map_err(|total| {
            let help = if total < 1.0 {
                format!("{} is missing", show(1.0 - total))
            } else {
                format!("{} is too much", show(total - 1.0))
            };
            Box::new(
                Diag::new(Code::RowSum, format!("the probabilities of {} sum to {}", self.pair(s, a), show(total)))
                    .expected("1, to within 1e-9")
                    .at(self.resolver.src, at)
                    .help(help),
            )
        })?;
        if factor != 1.0 {
            let pair = self.pair(s, a);
            let src = self.resolver.src;
            self.rescaled.0 += 1;
            self.rescaled.1.get_or_insert_with(|| {
                Diag::new(Code::RowSum, format!("the probabilities of {pair} sum to {total:?} and were rescaled"))
                    .at(src, at)
            });
            entries.iter_mut().for_each(|e| e.p *= factor);
        }
        if self.terminal[s] && entries.iter().any(|e| e.s_next as usize != s) {
            let name = self.resolver.states.name(s).into_owned();
            let src = self.resolver.src;
            self.overruled.0 += 1;
            self.overruled.1.get_or_insert_with(|| {
                Diag::new(
                    Code::StateWithoutAction,
                    format!("transitions out of the terminal state `{name}` are ignored: it is absorbing"),
                )
                .at(src, at)
            });
        }
        if self.terminal[s] {
            self.as_given &= entries.len() == 1;
            entries.clear();
            entries.push(Entry::certain(s));
        }
        self.push(a, &entries);
        self.entries = entries;
        Ok(())
    }

    fn push(&mut self, a: usize, entries: &[Entry]) {
        let total = sum::sum(entries.iter().map(|e| e.p));
        if let Some(fractions) = &mut self.fractions {
            let first = fractions.len();
            fractions.extend(entries.iter().map(|e| e.exact.clone().unwrap_or(RBig::ONE)));
            normalised(&mut fractions[first..]);
        }
        self.row_sum = (self.row_sum.0.min(total.next_down()), self.row_sum.1.max(total.next_up()));
        self.row_action.push(a as u32);
        self.col.extend(entries.iter().map(|e| e.s_next));
        self.val.extend(entries.iter().map(|e| e.p));
        self.row_ptr.push(self.col.len());
    }

    /// Ends the states before `s`; a terminal state without rows gets every action.
    fn close_states_before(&mut self, s: usize) -> Result<()> {
        while self.next_state < s {
            let state = self.next_state;
            let empty = self.row_action.len() as u32 == self.state_ptr[state];
            if empty && self.terminal[state] {
                self.as_given = false;
                if self.row_action.len() + self.resolver.actions.len() > MAX_TERMINAL_ROWS {
                    return Diag::new(Code::TooLarge, "terminal states times actions is too large").err();
                }
                for a in 0..self.resolver.actions.len() {
                    self.push(a, &[Entry::certain(state)]);
                }
            } else if empty {
                return Diag::new(
                    Code::StateWithoutAction,
                    format!("state `{}` has no action", self.resolver.states.name(state)),
                )
                .expected("at least one transition row for every state")
                .help("an absorbing state needs a row to itself, or a place under `terminal`")
                .err();
            }
            if self.row_action.len() >= u32::MAX as usize {
                return Diag::new(Code::TooLarge, "more than 4294967294 state-action pairs").err();
            }
            self.state_ptr.push(self.row_action.len() as u32);
            self.next_state += 1;
        }
        Ok(())
    }

    fn finish(mut self, at: Offset, warnings: &mut Vec<Diag>) -> Result<(Mdp, bool)> {
        let src = self.resolver.src;
        let n_states = self.resolver.states.len();
        self.close_states_before(n_states).map_err(|d| Box::new(d.at(src, at)))?;
        for (count, first) in [self.merged, self.rescaled, self.overruled] {
            if let Some(mut diag) = first {
                if count > 1 {
                    diag.message.push_str(&format!(" (and {} more like it)", count - 1));
                }
                warnings.push(diag);
            }
        }
        let mdp = Mdp {
            states: Names::count(n_states, 's'),
            actions: Names::count(self.resolver.actions.len(), 'a'),
            gamma: 0.0,
            mu0: vec![0.0; n_states],
            state_ptr: self.state_ptr,
            row_action: self.row_action,
            row_ptr: self.row_ptr,
            col: self.col,
            val: self.val,
            terminal: self.terminal,
            reachable: Vec::new(),
            row_sum: self.row_sum,
            inputs: match self.fractions {
                // Discount and start are filled in with those of the doubles.
                Some(p) => Inputs::Written(Arc::new(Fractions { gamma: RBig::ZERO, mu0: Vec::new(), p })),
                None if self.resolver.inputs == RawInputs::AsStored => Inputs::as_stored(),
                None => Inputs::Rounded,
            },
        };
        Ok((mdp, self.as_given))
    }
}

/// The start distribution, length S, in doubles and as written up to its sum.
pub(super) fn start(resolver: &Resolver<'_>, raw: &At<RawStart>) -> Result<(Vec<f64>, Vec<RBig>)> {
    let n = resolver.states.len();
    let mut mu0 = vec![0.0; n];
    let mut exact = vec![RBig::ZERO; n];
    let mut put = |s: usize, p: At<f64>| -> Result<()> {
        if !(p.value >= 0.0 && p.value <= 1.0 + 1e-9) {
            return Diag::new(
                Code::ProbabilityRange,
                format!("mu0 gives state `{}` the probability {}", resolver.states.name(s), p.value),
            )
            .expected("a number from 0 to 1")
            .help("a cost belongs into a reward, not into a probability")
            .at(resolver.src, p.at)
            .err();
        }
        mu0[s] = p.value;
        exact[s] = resolver.fraction(p);
        Ok(())
    };
    match &raw.value {
        RawStart::Uniform => return Ok((vec![1.0 / n as f64; n], vec![RBig::ONE; n])),
        RawStart::State(state) => put(named_start(resolver, state, raw.at)?, At::nowhere(1.0))?,
        RawStart::Dense(list) => {
            shape(resolver, "mu0", "probability per state", list.len(), n, raw.at)?;
            list.iter().enumerate().try_for_each(|(s, p)| put(s, *p))?;
        }
        RawStart::Table(table) => {
            let mut seen = HashMap::new();
            for (state, p) in table {
                let s = resolver.state(&state.value, state.at)?;
                if seen.insert(s, ()).is_some() {
                    return Diag::new(Code::NameTwice, format!("mu0 names state `{}` twice", resolver.states.name(s)))
                        .at(resolver.src, state.at)
                        .err();
                }
                put(s, *p)?;
            }
        }
    }
    let total = sum::sum(mu0.iter().copied());
    let factor = mend_sum(total, mu0.len()).map_err(|total| {
        Box::new(
            Diag::new(Code::RowSum, format!("mu0 sums to {}", show(total)))
                .expected("1, to within 1e-9")
                .at(resolver.src, raw.at)
                .help("a start in one state is written mu0 = \"name\""),
        )
    })?;
    mu0.iter_mut().for_each(|p| *p *= factor);
    Ok((mu0, exact))
}

fn named_start(resolver: &Resolver<'_>, state: &Ref, at: Offset) -> Result<usize> {
    resolver.state(state, at)
}
