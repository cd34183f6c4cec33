//! `theorem`: claims of papers listed, stated, checked, broken.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Subcommand;
use serde_json::Value;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, StreamArgs};
use crate::catalogue;
use crate::theorem_words as words;
use truenorth::analysis::compare::{Query, Request, compare};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::{self, text, write_atomic};
use truenorth::model::Model;
use truenorth::solve::{Options, Sense, Solver, Task};
use truenorth_show::answer::figures::{self, ValueMap};
use truenorth_show::plot::{Format, Options as PlotOptions, Picture, Scale};
use truenorth_theorems::check::{
    Budget, Case, Counterexample, MutantVerdict, Outcome, Paper, Report, Theorem, Verdict, Words, check, check_claim,
    check_without, replay, stored_file, stored_line,
};
use truenorth_theorems::{THEOREMS, VERDICTS, papers::PAPERS};

/// Check the claims of papers, and see where they break without a hypothesis
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth theorem list --tag shaping
  truenorth theorem show potential-shaping-keeps-order
  truenorth theorem run potential-shaping-keeps-order --drop same_discount
  truenorth theorem run --all --budget 60s",
    after_help = EXIT_CODES,
    disable_help_subcommand = true
)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    List(ListArgs),
    Show(ShowArgs),
    Run(RunArgs),
    Export(ExportArgs),
}

/// List all theorems, or those of a tag or a paper
#[derive(clap::Args, Debug)]
#[command(
    before_help = "Examples:\n  truenorth theorem list\n  truenorth theorem list --tag stability --json",
    after_help = EXIT_CODES
)]
struct ListArgs {
    /// Only those with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only those of this paper
    #[arg(long, value_name = "KEY")]
    paper: Option<String>,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// State a theorem: hypotheses, source, how it is checked, what happens without each hypothesis
#[derive(clap::Args, Debug)]
#[command(
    before_help = "Examples:\n  truenorth theorem show potential-shaping-keeps-order",
    after_help = EXIT_CODES
)]
struct ShowArgs {
    /// Its id
    id: String,
    #[command(flatten)]
    answer: AnswerArgs,
}

/// Check theorems on generated instances
///
/// Counterexamples that are known come first, whatever the seed; instances drawn from it follow, until one shows more, or
/// --count or --budget ends them. Exit code 0: everything is as expected; 1: something is not, and an instance shows it;
/// 4: too few instances to say. With --json a line for each theorem.
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth theorem run potential-shaping-keeps-order
  truenorth theorem run potential-shaping-keeps-order --drop same_discount
  truenorth theorem run --all --budget 60s --json",
    after_help = EXIT_CODES
)]
struct RunArgs {
    /// Their ids
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<String>,
    /// All theorems
    #[arg(long)]
    all: bool,
    /// Drop this hypothesis and look for a counterexample, nothing else
    #[arg(long, value_name = "HYPOTHESIS", conflicts_with = "all")]
    drop: Option<String>,
    /// Time for everything together: seconds, or 500ms, 10s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = shared::duration)]
    budget: Option<Duration>,
    /// Instances for each claim [default: 500, or as many as --budget allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,
    /// Check the claims alone, without dropping hypotheses
    #[arg(long, conflicts_with_all = ["drop", "replay"])]
    claims: bool,
    /// Seed of the instances
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Look at this one instance: the text after `Replay:` of an earlier run
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["all", "budget", "count"])]
    replay: Option<String>,
    #[command(flatten)]
    streams: StreamArgs,
}

/// Write a counterexample as files: a model that every command opens, what is false about it, a picture
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth theorem export potential-shaping-keeps-order --drop same_discount -o broken
  truenorth solve broken/model.mdp.toml",
    after_help = EXIT_CODES
)]
struct ExportArgs {
    /// Id of the theorem
    id: String,
    /// The hypothesis to drop; not needed for a claim that is false as printed
    #[arg(long, value_name = "HYPOTHESIS")]
    drop: Option<String>,
    /// Folder to write to
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Seed of the instances
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Instances for one claim without a budget of time.
const COUNT: usize = 500;

pub fn run(args: Args) -> Result<Exit> {
    match args.action {
        Action::List(args) => list(&args, &mut args.answer.output()?),
        Action::Show(args) => show(&args, &mut args.answer.output()?),
        Action::Run(args) => run_theorems(&args, &mut args.streams.output()),
        Action::Export(args) => export(&args),
    }
}

fn find(id: &str) -> Result<&'static Theorem> {
    match THEOREMS.iter().find(|theorem| theorem.id == id) {
        Some(theorem) => Ok(theorem),
        None => Diag::new(Code::TheoremUnknown, format!("there is no theorem `{id}`"))
            .nearest(id, THEOREMS.iter().map(|theorem| theorem.id))
            .err(),
    }
}

fn hypothesis(theorem: &Theorem, name: &str) -> Result<usize> {
    let same = |known: &str| known == name || known.replace('_', "-") == name;
    match theorem.hypotheses.iter().position(|h| same(h.name)) {
        Some(i) => Ok(i),
        None => Diag::new(Code::TheoremUnknown, format!("`{}` has no hypothesis `{name}`", theorem.id))
            .nearest(name, theorem.hypotheses.iter().map(|h| h.name))
            .err(),
    }
}

fn paper(key: &str) -> Option<&'static Paper> {
    PAPERS.iter().find(|paper| paper.key == key)
}

fn list(args: &ListArgs, out: &mut Output) -> Result<Exit> {
    let known = |given: Option<&str>, what: &str, all: Vec<&'static str>| match given {
        Some(given) if !all.contains(&given) => {
            Diag::new(Code::TheoremUnknown, format!("no theorem has the {what} `{given}`")).nearest(given, all).err()
        }
        _ => Ok(()),
    };
    let mut tags: Vec<&str> = THEOREMS.iter().flat_map(|theorem| theorem.tags.iter().copied()).collect();
    tags.sort_unstable();
    tags.dedup();
    known(args.tag.as_deref(), "tag", tags)?;
    known(args.paper.as_deref(), "paper", PAPERS.iter().map(|paper| paper.key).collect())?;
    let fits = |theorem: &&&Theorem| {
        args.tag.as_deref().is_none_or(|tag| theorem.tags.contains(&tag))
            && args.paper.as_deref().is_none_or(|key| theorem.paper == key)
    };
    let chosen: Vec<&Theorem> = THEOREMS.iter().filter(fits).copied().collect();
    out.answer(Answer::new(words::list_json(&chosen), words::list_document(&chosen), true))
}

fn show(args: &ShowArgs, out: &mut Output) -> Result<Exit> {
    let theorem = find(&args.id)?;
    let verdicts: Value = serde_json::from_str(VERDICTS).unwrap_or_default();
    let last = verdicts.as_array().and_then(|all| all.iter().find(|v| v["id"] == theorem.id));
    let shown = words::Shown { theorem, paper: paper(theorem.paper), last };
    out.answer(Answer::new(shown.json(), shown.document(), true))
}

fn run_theorems(args: &RunArgs, out: &mut Output) -> Result<Exit> {
    let chosen: Vec<&'static Theorem> = match args.all {
        true => THEOREMS.to_vec(),
        false => args.ids.iter().map(|id| find(id)).collect::<Result<_>>()?,
    };
    let end = args.budget.and_then(|time| Instant::now().checked_add(time));
    let unlimited = if end.is_some() { usize::MAX / 1_000 } else { COUNT };
    let count = args.count.map_or(unlimited, |count| count as usize);
    if args.drop.is_some() || args.replay.is_some() {
        let [theorem] = chosen[..] else {
            return Diag::new(Code::Usage, "--drop and --replay are about one theorem").expected("one id").err();
        };
        let dropped = args.drop.as_deref().map(|name| hypothesis(theorem, name)).transpose()?;
        return match (&args.replay, dropped) {
            (Some(replay), dropped) => look_again(theorem, dropped, replay, out),
            (None, Some(dropped)) => drop_one(theorem, dropped, args.seed, Budget { count, deadline: end }, out),
            (None, None) => Diag::new(Code::Usage, "nothing to drop").err(),
        };
    }
    let mut stream = out.is_json().then(|| out.stream());
    let mut reports: Vec<Report> = Vec::with_capacity(chosen.len());
    for (i, theorem) in chosen.iter().enumerate() {
        let now = Instant::now();
        let left = (chosen.len() - i) as u32;
        let deadline = end.map(|end| now + end.saturating_duration_since(now) / left);
        let budget = Budget { count, deadline };
        let report =
            if args.claims { check_claim(theorem, args.seed, budget) } else { check(theorem, args.seed, budget) };
        if let Some(stream) = &mut stream
            && !stream.line(&Value::from(words::run_json(&report)).to_string())?
        {
            break;
        }
        reports.push(report);
    }
    let exit = exit(reports.iter().map(Report::outcome).max().unwrap_or(Outcome::Expected));
    match stream {
        Some(stream) => stream.finish().map(|()| exit),
        None => out.answer(Answer { exit, ..Answer::new(Value::Null, words::run_document(&reports), true) }),
    }
}

/// A run that shows too little was stopped by a limit: of instances, of time, or of precision.
fn exit(outcome: Outcome) -> Exit {
    match outcome {
        Outcome::Expected => Exit::Answered,
        Outcome::Unexpected => Exit::AssertionFailed,
        Outcome::Undecided => Exit::LimitReached,
    }
}

fn drop_one(theorem: &'static Theorem, dropped: usize, seed: u64, budget: Budget, out: &mut Output) -> Result<Exit> {
    let mutant = check_without(theorem, dropped, seed, budget);
    let exit = exit(mutant.outcome());
    let document = words::mutant_document(theorem, &mutant);
    out.answer(Answer { exit, ..Answer::new(words::mutant_json(&mutant), document, true) })
}

fn look_again(theorem: &'static Theorem, dropped: Option<usize>, tape: &str, out: &mut Output) -> Result<Exit> {
    let Some(case) = replay(theorem, dropped, tape) else {
        return Diag::new(Code::Usage, format!("`{tape}` is not a replay of this claim"))
            .expected("the text after `Replay:`, with the same --drop")
            .err();
    };
    let seen = words::Seen { theorem, finding: &theorem.look(&case, dropped), case: &case };
    out.answer(Answer::new(seen.json(), seen.document(), true))
}

/// The counterexample of a claim that is false as printed, or without a hypothesis.
pub fn counterexample(theorem: &'static Theorem, dropped: Option<usize>, seed: u64) -> Option<Counterexample> {
    let budget = Budget { count: COUNT, deadline: None };
    match dropped {
        Some(dropped) => match check_without(theorem, dropped, seed, budget).verdict {
            MutantVerdict::Broken(found) => Some(*found),
            _ => None,
        },
        None => match check_claim(theorem, seed, budget).verdict {
            Verdict::Refuted(found) => Some(*found),
            _ => None,
        },
    }
}

/// The model file of a counterexample.
pub fn model_file(theorem: &Theorem, dropped: Option<usize>, found: &Counterexample) -> Result<Vec<u8>> {
    let name = dropped.map(|i| theorem.hypotheses[i].name);
    let claim = match name {
        Some(name) => format!("{} without {}", theorem.id, name.replace('_', "-")),
        None => format!("{} as stated", theorem.id),
    };
    let flag = name.map_or(String::new(), |name| format!(" --drop {name}"));
    let raw = found.case.raw(Words {
        name: &claim,
        description: &format!("Counterexample to: {}. {}.", theorem.claim, found.why),
        source: &format!("truenorth theorem run {}{flag} --replay '{}'", theorem.id, found.replay),
    });
    io::encode(&raw, io::format_by_id("toml")?).map(|encoded| encoded.bytes)
}

fn export(args: &ExportArgs) -> Result<Exit> {
    let theorem = find(&args.id)?;
    let dropped = args.drop.as_deref().map(|name| hypothesis(theorem, name)).transpose()?;
    let Some(found) = counterexample(theorem, dropped, args.seed) else {
        let names: Vec<&str> = theorem.hypotheses.iter().map(|h| h.name).collect();
        return Diag::new(Code::Usage, format!("no counterexample to `{}` was found", theorem.id))
            .expected("a hypothesis whose absence breaks it")
            .help(format!("--drop one of {}", names.join(", ")))
            .err();
    };
    std::fs::create_dir_all(&args.output).map_err(|e| {
        let message = format!("cannot make the folder {}: {}", args.output.display(), text::reason(&e));
        Box::new(Diag::new(Code::OutputUnwritable, message).help("name a folder that may be written to"))
    })?;
    let model = model_file(theorem, dropped, &found)?;
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("model.mdp.toml".into(), model),
        ("why.md".into(), words::explanation(theorem, dropped, &found).into_bytes()),
        ("figure.svg".into(), figure(&found.case)?),
    ];
    files.extend(beside(&found.case));
    let mut lines = String::new();
    for (name, bytes) in files {
        let path = args.output.join(name);
        write_atomic(&path, &bytes)?;
        lines.push_str(&format!("{}\n", path.display()));
    }
    Output::plain().text(&lines)
}

/// Policies and potentials of an instance as files of their own, for `--policy` and `--phi`.
fn beside(case: &Case) -> Vec<(String, Vec<u8>)> {
    let world = &case.world;
    let double = |x: &truenorth_theorems::check::Q| x.to_f64().value();
    let slug = |name: &str| name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let policy = |pi: &Vec<truenorth_theorems::check::Q>| {
        let state = |s: usize| {
            let mut line = vec![0.0; world.n_actions()];
            world.rows(s).for_each(|row| line[world.row(row).a] = double(&pi[row]));
            Value::from(line)
        };
        (0..world.n_states()).map(state).collect::<Value>()
    };
    let policies = case.policies.iter().map(|(name, pi)| (format!("policy-{}.json", slug(name)), policy(pi)));
    let vectors = case.vectors.iter().filter(|(_, x)| x.len() == world.n_states());
    let potentials =
        vectors.map(|(name, x)| (format!("{}.json", slug(name)), x.iter().map(|x| Value::from(double(x))).collect()));
    policies.chain(potentials).map(|(name, value)| (name, format!("{value}\n").into_bytes())).collect()
}

/// Two rewards side by side, or the optimal values of one.
fn figure(case: &Case) -> Result<Vec<u8>> {
    let model = Model::build(case.raw(Words { name: "counterexample", description: "", source: "" }))?;
    let picture: Box<dyn Picture> = match model.rewards() {
        [(x, _), (y, _), ..] => {
            let (x, y) = (Query::of(&model, x)?, Query::of(&model, y)?);
            let request = Request { max_vertices: 0, metrics: Vec::new(), along: false, ..Request::default() };
            figures::diff(&compare(&model, x, y, &request)?)
        }
        rewards => {
            let mdp = model.mdp();
            // A model file of an instance has at least one reward.
            let Some((name, reward)) = rewards.first() else { return Ok(Vec::new()) };
            let solver = Solver::new(mdp, Options::default())?;
            let solution = solver.optimise(&Task::new(&reward.expected(mdp), Sense::Max));
            let map = ValueMap {
                model: &model,
                kept: &(0..mdp.n_states()).collect::<Vec<_>>(),
                mdp,
                v: &solution.v,
                optimal: &solution.optimal,
                outlined: &vec![false; mdp.n_states()],
                title: name.clone(),
            };
            map.picture()
        }
    };
    picture.render(Format::Svg, &PlotOptions::default(), Scale::One).map_err(shared::not_drawn)
}

/// Every file of the catalogue, by its path from the root of the project.
pub fn catalogue() -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let root = Path::new("docs/theorems");
    let (mut files, mut verdicts, mut known) = (Vec::new(), Vec::new(), Vec::new());
    for theorem in THEOREMS {
        let report = check(theorem, 1, Budget { count: COUNT, deadline: None });
        if report.outcome() != Outcome::Expected {
            return Diag::new(Code::Numerical, format!("`{}` is not as expected", theorem.id))
                .help(format!("truenorth theorem run {}", theorem.id))
                .err();
        }
        let mut store = |dropped: Option<usize>, found: &Counterexample| -> Result<()> {
            let name = catalogue::counterexample_file(theorem, dropped.map(|i| theorem.hypotheses[i].name));
            files.push((Path::new("mdps/counterexamples").join(name), model_file(theorem, dropped, found)?));
            Ok(())
        };
        if let Verdict::Refuted(found) = &report.verdict {
            store(None, found)?;
        }
        for (i, mutant) in report.mutants.iter().enumerate() {
            if let MutantVerdict::Broken(found) = &mutant.verdict {
                known.push(stored_line(theorem, i, &found.replay));
                store(Some(i), found)?;
            }
        }
        let verdict = Value::from(words::run_json(&report));
        let page = catalogue::page(theorem, paper(theorem.paper), &verdict);
        files.push((root.join(format!("{}.md", theorem.id)), page.into_bytes()));
        verdicts.push(verdict);
    }
    files.push((root.join("README.md"), catalogue::index(THEOREMS, PAPERS, &verdicts).into_bytes()));
    let lines: Vec<String> = verdicts.iter().map(Value::to_string).collect();
    files.push((PathBuf::from("theorems/verdicts.json"), format!("[\n{}\n]\n", lines.join(",\n")).into_bytes()));
    files.push((PathBuf::from("theorems/counterexamples.txt"), stored_file(&known).into_bytes()));
    files.push((PathBuf::from("theorems/references.bib"), catalogue::bibliography(PAPERS).into_bytes()));
    Ok(files)
}
