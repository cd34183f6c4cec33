//! `doctor`: does everything work on this machine?

use super::output::{Answer, Exit, Output};
use super::shared::AnswerArgs;
use super::{EXIT_CODES, memory};
use truenorth::base::Result;
use truenorth::io::{gallery, write_atomic};
use truenorth::model::Model;
use truenorth::solve::{self, Sense, Solver, Task};
use truenorth_show::answer::doctor::{self, Check};
use truenorth_show::answer::parts;
use truenorth_show::plot::{Options, Picture, Scale, StateCell, StateColumn, StateTable};

/// Check the installation: version, processors, memory, fonts, writing, the gallery, arithmetic
#[derive(clap::Args, Debug)]
#[command(before_help = "Examples:\n  truenorth doctor\n  truenorth doctor --json", after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

/// Name of a check and what it found: an explanation, or why it failed.
type Found = (&'static str, Result<String, String>);

pub fn run(_: Args, out: &mut Output) -> Result<Exit> {
    let checks: Vec<Check> =
        [build(), processors(), memory(), rounding(), gallery_builds(), known_answer(), pictures(), writing()]
            .into_iter()
            .map(|(name, found)| Check { name, ok: found.is_ok(), detail: found.unwrap_or_else(|why| why) })
            .collect();
    let version = env!("CARGO_PKG_VERSION");
    let mut answer = Answer::new(doctor::json(version, &checks), doctor::document(version, &checks), true);
    if checks.iter().any(|check| !check.ok) {
        answer.exit = Exit::MachineTrouble;
    }
    out.answer(answer)
}

fn build() -> Found {
    let profile = if cfg!(debug_assertions) { "debug build: slow, for development" } else { "optimised build" };
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    ("build", Ok(format!("{os} {arch}, {profile}, {}", features())))
}

/// The optional features that are compiled in; a test holds the list against the manifest.
const FEATURES: &[(&str, bool)] = &[("fast-lp", cfg!(feature = "fast-lp"))];

fn features() -> String {
    let those = |wanted: bool| {
        let names: Vec<&str> = FEATURES.iter().filter(|(_, on)| *on == wanted).map(|(name, _)| *name).collect();
        names.join(", ")
    };
    match (those(true).as_str(), those(false).as_str()) {
        ("", "") => "no optional features".into(),
        (with, "") => format!("features {with}"),
        ("", without) => format!("no features, without {without}"),
        (with, without) => format!("features {with}, without {without}"),
    }
}

fn processors() -> Found {
    let threads = rayon::current_num_threads();
    let words = |n: std::num::NonZero<usize>| {
        let threads = parts::many(threads, "thread");
        format!("{}, {threads} unless --threads says otherwise", parts::many(n.get(), "processor"))
    };
    let count = std::thread::available_parallelism();
    ("processors", count.map(words).map_err(|e| format!("cannot be counted: {e}")))
}

/// Never a failure: only `--memory` depends on it, and says so itself.
fn memory() -> Found {
    let found = match (memory::of_machine(), memory::resident()) {
        (Some((total, free)), Some(_)) => {
            let group = memory::of_group().map(|limit| format!(", {limit} allowed to this group of processes"));
            format!("{total}, of which {free} can be had{}; --memory works", group.unwrap_or_default())
        }
        _ => "this system does not say; --memory does not work".into(),
    };
    ("memory", Ok(found))
}

/// Bounds are only as good as the rounding of the processor.
fn rounding() -> Found {
    let tiny = std::hint::black_box(f64::MIN_POSITIVE);
    let third = std::hint::black_box(1.0f64) / std::hint::black_box(3.0);
    let nearest = third.to_bits() == 0x3fd5_5555_5555_5555;
    let found = match (nearest, tiny / 2.0 > 0.0) {
        (true, true) => Ok("to nearest, small numbers kept".into()),
        (false, _) => Err("not to nearest: certified bounds cannot be trusted here".into()),
        (_, false) => Err("small numbers are flushed to zero: certified bounds cannot be trusted here".into()),
    };
    ("rounding", found)
}

fn gallery_builds() -> Found {
    let build = |entry: &gallery::Entry| {
        let model = gallery::read(entry.name).and_then(Model::build).map_err(|diag| diag.to_string())?;
        match model.warnings().first() {
            Some(warning) => Err(format!("{}: {warning}", entry.name)),
            None => Ok(()),
        }
    };
    let built: Result<Vec<()>, String> = gallery::GALLERY.iter().map(build).collect();
    ("gallery", built.map(|built| format!("{} models build", built.len())))
}

fn known_answer() -> Found {
    /// Optimal return of the slippery 4 by 4 lake at discount 0.99.
    const LAKE: f64 = 0.542_025_932_000_5;
    let solve = || -> Result<f64> {
        let model = Model::build(gallery::read("frozenlake-4x4")?)?;
        let solver = Solver::new(model.mdp(), solve::Options::default())?;
        let Some((_, reward)) = model.rewards().first() else { return Ok(f64::NAN) };
        let solution = solver.optimise(&Task::new(&reward.expected(model.mdp()), Sense::Max));
        Ok(solution.at_start(model.mdp()).value)
    };
    let found = match solve() {
        Ok(value) if (value - LAKE).abs() < 1e-9 => Ok(format!("frozenlake-4x4 is worth {value:.6}, as it should")),
        Ok(value) => Err(format!("frozenlake-4x4 is worth {value}, which should be {LAKE}")),
        Err(diag) => Err(diag.to_string()),
    };
    ("solving", found)
}

fn pictures() -> Found {
    let cells = vec![StateCell { value: Some(0.5), actions: vec!["go".into()] }];
    let picture = StateTable {
        title: "doctor".into(),
        value_label: "value".into(),
        names: vec!["state".into()],
        changed: Vec::new(),
        changed_label: String::new(),
        columns: vec![StateColumn { title: "reward".into(), cells }],
    };
    let png = picture.png(&Options::default(), Scale::One);
    ("pictures", png.map(|bytes| format!("font and PNG work, {} bytes", bytes.len())).map_err(|e| e.to_string()))
}

fn writing() -> Found {
    let path = std::env::temp_dir().join(format!("truenorth-doctor-{}", std::process::id()));
    let text = b"truenorth";
    let found = match write_atomic(&path, text) {
        Err(diag) => Err(diag.to_string()),
        Ok(()) => match std::fs::read(&path) {
            Ok(back) if back == text => Ok(format!("{} can be written", std::env::temp_dir().display())),
            Ok(_) => Err(format!("{} reads back differently", path.display())),
            Err(e) => Err(format!("{} cannot be read back: {e}", path.display())),
        },
    };
    // Left behind, it would be nine bytes in a temporary folder.
    let _ = std::fs::remove_file(&path);
    ("writing", found)
}
