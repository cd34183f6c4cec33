//! A model made in code.

use super::Model;
use crate::base::number::Number;
use crate::base::{Offset, Result, Source};
use crate::model::raw::{At, RawDynamics, RawInputs, RawModel, RawNames, RawReward, RawStart, RawTransition, Ref};

/// Entries up to which a reward is asked on every transition, possible or not; beyond, on those that can happen.
const MOST_ENTRIES: usize = 1_000_000;

type Pay = Box<dyn Fn(&str, &str, &str) -> Number>;

/// States, actions, moves and rewards by name, checked as a file is. Made by [`Model::builder`].
///
/// A number is what is written: a double stands for the shortest decimal that reads as it, so 0.1 is one tenth;
/// [`Number::parse`] reads a quotient such as `1/3`.
pub struct Builder {
    name: String,
    states: Vec<String>,
    actions: Vec<String>,
    gamma: At<f64>,
    start: RawStart,
    terminal: Vec<At<Ref>>,
    rows: Vec<RawTransition>,
    rewards: Vec<(String, Pay)>,
    /// Every number as a text, so that none is rounded and a refusal can show it.
    text: String,
}

fn names(list: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    list.into_iter().map(Into::into).collect()
}

fn named(name: impl Into<String>) -> At<Ref> {
    At::nowhere(Ref::Name(name.into()))
}

impl Builder {
    pub(super) fn new(name: &str) -> Self {
        let (states, actions) = (Vec::new(), Vec::new());
        let (gamma, start) = (At::nowhere(f64::NAN), RawStart::Uniform);
        let (terminal, rows, rewards, text) = (Vec::new(), Vec::new(), Vec::new(), String::new());
        Builder { name: name.into(), states, actions, gamma, start, terminal, rows, rewards, text }
    }

    fn number(&mut self, x: impl Into<Number>) -> At<f64> {
        let x = x.into();
        let at = Offset(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.text += &format!("\"{}\"\n", x.exact);
        At { value: x.value, at: if x.value.is_finite() { at } else { Offset::NONE } }
    }

    /// Names of the states, in order.
    #[must_use]
    pub fn states(mut self, list: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.states = names(list);
        self
    }

    /// Names of the actions, in order.
    #[must_use]
    pub fn actions(mut self, list: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.actions = names(list);
        self
    }

    /// The discount, from 0 to 1.
    #[must_use]
    pub fn gamma(mut self, gamma: impl Into<Number>) -> Self {
        self.gamma = self.number(gamma);
        self
    }

    /// The state in which episodes start; all alike where this is left out.
    #[must_use]
    pub fn start(mut self, state: &str) -> Self {
        self.start = RawStart::State(Ref::Name(state.into()));
        self
    }

    /// States that episodes start in, with their probabilities.
    #[must_use]
    pub fn starts<S: Into<String>, P: Into<Number>>(mut self, list: impl IntoIterator<Item = (S, P)>) -> Self {
        let list = list.into_iter().map(|(s, p)| (named(s), self.number(p))).collect();
        self.start = RawStart::Table(list);
        self
    }

    /// States that end an episode.
    #[must_use]
    pub fn terminal(mut self, list: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.terminal = list.into_iter().map(named).collect();
        self
    }

    /// Where an action leads from a state, with which probability. An action without a row is not available there.
    #[must_use]
    pub fn row<S: Into<String>, P: Into<Number>>(
        mut self,
        s: &str,
        a: &str,
        next: impl IntoIterator<Item = (S, P)>,
    ) -> Self {
        for (s_next, p) in next {
            let p = self.number(p);
            self.rows.push(RawTransition { s: named(s), a: named(a), s_next: named(s_next), p });
        }
        self
    }

    /// A named reward `R(s, a, s')`, as a function of the three names.
    #[must_use]
    pub fn reward<R: Into<Number>>(mut self, name: &str, pay: impl Fn(&str, &str, &str) -> R + 'static) -> Self {
        self.rewards.push((name.into(), Box::new(move |s, a, s_next| pay(s, a, s_next).into())));
        self
    }

    /// Checks everything, as of a file, and freezes it.
    pub fn build(mut self) -> Result<Model> {
        let rewards = std::mem::take(&mut self.rewards);
        let rewards =
            rewards.iter().map(|(name, pay)| (At::nowhere(name.clone()), At::nowhere(self.paid(pay)))).collect();
        let list = |names: &[String]| RawNames::List(names.iter().cloned().map(At::nowhere).collect());
        let (states, actions) = (At::nowhere(list(&self.states)), At::nowhere(list(&self.actions)));
        Model::build(RawModel {
            source_file: Source::text(format!("{}, made in code", self.name), self.text),
            inputs: RawInputs::Written,
            name: Some(self.name),
            description: None,
            source: None,
            gamma: self.gamma,
            states,
            actions,
            mu0: At::nowhere(self.start),
            dynamics: At::nowhere(RawDynamics::List(self.rows.into_iter().map(At::nowhere).collect())),
            terminal: self.terminal,
            rewards,
            grid: None,
            expected: Vec::new(),
        })
    }

    /// A reward as a table.
    fn paid(&mut self, pay: &Pay) -> RawReward {
        let (n, m) = (self.states.len(), self.actions.len());
        let place = |names: &[String], r: &At<Ref>| match &r.value {
            Ref::Name(name) => names.iter().position(|known| known == name),
            Ref::Index(_) => None,
        };
        let mut reached = vec![Vec::new(); n * m];
        for row in &self.rows {
            let found = (place(&self.states, &row.s), place(&self.actions, &row.a), place(&self.states, &row.s_next));
            // What is not known by name is refused with the rows.
            if let (Some(s), Some(a), Some(t)) = found {
                reached[s * m + a].push(t);
            }
        }
        let all = n.saturating_mul(n).saturating_mul(m) <= MOST_ENTRIES;
        let mut table = Vec::with_capacity(n);
        for s in 0..n {
            let mut rows = Vec::with_capacity(m);
            for a in 0..m {
                let of = &reached[s * m + a];
                let asked = |t: usize| all || of.contains(&t);
                let numbers: Vec<Option<Number>> =
                    (0..n).map(|t| asked(t).then(|| pay(&self.states[s], &self.actions[a], &self.states[t]))).collect();
                let row: Vec<At<f64>> =
                    numbers.into_iter().map(|x| self.number(x.unwrap_or_else(|| Number::from(0.0)))).collect();
                rows.push(At::nowhere((!of.is_empty()).then_some(row)));
            }
            table.push(At::nowhere(rows));
        }
        RawReward::Sas(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Code;

    fn trip() -> Builder {
        let third = Number::parse("1/3").expect("a quotient");
        let rest = Number::parse("2/3").expect("a quotient");
        Model::builder("trip")
            .states(["home", "work", "done"])
            .actions(["go", "stay"])
            .gamma(0.9)
            .start("home")
            .terminal(["done"])
            .row("home", "go", [("work", third), ("home", rest)])
            .row("work", "go", [("done", 1.0)])
            .row("work", "stay", [("work", 1.0)])
            .reward("truth", |_, _, t| if t == "done" { 1.0 } else { 0.0 })
            .reward("hurry", |_, _, _| -0.1)
    }

    #[test]
    fn numbers_are_what_is_written() {
        let model = trip().build().expect("a model");
        let written = model.mdp().fractions().expect("a model in fractions");
        assert_eq!(written.gamma.to_string(), "9/10");
        assert!(written.p.iter().any(|p| p.to_string() == "1/3"));
        assert_eq!(model.name(), "trip");
        assert_eq!(model.rewards()[1].1.rational(model.mdp())[0].to_string(), "-1/10");
        assert!(model.warnings().is_empty(), "{:?}", model.warnings());
    }

    #[test]
    fn what_is_wrong_is_refused_as_in_a_file() {
        let refused = |builder: Builder| builder.build().expect_err("refused").code;
        assert_eq!(refused(trip().gamma(1.5)), Code::GammaRange);
        assert_eq!(refused(trip().gamma(f64::NAN)), Code::GammaRange);
        assert_eq!(refused(trip().start("nowhere")), Code::NameUnknown);
        assert_eq!(refused(trip().row("home", "stay", [("home", 0.5)])), Code::RowSum);
        assert_eq!(refused(trip().row("home", "fly", [("home", 1.0)])), Code::NameUnknown);
        assert_eq!(refused(trip().reward("truth", |_, _, _| 1.0)), Code::NameTwice);
        assert_eq!(refused(Model::builder("empty")), Code::WrongShape);
        assert!(trip().reward("x", |_, _, _| f64::INFINITY).build().is_err());
    }
}
