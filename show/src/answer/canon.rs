//! The words of `canon`: a canonical form, its norm and the potential behind it.

use serde_json::{Map, Value};

use super::number::{entry, plain, rounding};
use super::parts::{self, ROWS};
use super::{head, spread};
use crate::report::{Align, Cell, Document, Table};
use truenorth::analysis::canon::{Canon, Canonical};
use truenorth::analysis::distance::Norm;
use truenorth::base::{Code, Diag, Result};
use truenorth::model::{Mdp, Model};

/// Most numbers printed as `[S][A][S]`.
const MAX_NUMBERS: usize = 20_000_000;

/// A canonical form on the reachable part of a model.
pub struct Form<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// Reward as asked for.
    pub reward: &'a str,
    /// Canonicalisation.
    pub canon: &'a Canon,
    /// What it made.
    pub canonical: &'a Canonical,
    /// Norm asked for.
    pub by: &'a Norm,
    /// Its value, if it can be had.
    pub norm: Option<f64>,
}

impl Form<'_> {
    /// The contract's keys. Refused where the form has too many numbers.
    pub fn json(&self) -> Result<Map<String, Value>> {
        let (mdp, whole, form) = (self.mdp, self.model.mdp(), self.canonical);
        let n = mdp.n_states();
        let canonical = if form.is_constant_in_next() {
            parts::pairs(whole, mdp, self.kept, |row| form.form.base()[row].into())
        } else if mdp.n_rows().saturating_mul(whole.n_states()) > MAX_NUMBERS {
            return Diag::new(Code::TooLarge, format!("the canonical form has {} x {n} numbers", mdp.n_rows()))
                .expected(format!("at most {MAX_NUMBERS}"))
                .help("leave --json out, or use a form that does not depend on the next state, such as `val`")
                .err();
        } else {
            parts::pairs(whole, mdp, self.kept, |row| {
                let mut values = vec![0.0; n];
                form.fill_row(mdp.state(row), row, &mut values);
                spread(whole.n_states(), self.kept, values.into_iter().map(Value::from))
            })
        };
        let potential = form
            .potential
            .as_ref()
            .map_or(Value::Null, |phi| spread(whole.n_states(), self.kept, phi.iter().map(|&x| Value::from(x))));
        let mut map = head("canon", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.reward.into()),
                ("by", self.canon.id.into()),
                ("canonical", canonical),
                ("norm", self.norm.into()),
                ("norm_id", self.by.id.into()),
                ("potential", potential),
                ("error", form.err.into()),
            ],
        );
        Ok(map)
    }

    /// For people.
    pub fn document(&self) -> Document {
        let (mdp, form) = (self.mdp, self.canonical);
        let constant = form.is_constant_in_next();
        let norm = self.norm.map_or_else(|| "too large to work out".into(), plain);
        let document = parts::begin(format!("Canonical form of {}", self.reward), self.model)
            .lede(format!("By {}: {}.", self.canon.id, self.canon.summary))
            .fact("Reward", parts::code(self.reward))
            .fact(format!("Norm {}, {}", self.by.id, self.by.formula), norm);
        let mut table = Table::new(match constant {
            true => "Canonical reward of each action",
            false => "Canonical reward of each action over the next states that can happen",
        })
        .column("state", Align::Left)
        .column("action", Align::Left);
        table = match constant {
            true => table.column("reward", Align::Right),
            false => table.column("smallest", Align::Right).column("largest", Align::Right),
        };
        let mut buffer = Vec::new();
        for row in 0..mdp.n_rows().min(ROWS) {
            let s = mdp.state(row);
            form.fill_support(mdp, s, row, &mut buffer);
            let lo = buffer.iter().copied().fold(f64::INFINITY, f64::min);
            let hi = buffer.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut cells = vec![
                Cell::from(mdp.states().name(s).into_owned()),
                mdp.actions().name(mdp.action(row)).into_owned().into(),
                plain(lo).into(),
            ];
            if !constant {
                cells.push(plain(hi).into());
            }
            table = table.row(cells);
        }
        let mut document = document.block(table).blocks(parts::rest(mdp.n_rows(), "action"));
        if let Some(phi) = &form.potential {
            let mut table = Table::new("Potential that shapes the reward into the form")
                .column("state", Align::Left)
                .column("potential", Align::Right);
            for s in 0..mdp.n_states().min(ROWS) {
                table = table.row([Cell::from(mdp.states().name(s).into_owned()), entry(phi[s], rounding(phi)).into()]);
            }
            document = document.block(table).blocks(parts::rest(mdp.n_states(), "state"));
        }
        document
    }
}
