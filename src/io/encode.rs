//! A [`RawModel`] to the document a text format prints: the inverse of `decode`.
//!
//! Reading what was written gives the same model, every number exactly: a quotient such as "1/3", or a decimal of more
//! digits than a double holds, is written as a quotient again. What is normalised on the way: the binary forms of dynamics
//! and rewards become `transitions` and `entries`, and their doubles decimals.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Encoded;
use super::document::{Field, Node, Value, quoted};
use super::{decode, print};
use crate::base::number::shortest;
use crate::base::{Code, Diag, Offset, Result};
use crate::model::raw::*;

/// Writes TOML.
pub fn toml(model: &RawModel) -> Result<Encoded> {
    let bytes = print::toml(&document(model)?)?.into_bytes();
    Ok(Encoded { bytes, warnings: Vec::new() })
}

/// Writes JSON.
pub fn json(model: &RawModel) -> Result<Encoded> {
    let bytes = print::json(&document(model)?)?.into_bytes();
    Ok(Encoded { bytes, warnings: Vec::new() })
}

type Table<'a> = Vec<Field<'a>>;

fn node(value: Value<'_>) -> Node<'_> {
    Node { at: Offset::NONE, value }
}

fn put<'a>(table: &mut Table<'a>, key: impl Into<Cow<'a, str>>, value: Value<'a>) {
    table.push(Field { key: key.into(), at: Offset::NONE, node: node(value) });
}

fn put_text<'a>(table: &mut Table<'a>, key: &'a str, text: Option<&'a String>) {
    if let Some(text) = text {
        put(table, key, text_value(text));
    }
}

fn text_value(text: &str) -> Value<'_> {
    Value::String(text.into())
}

fn list<'a>(values: impl IntoIterator<Item = Value<'a>>) -> Value<'a> {
    Value::Array(values.into_iter().map(node).collect())
}

/// The whole model as a tree, fields in the order of the format's description.
fn document(model: &RawModel) -> Result<Table<'_>> {
    let writer = Writer { model };
    let mut top = Table::new();
    put(&mut top, "format", text_value(decode::FORMAT));
    put_text(&mut top, "name", model.name.as_ref());
    put_text(&mut top, "description", model.description.as_ref());
    put_text(&mut top, "source", model.source.as_ref());
    put(&mut top, "gamma", writer.number(model.gamma));
    put(&mut top, "states", names(&model.states.value));
    put(&mut top, "actions", names(&model.actions.value));
    put(&mut top, "mu0", writer.start()?);
    if !model.terminal.is_empty() {
        put(&mut top, "terminal", list(model.terminal.iter().map(|r| reference(&r.value))));
    }
    match &model.dynamics.value {
        RawDynamics::Dense(p) => put(&mut top, "p", writer.cube(p)),
        RawDynamics::List(rows) => {
            put(&mut top, "transitions", list(rows.iter().map(|t| writer.transition(&t.value))));
        }
        RawDynamics::Csr { val, .. } => put(&mut top, "transitions", writer.per_transition(val)?),
    }
    let mut rewards = Table::new();
    for (name, reward) in &model.rewards {
        put(&mut rewards, name.value.as_str(), Value::Table(writer.reward(&reward.value)?));
    }
    unique(&rewards, "reward")?;
    if !rewards.is_empty() {
        put(&mut top, "rewards", Value::Table(rewards));
    }
    if let Some(picture) = &model.grid {
        put(&mut top, "grid", Value::Table(grid(&picture.value)));
    }
    if let Some(answers) = writer.expected()? {
        put(&mut top, "expected", Value::Table(answers));
    }
    Ok(top)
}

fn names(names: &RawNames) -> Value<'_> {
    match names {
        // A count beyond 2^63 is no model and is refused when read back.
        RawNames::Count(n) => Value::Integer(i64::try_from(*n).unwrap_or(i64::MAX)),
        RawNames::List(names) => list(names.iter().map(|n| text_value(&n.value))),
    }
}

fn reference(r: &Ref) -> Value<'_> {
    match r {
        Ref::Index(i) => Value::Integer(i64::try_from(*i).unwrap_or(i64::MAX)),
        Ref::Name(name) => text_value(name),
    }
}

fn grid(grid: &RawGrid) -> Table<'_> {
    let mut table = Table::new();
    put(&mut table, "rows", list(grid.rows.iter().map(|r| text_value(&r.value))));
    if let Some(start) = &grid.start_at {
        put(&mut table, "start_at", reference(&start.value));
    }
    if let Some(cells) = &grid.cells {
        put(
            &mut table,
            "cells",
            list(
                cells
                    .iter()
                    .map(|row| list(row.value.iter().map(|c| c.value.as_ref().map_or(Value::Integer(-1), reference)))),
            ),
        );
    }
    table
}

fn unique(table: &Table, what: &str) -> Result<()> {
    let mut seen = HashSet::new();
    match table.iter().find(|f| !seen.insert(f.key.as_ref())) {
        None => Ok(()),
        Some(twice) => Diag::new(Code::NameTwice, format!("two entries for the {what} {}", quoted(&twice.key)))
            .expected("every name once")
            .help("rename one of them")
            .err(),
    }
}

/// What needs more than one field of the model to be written.
struct Writer<'a> {
    model: &'a RawModel,
}

impl<'a> Writer<'a> {
    fn refuse<T>(&self, code: Code, at: Offset, message: &str, help: &str) -> Result<T> {
        Diag::new(code, message)
            .at(&self.model.source_file, at)
            .expected("a model that a text can hold")
            .help(help)
            .err()
    }

    fn start(&self) -> Result<Value<'a>> {
        Ok(match &self.model.mu0.value {
            RawStart::Uniform => text_value("uniform"),
            RawStart::State(Ref::Name(name)) if name == "uniform" => {
                let index = match &self.model.states.value {
                    RawNames::List(names) => names.iter().position(|n| n.value == "uniform"),
                    RawNames::Count(_) => None,
                };
                match index {
                    Some(i) => Value::Integer(i as i64),
                    None => {
                        return self.refuse(
                            Code::NameUnknown,
                            self.model.mu0.at,
                            "there is no state `uniform`",
                            "name a state that exists",
                        );
                    }
                }
            }
            RawStart::State(r) => reference(r),
            RawStart::Dense(mu0) => self.numbers(mu0),
            RawStart::Table(pairs) => {
                let mut table = Table::new();
                for (state, p) in pairs {
                    put(&mut table, self.state_key(&state.value), self.number(*p));
                }
                unique(&table, "state")?;
                Value::Table(table)
            }
        })
    }

    /// Keys of a table are texts, so an index becomes the state's name, or its digits where states have none.
    fn state_key(&self, r: &'a Ref) -> Cow<'a, str> {
        match (r, &self.model.states.value) {
            (Ref::Name(name), _) => name.as_str().into(),
            (Ref::Index(i), RawNames::List(names)) => {
                let name = usize::try_from(*i).ok().and_then(|i| names.get(i));
                name.map_or_else(|| i.to_string().into(), |n| n.value.as_str().into())
            }
            (Ref::Index(i), RawNames::Count(_)) => i.to_string().into(),
        }
    }

    /// Rows `[s, a, s_next, x]` for one number a stored transition.
    fn per_transition(&self, xs: &[f64]) -> Result<Value<'a>> {
        let refuse = |message: &str| {
            self.refuse(
                Code::WrongShape,
                self.model.dynamics.at,
                message,
                "build the model first; that says what is wrong with it",
            )
        };
        let RawDynamics::Csr { row_ptr, col, .. } = &self.model.dynamics.value else {
            return refuse("rewards per stored transition need the binary form of the dynamics");
        };
        let n_actions = match &self.model.actions.value {
            RawNames::Count(n) => usize::try_from(*n).unwrap_or(usize::MAX),
            RawNames::List(names) => names.len(),
        };
        if n_actions == 0 || xs.len() != col.len() {
            return refuse("the arrays of the dynamics do not fit together");
        }
        let name = |names: &'a At<RawNames>, i: usize| match &names.value {
            RawNames::List(list) => list.get(i).map_or(Value::Integer(i as i64), |n| text_value(&n.value)),
            RawNames::Count(_) => Value::Integer(i as i64),
        };
        let mut rows = Vec::with_capacity(col.len());
        for (row, ends) in row_ptr.windows(2).enumerate() {
            for k in ends[0]..ends[1] {
                let k = usize::try_from(k).unwrap_or(usize::MAX);
                let (Some(&s_next), Some(&x)) = (col.get(k), xs.get(k)) else {
                    return refuse("a row of the dynamics ends beyond the arrays");
                };
                rows.push(node(list([
                    name(&self.model.states, row / n_actions),
                    name(&self.model.actions, row % n_actions),
                    name(&self.model.states, s_next as usize),
                    Value::Float(x),
                ])));
            }
        }
        Ok(Value::Array(rows))
    }

    /// A number as written: a decimal where the shortest one that reads as its double is it, else a quotient.
    fn number(&self, x: At<f64>) -> Value<'a> {
        let written = (self.model.inputs == RawInputs::Written).then(|| self.model.source_file.number(x.at)).flatten();
        match written {
            Some(written) if written != shortest(x.value) => Value::String(written.to_string().into()),
            _ => Value::Float(x.value),
        }
    }

    fn numbers(&self, xs: &[At<f64>]) -> Value<'a> {
        list(xs.iter().map(|&x| self.number(x)))
    }

    fn cube(&self, p: &RawTensor) -> Value<'a> {
        let row = |r: &At<Option<Vec<At<f64>>>>| r.value.as_ref().map_or(Value::Null, |xs| self.numbers(xs));
        list(p.iter().map(|state| list(state.value.iter().map(row))))
    }

    fn transition(&self, t: &'a RawTransition) -> Value<'a> {
        list([reference(&t.s.value), reference(&t.a.value), reference(&t.s_next.value), self.number(t.p)])
    }

    fn reward(&self, reward: &'a RawReward) -> Result<Table<'a>> {
        let mut table = Table::new();
        match reward {
            RawReward::S(xs) => put(&mut table, "s", self.numbers(xs)),
            RawReward::Sa(rows) => {
                let cell =
                    |x: &At<Option<f64>>| x.value.map_or(Value::Null, |value| self.number(At { value, at: x.at }));
                put(&mut table, "sa", list(rows.iter().map(|row| list(row.value.iter().map(cell)))));
            }
            RawReward::Sas(p) => put(&mut table, "sas", self.cube(p)),
            RawReward::PerTransition(xs) => put(&mut table, "entries", self.per_transition(xs)?),
            RawReward::Entries { entries, default } => {
                let mut rows = Vec::with_capacity(entries.len());
                for e in entries {
                    let e = &e.value;
                    let row = [self.pattern(&e.s)?, self.pattern(&e.a)?, self.pattern(&e.s_next)?, self.number(e.r)];
                    rows.push(list(row));
                }
                put(&mut table, "entries", list(rows));
                if default.value != 0.0 || default.value.is_sign_negative() {
                    put(&mut table, "default", self.number(*default));
                }
            }
        }
        Ok(table)
    }

    fn pattern(&self, pattern: &'a At<Pattern>) -> Result<Value<'a>> {
        match &pattern.value {
            Pattern::Any => Ok(text_value("*")),
            Pattern::One(Ref::Name(name)) if name == "*" => {
                self.refuse(Code::NameUnknown, pattern.at, "the name `*` stands for everything", "rename it")
            }
            Pattern::One(r) => Ok(reference(r)),
        }
    }

    fn expected(&self) -> Result<Option<Table<'a>>> {
        let all = &self.model.expected;
        if let [one] = all.as_slice()
            && one.value.reward.is_none()
        {
            let flat = answers(&one.value);
            return Ok((!flat.is_empty()).then_some(flat));
        }
        let first = self.model.rewards.first().map_or("", |(name, _)| name.value.as_str());
        let mut table = Table::new();
        for one in all {
            let reward = one.value.reward.as_ref().map_or(first, |r| r.value.as_str());
            put(&mut table, reward, Value::Table(answers(&one.value)));
        }
        unique(&table, "answers to reward")?;
        Ok((!table.is_empty()).then_some(table))
    }
}

fn answers(one: &RawExpected) -> Table<'_> {
    let mut table = Table::new();
    if let Some(x) = one.value_at_start {
        put(&mut table, "value_at_start", Value::Float(x));
    }
    if let Some(v) = &one.v {
        put(&mut table, "v", list(v.iter().map(|&x| Value::Float(x))));
    }
    put_text(&mut table, "source", one.source.as_ref());
    put_text(&mut table, "grade", one.grade.as_ref());
    table
}
