//! `study starc-table`: every distance against regret, over drawn models.

use std::path::{Path, PathBuf};

use crate::control::{self, Phase};
use crate::output::{Answer, Exit, Output};
use crate::{progress, shared};
use truenorth::analysis::study::{MAX_ENVIRONMENTS, Spec, starc_table};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::write_atomic;
use truenorth::solve::Limits;
use truenorth_show::answer::study::starc_table as words;
use truenorth_show::plot::{Format, Options, Picture, Scale};

/// What the table may be asked.
#[derive(clap::Args, Debug)]
pub struct TableArgs {
    /// How many random models
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MAX_ENVIRONMENTS as u64), help_heading = "Study")]
    environments: Option<u64>,
    /// How many comparisons, in place of --environments; rounded up to whole environments [default: 49152]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "environments", help_heading = "Study")]
    pairs: Option<u64>,
    /// Seed of all draws [default: 1]
    #[arg(long, value_name = "N", help_heading = "Study")]
    seed: Option<u64>,
    /// Also write all correlations to FILE, one line a distance
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    csv: Option<PathBuf>,
    /// Also draw them to FILE, .svg or .png
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plot: Option<PathBuf>,
}

pub fn run(args: &TableArgs, threads: Option<usize>, limits: Limits, out: &mut Output) -> Result<Exit> {
    // Told before the work, not after it.
    let format = shared::picture_format(args.plot.as_deref())?;
    let spec = Spec { threads, limits, ..args.spec(out)? };
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
        answer.report = Some(words::report(&table, &out.command_line(), figure));
    }
    out.answer(answer)
}

impl TableArgs {
    /// A flag of these that was used.
    pub fn given(&self) -> Option<&'static str> {
        let all = [
            ("--environments", self.environments.is_some()),
            ("--pairs", self.pairs.is_some()),
            ("--seed", self.seed.is_some()),
            ("--csv", self.csv.is_some()),
            ("--plot", self.plot.is_some()),
        ];
        all.into_iter().find_map(|(flag, given)| given.then_some(flag))
    }

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
        // At most its range, far below the largest index.
        Ok(Spec { environments: environments as usize, seed: self.seed.unwrap_or(1), ..default })
    }
}

fn draw(picture: &dyn Picture, path: &Path, format: Format) -> Result<()> {
    let options = Options { width: words::PICTURE_WIDTH, ..Options::default() };
    let bytes =
        picture.render(format, &options, Scale::Two).map_err(|e| Box::new(Diag::new(Code::Plot, e.to_string())))?;
    write_atomic(path, &bytes)
}
