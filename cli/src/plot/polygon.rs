//! `plot polygon`: every policy's return under two rewards.

use super::goodhart::{Path, follow};
use super::{Drawing, Pair};
use crate::output::{Exit, Output};
use crate::shared;
use truenorth::analysis::compare::{Comparison, Request};
use truenorth::analysis::hacking::Reference;
use truenorth::base::{Code, Diag, Result};
use truenorth::model::Policy;
use truenorth::solve::Solver;
use truenorth_show::answer::figures;
use truenorth_show::plot::Point;

/// All pairs of returns, with the worst case and both optima, and where a reference policy is if there is one
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pair: Pair,
    /// Mark this policy, and what is better for the proxy and worse in truth: `uniform`, `soft:TAU` or a policy file
    #[arg(long, value_name = "POLICY")]
    reference: Option<String>,
    /// Draw the way of an optimiser of the proxy from the reference [default reference: uniform]
    #[arg(long, value_name = "PATH")]
    path: Option<Path>,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let options = args.drawing.solving.options();
    let c = args.pair.compare(options, Request::default().max_vertices, out)?;
    let Some(polygon) = &c.polygon else {
        return Diag::new(Code::Plot, "the comparison has no polygon").err();
    };
    let mut picture = figures::polygon(&c, polygon);
    let solver = Solver::new(&c.mdp, options)?;
    if args.reference.is_some() || args.path.is_some() {
        let policy = base(&c, &solver, args.reference.as_deref().unwrap_or("uniform"))?;
        picture.reference = Some(returns(&c, &solver, &policy));
        if let Some(path) = args.path {
            let (_, curve) = follow(&solver, [&c.truth_range, &c.proxy_range], policy, path, None)?;
            let (points, name) = figures::way(&curve);
            (picture.path, picture.path_label) = (points, name);
        }
    }
    args.drawing.draw(&picture, c.is_converged(), out)
}

/// The policy of a description, on the reachable part.
fn base(c: &Comparison, solver: &Solver<'_>, text: &str) -> Result<Policy> {
    let reference = match shared::described_policy(&c.model, text)? {
        Reference::Given(policy) => {
            Reference::Given(truenorth::model::Reachable::of(&c.model).policy(&c.model, &policy))
        }
        other => other,
    };
    Ok(reference.policy(solver, &c.truth_range.reward))
}

fn returns(c: &Comparison, solver: &Solver<'_>, policy: &Policy) -> Point {
    let both = solver.evaluate_closely(policy, &[&c.truth_range.reward, &c.proxy_range.reward]);
    let at = |k: usize| both[k].at_start(&c.mdp).value;
    Point { truth: at(0), proxy: at(1) }
}
