//! The rewards of a raw model as expectations over rows, in rational numbers.

use std::collections::HashMap;

use dashu_ratio::RBig;

use super::exact::{Exact, Resolver};
use super::number::written;
use crate::base::{Code, Diag, Offset, Result};
use crate::model::raw::{At, Pattern, RawDynamics, RawEntry, RawModel, RawReward, RawTensor};

/// Every named reward: `r(s,a) = sum_s' P(s'|s,a) R(s,a,s')` of every row.
pub(super) fn all(exact: &Exact, resolver: &Resolver<'_>, raw: &RawModel) -> Result<Vec<(String, Vec<RBig>)>> {
    let mut found: Vec<(String, Vec<RBig>)> = Vec::with_capacity(raw.rewards.len());
    for (name, reward) in &raw.rewards {
        let table = Table { exact, resolver, at: reward.at, name: &name.value };
        if name.value.is_empty() || found.iter().any(|(known, _)| *known == name.value) {
            return table.refuse(Code::NameTwice, "its name is empty or used twice", name.at);
        }
        let rows = match &reward.value {
            RawReward::S(list) => {
                table.shape(list.len() == exact.n_states, reward.at)?;
                table.per_row(|s, _| Some(list[s]))?
            }
            RawReward::Sa(rows) => {
                let fits = rows.len() == exact.n_states && rows.iter().all(|r| r.value.len() == exact.n_actions);
                table.shape(fits, reward.at)?;
                table.per_row(|s, a| rows[s].value[a].value.map(|r| At { at: rows[s].value[a].at, value: r }))?
            }
            RawReward::Sas(rows) => table.full(rows)?,
            RawReward::Entries { entries, default } => table.entries(entries, *default)?,
            RawReward::PerTransition(val) => table.per_transition(val, raw)?,
        };
        found.push((name.value.clone(), rows));
    }
    Ok(found)
}

struct Table<'a> {
    exact: &'a Exact,
    resolver: &'a Resolver<'a>,
    at: Offset,
    name: &'a str,
}

impl Table<'_> {
    fn refuse<T>(&self, code: Code, why: &str, at: Offset) -> Result<T> {
        Diag::new(code, format!("the reward `{}` cannot be read: {why}", self.name)).at(self.resolver.src, at).err()
    }

    fn shape(&self, fits: bool, at: Offset) -> Result<()> {
        if fits { Ok(()) } else { self.refuse(Code::WrongShape, "it does not fit the states and actions", at) }
    }

    fn number(&self, x: Option<At<f64>>) -> Result<RBig> {
        match x.and_then(|x| written(self.resolver.src, x)) {
            Some(x) => Ok(x),
            None => self.refuse(Code::BadNumber, "an available action has no finite number", self.at),
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let exact = self.exact;
        (0..exact.n_states).flat_map(move |s| exact.rows(s).map(move |row| (s, exact.action[row] as usize, row)))
    }

    /// Rewards that do not depend on the next state.
    fn per_row(&self, value: impl Fn(usize, usize) -> Option<At<f64>>) -> Result<Vec<RBig>> {
        self.pairs().map(|(s, a, _)| self.number(value(s, a))).collect()
    }

    /// The expectation over a row of a number for each transition.
    fn expectation(&self, row: usize, value: impl Fn(usize) -> Option<At<f64>>) -> Result<RBig> {
        let range = self.exact.transitions(row);
        let first = value(range.start);
        // One number for all of them, written once.
        if range.clone().all(|t| value(t) == first) {
            return self.number(first);
        }
        let numbers = range.clone().map(|t| self.number(value(t))).collect::<Result<Vec<_>>>()?;
        if numbers.windows(2).all(|pair| pair[0] == pair[1]) {
            return Ok(numbers.into_iter().next().unwrap_or(RBig::ZERO));
        }
        let parts = range.zip(numbers).filter(|(_, r)| !r.is_zero());
        Ok(parts.fold(RBig::ZERO, |sum, (t, r)| sum + self.exact.p(row, t) * r))
    }

    fn full(&self, rows: &RawTensor) -> Result<Vec<RBig>> {
        let exact = self.exact;
        self.shape(rows.len() == exact.n_states, self.at)?;
        let row = |(s, a, row): (usize, usize, usize)| {
            self.shape(rows[s].value.len() == exact.n_actions, rows[s].at)?;
            let list = &rows[s].value[a];
            let value = |s_next: usize| list.value.as_ref().and_then(|l| l.get(s_next)).copied();
            self.expectation(row, |t| value(exact.next(t)))
        };
        self.pairs().map(row).collect()
    }

    fn per_transition(&self, val: &[f64], raw: &RawModel) -> Result<Vec<RBig>> {
        let RawDynamics::Csr { col, .. } = &raw.dynamics.value else {
            return self.refuse(Code::WrongShape, "only a binary model has one number a transition", self.at);
        };
        self.shape(val.len() == col.len(), self.at)?;
        let row =
            |(_, _, row)| self.expectation(row, |t| val.get(self.exact.place[t] as usize).map(|&r| At::nowhere(r)));
        self.pairs().map(row).collect()
    }

    /// Later entries win; `*` stands for all.
    fn entries(&self, entries: &[At<RawEntry>], default: At<f64>) -> Result<Vec<RBig>> {
        let (src, exact) = (self.resolver.src, self.exact);
        let mut resolved: Vec<(Option<usize>, Option<usize>, At<f64>)> = Vec::with_capacity(entries.len());
        let mut anywhere: Vec<usize> = Vec::new();
        let mut by_state: HashMap<usize, Vec<usize>> = HashMap::new();
        for (i, entry) in entries.iter().enumerate() {
            let e = &entry.value;
            let one = |pattern: &Pattern, lookup: &super::exact::Lookup, at| match pattern {
                Pattern::Any => Ok(None),
                Pattern::One(r) => lookup.find(src, r, at).map(Some),
            };
            let s = one(&e.s.value, &self.resolver.states, e.s.at)?;
            let a = one(&e.a.value, &self.resolver.actions, e.a.at)?;
            let s_next = one(&e.s_next.value, &self.resolver.states, e.s_next.at)?;
            resolved.push((a, s_next, e.r));
            match s {
                None => anywhere.push(i),
                Some(s) => by_state.entry(s).or_default().push(i),
            }
        }
        let mut found = Vec::with_capacity(exact.n_rows());
        for s in 0..exact.n_states {
            let mut here: Vec<usize> = anywhere.clone();
            here.extend(by_state.get(&s).into_iter().flatten());
            here.sort_unstable();
            for row in exact.rows(s) {
                let a = exact.action[row] as usize;
                let mut rest = default;
                let mut special: HashMap<usize, At<f64>> = HashMap::new();
                for &(action, s_next, r) in here.iter().map(|&i| &resolved[i]) {
                    match s_next {
                        _ if action.is_some_and(|x| x != a) => {}
                        Some(t) => {
                            special.insert(t, r);
                        }
                        None => {
                            special.clear();
                            rest = r;
                        }
                    }
                }
                found.push(self.expectation(row, |t| Some(*special.get(&exact.next(t)).unwrap_or(&rest)))?);
            }
        }
        Ok(found)
    }
}
