//! `matrix` from outside: keys, sets of rewards in every format, files, slips.

use std::io::Write;

use serde_json::{Value, json as object};

use crate::run::{folder, json, run, text, value};

const LAKE: &str = "gallery:frozenlake-4x4";

fn number(matrix: &Value, i: usize, j: usize) -> f64 {
    matrix[i][j].as_f64().unwrap_or_else(|| panic!("no number at {i} {j} in {matrix}"))
}

#[test]
fn matrix_has_the_keys_of_the_contract_and_the_numbers_of_compare() {
    let a = json(&["matrix", LAKE, "goal", "goal - 0.05*step", "shaped"]);
    assert_eq!(a["rewards"], object!(["goal", "goal - 0.05*step", "shaped"]));
    assert_eq!((&a["metric"], &a["metric_chosen"]), (&"starc-range".into(), &true.into()));
    let c = json(&["compare", LAKE, "goal", "goal - 0.05*step"]);
    let d = value(&c["distances"]["starc-range"]);
    assert!((number(&a["distance"], 0, 1) - d).abs() < 1e-9 && (number(&a["distance"], 1, 0) - d).abs() < 1e-9);
    for (i, j, key) in [(0, 1, "regret"), (1, 0, "regret_reverse")] {
        let worst = &c[key]["proxy_optimal"];
        assert!((number(&a["regret"], i, j) - value(&worst["worst"])).abs() < 1e-9);
        assert!((number(&a["regret_normalised"], i, j) - value(&worst["worst_normalised"])).abs() < 1e-9);
    }
    assert_eq!(a["same_task"], object!([["goal", "shaped"]]));
    assert_eq!(a["nearest"][0]["nearest"], "shaped");
    assert_eq!(a["order"].as_array().map(Vec::len), Some(3));
    assert_eq!(a["merges"].as_array().map(Vec::len), Some(2));
    for key in ["distance_error", "distance_grade", "regret_error", "regret_grade", "returns", "leaves", "trivial"] {
        assert!(!a[key].is_null(), "{key}");
    }
    let worst = json(&["matrix", LAKE, "goal", "goal - 0.05*step", "--regret", "worst-case"]);
    assert!((number(&worst["regret"], 0, 1) - value(&c["regret"]["worst_case"])).abs() < 1e-9);
    let none = json(&["matrix", LAKE, "--regret", "none", "--metric", "starc-val-l2"]);
    assert!(none["regret"].is_null() && none["metric"] == "starc-val-l2" && none["metric_chosen"] == false);
    let told = run(&["matrix", LAKE, "goal", "goal - 0.05*step", "shaped"]);
    assert!(told.words().contains("goal, shaped are the same task") && told.words().contains("92 %"), "{}", told.out);
    assert!(told.words().contains("truenorth compare gallery:frozenlake-4x4"), "{}", told.out);
}

#[test]
fn many_rewards_choose_the_fast_metric_and_short_tables() {
    let folder = folder();
    let set = folder.path().join("many.json");
    let list: Vec<String> = (0..40).map(|i| format!("goal - {}*step", f64::from(i) / 400.0)).collect();
    std::fs::write(&set, serde_json::to_string(&list).expect("JSON")).expect("writable");
    let a = json(&["matrix", LAKE, "--set", text(&set)]);
    assert_eq!(a["metric"], "starc-minimal-weighted-l2");
    assert_eq!(a["rewards"].as_array().map(Vec::len), Some(40));
    let c = json(&["compare", LAKE, &list[3], &list[30]]);
    let d = value(&c["distances"]["starc-minimal-weighted-l2"]);
    assert!((number(&a["distance"], 3, 30) - d).abs() < 1e-9);
    let told = run(&["matrix", LAKE, "--set", text(&set)]);
    assert!(
        told.words().contains("The closest other reward to each") && told.words().contains("what is optimised"),
        "{}",
        told.out
    );
}

/// An archive with one array of doubles in it.
fn archive(path: &std::path::Path, arrays: &[(&str, &[usize], &[f64])]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).expect("writable"));
    for (name, shape, values) in arrays {
        zip.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).expect("started");
        let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
        let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}", shape.join(", "));
        let width = (10 + text.len() + 1).next_multiple_of(64) - 11;
        let text = format!("{text:<width$}\n");
        zip.write_all(b"\x93NUMPY\x01\x00").expect("written");
        zip.write_all(&(text.len() as u16).to_le_bytes()).expect("written");
        zip.write_all(text.as_bytes()).expect("written");
        values.iter().for_each(|x| zip.write_all(&x.to_le_bytes()).expect("written"));
    }
    zip.finish().expect("finished");
}

#[test]
fn sets_come_in_every_format() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let table = "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]";
    std::fs::write(at("a.toml"), format!("plain = \"goal - 0.01*step\"\n[near]\ns = {table}\n")).expect("writable");
    std::fs::write(at("a.json"), format!(r#"{{"plain": "goal - 0.01*step", "near": {{"s": {table}}}}}"#)).expect("ok");
    std::fs::write(at("a.jsonl"), format!("{{\"plain\": \"goal - 0.01*step\"}}\n\n{{\"near\": {{\"s\": {table}}}}}\n"))
        .expect("writable");
    let mut answers = Vec::new();
    for name in ["a.toml", "a.json", "a.jsonl"] {
        let a = json(&["matrix", LAKE, "goal", "--set", text(&at(name))]);
        assert_eq!(a["rewards"], object!(["goal", "plain", "near"]), "{name}");
        answers.push(a["distance"].clone());
    }
    assert!(answers.windows(2).all(|w| w[0] == w[1]));
    // What pays for being next to the goal, once as pairs and once on every transition.
    let near: Vec<f64> = (0..64).map(|row| f64::from(u8::from(row / 4 == 14))).collect();
    let twice: Vec<f64> = near.iter().chain(&near).copied().collect();
    archive(&at("pairs.npz"), &[("rewards", &[2, 16, 4], &twice)]);
    let spread: Vec<f64> = near.iter().flat_map(|&x| std::iter::repeat_n(x, 16)).collect();
    archive(&at("whole.npz"), &[("rewards", &[1, 16, 4, 16], &spread)]);
    let a = json(&["matrix", LAKE, "goal", "--set", text(&at("pairs.npz"))]);
    assert_eq!(a["rewards"], object!(["goal", "r0", "r1"]));
    assert_eq!(a["same_task"], object!([["r0", "r1"]]));
    assert!((number(&a["distance"], 0, 1) - answers[0][0][2].as_f64().expect("a number")).abs() < 1e-9);
    let b = json(&["matrix", LAKE, "goal", "--set", text(&at("whole.npz"))]);
    assert!((number(&b["distance"], 0, 1) - number(&a["distance"], 0, 1)).abs() < 1e-9);
}

#[test]
fn pairs_are_written_as_csv_and_npz() {
    let folder = folder();
    let (csv, npz) = (folder.path().join("pairs.csv"), folder.path().join("pairs.npz"));
    let args = ["matrix", LAKE, "goal", "goal - 0.05*step", "shaped", "--csv", text(&csv), "-o", text(&npz)];
    let told = run(&args);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.words().contains("same task"), "the words go where they would go: {}", told.out);
    let lines = std::fs::read_to_string(&csv).expect("written");
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].starts_with("i,j,distance,regret_ij,regret_ji"));
    let pairs: Vec<&str> = lines[1..].iter().map(|line| &line[..3]).collect();
    assert_eq!(pairs, ["0,1", "0,2", "1,2"]);
    let a = json(&args[..5]);
    let fields: Vec<f64> = lines[1].split(',').take(5).map(|x| x.parse().expect("a number")).collect();
    assert_eq!(fields[2..], [number(&a["distance"], 0, 1), number(&a["regret"], 0, 1), number(&a["regret"], 1, 0)]);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&npz).expect("written")).expect("an archive");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name("distance.npy").expect("there"), &mut bytes).expect("readable");
    let values: Vec<f64> =
        bytes[bytes.len() - 72..].chunks(8).map(|b| f64::from_le_bytes(b.try_into().expect("eight"))).collect();
    let expected: Vec<f64> = (0..9).map(|k| number(&a["distance"], k / 3, k % 3)).collect();
    assert_eq!(values, expected);
    for name in ["rewards.npy", "regret.npy", "regret_lo.npy", "distance_hi.npy"] {
        assert!(archive.by_name(name).is_ok(), "{name}");
    }
}

#[test]
fn what_is_not_defined_is_said_and_not_refused() {
    let a = run(&["matrix", LAKE, "goal", "0*goal", "step", "--metric", "epic"]);
    assert_eq!(a.code, 0, "{}", a.err);
    assert!(a.words().contains("undefined") && a.words().contains("every policy earns the same"), "{}", a.out);
    let a = json(&["matrix", LAKE, "goal", "0*goal", "--metric", "epic"]);
    assert!(a["distance"][0][1].is_null() && a["undefined"]["0*goal"].is_string());
}

#[test]
fn slips_are_refused_with_a_place() {
    let folder = folder();
    let at = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writable");
        path
    };
    let set = |path: &std::path::Path| run(&["matrix", LAKE, "--set", text(path)]);
    for (name, content, code, word) in [
        ("a.json", "{\"x\": 3}", 3, "an expression or a reward table"),
        ("b.json", "{\"x\": {\"s\": [1, 2]}, \"y\": \"goal\"}", 3, "wrong-shape"),
        ("c.json", "{\"x\": \"gaol\", \"y\": \"goal\"}", 2, "`goal`"),
        ("d.jsonl", "\"goal\"\n{\"x\": }", 3, "line 2"),
        ("e.json", "[\"goal\"]", 2, "at least two rewards"),
        ("f.json", "[\"goal\", \"goal\"]", 3, "name-twice"),
        ("g.txt", "goal", 3, "format-unknown"),
    ] {
        let refused = set(&at(name, content));
        assert_eq!(refused.code, code, "{name}: {}", refused.err);
        assert!(refused.err.contains(word), "{name}: {}", refused.err);
    }
    let odd = folder.path().join("odd.npz");
    archive(&odd, &[("rewards", &[2, 16], &[0.0; 32])]);
    assert!(set(&odd).err.contains("[K, S, A]"), "{}", set(&odd).err);
    archive(&odd, &[("reward", &[1, 16, 4], &[0.0; 64])]);
    assert_eq!(set(&odd).code, 3);
    archive(&odd, &[("rewards", &[1, 16, 4], &[f64::INFINITY; 64])]);
    assert!(set(&odd).err.contains("bad-number"), "{}", set(&odd).err);
    let mut part = [0.0; 16 * 4 * 16];
    part[5] = f64::NAN;
    archive(&odd, &[("rewards", &[1, 16, 4, 16], &part)]);
    assert!(set(&odd).err.contains("both numbers and NaN"), "{}", set(&odd).err);
}

#[test]
fn a_time_limit_ends_with_4() {
    let cut =
        run(&["matrix", "gallery:garnet?states=300&gamma=0.999", "--metric", "starc-range", "--time", "0", "--json"]);
    assert_eq!(cut.code, 4, "{}", cut.err);
    let a: Value = serde_json::from_str(&cut.out).expect("JSON");
    assert!(a["distance"][0][1].is_number() && a["distance_error"][0].as_f64().is_some_and(|e| e > 0.0));
}
