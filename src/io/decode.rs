//! A document to a [`RawModel`]: every field of a model file, its type checked, its meaning not.

use super::access::{Access, Fields, TOP};
use super::document::{Node, Value, quoted};
use super::reward_file::reward;
use crate::base::{Code, Result, Source};
use crate::model::raw::*;

/// What `format` must say.
pub const FORMAT: &str = "truenorth-mdp/1";

const FILE: &str = "the model file";

/// Reads the model a document describes.
pub fn model(source: &Source, root: Node) -> Result<RawModel> {
    let access = Access { source };
    check_format(&access, &root)?;
    let mut fields = access.table(root, FILE, TOP)?;
    let optional_text = |fields: &mut Fields, key: &str| {
        fields.take(key).map(|f| access.text(f.node, &format!("`{key}`"))).transpose().map(|t| t.map(|t| t.value))
    };
    let name = optional_text(&mut fields, "name")?;
    let description = optional_text(&mut fields, "description")?;
    let origin = optional_text(&mut fields, "source")?;
    let gamma = access.number(&fields.need(&access, FILE, "gamma", "`gamma`, such as 0.99")?, "`gamma`")?;
    let states =
        names(&access, fields.need(&access, FILE, "states", "`states`: a count or a list of names")?, "states")?;
    let actions =
        names(&access, fields.need(&access, FILE, "actions", "`actions`: a count or a list of names")?, "actions")?;
    let mu0 = start(&access, fields.need(&access, FILE, "mu0", "`mu0`, such as \"uniform\" or one state")?)?;
    let dynamics = dynamics(&access, &mut fields)?;
    let terminal = fields.take("terminal").map(|f| terminal(&access, f.node)).transpose()?.unwrap_or_default();
    let rewards = fields.take("rewards").map(|f| rewards(&access, f.node)).transpose()?.unwrap_or_default();
    let grid = fields.take("grid").map(|f| grid(&access, f.node)).transpose()?;
    let expected = fields.take("expected").map(|f| expected(&access, f.node)).transpose()?.unwrap_or_default();
    Ok(RawModel {
        source_file: source.clone(),
        inputs: RawInputs::Written,
        name,
        description,
        source: origin,
        gamma,
        states,
        actions,
        mu0,
        dynamics,
        terminal,
        rewards,
        grid,
        expected,
    })
}

/// The version is checked before anything else: another version may have other fields.
fn check_format(access: &Access, root: &Node) -> Result<()> {
    let Value::Table(fields) = &root.value else {
        return access.wrong(root, FILE, "a table of fields").help("a model file is one table").err();
    };
    let refusal = match fields.iter().find(|f| f.key == "format") {
        Some(field) => match &field.node.value {
            Value::String(text) if text == FORMAT => return Ok(()),
            other => access.refuse(Code::FormatVersion, field.node.at, format!("`format` is {}", other.found())),
        },
        None => access.refuse(Code::FormatVersion, root.at, "the model file has no field `format`"),
    };
    refusal.expected(format!("`{FORMAT}`")).help(format!("write format = \"{FORMAT}\"")).err()
}

fn names(access: &Access, node: Node, field: &str) -> Result<At<RawNames>> {
    let at = node.at;
    let what = format!("`{field}`");
    let value = match node.value {
        Value::Integer(n) if n >= 0 => RawNames::Count(n.unsigned_abs()),
        Value::Array(list) => {
            let what = format!("an element of `{field}`");
            RawNames::List(list.into_iter().map(|n| access.text(n, &what)).collect::<Result<_>>()?)
        }
        _ => {
            return access
                .wrong(&node, &what, "a count, or a list of names")
                .help(format!("write {field} = 4, or {field} = [\"a\", \"b\"]"))
                .err();
        }
    };
    Ok(At { value, at })
}

fn start(access: &Access, node: Node) -> Result<At<RawStart>> {
    let at = node.at;
    let value = match node.value {
        Value::String(text) if text == "uniform" => RawStart::Uniform,
        Value::String(_) | Value::Integer(_) => RawStart::State(access.reference(&node, "`mu0`")?.value),
        Value::Array(list) => {
            RawStart::Dense(list.iter().map(|n| access.number(n, "a probability in `mu0`")).collect::<Result<_>>()?)
        }
        Value::Table(fields) => RawStart::Table(
            fields
                .into_iter()
                .map(|f| {
                    let state = At { value: Ref::Name(f.key.into_owned()), at: f.at };
                    Ok((state, access.number(&f.node, "a probability in `mu0`")?))
                })
                .collect::<Result<_>>()?,
        ),
        _ => {
            return access
                .wrong(
                    &node,
                    "`mu0`",
                    "\"uniform\", one state, a list of probabilities, or a table state -> probability",
                )
                .help("write mu0 = \"uniform\"")
                .err();
        }
    };
    Ok(At { value, at })
}

fn dynamics(access: &Access, fields: &mut Fields) -> Result<At<RawDynamics>> {
    const HELP: &str =
        "write either `p`, the table [S][A][S], or `transitions`, the list of [s, a, s_next, probability]";
    match (fields.take("p"), fields.take("transitions")) {
        (Some(_), Some(second)) => access
            .refuse(Code::WrongType, second.at, "the model file has both `p` and `transitions`")
            .expected("one of them")
            .help(HELP)
            .err(),
        (None, None) => access
            .refuse(Code::FieldMissing, fields.at, "the model file has neither `p` nor `transitions`")
            .expected("one of them")
            .help(HELP)
            .err(),
        (Some(p), None) => Ok(At { at: p.node.at, value: RawDynamics::Dense(cube(access, p.node, "`p`")?) }),
        (None, Some(list)) => {
            const SHAPE: &str = "[s, a, s_next, probability]";
            let list = access.list(list.node, "`transitions`", "a list of [s, a, s_next, probability]")?;
            let rows = list.value.into_iter().map(|node| {
                let at = node.at;
                let [s, a, s_next, p] = access.tuple(node, "a row of `transitions`", SHAPE)?;
                let value = RawTransition {
                    s: access.reference(&s, "the state of a transition")?,
                    a: access.reference(&a, "the action of a transition")?,
                    s_next: access.reference(&s_next, "the next state of a transition")?,
                    p: access.number(&p, "the probability of a transition")?,
                };
                Ok(At { value, at })
            });
            Ok(At { at: list.at, value: RawDynamics::List(rows.collect::<Result<_>>()?) })
        }
    }
}

/// Reads `[S][A][S]`.
pub(super) fn cube(access: &Access, node: Node, what: &str) -> Result<RawTensor> {
    let element = format!("an element of {what}");
    let states = access.list(node, what, "a list [S][A][S] of numbers")?.value;
    let state = |node: Node| {
        let actions = access.list(node, &element, "a list [A][S] of numbers, one row an action")?;
        let rows = actions.value.into_iter().map(|node| {
            let at = node.at;
            let value = access.nullable(node).map(|n| access.numbers(n, &element)).transpose()?;
            Ok(At { value, at })
        });
        Ok(At { at: actions.at, value: rows.collect::<Result<_>>()? })
    };
    states.into_iter().map(state).collect()
}

fn terminal(access: &Access, node: Node) -> Result<Vec<At<Ref>>> {
    if let Value::String(name) = &node.value {
        let help = format!("write terminal = [{name:?}]");
        return access.wrong(&node, "`terminal`", "a list of states").help(help).err();
    }
    let list = access.list(node, "`terminal`", "a list of states")?.value;
    list.iter().map(|n| access.reference(n, "an element of `terminal`")).collect()
}

fn rewards(access: &Access, node: Node) -> Result<Vec<(At<String>, At<RawReward>)>> {
    let table = access.open_table(node, "`rewards`", "a table of rewards by name")?;
    let one = |field: super::document::Field| {
        if !matches!(field.node.value, Value::Table(_)) && TOP.contains(&field.key.as_ref()) {
            return access
                .refuse(
                    Code::WrongType,
                    field.at,
                    format!("the reward {} is {}", quoted(&field.key), field.node.value.found()),
                )
                .expected("a reward table such as { s = [...] }")
                .help(format!("if the field `{}` was meant: in TOML, move it above the first `[header]`", field.key))
                .err();
        }
        let value = reward(access, field.node, &format!("the reward {}", quoted(&field.key)))?;
        Ok((At { value: field.key.into_owned(), at: field.at }, value))
    };
    table.fields.into_iter().map(one).collect()
}

fn grid(access: &Access, node: Node) -> Result<At<RawGrid>> {
    let at = node.at;
    let mut fields = access.table(node, "`grid`", &["rows", "start_at", "cells"])?;
    let rows = fields.need(access, "`grid`", "rows", "`rows`, such as [\"SF\", \"FG\"]")?;
    let rows = access.list(rows, "`rows` of `grid`", "a list of texts, one a row")?.value;
    let rows = rows.into_iter().map(|n| access.text(n, "an element of `rows`")).collect::<Result<_>>()?;
    let start_at = fields.take("start_at").map(|f| access.reference(&f.node, "`start_at`")).transpose()?;
    let cells = fields.take("cells").map(|f| {
        let rows = access.list(f.node, "`cells`", "a list of lists of states")?.value;
        rows.into_iter()
            .map(|row| {
                let row = access.list(row, "a row of `cells`", "a list of states, -1 for none")?;
                let cells = row.value.iter().map(|cell| match cell.value {
                    Value::Null | Value::Integer(-1) => Ok(At { value: None, at: cell.at }),
                    _ => access.reference(cell, "an element of `cells`").map(|r| At { value: Some(r.value), at: r.at }),
                });
                Ok(At { at: row.at, value: cells.collect::<Result<_>>()? })
            })
            .collect::<Result<Vec<_>>>()
    });
    Ok(At { at, value: RawGrid { rows, start_at, cells: cells.transpose()? } })
}

const ANSWERS: &[&str] = &["value_at_start", "v", "source", "grade", "reward"];

/// Either the answers for one reward, or a table reward -> answers. It is the latter when every value is a table.
fn expected(access: &Access, node: Node) -> Result<Vec<At<RawExpected>>> {
    let Value::Table(fields) = &node.value else {
        return access
            .wrong(&node, "`expected`", "a table of known answers, or a table reward -> answers")
            .help("write expected.goal = { value_at_start = 0.5 }")
            .err();
    };
    if fields.is_empty() || fields.iter().any(|f| !matches!(f.node.value, Value::Table(_))) {
        let at = node.at;
        let is_empty = fields.is_empty();
        let mut fields = access.table(node, "`expected`", ANSWERS)?;
        let reward = fields.take("reward").map(|f| access.text(f.node, "`reward` of `expected`")).transpose()?;
        let value = answers(access, &mut fields, reward)?;
        return Ok(if is_empty { Vec::new() } else { vec![At { value, at }] });
    }
    let one = |field: super::document::Field| {
        let at = field.node.at;
        let what = format!("the table {} of `expected`", quoted(&field.key));
        let mut fields = access.table(field.node, &what, &ANSWERS[..4])?;
        let reward = At { value: field.key.into_owned(), at: field.at };
        Ok(At { value: answers(access, &mut fields, Some(reward))?, at })
    };
    access.open_table(node, "`expected`", "a table")?.fields.into_iter().map(one).collect()
}

fn answers(access: &Access, fields: &mut Fields, reward: Option<At<String>>) -> Result<RawExpected> {
    let value = fields.take("value_at_start").map(|f| access.number(&f.node, "`value_at_start`")).transpose()?;
    let v = fields.take("v").map(|f| access.numbers(f.node, "`v` of `expected`")).transpose()?;
    let source = fields.take("source").map(|f| access.text(f.node, "`source` of `expected`")).transpose()?;
    let grade = fields.take("grade").map(|f| access.text(f.node, "`grade` of `expected`")).transpose()?;
    Ok(RawExpected {
        reward,
        value_at_start: value.map(|x| x.value),
        v: v.map(|v| v.into_iter().map(|x| x.value).collect()),
        source: source.map(|t| t.value),
        grade: grade.map(|t| t.value),
    })
}
