//! `study`: one question asked of many drawn models.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::compare::command_line;
use super::control::{self, Phase};
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs};
use super::{EXIT_CODES, progress};
use crate::analysis::study::{MAX_ENVIRONMENTS, Spec, starc_table};
use crate::base::{Code, Diag, Result};
use crate::io::write_atomic;
use crate::show::answer::study as words;
use crate::show::plot::{Format, Options, Picture, Scale};
use crate::solve::Limits;

/// Studies by name.
const STUDIES: [&str; 1] = ["starc-table"];

/// Run a study: one question asked of many drawn models
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth study starc-table
  truenorth study starc-table --environments 20 --seed 7
  truenorth study starc-table --report table.md --csv table.csv --plot table.svg
  truenorth study starc-table --time 30s --json",
    long_about = "Run a study: one question asked of many drawn models

starc-table: the tabular experiment of the STARC paper. Correlates every distance with the regret of optimal policies and
with exact worst-case regret, over random models of 32 states and 4 actions, 8 pairs of rewards on each, and 16 steps
on the way from the first reward of a pair to the second. Every correlation has an interval that counts environments, not
comparisons, as independent.",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// Which study: starc-table
    #[arg(value_name = "STUDY")]
    study: String,
    /// How many random models
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_ENVIRONMENTS as u64), help_heading = "Study")]
    environments: Option<u64>,
    /// How many comparisons, in place of --environments; rounded up to whole environments [default: 49152]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "environments", help_heading = "Study")]
    pairs: Option<u64>,
    /// Seed of all draws
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Study")]
    seed: u64,
    /// Threads; the result does not depend on their number [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024), help_heading = "Study")]
    threads: Option<u64>,
    /// Stop after this long with the models done so far: seconds, or 500ms, 10s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = shared::duration, help_heading = "Study")]
    time: Option<Duration>,
    /// Also write all correlations to FILE, one line a distance
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    csv: Option<PathBuf>,
    /// Also draw them to FILE, .svg or .png
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plot: Option<PathBuf>,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    if !STUDIES.contains(&args.study.as_str()) {
        return Diag::new(Code::Usage, format!("there is no study `{}`", args.study))
            .expected(STUDIES.join(", "))
            .nearest(&args.study, STUDIES)
            .err();
    }
    // Told before the work, not after it.
    let format = shared::picture_format(args.plot.as_deref())?;
    let spec = args.spec(out)?;
    let done = progress::count(spec.environments, "environments");
    control::enter(Phase::Solving);
    let table = starc_table(&spec, &done)?;
    out.begin_answer();
    if let Some(path) = &args.csv {
        write_atomic(path, words::csv(&table).as_bytes())?;
    }
    if let Some(path) = &args.plot {
        draw(&words::picture(&table), path, format)?;
    }
    let mut answer = Answer::new(words::json(&table), words::document(&table), table.is_complete());
    if out.wants_reports() {
        let figure = words::figure(&table).map_err(shared::not_drawn)?;
        answer.report = Some(words::report(&table, &command_line(), figure));
    }
    out.answer(answer)
}

impl Args {
    fn spec(&self, out: &Output) -> Result<Spec> {
        let default = Spec::default();
        let each = default.comparisons() as u64;
        let environments = match (self.environments, self.pairs) {
            (Some(environments), _) => environments,
            (None, None) => default.environments as u64,
            (None, Some(pairs)) => {
                let environments = pairs.div_ceil(each);
                if environments > MAX_ENVIRONMENTS as u64 {
                    return Diag::new(Code::Usage, format!("--pairs {pairs} takes {environments} environments"))
                        .expected(format!("at most {} comparisons", MAX_ENVIRONMENTS as u64 * each))
                        .err();
                }
                if pairs % each != 0 {
                    out.note(&format!("an environment has {each} comparisons, so there are {}", environments * each));
                }
                environments
            }
        };
        let deadline = self.time.and_then(|time| Instant::now().checked_add(time));
        Ok(Spec {
            // Both are at most their range, far below the largest index.
            environments: environments as usize,
            threads: self.threads.map(|threads| threads as usize),
            seed: self.seed,
            limits: Limits { deadline, stop: Some(&control::STOP), ..Limits::default() },
            ..default
        })
    }
}

fn draw(picture: &dyn Picture, path: &Path, format: Format) -> Result<()> {
    let options = Options { width: words::PICTURE_WIDTH, ..Options::default() };
    let bytes =
        picture.render(format, &options, Scale::Two).map_err(|e| Box::new(Diag::new(Code::Plot, e.to_string())))?;
    write_atomic(path, &bytes)
}
