//! `plot frontier`: what is to be had at a distance from a reference policy.

use super::{Drawing, Pair};
use crate::output::{Exit, Output};
use crate::shared;
use truenorth::analysis::hacking::{Reference, Setting};
use truenorth::base::{Code, Diag, Result};
use truenorth::model::Reachable;
use truenorth::solve::Solver;
use truenorth_show::answer::figures;

/// Proxy and true return against the chi-squared divergence from a reference policy, beside KL penalties
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pair: Pair,
    /// The policy the proxy was trusted under: `uniform`, `soft:TAU` or a policy file
    #[arg(long, value_name = "POLICY", default_value = "uniform")]
    reference: String,
    /// Points of each curve
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(2..=1000))]
    points: u16,
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.pair.model.load(out)?;
    let truth = shared::reward(&model, &args.pair.truth, out)?;
    let proxy = shared::reward(&model, &args.pair.proxy, out)?;
    let reference = shared::described_policy(&model, &args.reference)?;
    let part = Reachable::of(&model);
    let solver = Solver::new(&part.mdp, args.drawing.solving.options())?;
    let [meant, optimised] = [&truth, &proxy].map(|q| part.reward(&model, &q.reward).expected(&part.mdp));
    let reference = match reference {
        Reference::Given(policy) => Reference::Given(part.policy(&model, &policy)),
        other => other,
    };
    let base = reference.policy(&solver, &meant);
    let setting = Setting::new(&solver, &base, meant, optimised)?;
    let found = setting.frontier(args.points.into());
    if found.chi2.is_empty() && !solver.is_out_of_time() {
        let name = &proxy.text;
        let what = match &setting.canonical.proxy.flat {
            flat if flat.is_yes() => format!("`{name}` is the same for all policies near the reference"),
            flat => format!("whether `{name}` varies near the reference is {}", flat.why()),
        };
        return Diag::new(Code::Plot, what)
            .expected("a proxy that some policy can raise")
            .help("a reference that tries more actions sees more: --reference uniform")
            .err();
    }
    let picture = figures::frontier(&setting, &found, &truth.text, &proxy.text);
    args.drawing.draw(&picture, !solver.is_out_of_time(), out)
}
