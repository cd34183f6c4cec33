//! `--time`, `--memory` and `--threads` from outside.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Run, folder, program, run, text};

/// No method reaches this tolerance soon.
const LONG: [&str; 5] =
    ["solve", "gallery:garnet?states=2000&actions=4&branching=1&gamma=0.999999999", "truth", "--tol", "1e-15"];

fn answer(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}", run.out))
}

#[test]
fn a_time_limit_ends_solves_and_drawings() {
    for method in ["vi", "mpi"] {
        let start = Instant::now();
        let cut = run(&[&LONG[..], &["--method", method, "--time", "200ms", "--json"]].concat());
        assert_eq!(cut.code, 4, "{method}: {}", cut.err);
        assert!(start.elapsed() < Duration::from_secs(20), "{method} took {:?}", start.elapsed());
        let cut = answer(&cut);
        assert_eq!((&cut["outcome"], &cut["method"]), (&"time-limit".into(), &method.into()));
        let (lo, hi) = (cut["value_at_start"]["lo"].as_f64(), cut["value_at_start"]["hi"].as_f64());
        assert!(lo.is_some_and(f64::is_finite) && hi.is_some_and(f64::is_finite) && lo < hi, "{lo:?} {hi:?}");
    }
    let folder = folder();
    let picture = folder.path().join("cliff.svg");
    // Thousands of pieces, a few solves each.
    let family = ["plot", "cliff", "gallery:garnet?states=1000", "truth", "--vary", "truth + x*other", "0..1"];
    let start = Instant::now();
    let cut = run(&[&family[..], &["--time", "200ms", "-o", text(&picture)]].concat());
    assert_eq!(cut.code, 4, "{}", cut.err);
    assert!(cut.err.contains("a limit was reached"), "{}", cut.err);
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
}

#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    let folder = folder();
    let pairs = folder.path().join("pairs.jsonl");
    let mut lines: Vec<String> = (1..=12)
        .map(|seed| {
            format!(r#"{{"model": "gallery:garnet?states=20&seed={seed}", "truth": "truth", "proxy": "proxy"}}"#)
        })
        .collect();
    // Answers keep their order around a line that takes longer, and one that is refused.
    lines[1] = lines[1].replace("states=20", "states=80");
    lines[5] = lines[5].replace("states=20", "sates=20");
    std::fs::write(&pairs, lines.join("\n")).expect("writable");
    // More states than one block of a sweep.
    let large = "gallery:garnet?states=4500&gamma=0.9";
    let middle = "gallery:garnet?states=40";
    let jobs: [&[&str]; 6] = [
        &["solve", large, "truth", "--method", "mpi"],
        &["solve", large, "truth", "--method", "vi", "--tol", "1e-6"],
        &["compare", middle, "truth", "proxy", "--metric", "all"],
        &["regret", middle, "truth", "proxy", "--lp"],
        &["regret", large, "truth", "proxy", "--tol", "1e-6", "--method", "mpi"],
        &["compare", "--batch", text(&pairs), "--metric", "all"],
    ];
    for job in jobs {
        let is_batch = job.contains(&"--batch");
        // A batch is JSON anyway.
        let form: &[&str] = if is_batch { &[] } else { &["--json"] };
        let with = |threads: &str| run(&[job, form, &["--threads", threads]].concat());
        let (one, two) = (with("1"), with("2"));
        let expected = if is_batch { 2 } else { 0 };
        assert_eq!((one.code, two.code), (expected, expected), "{job:?}: {} {}", one.err, two.err);
        assert!(one.out == two.out, "{job:?} differs");
        if is_batch {
            let answers: Vec<Value> = one.out.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
            assert_eq!(answers.len(), 12);
            assert_eq!(answers[5]["input_line"], 6);
            let sizes: Vec<&Value> = answers.iter().map(|a| &a["model"]["n_states"]).collect();
            assert_eq!((sizes[0], sizes[1], sizes[2]), (&20.into(), &80.into(), &20.into()));
        }
    }
}

#[test]
fn threads_are_counted_and_the_environment_is_respected() {
    for bad in ["0", "-1", "many", "100000"] {
        assert_eq!(run(&["solve", "gallery:gambler", "--threads", bad]).code, 2, "{bad}");
    }
    let out = program().args(["doctor", "--json"]).env("RAYON_NUM_THREADS", "3").output().expect("the program starts");
    let found: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let check = |name: &str| {
        let checks = found["checks"].as_array().expect("checks");
        checks.iter().find(|c| c["name"] == name).expect(name)["detail"].as_str().expect("text").to_owned()
    };
    assert!(check("processors").contains("3 threads"), "{found}");
    assert!(check("memory").contains("--memory"), "{found}");
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    for bad in ["", "0", "-1MB", "much", "1 elephant"] {
        let refused = run(&["solve", "gallery:gambler", "--memory", bad]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{bad}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_model_that_cannot_fit_is_refused_before_it_is_read() {
    let folder = folder();
    let npz = folder.path().join("large.npz");
    let toml = folder.path().join("long.mdp.toml");
    assert_eq!(run(&["convert", "gallery:garnet?states=20000&actions=4&branching=8", text(&npz), "-q"]).code, 0);
    let words = "long ".repeat(2 << 20);
    std::fs::write(&toml, format!("format = 'truenorth-mdp/1'\ndescription = '{words}'\n")).expect("writable");
    // The arrays of the archive alone take 9.6 MB, the text twice its 10 MB; a thousand million states take any machine
    // too far, so a refusal shows that nothing was tried.
    for (model, allowed) in
        [(text(&npz), "8MB"), (text(&toml), "20MB"), ("gallery:garnet?states=500000000&actions=2&branching=2", "1GB")]
    {
        let start = Instant::now();
        let refused = run(&["solve", model, "--memory", allowed, "--json"]);
        assert_eq!(refused.code, 3, "{model}: {}", refused.err);
        assert_eq!(answer(&refused)["error"]["code"], "memory-limit", "{model}");
        assert!(start.elapsed() < Duration::from_secs(10), "{model} took {:?}", start.elapsed());
    }
    let fits = run(&["solve", text(&npz), "--memory", "16GiB", "-q", "--tol", "1e-3", "--method", "mpi"]);
    assert_eq!(fits.code, 0, "{}", fits.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_solve_that_holds_too_much_stops_with_bounds() {
    // Any program holds more than this. Nothing stops it before the solve, unless a busy machine makes reading slow.
    let cut = run(&[&LONG[..], &["--method", "vi", "--memory", "1MB", "--json"]].concat());
    let found = answer(&cut);
    match cut.code {
        4 => {
            assert_eq!(found["outcome"], "memory-limit");
            assert!(found["value_at_start"]["lo"].as_f64() < found["value_at_start"]["hi"].as_f64(), "{found}");
            assert!(cut.err.contains("the memory limit was reached"), "{}", cut.err);
        }
        3 => assert_eq!(found["error"]["code"], "memory-limit"),
        code => panic!("{code}: {}", cut.err),
    }
}

#[cfg(not(target_os = "linux"))]
#[test]
fn without_a_way_to_know_the_memory_there_is_no_limit_on_it() {
    let refused = run(&["solve", "gallery:gambler", "--memory", "1GB"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("[usage]") && refused.err.contains("--memory"), "{}", refused.err);
}
