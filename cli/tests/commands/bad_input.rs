//! Files broken in every way: a code, a place, an expectation, a suggestion, exit 3, soon, and never a panic.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{folder, program, run, text};

const GOOD: &str = r#"format = "truenorth-mdp/1"
gamma = 0.9
states = ["a", "b"]
actions = ["x", "y"]
mu0 = "a"
transitions = [
  ["a", "x", "b", 1],
  ["b", "x", "b", 1],
]
[rewards]
r = { s = [0, 1] }
"#;

/// Old text, new text, code, line and column of the complaint.
const BREAKS: &[(&str, &str, &str, u64, u64)] = &[
    ("\"truenorth-mdp/1\"", "\"truenorth-mdp/9\"", "format-version", 1, 10),
    ("gamma = 0.9", "gamma = \"much\"", "bad-number", 2, 9),
    ("gamma = 0.9", "gamma = true", "wrong-type", 2, 9),
    ("gamma = 0.9", "gamma = nan", "bad-number", 2, 9),
    ("gamma = 0.9", "gamma = 1e400", "bad-number", 2, 9),
    ("gamma = 0.9", "gamma = 1.5", "gamma-range", 2, 9),
    ("gamma = 0.9", "gamma = -0.1", "gamma-range", 2, 9),
    ("gamma = 0.9", "gamma = 1", "gamma-one-endless", 2, 9),
    ("gamma = 0.9", "gama = 0.9", "field-unknown", 2, 1),
    ("gamma = 0.9\n", "", "field-missing", 1, 1),
    ("[\"a\", \"b\"]", "[\"a\", \"a\"]", "name-twice", 3, 16),
    ("[\"a\", \"b\"]", "[\"a\", \"\"]", "name-twice", 3, 16),
    ("[\"a\", \"b\"]", "[\"a\", 7]", "wrong-type", 3, 16),
    ("[\"a\", \"b\"]", "0", "wrong-shape", 3, 10),
    ("[\"a\", \"b\"]", "1000000000000", "too-large", 3, 10),
    ("mu0 = \"a\"", "mu0 = \"c\"", "name-unknown", 5, 7),
    ("mu0 = \"a\"", "mu0 = [0.5, 0.4]", "row-sum", 5, 7),
    ("mu0 = \"a\"", "mu0 = [1.5, -0.5]", "probability-range", 5, 8),
    ("[\"b\", \"x\", \"b\", 1]", "[\"b\", \"x\", \"b\", 0.5]", "row-sum", 8, 3),
    ("[\"b\", \"x\", \"b\", 1]", "[\"b\", \"x\", \"b\", -1]", "probability-range", 8, 19),
    ("[\"b\", \"x\", \"b\", 1]", "[\"b\", \"x\", \"c\", 1]", "name-unknown", 8, 14),
    ("[\"b\", \"x\", \"b\", 1]", "[\"b\", \"z\", \"b\", 1]", "name-unknown", 8, 9),
    ("[\"b\", \"x\", \"b\", 1]", "[\"b\", \"x\", 1]", "wrong-shape", 8, 3),
    ("  [\"b\", \"x\", \"b\", 1],\n", "", "state-without-action", 6, 15),
    ("s = [0, 1]", "s = [0]", "wrong-shape", 11, 11),
    ("s = [0, 1]", "s = [0, \"much\"]", "bad-number", 11, 15),
    ("s = [0, 1]", "s = [0, 1e200]", "bad-number", 11, 11),
    ("s = [0, 1]", "sa = [[0, 0], [0, 5]]", "reward-unavailable", 11, 25),
    ("[rewards]", "[rewards", "syntax", 10, 9),
];

#[test]
fn each_broken_field_is_named_with_its_place() {
    let folder = folder();
    let path = folder.path().join("m.mdp.toml");
    std::fs::write(&path, GOOD).expect("writable");
    assert_eq!(run(&["solve", text(&path)]).code, 0, "the unbroken file is fine");
    for &(old, new, code, line, column) in BREAKS {
        assert!(GOOD.contains(old), "{old}");
        std::fs::write(&path, GOOD.replacen(old, new, 1)).expect("writable");
        let start = Instant::now();
        let run = run(&["solve", text(&path), "--json"]);
        assert!(start.elapsed() < Duration::from_secs(1), "{new} took {:?}", start.elapsed());
        assert_eq!(run.code, 3, "{new}: {}", run.err);
        let answer: Value = serde_json::from_str(&run.out).expect("JSON");
        let error = &answer["error"];
        assert_eq!(error["code"], code, "{new}: {error}");
        assert_eq!((error["line"].as_u64(), error["column"].as_u64()), (Some(line), Some(column)), "{new}: {error}");
        assert!(error["expected"].is_string() || error["help"].is_string(), "{new}: {error}");
        assert!(run.err.contains(&format!("m.mdp.toml:{line}:{column}")), "{new}: {}", run.err);
    }
}

#[test]
fn files_that_are_no_models_are_refused_at_once() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("empty.toml"), "").expect("writable");
    std::fs::write(path("latin.json"), b"{\"name\": \"caf\xe9\"}").expect("writable");
    std::fs::write(path("cut.json"), "{\"format\": \"truenorth-m").expect("writable");
    std::fs::write(path("deep.json"), "[".repeat(1_000_000)).expect("writable");
    std::fs::write(path("deep.toml"), format!("a = {}", "[".repeat(1_000_000))).expect("writable");
    std::fs::write(path("text.npz"), "no archive").expect("writable");
    std::fs::write(path("model.xyz"), GOOD).expect("writable");
    std::fs::create_dir(path("folder.toml")).expect("writable");
    for name in ["zeros.toml", "zeros.json", "zeros.npz"] {
        // Sparse: a gigabyte of zeros that takes no room.
        std::fs::File::create(path(name)).and_then(|f| f.set_len(1 << 30)).expect("writable");
    }
    for (name, code) in [
        ("empty.toml", "file-empty"),
        ("latin.json", "file-not-utf8"),
        ("cut.json", "syntax"),
        ("deep.json", "too-deep"),
        ("deep.toml", "too-deep"),
        ("text.npz", "syntax"),
        ("folder.toml", "file-unreadable"),
        ("absent.toml", "file-unreadable"),
        ("model.xyz", "format-unknown"),
        ("zeros.toml", ""),
        ("zeros.json", ""),
        ("zeros.npz", ""),
    ] {
        let start = Instant::now();
        let run = run(&["solve", text(&path(name))]);
        assert!(start.elapsed() < Duration::from_secs(1), "{name} took {:?}", start.elapsed());
        assert_eq!((run.code, run.out.as_str()), (3, ""), "{name}: {}", run.err);
        assert!(run.err.contains(&format!("[{code}")), "{name}: {}", run.err);
        assert!(run.err.contains("help"), "{name}: {}", run.err);
    }
}

#[test]
fn truncation_and_flipped_bytes_never_panic() {
    let folder = folder();
    let path = folder.path().join("m.mdp.toml");
    let mut seed = 7u64;
    let mut next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    for i in 0..120 {
        let mut bytes = GOOD.as_bytes().to_vec();
        match i % 2 {
            0 => bytes.truncate(next() % bytes.len()),
            _ => {
                let at = next() % bytes.len();
                bytes[at] = next() as u8;
            }
        }
        std::fs::write(&path, &bytes).expect("writable");
        let code = program().args(["compare", text(&path), "r", "2*r"]).output().expect("runs").status.code();
        assert!(matches!(code, Some(0 | 2 | 3)), "{code:?} on {:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn output_that_cannot_be_written_is_the_machines_trouble() {
    let folder = folder();
    let nowhere = folder.path().join("no/such/file.json");
    let run = run(&["solve", "gallery:forest", "income", "-o", text(&nowhere)]);
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.contains("output-unwritable"), "{}", run.err);
}
