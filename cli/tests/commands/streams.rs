//! Streams: input that does not end, output that nobody takes, terminals of any width.

use std::fs::File;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::run::{folder, json, program, run, text};

/// Runs a shell line with the program as `truenorth`, held to two gigabytes of addresses.
#[cfg(unix)]
fn shell(line: &str, place: &std::path::Path) -> (i32, String, String) {
    let bin = env!("CARGO_BIN_EXE_truenorth");
    let script = format!("ulimit -v 2000000; truenorth() {{ '{bin}' \"$@\"; }}\n{line}");
    let out = Command::new("sh")
        .args(["-c", &script])
        .current_dir(place)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .expect("a shell");
    let words = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (out.status.code().unwrap_or(-1), words(out.stdout), words(out.stderr))
}

#[test]
#[cfg(unix)]
fn an_endless_line_is_refused_with_its_place_and_in_bounded_memory() {
    let folder = folder();
    let good = r#"{"model": "gallery:forest", "truth": "income", "proxy": "timber"}"#;
    let endless = "yes 1 | tr -d '\\n'";
    let (code, out, err) = shell(&format!("(echo '{good}'; {endless}) | truenorth compare --batch -"), folder.path());
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("[file-too-large]") && err.contains("-:2"), "{err}");
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 2, "the good line is answered, the endless one refused: {out}");
    assert_eq!(lines[0]["command"], "compare");
    assert_eq!((&lines[1]["error"]["code"], &lines[1]["input_line"]), (&"file-too-large".into(), &2.into()));
    let (code, _, err) = shell("truenorth compare --batch /dev/zero", folder.path());
    assert!(code == 3 && err.contains("[file-too-large]") && err.contains("/dev/zero:1"), "{code} {err}");
}

#[test]
#[cfg(unix)]
fn no_file_argument_reads_without_end() {
    let folder = folder();
    std::fs::write(folder.path().join("good.cert.json"), "").expect("writable");
    // What the endless pipe is called, and how it is read.
    for (name, command) in [
        ("m.mdp.json", "solve m.mdp.json"),
        ("m.mdp.toml", "convert m.mdp.toml out.mdp.json"),
        ("r.json", "solve gallery:forest r.json"),
        ("p.json", "occupancy gallery:forest --policy p.json"),
        ("v.toml", "compare gallery:forest income timber --reference v.toml"),
        ("phi.json", "shape gallery:forest income --phi phi.json"),
        ("set.jsonl", "matrix gallery:forest --set set.jsonl"),
        ("set.json", "matrix gallery:forest --set set.json"),
        ("set.npz", "matrix gallery:forest --set set.npz"),
        ("m.npz", "solve m.npz"),
        ("c.json", "cert check c.json"),
        ("study.toml", "study study.toml"),
    ] {
        let line = format!("mkfifo {name}; (yes 1 | tr -d '\\n' > {name}) & truenorth {command} -q");
        let (code, out, err) = shell(&line, folder.path());
        assert_eq!((code, out.as_str()), (3, ""), "{command}: {err}");
        let expected = if name.ends_with(".npz") { "[syntax]" } else { "[file-too-large]" };
        assert!(err.contains(expected) && err.contains(name), "{command}: {err}");
    }
}

#[test]
#[cfg(unix)]
fn a_pipe_is_opened_once() {
    let folder = folder();
    let line = "truenorth gallery get forest > wood.mdp.toml; mkfifo m.mdp.toml; (cat wood.mdp.toml > m.mdp.toml) & \
                truenorth solve m.mdp.toml income --memory 1GiB -q";
    let (code, out, err) = shell(line, folder.path());
    assert!(code == 0 && out.contains("income"), "{code} {err}");
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_be_printed_is_said() {
    let folder = folder();
    for command in [
        "--help",
        "--version",
        "",
        "solve --help",
        "solve gallery:forest income",
        "solve gallery:forest income --json",
        "gallery list",
        "gallery get forest",
        "theorem list",
        "theorem show range-distance-is-sound",
        "completions bash",
        "man",
        "doctor",
        "cert --help",
    ] {
        for (stream, why) in [(">/dev/full", "No space left"), (">&-", "it is closed")] {
            let (code, _, err) = shell(&format!("truenorth {command} {stream}"), folder.path());
            assert_eq!(code, 5, "{command} {stream}: {err}");
            assert!(err.contains("[output-unwritable]") && err.contains(why), "{command} {stream}: {err}");
        }
        // Whoever closes the pipe has read enough, and the null device takes everything, opened in whatever way.
        let (_, _, err) = shell(&format!("(truenorth {command}; echo $? >&2) | true"), folder.path());
        assert_eq!(err.lines().last(), Some("0"), "{command}: {err}");
        for stream in [">/dev/null", "1<>/dev/null"] {
            assert_eq!(shell(&format!("truenorth {command} {stream}"), folder.path()).0, 0, "{command} {stream}");
        }
    }
    // Nothing is to be printed where the result goes to a file.
    let (code, _, err) = shell("truenorth solve gallery:forest income -o a.txt >&-", folder.path());
    assert!(code == 0 && folder.path().join("a.txt").exists(), "{err}");
}

/// Runs it in a terminal of so many columns; what the terminal saw.
#[cfg(target_os = "linux")]
fn in_terminal(columns: usize, set: Option<&str>, args: &str) -> Option<String> {
    let bin = env!("CARGO_BIN_EXE_truenorth");
    let variable = set.map_or("unset COLUMNS".to_owned(), |n| format!("export COLUMNS={n}"));
    let line = format!("stty cols {columns}; {variable}; '{bin}' {args}");
    let out = Command::new("script")
        .args(["-qc", &line, "/dev/null"])
        .env("NO_COLOR", "1")
        .env("TERM", "xterm")
        .stdin(File::open("/dev/null").ok()?)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&out.stdout).replace('\r', ""))
}

#[test]
#[cfg(target_os = "linux")]
fn text_is_as_wide_as_the_terminal_unless_columns_says_otherwise() {
    let longest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    let job = "compare gallery:frozenlake-4x4 goal 'goal - 0.05*step' -q";
    let Some(narrow) = in_terminal(50, None, job) else { return eprintln!("skipped: there is no `script` here") };
    let wide = in_terminal(120, None, job).expect("as before");
    let set = in_terminal(120, Some("60"), job).expect("as before");
    let nonsense = in_terminal(50, Some("0"), job).expect("as before");
    // Tables may not be narrower than their cells; the sentences are.
    assert!(longest(&wide) > 105 && longest(&wide) <= 120, "{wide}");
    assert!(longest(&set) <= 80 && longest(&set) < longest(&wide), "{set}");
    assert!(longest(&narrow) < longest(&set), "{narrow}");
    assert_eq!(nonsense, narrow, "no number of columns");
}

#[test]
fn the_doctor_knows_what_is_compiled_in() {
    let out = program().args(["doctor", "--json"]).output().expect("the program starts");
    let answer: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let checks = answer["checks"].as_array().expect("checks");
    let build = checks.iter().find(|check| check["name"] == "build").and_then(|check| check["detail"].as_str());
    let build = build.expect("a line about the build");
    // Every feature of the manifest is either there or missing, and none is left out.
    let manifest = include_str!("../../Cargo.toml");
    let section = manifest.split("[features]\n").nth(1).and_then(|rest| rest.split("\n[").next()).expect("features");
    let names = section.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(" = ").next());
    let names: Vec<&str> = names.filter(|name| !name.is_empty() && *name != "default").collect();
    assert!(names.contains(&"fast-lp"), "{names:?}");
    for name in names {
        let is_there = build.split("without").next().is_some_and(|with| with.contains(name));
        let is_missing = build.split("without").nth(1).is_some_and(|without| without.contains(name));
        assert!(is_there != is_missing, "{name}: {build}");
        if name == "fast-lp" {
            assert_eq!(is_there, cfg!(feature = "fast-lp"), "{build}");
        }
    }
}

#[test]
fn every_command_on_a_model_takes_inputs_at_their_word() {
    let folder = folder();
    let lake = "gallery:frozenlake-4x4";
    let picture = folder.path().join("p.svg");
    let jobs: [&[&str]; 6] = [
        &["solve", lake, "goal"],
        &["compare", lake, "goal", "step"],
        &["regret", lake, "goal", "step"],
        &["canon", lake, "goal", "--by", "val"],
        &["occupancy", lake, "goal"],
        &["matrix", lake],
    ];
    for job in jobs {
        let all = [job, &["--exact-inputs"]].concat();
        json(&all);
    }
    assert_eq!(run(&["plot", "grid", lake, "goal", "--exact-inputs", "-o", text(&picture)]).code, 0);
}
