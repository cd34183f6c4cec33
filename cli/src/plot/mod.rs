//! `plot`: one picture, to SVG or PNG, and its data as CSV.
//!
//! Owns: the subcommands, and the flags that say how to draw and where to.
//! May use: what the other commands use; results become pictures in `show::answer::figures`.
//! Must not: choose what a picture looks like; that is `show::plot`.
//! To add one: a file with an `Args` that flattens [`Drawing`] and a `run`, its `mod` line and a line in `pictures!`.

mod cliff;
mod diff;
mod frontier;
mod gamma;
mod goodhart;
mod grid;
mod matrix;
mod occupancy;
mod polygon;
mod radius;
mod soft;

use std::path::PathBuf;

use clap::Subcommand;

use super::EXIT_CODES;
use super::output::{Exit, Output};
use super::shared::{self, ModelArgs, SolveArgs, StreamArgs};
use truenorth::analysis::compare::{Comparison, Request, compare};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::write_atomic;
use truenorth_show::plot::{Options, Picture, PlotError, Scale};

/// Draw one picture, to SVG or PNG, and write its data as CSV
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth plot grid gallery:frozenlake-4x4 goal -o values.svg
  truenorth plot diff gallery:frozenlake-4x4 goal 'goal - 0.05*step' -o maps.png
  truenorth plot polygon gallery:frozenlake-4x4 goal 'goal - 0.05*step' -o polygon.svg --csv polygon.csv
  truenorth plot occupancy gallery:frozenlake-4x4 goal --minus 'goal - 0.05*step' -o visits.svg
  truenorth plot cliff gallery:frozenlake-4x4 goal --vary 'goal - x*step' 0..0.1 -o cliff.png
  truenorth plot radius gallery:frozenlake-4x4 goal -o radius.svg
  truenorth plot gamma gallery:e6-discount-cliff --vary 0..0.99 -o gamma.svg
  truenorth plot soft gallery:frozenlake-4x4 goal --error 0.001 --tv 0.1 -o soft.svg
  truenorth plot frontier gallery:frozenlake-4x4 goal 'goal - 0.05*step' -o frontier.svg
  truenorth plot goodhart gallery:frozenlake-4x4 goal 'goal - 0.05*step' --path steepest -o goodhart.svg
  truenorth plot matrix gallery:frozenlake-4x4 --csv pairs.csv -o matrix.svg",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// The subcommands: the name of each and the file it is in.
macro_rules! pictures {
    ($($name:ident: $file:ident),* $(,)?) => {
        #[derive(Subcommand, Debug)]
        enum What {
            $($name($file::Args)),*
        }

        impl What {
            fn drawing(&self) -> &Drawing {
                match self {
                    $(What::$name(args) => &args.drawing),*
                }
            }

            fn run(self, out: &mut Output) -> Result<Exit> {
                match self {
                    $(What::$name(args) => $file::run(args, out)),*
                }
            }
        }
    };
}

pictures! {
    Grid: grid,
    Diff: diff,
    Polygon: polygon,
    Occupancy: occupancy,
    Cliff: cliff,
    Radius: radius,
    Gamma: gamma,
    Soft: soft,
    Frontier: frontier,
    Goodhart: goodhart,
    Matrix: matrix,
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
    /// Also write the data of the picture to FILE as CSV, unrounded
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    #[command(flatten)]
    solving: SolveArgs,
    #[command(flatten)]
    streams: StreamArgs,
}

impl Args {
    /// The output the flags ask for.
    pub(super) fn output(&self) -> Output {
        self.what.drawing().streams.output()
    }

    /// How to solve.
    pub(super) fn solving(&self) -> &SolveArgs {
        &self.what.drawing().solving
    }
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    args.what.drawing().check(out)?;
    args.what.run(out)
}

impl Drawing {
    /// Refuses files that cannot be written as asked, before the work and not after it.
    fn check(&self, out: &Output) -> Result<()> {
        shared::picture_format(out.file())?;
        match (&self.csv, out.file()) {
            (Some(csv), Some(picture)) if csv == picture => {
                Diag::new(Code::Usage, format!("-o and --csv both name {}", csv.display()))
                    .expected("a file for the picture and another one for its data")
                    .err()
            }
            _ => Ok(()),
        }
    }

    /// Draws in the format of the file's extension, SVG to the standard output; the data go to their own file.
    fn draw(&self, picture: &dyn Picture, is_complete: bool, out: &Output) -> Result<Exit> {
        out.begin_answer();
        let format = shared::picture_format(out.file())?;
        let options = Options { width: self.width, ..Options::default() };
        let scale = if self.scale == 1 { Scale::One } else { Scale::Two };
        let refused = |e: PlotError| Box::new(Diag::new(Code::Plot, e.to_string()));
        let bytes = match picture.render(format, &options, scale) {
            Err(PlotError::Empty { .. }) if !is_complete => {
                out.note("a limit was reached before there was anything to draw: nothing was written");
                return Ok(Exit::LimitReached);
            }
            drawn => drawn.map_err(refused)?,
        };
        if let Some(path) = &self.csv {
            write_atomic(path, picture.data().to_string().as_bytes())?;
        }
        let exit = out.bytes(&bytes)?;
        if is_complete {
            return Ok(exit);
        }
        out.note("a limit was reached: the picture shows what was found until then");
        Ok(Exit::LimitReached)
    }
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

impl Pair {
    fn compare(&self, options: truenorth::solve::Options, max_vertices: usize, out: &Output) -> Result<Comparison> {
        let model = self.model.load(out)?;
        let truth = shared::reward(&model, &self.truth, out)?;
        let proxy = shared::reward(&model, &self.proxy, out)?;
        let request = Request { max_vertices, metrics: Vec::new(), along: false, options, ..Request::default() };
        compare(&model, truth, proxy, &request)
    }
}
