//! Flags and arguments that several commands share, and what they stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::assert::Assertion;
use super::control::{self, Phase};
use super::memory::Size;
use super::output::{self, Output};
use super::progress;
use truenorth::analysis::compare::Query;
use truenorth::analysis::hacking::{Mixture, Reference};
use truenorth::base::number::{self, Number};
use truenorth::base::{Code, Diag, Result};
use truenorth::io::{self, gallery};
use truenorth::model::build::Changes;
use truenorth::model::reward::expr::{Affine, Linear};
use truenorth::model::{Model, Policy, RawModel, Reward};
use truenorth::solve::{Limits, METHODS, Options};
use truenorth_show::plot::{self, Picture, Placement, PlotError};
use truenorth_show::report::Figure;

/// More threads than any machine has processors; beyond, a slip is likelier than a wish.
const MAX_THREADS: i64 = 4_096;
/// What comes before the name of a model that travels inside the program.
const GALLERY: &str = "gallery:";

/// In what form results come, and which remarks.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct RemarkArgs {
    /// Print one JSON object instead of text; errors too
    #[arg(long)]
    pub json: bool,
    /// No remarks or warnings, errors only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is read, every warning, and how long it took
    #[arg(short, long)]
    pub verbose: bool,
}

impl RemarkArgs {
    /// The output these flags ask for.
    pub fn output(&self) -> Output {
        Output { json: self.json, quiet: self.quiet, verbose: self.verbose, ..Output::plain() }.with_progress()
    }
}

/// Where results and remarks go.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct StreamArgs {
    #[command(flatten)]
    pub remarks: RemarkArgs,
    /// Write the result to FILE instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl StreamArgs {
    /// The output these flags ask for.
    pub fn output(&self) -> Output {
        Output { file: self.output.clone(), ..self.remarks.output() }
    }
}

/// What else is done with a result.
#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub struct AnswerArgs {
    #[command(flatten)]
    pub streams: StreamArgs,
    /// Also write a report, in the format of the extension: .html, .md, .tex or .txt (repeatable)
    #[arg(long, value_name = "FILE")]
    pub report: Vec<PathBuf>,
    /// Exit with 1 unless this certainly holds, such as 'starc-range<=0.1': a JSON key or the end of its dotted path,
    /// one of <= >= == != < >, a number, true, false or a word (repeatable)
    #[arg(long, value_name = "EXPR")]
    pub assert: Vec<String>,
}

impl AnswerArgs {
    /// The output these flags ask for.
    pub fn output(&self) -> Result<Output> {
        let mut out = self.streams.output();
        for path in &self.report {
            out.reports.push((path.clone(), output::exporter(path)?));
        }
        out.assertions = self.assert.iter().map(|text| Assertion::parse(text)).collect::<Result<_>>()?;
        Ok(out)
    }
}

/// The model and changes to it.
#[derive(Args, Debug)]
pub struct ModelArgs {
    /// A file (.mdp.toml, .mdp.json, .npz) or gallery:NAME
    #[arg(value_name = "MODEL")]
    pub model: String,
    #[command(flatten)]
    pub changes: ModelChanges,
}

/// Changes to a model.
#[derive(Args, Debug)]
pub struct ModelChanges {
    /// Another discount than the file's: a number or a quotient such as 19/20
    #[arg(long, value_name = "G", value_parser = gamma, help_heading = "Model")]
    pub gamma: Option<Number>,
    /// Another start than the file's: `uniform` or a state
    #[arg(long, value_name = "STATE", help_heading = "Model")]
    pub mu0: Option<String>,
    /// Take doubles from arrays at their word instead of as known to half a unit in the last place
    #[arg(long, help_heading = "Model")]
    pub exact_inputs: bool,
    /// Seed of a random model such as gallery:garnet; refused for any other
    #[arg(long, value_name = "N", help_heading = "Model")]
    pub seed: Option<u64>,
}

impl ModelArgs {
    /// Reads, checks and changes the model, and prints its warnings.
    pub fn load(&self, out: &Output) -> Result<Model> {
        self.changes.load(&self.model, out)
    }
}

impl ModelChanges {
    /// Reads, checks and changes the model of that name, and prints its warnings.
    pub fn load(&self, name: &str, out: &Output) -> Result<Model> {
        let changes = Changes { gamma: self.gamma.clone(), start: self.mu0.clone() };
        let model = Model::build_with(read_raw(name, self.seed)?, &changes)?;
        let model = at_their_word(model, self.exact_inputs);
        out.warn(model.warnings());
        let mdp = model.mdp();
        out.detail(&format!(
            "{}: {} states, {} actions, {} available pairs, {} transitions, gamma {}",
            model.name(),
            mdp.n_states(),
            mdp.n_actions(),
            mdp.n_rows(),
            mdp.nnz(),
            mdp.gamma()
        ));
        Ok(model)
    }
}

impl ModelChanges {
    /// The argument that names the model with its seed, for a model that was loaded.
    pub fn full_name(&self, model: &str) -> String {
        match self.seed {
            Some(seed) if model.contains('?') => format!("{model}&seed={seed}"),
            Some(seed) => format!("{model}?seed={seed}"),
            None => model.to_owned(),
        }
    }
}

/// The model with its doubles from arrays taken for the numbers themselves, where `--exact-inputs` asks for that. Without
/// it they are known to half a unit in the last place.
pub fn at_their_word(model: Model, exact_inputs: bool) -> Model {
    if exact_inputs { model.exact_inputs() } else { model }
}

/// Reads a model argument: a path, or a name after `gallery:`.
pub fn read_raw(model: &str, seed: Option<u64>) -> Result<RawModel> {
    let Some(spec) = model.strip_prefix(GALLERY) else {
        if seed.is_some() {
            return no_seed(model);
        }
        let path = Path::new(model);
        let read = || {
            control::check_memory(|| io::memory_needed(path))?;
            io::read_raw(path)
        };
        return read().map_err(|mut diag| {
            if diag.code == Code::FileUnreadable && gallery::find(model).is_some() {
                diag.help = Some(format!("did you mean `{GALLERY}{model}`?"));
            }
            diag
        });
    };
    control::check_memory(|| gallery::memory_needed(spec))?;
    match seed {
        None => gallery::read(spec),
        Some(_) if !gallery::is_random(spec) => no_seed(model),
        Some(seed) => {
            let joint = if spec.contains('?') { '&' } else { '?' };
            gallery::read(&format!("{spec}{joint}seed={seed}"))
        }
    }
}

fn no_seed<T>(model: &str) -> Result<T> {
    Diag::new(Code::Usage, format!("--seed is for random models, and `{model}` is not one"))
        .expected("a model such as gallery:garnet")
        .help("leave --seed out")
        .err()
}

/// A picture as a figure of a report.
pub fn figure(name: &str, picture: &dyn Picture, caption: &str) -> Result<Figure> {
    let options = plot::Options { placement: Placement::Inline, ..plot::Options::default() };
    let svg = picture.svg(&options).map_err(not_drawn)?;
    Ok(Figure::new(name, svg, caption, caption))
}

/// The format of a picture file by its extension; SVG where there is no file.
pub fn picture_format(path: Option<&Path>) -> Result<plot::Format> {
    let extension = path.and_then(Path::extension).map(|e| e.to_string_lossy().to_lowercase());
    match (path, extension.as_deref()) {
        (None, _) | (_, Some("svg")) => Ok(plot::Format::Svg),
        (_, Some("png")) => Ok(plot::Format::Png),
        (Some(path), _) => Diag::new(Code::Usage, format!("cannot tell the format of {}", path.display()))
            .expected("a name that ends in .svg or .png")
            .err(),
    }
}

/// A picture that cannot be drawn, as a refusal.
pub fn not_drawn(error: PlotError) -> Box<Diag> {
    Box::new(Diag::new(Code::Plot, error.to_string()).help("leave --report out to see the numbers"))
}

/// How to solve.
#[derive(Args, Debug)]
#[command(next_help_heading = "Solving")]
pub struct SolveArgs {
    /// Method; `auto`, as if left out, chooses by size, density and discount, and the answer says which
    #[arg(long, value_name = "ID", value_parser = PossibleValuesParser::new(std::iter::once("auto").chain(METHODS.iter().map(|m| m.id))))]
    pub method: Option<String>,
    /// Half width of the value bounds asked for, relative to the largest conceivable return [default: 1e-10]
    #[arg(long, value_name = "X", value_parser = tolerance)]
    pub tol: Option<f64>,
    /// Stop solving after this long with the best bounds so far: seconds, or 500ms, 10s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub time: Option<Duration>,
    /// Stop with the best bounds so far when the program holds this much memory, such as 500MB or 2GiB; a model that
    /// cannot fit is refused
    #[arg(long, value_name = "SIZE", value_parser = Size::parse)]
    pub memory: Option<Size>,
    /// Threads to work with; the result is the same for any number [default: RAYON_NUM_THREADS, else all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MAX_THREADS))]
    pub threads: Option<u16>,
}

impl SolveArgs {
    /// Makes the threads and sets the limit on memory: before anything is read.
    pub fn prepare(&self) -> Result<()> {
        if let Some(allowed) = self.memory {
            control::limit_memory(allowed)?;
        }
        threads(self.threads.map(usize::from))
    }

    /// The options; the clock of `--time` starts here, and from here on an interrupt stops the solve and not the
    /// program.
    pub fn options(&self) -> Options {
        let method = self.method.as_deref().and_then(|id| METHODS.iter().find(|m| m.id == id)).map(|m| m.id);
        let default = Options::default();
        let tolerance = self.tol.unwrap_or(default.tolerance);
        let limits = Limits {
            deadline: self.time.and_then(|time| Instant::now().checked_add(time)),
            stop: Some(&control::STOP),
            meter: Some(&control::METER),
        };
        progress::ask_for(tolerance);
        control::enter(Phase::Solving);
        Options { method, tolerance, limits, ..default }
    }
}

/// Makes the threads that solve; without a number as many as `RAYON_NUM_THREADS` says, or as there are processors.
pub fn threads(n: Option<usize>) -> Result<()> {
    /// Room for the calls of a whole comparison, as the main thread has it.
    const STACK: usize = 8 << 20;
    let builder = rayon::ThreadPoolBuilder::new().num_threads(n.unwrap_or(0)).stack_size(STACK);
    match (builder.build_global(), n) {
        (Ok(()), _) | (Err(_), None) => Ok(()),
        // A second command line in one process finds the threads of the first.
        (Err(_), Some(n)) if rayon::current_num_threads() == n => Ok(()),
        (Err(e), Some(n)) => {
            Diag::new(Code::Threads, format!("cannot make {n} threads: {e}")).help("ask for fewer with --threads").err()
        }
    }
}

/// A reward argument: an expression over the rewards of the model, or the path of a reward table.
pub fn reward(model: &Model, text: &str, out: &Output) -> Result<Query> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let is_name = model.rewards().iter().any(|(name, _)| name == text);
    if is_name || !(lower.ends_with(".toml") || lower.ends_with(".json")) {
        return Query::of(model, text);
    }
    let file = io::reward_file::read(Path::new(text))?;
    let (reward, warnings) = model.reward_from(&file.source, text, &file.reward)?;
    out.warn(&warnings);
    Ok(Query { text: text.to_owned(), linear: None, reward })
}

/// A reward argument that may be left out: then the first reward of the model, and stderr says so.
pub fn reward_or_first(model: &Model, text: Option<&str>, out: &Output) -> Result<Query> {
    if let Some(text) = text {
        return reward(model, text, out);
    }
    match model.rewards() {
        [] => Diag::new(Code::RewardUnknown, format!("the model `{}` has no rewards", model.name()))
            .expected("a reward")
            .help("name a .toml or .json file with a reward table")
            .err(),
        [(name, first), rest @ ..] => {
            if !rest.is_empty() {
                let others: Vec<&str> = rest.iter().map(|(name, _)| name.as_str()).collect();
                out.note(&format!("reward `{name}`, the first of the model; it also has {}", others.join(", ")));
            }
            Ok(named(name, first))
        }
    }
}

/// A named reward of the model as it is.
pub fn named(name: &str, reward: &Reward) -> Query {
    let terms = BTreeMap::from([(name.to_owned(), Affine { fixed: 1.0, slope: 0.0 })]);
    Query { text: name.to_owned(), linear: Some(Linear::of_doubles(name, terms)), reward: reward.clone() }
}

/// Reads a policy argument: `uniform`, `soft:TAU` or a file.
pub fn described_policy(model: &Model, text: &str) -> Result<Reference> {
    Ok(written_policy(model, text)?.0)
}

/// The same, with what a file says without rounding.
pub fn written_policy(model: &Model, text: &str) -> Result<(Reference, Option<Mixture>)> {
    if let Some(known) = Reference::parse(text) {
        return Ok((known?, None));
    }
    let path = Path::new(text);
    if path.extension().is_none() && !path.exists() {
        return Diag::new(Code::Usage, format!("`{text}` is no policy"))
            .expected("`uniform`, `soft:TAU` such as soft:0.1, or a policy file (.json or .toml)")
            .nearest(text, ["uniform", "soft:0.1"])
            .err();
    }
    let mixture = mixture(model, path)?;
    Ok((Reference::Given(mixture.policy.clone()), Some(mixture)))
}

/// Reads a policy argument where there is no reward that `soft:TAU` could be about: `uniform` or a file.
pub fn fixed_policy(model: &Model, text: &str) -> Result<Policy> {
    match described_policy(model, text)? {
        Reference::Uniform => Ok(Policy::uniform(model.mdp())),
        Reference::Given(policy) => Ok(policy),
        Reference::Soft(_) => Diag::new(Code::Usage, format!("`{text}` is optimal for no reward here"))
            .expected("`uniform`, or a policy file (.json or .toml)")
            .err(),
    }
}

/// Reads a policy file against a model.
pub fn policy(model: &Model, path: &Path) -> Result<Policy> {
    Ok(mixture(model, path)?.policy)
}

/// The same with its probabilities as they are written.
pub fn mixture(model: &Model, path: &Path) -> Result<Mixture> {
    let mdp = model.mdp();
    let file = io::policy_file::read(path)?;
    let refuse = |s: usize, a: usize| {
        let (state, action) = (mdp.states().name(s), mdp.actions().name(a));
        Diag::new(Code::Policy, format!("the policy plays `{action}` in state `{state}`, which does not offer it"))
            .at(&file.source, file.policy.at)
            .expected(format!("one of {}", offered(model, s)))
    };
    match file.resolve(mdp.states(), mdp.actions())? {
        io::ResolvedPolicy::Actions(actions) => {
            let row = |(s, &a): (usize, &usize)| mdp.row(s, a).ok_or_else(|| Box::new(refuse(s, a)));
            let rows = actions.iter().enumerate().map(row).collect::<Result<_>>()?;
            Ok(Mixture::from(&Policy::Deterministic(rows)))
        }
        io::ResolvedPolicy::Probabilities(all) => {
            let mut prob = vec![0.0; mdp.n_rows()];
            for (s, row) in all.chunks(mdp.n_actions()).enumerate() {
                for (a, &p) in row.iter().enumerate().filter(|(_, p)| **p > 0.0) {
                    match mdp.row(s, a) {
                        Some(row) => prob[row] = p,
                        None => return refuse(s, a).err(),
                    }
                }
            }
            let written = file.fractions();
            let of_row =
                |row: usize| Some(written.as_ref()?[mdp.state(row) * mdp.n_actions() + mdp.action(row)].clone());
            let weights = (0..mdp.n_rows()).map(of_row).collect();
            Ok(Mixture { policy: Policy::Stochastic(prob), weights })
        }
    }
}

fn offered(model: &Model, s: usize) -> String {
    let mdp = model.mdp();
    let names: Vec<String> =
        mdp.rows(s).take(8).map(|row| format!("`{}`", mdp.actions().name(mdp.action(row)))).collect();
    names.join(", ")
}

fn gamma(text: &str) -> Result<Number, String> {
    Number::parse(text)
        .filter(|g| (0.0..=1.0).contains(&g.value))
        .ok_or_else(|| "a discount is a number from 0 up to 1, or a quotient such as 19/20".into())
}

fn tolerance(text: &str) -> Result<f64, String> {
    number::parse(text).filter(|&t| t > 0.0).ok_or_else(|| "a tolerance is a number above 0, such as 1e-8".into())
}

/// `A..B` with A below B.
pub(super) fn range(text: &str) -> Option<(f64, f64)> {
    let (a, b) = text.split_once("..")?;
    Some((number::parse(a)?, number::parse(b)?)).filter(|(a, b)| a < b && a.is_finite() && b.is_finite())
}

/// A number above zero.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    let number = number::parse(text).filter(|&x| x > 0.0 && x.is_finite());
    number.ok_or_else(|| "a number above 0, such as 0.1 or 1/3".into())
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let (digits, unit) =
        units.iter().find_map(|&(sign, unit)| Some((text.strip_suffix(sign)?, unit))).unwrap_or((text, 1.0));
    number::parse(digits)
        .filter(|&x| x >= 0.0)
        .and_then(|x| Duration::try_from_secs_f64(x * unit).ok())
        .ok_or_else(|| "a time is a number of seconds, or one with ms, s, m or h behind it, such as 10s".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("1.5"), Ok(Duration::from_millis(1500)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("0"), Ok(Duration::ZERO));
        for bad in ["", "s", "-1s", "1d", "nan", "1e300h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
