//! `bench`: what the workloads of docs/performance.md take here.
//!
//! Owns: the workloads, their clocks, the process each runs in, their export as arrays.
//! May use: what `cli` may use.
//! Must not: contain a faster way than the library's own; what is timed is what a caller of the library gets.
//! To add one: a workload is a static in a file here, and one line in [`WORKLOADS`].

mod evaluation;
mod export;
mod measure;
mod optimal;
mod pairs;
mod sweep;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::builder::PossibleValuesParser;

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::StreamArgs;
use export::Folder;
use measure::Stopwatch;
use truenorth::base::{Bounded, Code, Diag, Grade, Result, number};
use truenorth::model::Mdp;
use truenorth::model::reward::ExpectedReward;
use truenorth::solve::{Horizon, Options};
use truenorth_show::answer::bench::{Check, Record, Size, document};

/// Time the workloads of docs/performance.md: seconds, certified error, peak memory
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth bench
  truenorth bench a c --scale 0.01 --json
  truenorth bench e --export arrays",
    after_help = EXIT_CODES
)]
pub struct Args {
    /// Which ones [default: all]
    #[arg(value_name = "WORKLOAD", value_parser = PossibleValuesParser::new(WORKLOADS.iter().map(|w| w.id)))]
    workloads: Vec<String>,
    /// Size relative to the full workload: states, rewards or pairs
    #[arg(long, value_name = "X", default_value = "1", value_parser = scale)]
    scale: f64,
    /// Runs of each, fewer once they have taken a minute
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Seed of the models
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Threads [default: one a processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Time nothing; write each workload as NumPy arrays to DIR/WORKLOAD, with certified bounds on the answers
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// Run one workload in this process and print its record: what `bench` does for each of them
    #[arg(long, hide = true)]
    here: bool,
    #[command(flatten)]
    pub(super) streams: StreamArgs,
}

/// One thing to time.
pub struct Workload {
    /// Permanent name.
    pub id: &'static str,
    /// What is solved, at full size.
    pub title: &'static str,
    /// Draws the model, solves it and looks at the clock.
    run: fn(&Settings) -> Result<Measured>,
    /// Draws the model and writes it.
    export: fn(&Settings, &Folder) -> Result<()>,
}

/// All workloads, in the order of docs/performance.md.
pub static WORKLOADS: &[&Workload] = &[
    &optimal::A,
    &optimal::B,
    &optimal::C,
    &sweep::D,
    &pairs::E,
    &pairs::E_PLUS,
    &evaluation::F_GARNET,
    &evaluation::F_GRID,
];

/// Absolute error asked of every value.
const ERROR: f64 = 1e-6;

/// How a workload is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    scale: f64,
    repeat: usize,
    seed: u64,
    error: f64,
}

impl Settings {
    /// `full` times the scale, at least 1.
    fn count(&self, full: usize) -> usize {
        ((full as f64 * self.scale).round() as usize).max(1)
    }

    /// Edge of a square whose area is that of edge `full` times the scale, at least 1.
    fn side(&self, full: usize) -> usize {
        ((full as f64 * self.scale.sqrt()).round() as usize).max(1)
    }
}

/// What a workload found.
pub struct Measured {
    size: Size,
    count: usize,
    method: String,
    ready: Stopwatch,
    from_arrays: Option<Stopwatch>,
    sweeps: Option<usize>,
    error: f64,
    grade: Grade,
    checks: Vec<Check>,
}

impl Measured {
    /// One problem, timed from a model that is ready.
    fn new(mdp: &Mdp, ready: Stopwatch, method: &str, error: f64, grade: Grade) -> Self {
        let size = Size { n_states: mdp.n_states(), n_actions: mdp.n_actions(), nnz: mdp.nnz(), gamma: mdp.gamma() };
        let method = method.to_owned();
        Measured { size, count: 1, method, ready, from_arrays: None, sweeps: None, error, grade, checks: Vec::new() }
    }

    fn record(self, workload: &Workload, settings: &Settings) -> Record {
        Record {
            workload: workload.id.into(),
            title: match settings.scale {
                1.0 => workload.title.into(),
                scale => format!("{}; scaled by {scale}", workload.title),
            },
            model: self.size,
            count: self.count,
            seed: settings.seed,
            scale: settings.scale,
            threads: rayon::current_num_threads(),
            method: self.method,
            solve: self.ready.timing(),
            from_arrays: self.from_arrays.map(|watch| watch.timing()),
            sweeps: self.sweeps,
            error: self.error,
            tolerance: settings.error,
            grade: self.grade.word().into(),
            peak_memory: measure::peak_memory(),
            checks: self.checks,
        }
    }
}

/// Options that ask for an absolute error of the values of every one of some rewards.
fn options(mdp: &Mdp, rewards: &[&ExpectedReward], error: f64) -> Options {
    let largest = rewards.iter().flat_map(|reward| &reward.r).fold(0.0f64, |m, r| m.max(r.abs()));
    let scale = largest * Horizon::discounted(mdp).longest();
    // Rewards of zero are solved by any tolerance.
    let tolerance = if scale > 0.0 { error / scale } else { 1.0 };
    Options { tolerance, ..Options::default() }
}

/// Half of the widest bounds.
fn widest(lo: &[f64], hi: &[f64]) -> f64 {
    lo.iter().zip(hi).fold(0.0f64, |m, (lo, hi)| m.max((hi - lo).next_up() / 2.0))
}

/// Mean with bounds; 0 of an empty list.
fn mean(numbers: &[Bounded]) -> Bounded {
    let Some((&first, rest)) = numbers.split_first() else { return Bounded::exact(0.0) };
    let total = rest.iter().fold(first, |sum, &b| sum + b);
    // The divisor is at least 1.
    total.checked_div(Bounded::exact(numbers.len() as f64)).unwrap_or(total)
}

pub fn run(args: &Args, out: &mut Output) -> Result<Exit> {
    let chosen = |w: &&&Workload| args.workloads.is_empty() || args.workloads.iter().any(|id| id == w.id);
    let workloads: Vec<&Workload> = WORKLOADS.iter().filter(chosen).copied().collect();
    let settings = Settings { scale: args.scale, repeat: args.repeat.into(), seed: args.seed, error: ERROR };
    if args.here || args.export.is_some() {
        set_threads(args.threads)?;
    }
    if let Some(folder) = &args.export {
        return export_all(&workloads, &settings, folder, out);
    }
    let mut stream = out.is_json().then(|| out.stream());
    let mut records = Vec::with_capacity(workloads.len());
    for workload in workloads {
        let record = match args.here {
            true => (workload.run)(&settings)?.record(workload, &settings),
            false => in_own_process(workload, args)?,
        };
        if let Some(stream) = &mut stream
            && !stream.line(&serde_json::Value::from(record.json()).to_string())?
        {
            break;
        }
        out.detail(&format!("{}: {:.3} s", record.workload, record.solve.wall_median));
        records.push(record);
    }
    let complete = records.iter().all(Record::is_within);
    match stream {
        None => out.answer(Answer::new(serde_json::Value::Null, document(&records), complete)),
        Some(stream) => {
            stream.finish()?;
            Ok(if complete { Exit::Answered } else { Exit::LimitReached })
        }
    }
}

/// Uses as many threads as were asked for, from here on.
fn set_threads(threads: Option<u16>) -> Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
    pool.build_global().map_err(|e| {
        let message = format!("cannot start {threads} threads: {e}");
        Box::new(Diag::new(Code::Process, message).help("ask for fewer threads"))
    })
}

/// Runs a workload in a process that does nothing else, so that its peak memory is its own.
fn in_own_process(workload: &Workload, args: &Args) -> Result<Record> {
    let failed = |why: String| {
        let message = format!("the workload `{}` was not measured: {why}", workload.id);
        Box::new(Diag::new(Code::Process, message).help("a smaller --scale needs less memory and time"))
    };
    let program = std::env::current_exe().map_err(|e| failed(e.to_string()))?;
    let mut command = Command::new(program);
    command.args(["bench", workload.id, "--here", "--json", "--scale", &args.scale.to_string()]);
    command.args(["--repeat", &args.repeat.to_string(), "--seed", &args.seed.to_string()]);
    if let Some(threads) = args.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    let output = command.stdin(Stdio::null()).output().map_err(|e| failed(e.to_string()))?;
    match serde_json::from_slice(&output.stdout) {
        Ok(record) => Ok(record),
        Err(_) => Err(failed(reason(&output.stdout).unwrap_or_else(|| format!("it ended with {}", output.status)))),
    }
}

/// The message in what a process with `--json` says when it refuses.
fn reason(stdout: &[u8]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(stdout).ok()?;
    json["error"]["message"].as_str().map(str::to_owned)
}

fn export_all(workloads: &[&Workload], settings: &Settings, place: &Path, out: &mut Output) -> Result<Exit> {
    let mut lines = String::new();
    for workload in workloads {
        let folder = Folder::new(place.join(workload.id))?;
        (workload.export)(settings, &folder)?;
        lines.push_str(&format!("{}\n", folder.place().display()));
    }
    out.text(&lines)
}

fn scale(text: &str) -> Result<f64, String> {
    /// A hundred times the memory of the largest workload is a slip.
    const MAX: f64 = 10.0;
    number::parse(text)
        .filter(|&x| x > 0.0 && x <= MAX)
        .ok_or_else(|| format!("a scale is a number above 0, up to {MAX}, such as 0.01"))
}
