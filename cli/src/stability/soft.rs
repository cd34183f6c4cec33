//! `stability --temperature`: policies that are paid for being undecided, and `--metric`: how fast values change from
//! state to state.

use std::path::Path;

use super::Scene;
use crate::output::Output;
use crate::shared;
use truenorth::analysis::smooth::{Metric, smooth};
use truenorth::analysis::soft::{TradeOff, limit, soften};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::metric_file::{self, MetricFile};
use truenorth::model::{Mdp, Model};
use truenorth::solve::{Sense, Task};
use truenorth_show::answer::figures;
use truenorth_show::answer::stability::Part;
use truenorth_show::answer::stability::soft::{SmoothValues, SoftPolicies};

/// Soft policies, and smooth values.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Soft policies and smooth values")]
pub struct SoftArgs {
    /// Also solve with pay for entropy at this temperature: what the soft policy earns, and how fast it follows the reward
    /// (repeatable)
    #[arg(long, value_name = "T", value_parser = shared::positive)]
    temperature: Vec<f64>,
    /// The reward may be off by this much in any entry: how far can soft policies move?
    #[arg(long, value_name = "E", value_parser = shared::positive)]
    error: Option<f64>,
    /// Choose the temperature at which no decision moves by more than RHO in total variation for such an error
    #[arg(long, value_name = "RHO", requires = "error", value_parser = shared::positive)]
    tv: Option<f64>,
    /// Lipschitz constants of the values for distances between states: `grid` for steps between the cells of the picture,
    /// `line` for states one apart in their order, or a .toml or .json file with `line`, `points` or `distances`
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
}

impl SoftArgs {
    /// Refuses what cannot be meant; then answers, and adds to the part.
    pub fn add(&self, scene: &Scene<'_>, part: &mut Part, out: &Output) -> Result<()> {
        if self.error.is_some() && self.tv.is_none() && self.temperature.is_empty() {
            return Diag::new(Code::Usage, "--error asks how far soft policies move, and there is none")
                .expected("--temperature T beside it, or --tv RHO to have one chosen")
                .err();
        }
        let metric = self.metric.as_deref().map(|text| metric(scene.model, text)).transpose()?;
        if self.temperature.is_empty() && self.tv.is_none() && metric.is_none() {
            return Ok(());
        }
        let optimum = scene.solver.optimise(&Task::new(scene.expected, Sense::Max));
        part.is_complete &= optimum.is_converged();
        let (model, mdp, kept) = (scene.model, &*scene.part.mdp, &*scene.part.kept);
        if !self.temperature.is_empty() || self.tv.is_some() {
            let both = self.error.zip(self.tv);
            let promise = both.map(|(error, tv)| TradeOff::of(scene.solver, error, tv)).transpose()?;
            let mut temperatures = self.temperature.clone();
            temperatures.extend(promise.map(|promise| promise.temperature.value));
            let soft = soften(scene.solver, scene.expected, &optimum, &temperatures)?;
            let limit = limit(scene.solver, &optimum);
            let best = optimum.at_start(mdp);
            let error = self.error;
            SoftPolicies { model, mdp, kept, best, soft: &soft, limit: &limit, error, promise }.add_to(part);
            // A curve of one temperature is a point.
            if out.wants_figures() && soft.len() > 1 {
                let caption =
                    "What each temperature costs in return, and how far an error of the reward moves the policy";
                let picture = figures::soft(&soft, best, &scene.query.text, promise.as_ref());
                part.add_figure(shared::figure("temperatures", &picture, caption)?);
            }
        }
        if let Some(metric) = metric {
            let metric = metric.restricted(kept);
            let found = smooth(scene.solver, &metric, scene.expected, &optimum)?;
            SmoothValues { mdp, metric: &metric.words, smooth: found.as_ref() }.add_to(part);
        }
        Ok(())
    }
}

/// The metric of an argument, on all states of a model.
fn metric(model: &Model, text: &str) -> Result<Metric> {
    let mdp: &Mdp = model.mdp();
    match text {
        "grid" => Metric::grid(model),
        "line" => Ok(Metric::line_of_states(mdp)),
        path => match metric_file::read(Path::new(path)).map_err(|mut diag| {
            if diag.code == Code::FileUnreadable {
                diag.help = Some("`grid`, `line` and names of .toml and .json files are metrics".into());
            }
            diag
        })? {
            MetricFile::Line(positions) => Metric::line(mdp, positions),
            MetricFile::Points(points) => Metric::points(mdp, points),
            MetricFile::Distances(table) => Metric::table(mdp, table),
        },
    }
}
