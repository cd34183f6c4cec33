//! Reward tables against the dynamics: shapes, wildcards, unavailable actions, terminal states.

use dashu_ratio::RBig;

use super::{Resolver, written};
use crate::base::number::{is_whole, rest};
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::model::mdp::Mdp;
use crate::model::raw::{At, Pattern, RawEntry, RawInputs, RawReward, RawTensor};
use crate::model::reward::{Listed, Reward};

/// One named reward on the model.
pub(super) fn build(
    mdp: &Mdp,
    src: &Source,
    inputs: RawInputs,
    name: &str,
    raw: &At<RawReward>,
    warnings: &mut Vec<Diag>,
) -> Result<Reward> {
    let table = Table { mdp, src, name };
    let (read, at_end) = match &raw.value {
        RawReward::S(list) => table.per_state(list, raw.at)?,
        RawReward::Sa(rows) => table.per_pair(rows, raw.at)?,
        RawReward::Sas(rows) => table.full(rows, raw.at)?,
        RawReward::Entries { entries, default } => table.entries(entries, *default)?,
        RawReward::PerTransition(val) => return table.per_transition(val, inputs, raw.at),
    };
    if let Some((s, at)) = at_end {
        warnings.push(
            Diag::new(
                Code::RewardUnavailable,
                format!(
                    "reward `{name}` pays in the terminal state `{}`, where every reward is zero",
                    mdp.states.name(s)
                ),
            )
            .at(src, at)
            .help("to pay for ending there, put the reward on the transitions into it: [\"*\", \"*\", state, r]"),
        );
    }
    let fraction = |x: At<f64>| written(src, inputs, x).exact;
    let reward = match inputs {
        RawInputs::Rounded => read.reward(mdp),
        _ => {
            let beyond = if inputs == RawInputs::Written { read.beyond_whole(fraction) } else { 0.0 };
            read.reward(mdp).beyond(beyond).with_fractions(read.fractions(mdp, fraction))
        }
    };
    reward.check_size(name).map_err(|d| Box::new(d.at(src, raw.at)))?;
    Ok(reward)
}

type Built = (Read, Option<(usize, Offset)>);

/// A table as read: a number a row, and exceptions in CSR form, each with its place.
struct Read {
    base: Vec<At<f64>>,
    ptr: Vec<usize>,
    col: Vec<u32>,
    val: Vec<At<f64>>,
}

impl Read {
    fn per_row(base: Vec<At<f64>>) -> Self {
        Read { ptr: vec![0; base.len() + 1], base, col: Vec::new(), val: Vec::new() }
    }

    /// In doubles. Every reward is zero where episodes have ended.
    fn reward(&self, mdp: &Mdp) -> Reward {
        let mut base: Vec<f64> = self.base.iter().map(|r| r.value).collect();
        let mut listed = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                if mdp.is_terminal(s) {
                    base[row] = 0.0;
                } else {
                    let range = self.ptr[row]..self.ptr[row + 1];
                    listed.col.extend_from_slice(&self.col[range.clone()]);
                    listed.val.extend(self.val[range].iter().map(|r| r.value));
                }
                listed.ptr.push(listed.col.len());
            }
        }
        Reward::with_listed(base, listed)
    }

    /// The most that a number is beyond a whole double it reads as: others are known to half a unit in the last place.
    fn beyond_whole(&self, fraction: impl Fn(At<f64>) -> RBig) -> f64 {
        let all = self.base.iter().chain(&self.val).filter(|x| is_whole(x.value));
        all.map(|&x| rest(&fraction(x), x.value).abs()).fold(0.0, f64::max)
    }

    /// `r(s,a)` over rows without rounding, where the model has fractions.
    fn fractions(&self, mdp: &Mdp, fraction: impl Fn(At<f64>) -> RBig) -> Option<Vec<RBig>> {
        let p = &mdp.fractions()?.p;
        let mut expected = vec![RBig::ZERO; mdp.n_rows()];
        for row in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)).flat_map(|s| mdp.rows(s)) {
            let listed = self.ptr[row]..self.ptr[row + 1];
            let base = fraction(self.base[row]);
            if listed.is_empty() {
                expected[row] = base;
                continue;
            }
            let mut left = RBig::ONE;
            let (col, _) = mdp.p(row);
            for (&t, p) in col.iter().zip(&p[mdp.transitions(row)]) {
                if let Ok(i) = self.col[listed.clone()].binary_search(&t) {
                    left -= p;
                    expected[row] += p * fraction(self.val[listed.start + i]);
                }
            }
            expected[row] += left * base;
        }
        Some(expected)
    }
}

struct Table<'a> {
    mdp: &'a Mdp,
    src: &'a Source,
    name: &'a str,
}

impl Table<'_> {
    fn shape(&self, what: &str, found: usize, wanted: usize, unit: &str, at: Offset) -> Result<()> {
        if found == wanted {
            return Ok(());
        }
        Diag::new(Code::WrongShape, format!("reward `{}`: {what} has {found} entries", self.name))
            .expected(format!("{wanted}, one per {unit}"))
            .help("a reward that is mostly zero is shorter as `entries = [[s, a, s_next, r], ...]`")
            .at(self.src, at)
            .err()
    }

    fn unavailable(&self, s: usize, a: usize, at: Offset) -> Diag {
        Diag::new(
            Code::RewardUnavailable,
            format!(
                "reward `{}` pays for action `{}` in state `{}`, which does not offer it",
                self.name,
                self.mdp.actions.name(a),
                self.mdp.states.name(s)
            ),
        )
        .expected("a reward only on available actions")
        .help("add the transition, or write null (JSON) or 0 (TOML) there")
        .at(self.src, at)
    }

    fn per_state(&self, list: &[At<f64>], at: Offset) -> Result<Built> {
        self.shape("the list `s`", list.len(), self.mdp.n_states(), "state", at)?;
        let mut base = Vec::with_capacity(self.mdp.n_rows());
        let mut at_end = None;
        for (s, r) in list.iter().enumerate() {
            base.extend(self.mdp.rows(s).map(|_| *r));
            if self.mdp.is_terminal(s) && r.value != 0.0 {
                at_end.get_or_insert((s, r.at));
            }
        }
        Ok((Read::per_row(base), at_end))
    }

    fn per_pair(&self, rows: &[At<Vec<At<Option<f64>>>>], at: Offset) -> Result<Built> {
        self.shape("the table `sa`", rows.len(), self.mdp.n_states(), "state", at)?;
        let mut base = vec![At::nowhere(0.0); self.mdp.n_rows()];
        let mut at_end = None;
        for (s, actions) in rows.iter().enumerate() {
            self.shape(&format!("sa[{s}]"), actions.value.len(), self.mdp.n_actions(), "action", actions.at)?;
            let mut available = self.mdp.rows(s).peekable();
            for (a, r) in actions.value.iter().enumerate() {
                let row = available.next_if(|&row| self.mdp.action(row) == a);
                match (row, r.value) {
                    (Some(row), Some(x)) => {
                        base[row] = At { value: x, at: r.at };
                        if self.mdp.is_terminal(s) && x != 0.0 {
                            at_end.get_or_insert((s, r.at));
                        }
                    }
                    (Some(_), None) if !self.mdp.is_terminal(s) => return self.missing(s, a, r.at).err(),
                    (None, Some(x)) if x != 0.0 => return self.unavailable(s, a, r.at).err(),
                    _ => {}
                }
            }
        }
        Ok((Read::per_row(base), at_end))
    }

    fn missing(&self, s: usize, a: usize, at: Offset) -> Diag {
        Diag::new(
            Code::WrongType,
            format!(
                "reward `{}` is null for action `{}` in state `{}`, which offers it",
                self.name,
                self.mdp.actions.name(a),
                self.mdp.states.name(s)
            ),
        )
        .expected("a number")
        .at(self.src, at)
    }

    fn full(&self, rows: &RawTensor, at: Offset) -> Result<Built> {
        let (mdp, n) = (self.mdp, self.mdp.n_states());
        self.shape("the table `sas`", rows.len(), n, "state", at)?;
        let mut read = Read { base: Vec::with_capacity(mdp.n_rows()), ..Read::per_row(Vec::new()) };
        let mut at_end = None;
        for (s, actions) in rows.iter().enumerate() {
            self.shape(&format!("sas[{s}]"), actions.value.len(), mdp.n_actions(), "action", actions.at)?;
            let mut available = mdp.rows(s).peekable();
            for (a, list) in actions.value.iter().enumerate() {
                let row = available.next_if(|&row| mdp.action(row) == a);
                if let Some(list) = &list.value {
                    self.shape(&format!("sas[{s}][{a}]"), list.len(), n, "next state", actions.at)?;
                }
                match (row, &list.value) {
                    (Some(_), Some(list)) => {
                        // The commonest value is the default of the row, so constant rows take no room.
                        let default = list.first().copied().unwrap_or(At::nowhere(0.0));
                        read.base.push(default);
                        for (t, r) in list.iter().enumerate().filter(|(_, r)| !self.is_same(**r, default)) {
                            read.col.push(t as u32);
                            read.val.push(*r);
                        }
                        read.ptr.push(read.col.len());
                        if mdp.is_terminal(s)
                            && let Some(r) = list.iter().find(|r| r.value != 0.0)
                        {
                            at_end.get_or_insert((s, r.at));
                        }
                    }
                    (Some(_), None) if mdp.is_terminal(s) => {
                        read.base.push(At::nowhere(0.0));
                        read.ptr.push(read.col.len());
                    }
                    (Some(_), None) => return self.missing(s, a, list.at).err(),
                    (None, Some(values)) if values.iter().any(|r| r.value != 0.0) => {
                        return self.unavailable(s, a, list.at).err();
                    }
                    (None, _) => {}
                }
            }
        }
        Ok((read, at_end))
    }

    /// Whether two numbers are the same as written, and not only in doubles.
    fn is_same(&self, x: At<f64>, y: At<f64>) -> bool {
        x.value == y.value && (is_whole(x.value) || self.src.number(x.at) == self.src.number(y.at))
    }

    fn per_transition(&self, val: &[f64], inputs: RawInputs, at: Offset) -> Result<Reward> {
        let mdp = self.mdp;
        self.shape("the array", val.len(), mdp.nnz(), "stored transition", Offset::NONE)?;
        let mut reward = Reward::per_transition(mdp, val.to_vec());
        zero_at_end(mdp, &mut reward);
        reward.check_size(self.name).map_err(|d| Box::new(d.at(self.src, at)))?;
        Ok(if inputs == RawInputs::AsStored { reward.exact_inputs(mdp) } else { reward })
    }

    fn entries(&self, entries: &[At<RawEntry>], default: At<f64>) -> Result<Built> {
        let mdp = self.mdp;
        let inputs = RawInputs::Rounded;
        let resolver = Resolver { src: self.src, states: &mdp.states, actions: &mdp.actions, inputs };
        let mut at_end = None;
        // Entries by the rows they can touch: one row, the rows of one state, or any row.
        let mut by_row: Vec<Vec<u32>> = vec![Vec::new(); mdp.n_rows()];
        let mut by_state: Vec<Vec<u32>> = vec![Vec::new(); mdp.n_states()];
        let mut anywhere: Vec<(u32, Option<usize>)> = Vec::new();
        let mut targets: Vec<Option<u32>> = Vec::with_capacity(entries.len());
        for (i, entry) in entries.iter().enumerate() {
            let i = i as u32;
            let e = &entry.value;
            let a = match &e.a.value {
                Pattern::Any => None,
                Pattern::One(a) => Some(resolver.action(a, e.a.at)?),
            };
            targets.push(match &e.s_next.value {
                Pattern::Any => None,
                Pattern::One(t) => Some(resolver.state(t, e.s_next.at)? as u32),
            });
            match &e.s.value {
                Pattern::Any => anywhere.push((i, a)),
                Pattern::One(s) => {
                    let s = resolver.state(s, e.s.at)?;
                    if mdp.is_terminal(s) && e.r.value != 0.0 {
                        at_end.get_or_insert((s, entry.at));
                    }
                    match a {
                        None => by_state[s].push(i),
                        Some(a) => match mdp.row(s, a) {
                            Some(row) => by_row[row].push(i),
                            None if mdp.is_terminal(s) || e.r.value == 0.0 => {}
                            None => return self.unavailable(s, a, entry.at).err(),
                        },
                    }
                }
            }
        }
        let mut read = Read { base: Vec::with_capacity(mdp.n_rows()), ..Read::per_row(Vec::new()) };
        let mut matching: Vec<u32> = Vec::new();
        let mut found: Vec<(u32, At<f64>)> = Vec::new();
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                matching.clear();
                matching.extend(&by_row[row]);
                matching.extend(&by_state[s]);
                matching
                    .extend(anywhere.iter().filter(|(_, a)| a.is_none_or(|a| a == mdp.action(row))).map(|(i, _)| *i));
                matching.sort_unstable();
                let mut value = default;
                found.clear();
                for &i in &matching {
                    let r = entries[i as usize].value.r;
                    match targets[i as usize] {
                        None => {
                            value = r;
                            found.clear();
                        }
                        Some(t) => found.push((t, r)),
                    }
                }
                read.base.push(value);
                // A stable sort keeps the order of the file among entries for one next state; the last one wins.
                found.sort_by_key(|e| e.0);
                for same in found.chunk_by(|x, y| x.0 == y.0) {
                    read.col.push(same[0].0);
                    read.val.push(same[same.len() - 1].1);
                }
                read.ptr.push(read.col.len());
            }
        }
        Ok((read, at_end))
    }
}

/// Every reward is zero where episodes have ended.
fn zero_at_end(mdp: &Mdp, reward: &mut Reward) {
    for s in (0..mdp.n_states()).filter(|&s| mdp.is_terminal(s)) {
        for row in mdp.rows(s) {
            reward.base[row] = 0.0;
        }
    }
    let Some(listed) = &mut reward.listed else { return };
    let mut kept = Listed { ptr: vec![0], col: Vec::new(), val: Vec::new() };
    for s in 0..mdp.n_states() {
        for row in mdp.rows(s) {
            if !mdp.is_terminal(s) {
                let range = listed.ptr[row]..listed.ptr[row + 1];
                kept.col.extend_from_slice(&listed.col[range.clone()]);
                kept.val.extend_from_slice(&listed.val[range]);
            }
            kept.ptr.push(kept.col.len());
        }
    }
    reward.listed = (!kept.col.is_empty()).then_some(kept);
}
