//! Flags for changes that are combinations of rewards, or lie in one component.

use truenorth::analysis::compare::Query;
use truenorth::analysis::stability::{Ball, family};
use truenorth::base::{Bounded, Code, Diag, Interval, Result};
use truenorth::model::Model;
use truenorth_show::answer::stability::Part;
use truenorth_show::answer::stability::family::{Component, Family, components};

use super::Scene;

/// Changes of a kind.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Changes of a kind")]
pub struct FamilyArgs {
    /// Only changes by a multiple of this reward; several together span all their combinations (repeatable)
    #[arg(long, value_name = "EXPR")]
    family: Vec<String>,
    /// Only the entries of this named reward of the expression may be off (repeatable)
    #[arg(long, value_name = "NAME")]
    component: Vec<String>,
}

impl FamilyArgs {
    /// Reads the members before anything is solved, so that a slip is refused at once.
    pub fn read(&self, model: &Model, query: &Query) -> Result<Vec<Query>> {
        self.component.iter().try_for_each(|name| coefficient(query, name).map(|_| ()))?;
        self.family.iter().map(|text| Query::of(model, text)).collect()
    }

    /// Answers what was asked for.
    pub fn add(&self, scene: &Scene<'_>, members: &[Query], part: &mut Part) -> Result<()> {
        if !members.is_empty() {
            let mdp = scene.solver.mdp();
            let rewards: Vec<_> =
                members.iter().map(|m| scene.part.reward(scene.model, &m.reward).expected(mdp)).collect();
            let found = family(scene.solver, scene.optimum, &rewards.iter().collect::<Vec<_>>());
            let texts: Vec<String> = members.iter().map(|m| m.text.clone()).collect();
            Family { mdp, rows: &scene.optimum.rows, members: &texts, found: &found }.add(part);
        }
        if !self.component.is_empty() {
            let all = self.component.iter().map(|name| {
                let coefficient = coefficient(scene.query, name)?;
                Ok(Component { name, coefficient, radius: divided(scene.radii.of(Ball::Linf).size, coefficient) })
            });
            components(part, &all.collect::<Result<Vec<_>>>()?);
        }
        Ok(())
    }
}

/// Coefficient of a named reward in the expression asked about.
fn coefficient(query: &Query, name: &str) -> Result<f64> {
    let Some(linear) = &query.linear else {
        return Diag::new(Code::Usage, format!("`{}` is a file, and a table has no components", query.text))
            .help("give the reward as an expression over the model's rewards")
            .err();
    };
    let known = || linear.terms.keys().filter(|n| !n.is_empty()).map(String::as_str);
    match linear.terms.get(name) {
        Some(c) if !name.is_empty() => Ok(c.at(0.0)),
        _ => Diag::new(Code::RewardUnknown, format!("`{}` has no component `{name}`", linear.text))
            .nearest(name, known())
            .err(),
    }
}

/// A change of an entry of the component counts as often as its coefficient says.
fn divided(radius: Bounded, coefficient: f64) -> Bounded {
    let x = Interval::point(coefficient).abs();
    let by = Bounded::around(coefficient.abs(), x, truenorth::base::Grade::Certified);
    match radius.value.is_finite() {
        true => radius.checked_div(by).unwrap_or(Bounded::exact(f64::INFINITY)),
        false => radius,
    }
}
