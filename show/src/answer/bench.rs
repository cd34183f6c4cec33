//! The words of `bench`: one line a workload.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SCHEMA;
use super::parts::code;
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use truenorth::base::Bounded;

/// What one workload took, and how good its answer is. Seconds and bytes are measured, the error is certified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Permanent name.
    pub workload: String,
    /// What is solved, in words.
    pub title: String,
    /// Sizes of the model.
    pub model: Size,
    /// How many problems are solved: rewards, or pairs of rewards.
    pub count: usize,
    /// Seed of the model.
    pub seed: u64,
    /// Size relative to the full workload.
    pub scale: f64,
    /// Threads that may be used.
    pub threads: usize,
    /// Method that ran.
    pub method: String,
    /// From a model that is ready.
    pub solve: Timing,
    /// From arrays in memory, checks included; absent where there is no difference.
    pub from_arrays: Option<Timing>,
    /// Sweeps or improvement steps, over all problems; absent where the method does not count them.
    pub sweeps: Option<usize>,
    /// Largest half width of the bounds on any number that was asked for: no answer is further from the truth.
    pub error: f64,
    /// What `error` was asked to be at most.
    pub tolerance: f64,
    /// What the bounds account for; the weakest over all numbers.
    pub grade: String,
    /// Largest resident memory of the process, model included, in bytes; absent where the system does not say.
    pub peak_memory: Option<u64>,
    /// Numbers by which two programs can tell that they solved the same problem.
    pub checks: Vec<Check>,
}

/// Sizes of a model.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Size {
    /// S.
    pub n_states: usize,
    /// A.
    pub n_actions: usize,
    /// Transitions stored.
    pub nnz: usize,
    /// Discount.
    pub gamma: f64,
}

/// Seconds of several runs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Timing {
    /// Number of runs.
    pub runs: usize,
    /// Fastest, on the clock.
    pub wall_min: f64,
    /// Middle one, on the clock.
    pub wall_median: f64,
    /// Processor seconds of all threads, mean over the runs, to a hundredth over all runs together; absent where the
    /// system does not say.
    pub cpu: Option<f64>,
}

/// One number with its bounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// What it is.
    pub name: String,
    /// Best estimate.
    pub value: f64,
    /// Lower bound.
    pub lo: f64,
    /// Upper bound.
    pub hi: f64,
    /// What the bounds account for.
    pub grade: String,
}

impl Check {
    /// A number under a name.
    pub fn new(name: &str, b: Bounded) -> Self {
        Check { name: name.into(), value: b.value, lo: b.lo, hi: b.hi, grade: b.grade.word().into() }
    }
}

impl Record {
    /// Whether the error is as small as was asked.
    pub fn is_within(&self) -> bool {
        self.error <= self.tolerance
    }

    /// The record under the head of every result. The numbers of `checks` are Bounded objects by name.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("schema".into(), SCHEMA.into());
        map.insert("command".into(), "bench".into());
        // A struct of plain numbers and words always has a JSON form.
        if let Ok(Value::Object(own)) = serde_json::to_value(self) {
            map.extend(own);
        }
        map
    }
}

/// For people.
pub fn document(records: &[Record]) -> Document {
    let mut table = Table::new("Seconds: fastest and median run, processor time, median run from arrays")
        .column("workload", Align::Left);
    for head in ["fastest", "median", "cpu", "arrays", "error", "sweeps", "peak MB"] {
        table = table.column(head, Align::Right);
    }
    table = table.column("method", Align::Left);
    let absent = || Cell::from("-");
    for record in records {
        let count = |n: Option<usize>| n.map_or_else(absent, |n| n.to_string().into());
        table = table.row([
            Cell::from(code(&record.workload)),
            seconds(record.solve.wall_min).into(),
            seconds(record.solve.wall_median).into(),
            record.solve.cpu.map_or_else(absent, |s| seconds(s).into()),
            record.from_arrays.map_or_else(absent, |t| seconds(t.wall_median).into()),
            format!("{:.1e}", record.error).into(),
            count(record.sweeps),
            count(record.peak_memory.map(|bytes| (bytes / 1_000_000) as usize)),
            record.method.as_str().into(),
        ]);
    }
    let missed: Vec<&str> = records.iter().filter(|r| !r.is_within()).map(|r| r.workload.as_str()).collect();
    let verdict = match missed.as_slice() {
        [] => Block::verdict(Tone::Good, "Every answer is within the error asked for."),
        _ => Block::verdict(Tone::Bad, format!("Not within the error asked for: {}.", missed.join(", "))),
    };
    let titles = records.iter().map(|record| format!("{}: {}", record.workload, record.title));
    Document::new("What the workloads take")
        .block(verdict)
        .block(table)
        .block(Block::paragraph(
            "Each workload ran in a process of its own. The error is half the width of the widest certified bounds.",
        ))
        .block(Block::list(titles))
}

/// Three digits are more than a clock can repeat.
fn seconds(s: f64) -> String {
    match s {
        s if s < 0.01 => format!("{s:.5}"),
        s if s < 1.0 => format!("{s:.3}"),
        s if s < 100.0 => format!("{s:.2}"),
        _ => format!("{s:.0}"),
    }
}
