//! `plot`: one picture, to SVG or PNG.

use std::path::PathBuf;

use clap::Subcommand;

use super::EXIT_CODES;
use super::output::{Exit, Output};
use super::shared::{self, ModelArgs, SolveArgs, StreamArgs};
use crate::analysis::compare::{Comparison, Request, SweepSpec, compare};
use crate::base::{Code, Diag, Result};
use crate::model::Policy;
use crate::show::answer::figures::{self, ValueMap};
use crate::show::plot::{OccupancyScale, Options, Picture, Scale};
use crate::solve::{Sense, Solver, Task};

/// Draw one picture, to SVG or PNG
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth plot grid gallery:frozenlake-4x4 goal -o values.svg
  truenorth plot diff gallery:frozenlake-4x4 goal 'goal - 0.05*step' -o maps.png
  truenorth plot polygon gallery:frozenlake-4x4 goal 'goal - 0.05*step' -o polygon.svg
  truenorth plot sweep gallery:frozenlake-4x4 goal --sweep 'goal - x*step' 0:0.1:41 -o cliff.png
  truenorth plot occupancy gallery:cliffwalking task -o visits.svg",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Optimal values and actions of one reward
    Grid {
        #[command(flatten)]
        model: ModelArgs,
        /// An expression over the model's rewards, or a file with a reward table; the first reward if left out
        reward: Option<String>,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// Two maps side by side, states without a common best action outlined
    Diff {
        #[command(flatten)]
        pair: Pair,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// All pairs of returns, with the worst case and both optima
    Polygon {
        #[command(flatten)]
        pair: Pair,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// True return along a family of proxies, with the cliff marked
    Sweep {
        #[command(flatten)]
        model: ModelArgs,
        /// What is meant
        truth: String,
        /// Expression in x, and from:to:points
        #[arg(long, num_args = 2, value_names = ["EXPR", "RANGE"], required = true, allow_hyphen_values = true)]
        sweep: Vec<String>,
        #[command(flatten)]
        drawing: Drawing,
    },
    /// Discounted visits of a policy
    Occupancy {
        #[command(flatten)]
        model: ModelArgs,
        /// Of the policy that is optimal for this reward
        #[arg(conflicts_with = "policy")]
        reward: Option<String>,
        /// Of this policy
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Colours on a logarithmic scale
        #[arg(long)]
        log: bool,
        #[command(flatten)]
        drawing: Drawing,
    },
}

/// Two rewards on a model.
#[derive(clap::Args, Debug)]
struct Pair {
    #[command(flatten)]
    model: ModelArgs,
    /// What is meant
    truth: String,
    /// What is optimised instead
    proxy: String,
}

/// How to draw and where to.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Picture")]
struct Drawing {
    /// Largest width in pixels
    #[arg(long, value_name = "PX", default_value_t = 640.0)]
    width: f64,
    /// Pixels of a PNG for one of the picture: 1 or 2
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    scale: u8,
    #[command(flatten)]
    solving: SolveArgs,
    #[command(flatten)]
    streams: StreamArgs,
}

impl Args {
    /// The output the flags ask for.
    pub(super) fn output(&self) -> Output {
        self.drawing().streams.output()
    }

    /// How to solve.
    pub(super) fn solving(&self) -> &SolveArgs {
        &self.drawing().solving
    }

    fn drawing(&self) -> &Drawing {
        match &self.what {
            What::Grid { drawing, .. }
            | What::Diff { drawing, .. }
            | What::Polygon { drawing, .. }
            | What::Sweep { drawing, .. }
            | What::Occupancy { drawing, .. } => drawing,
        }
    }
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    match args.what {
        What::Grid { model, reward, drawing } => {
            let model = model.load(out)?;
            let query = shared::reward_or_first(&model, reward.as_deref(), out)?;
            let mdp = model.mdp();
            let solver = Solver::new(mdp, drawing.solving.options())?;
            let solution = solver.optimise(&Task::new(&query.reward.expected(mdp), Sense::Max));
            let map = ValueMap {
                model: &model,
                kept: &(0..mdp.n_states()).collect::<Vec<_>>(),
                mdp,
                v: &solution.v,
                optimal: &solution.optimal,
                outlined: &vec![false; mdp.n_states()],
                title: format!("{}: {}", model.name(), query.text),
            };
            draw(&*map.picture(), &drawing, solution.is_converged(), out)
        }
        What::Diff { pair, drawing } => {
            let c = pair.compare(&drawing, 0, out)?;
            draw(&*figures::diff(&c), &drawing, c.is_converged(), out)
        }
        What::Polygon { pair, drawing } => {
            let c = pair.compare(&drawing, Request::default().max_vertices, out)?;
            match &c.polygon {
                Some(polygon) => draw(&figures::polygon(&c, polygon), &drawing, c.is_converged(), out),
                None => Diag::new(Code::Plot, "the comparison has no polygon").err(),
            }
        }
        What::Sweep { model, truth, sweep, drawing } => {
            let model = model.load(out)?;
            let truth = shared::reward(&model, &truth, out)?;
            let [expression, range] = sweep.as_slice() else {
                return Diag::new(Code::Usage, "--sweep takes an expression and a range").err();
            };
            let spec = SweepSpec::parse(&model, expression, range)?;
            let request = Request {
                sweep: Some(spec),
                max_vertices: 0,
                metrics: Vec::new(),
                options: drawing.solving.options(),
                ..Request::default()
            };
            let c = compare(&model, truth.clone(), truth, &request)?;
            match &c.sweep {
                Some(sweep) => draw(&figures::sweep(&c.truth.text, sweep), &drawing, c.is_converged(), out),
                None => Diag::new(Code::Plot, "the comparison has no sweep").err(),
            }
        }
        What::Occupancy { model, reward, policy, log, drawing } => {
            let model = model.load(out)?;
            let mdp = model.mdp();
            let solver = Solver::new(mdp, drawing.solving.options())?;
            let (policy, title, is_complete) = match &policy {
                Some(path) => (shared::policy(&model, path)?, format!("visits of {}", path.display()), true),
                None => {
                    let query = shared::reward_or_first(&model, reward.as_deref(), out)?;
                    let solution = solver.optimise(&Task::new(&query.reward.expected(mdp), Sense::Max));
                    let title = format!("where a policy optimal for {} is", query.text);
                    let is_complete = solution.is_converged();
                    (Policy::Deterministic(solution.policy), title, is_complete)
                }
            };
            let occupancy = solver.occupancy(&policy);
            let scale = if log { OccupancyScale::Log } else { OccupancyScale::Linear };
            let title = format!("{}: {title}", model.name());
            draw(&*figures::occupancy(&model, &occupancy.occ_s, title, scale), &drawing, is_complete, out)
        }
    }
}

impl Pair {
    fn compare(&self, drawing: &Drawing, max_vertices: usize, out: &Output) -> Result<Comparison> {
        let model = self.model.load(out)?;
        let truth = shared::reward(&model, &self.truth, out)?;
        let proxy = shared::reward(&model, &self.proxy, out)?;
        let options = drawing.solving.options();
        let request = Request { max_vertices, metrics: Vec::new(), auto_sweep: false, options, ..Request::default() };
        compare(&model, truth, proxy, &request)
    }
}

/// Draws in the format of the file's extension; SVG to the standard output.
fn draw(picture: &dyn Picture, drawing: &Drawing, is_complete: bool, out: &Output) -> Result<Exit> {
    out.begin_answer();
    let format = shared::picture_format(out.file())?;
    let options = Options { width: drawing.width, ..Options::default() };
    let scale = if drawing.scale == 1 { Scale::One } else { Scale::Two };
    let bytes = picture.render(format, &options, scale).map_err(|e| Box::new(Diag::new(Code::Plot, e.to_string())))?;
    let exit = out.bytes(&bytes)?;
    if is_complete {
        return Ok(exit);
    }
    out.note("a limit was reached: the picture shows what was found until then");
    Ok(Exit::LimitReached)
}
