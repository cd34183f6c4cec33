//! Who may use whom, read off the sources: an arrow that points up fails here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms, each with the rooms it may use. The most specific room of a file is the longest one its path starts with;
/// a room may always use itself, and a room in a list opens everything in it. What is not listed is behind a wall.
const MAY_USE: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("model", &["base"]),
    ("io", &["base", "model"]),
    ("solve", &["base", "model"]),
    // Inside analysis: returns and canon at the bottom, distance and regret apart, the rest on top.
    ("analysis/returns", &["base", "model", "solve"]),
    ("analysis/order", &["base", "model", "solve", "analysis/returns"]),
    ("analysis/canon", &["base", "model", "solve"]),
    ("analysis/regret", &["base", "model", "solve", "analysis/returns"]),
    ("analysis/distance", &["base", "model", "solve", "analysis/returns", "analysis/canon"]),
    ("analysis/ensemble", &["base", "model", "solve", "analysis/returns", "analysis/regret"]),
    (
        "analysis/goodhart",
        &["base", "model", "solve", "analysis/returns", "analysis/canon", "analysis/distance", "analysis/soft"],
    ),
    (
        "analysis/hackable",
        &["base", "model", "solve", "analysis/returns", "analysis/order", "analysis/canon", "analysis/distance"],
    ),
    (
        "analysis/hacking",
        &["base", "model", "solve", "analysis/returns", "analysis/canon", "analysis/regret", "analysis/soft"],
    ),
    ("analysis/discount", &["base", "model", "solve"]),
    ("analysis/soft", &["base", "model", "solve"]),
    ("analysis/smooth", &["base", "model", "solve"]),
    ("analysis/stability", &["base", "model", "solve", "analysis/canon"]),
    (
        "analysis/shaping",
        &[
            "base",
            "model",
            "solve",
            "analysis/order",
            "analysis/returns",
            "analysis/canon",
            "analysis/distance",
            "analysis/regret",
            "analysis/family",
        ],
    ),
    // Many rewards at once: between them all that two of them would be asked.
    (
        "analysis/matrix",
        &[
            "base",
            "model",
            "solve",
            "analysis/order",
            "analysis/returns",
            "analysis/canon",
            "analysis/distance",
            "analysis/regret",
            "analysis/shaping",
        ],
    ),
    ("analysis/family", &["base", "model", "solve", "analysis/returns", "analysis/regret"]),
    ("analysis/repair", &["base", "model", "solve", "analysis/returns", "analysis/regret", "analysis/family"]),
    // Many models, one question: it stands on all of them.
    ("analysis/study", &["base", "model", "solve", "analysis"]),
    ("analysis", &["base", "model", "solve", "analysis"]),
    // The hardest wall: a checker that shares code with the solvers shares their bugs.
    ("verify/cert", &["base", "model/raw"]),
    // Statements and their checks; what is said of them is somebody else's.
    ("theorems/check", &["base", "model", "solve", "analysis"]),
    ("verify", &["base", "model", "io", "solve", "analysis", "verify/cert"]),
    ("theorems", &["base", "theorems/check"]),
    // Finished results only: names and shapes of the model, results of the analysis, and the result types of solve
    // that are part of those.
    (
        "show",
        &[
            "base",
            "model",
            "analysis",
            "solve/Endings",
            "solve/Evaluation",
            "solve/Occupancy",
            "solve/Outcome",
            // Which end of the returns a result is about: a word, not a computation.
            "solve/Sense",
            "solve/Solution",
            // Claims as read, and what became of them.
            "verify/cert/Certificate",
            "verify/cert/ModelLine",
            "verify/cert/Report",
        ],
    ),
    ("cli", &["base", "model", "io", "solve", "analysis", "verify", "theorems", "show"]),
    // The crate page and the program are outside the house.
    ("prelude.rs", &["base", "model", "io", "solve", "analysis"]),
    ("lib.rs", &["base", "model", "io", "solve", "analysis", "verify"]),
];

/// The packages beside the library, each a room that stands in a folder of its own, and how others name it.
const PACKAGES: [(&str, &str, &str); 3] = [
    ("show", "show/src", "truenorth_show"),
    ("theorems", "theorems", "truenorth_theorems"),
    ("cli", "cli/src", "truenorth_cli"),
];

/// The four lines every folder opens with.
const DOOR_SIGN: [&str; 4] = ["Owns:", "May use:", "Must not:", "To add one:"];

/// Whether `path` is `room` or lies in it.
fn is_in(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
}

/// The rooms a path belongs to, most specific first.
fn rooms_of(path: &str) -> Vec<&'static str> {
    let mut rooms: Vec<&str> = MAY_USE.iter().map(|(room, _)| *room).filter(|room| is_in(path, room)).collect();
    rooms.sort_by_key(|room| std::cmp::Reverse(room.len()));
    rooms
}

/// Why the arrow from a file to a module path (`solve/chain`) is not allowed.
fn wrong_arrow(file: &str, target: &str) -> Option<String> {
    let Some(&from) = rooms_of(file).first() else { return Some(format!("{file} is in no room of the table")) };
    if rooms_of(target).is_empty() {
        return Some(format!("{file} uses `{target}`, which is in no room of the table"));
    }
    let allowed = MAY_USE.iter().find(|(room, _)| *room == from).map_or(&[][..], |(_, allowed)| allowed);
    let at_home = rooms_of(target).first() == Some(&from);
    if at_home || allowed.iter().any(|room| is_in(target, room)) {
        return None;
    }
    Some(format!("{file} (room {from}) must not use `{target}`"))
}

/// Module paths named in a source from `crate::` or `super::`, tests and comments left out, as `solve/chain`.
fn arrows(file: &str, source: &str) -> BTreeSet<String> {
    // Unit tests come last in a file by custom; they may look further than the code.
    let code: String = source
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join(" ");
    let mut found = BTreeSet::new();
    let own = PACKAGES.iter().map(|(room, ..)| *room).find(|room| is_in(file, room)).unwrap_or("");
    let others = PACKAGES.iter().map(|(room, _, name)| (*name, *room));
    for (name, room) in others.chain([("crate", own), ("truenorth", "")]) {
        let name = format!("{name}::");
        for (at, _) in code.match_indices(&name) {
            // `$crate::` in a macro counts, `truenorth_crate::` would not be ours.
            if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                expand(&code[at + name.len()..], room, &mut found);
            }
        }
    }
    // The module of `a/b.rs` is `a/b`, that of `a/mod.rs` is `a`.
    let module = file.trim_end_matches(".rs").trim_end_matches("/mod");
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
            continue;
        }
        let (mut rest, mut place) = (&code[at..], Some(module));
        while let Some(above) = rest.strip_prefix("super::") {
            (rest, place) = (above, place.and_then(|p| p.rfind('/').map(|end| &p[..end])));
        }
        match place {
            Some(place) => expand(rest, place, &mut found),
            // From the top of the crate downwards.
            None => expand(rest, "", &mut found),
        }
    }
    found
}

/// Reads `a::b::{c, d::e}` into `a/b/c` and `a/b/d/e`. Items that are not modules do no harm: they are longer paths
/// in the same room.
fn expand(text: &str, prefix: &str, found: &mut BTreeSet<String>) {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix('{') {
        let (mut depth, mut start) = (0, 0);
        for (i, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                ',' | '}' if depth == 0 => {
                    if !inner[start..i].trim().is_empty() {
                        expand(&inner[start..i], prefix, found);
                    }
                    start = i + 1;
                    if c == '}' {
                        return;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
        return;
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = &text[..end];
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    match text[end..].trim_start().strip_prefix("::") {
        Some(rest) => expand(rest, &path, found),
        None => {
            found.insert(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where a room stands: in `src`, or in its package.
fn place(name: &str) -> PathBuf {
    let package = PACKAGES.iter().find(|(room, ..)| is_in(name, room));
    match package {
        Some((room, folder, _)) => root().join(folder).join(name[room.len()..].trim_start_matches('/')),
        None => root().join("src").join(name),
    }
}

/// All source files and folders of a room.
fn walk(room: &str, folder: &Path, files: &mut Vec<String>, folders: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy();
        let name = if room.is_empty() { file.into_owned() } else { format!("{room}/{file}") };
        // Tests of a package stand outside the house.
        if path.is_dir() && path != root().join("theorems/tests") {
            walk(&name, &path, files, folders);
            folders.push(name);
        } else if name.ends_with(".rs") {
            files.push(name);
        }
    }
}

fn tree() -> (Vec<String>, Vec<String>) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    walk("", &root().join("src"), &mut files, &mut folders);
    for (room, folder, _) in PACKAGES {
        walk(room, &root().join(folder), &mut files, &mut folders);
        folders.push(room.into());
    }
    files.sort();
    folders.sort();
    (files, folders)
}

#[test]
fn no_arrow_points_up() {
    let (files, _) = tree();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in &files {
        for target in arrows(file, &fs::read_to_string(place(file)).unwrap()) {
            seen += 1;
            // A `use crate::{Item}` of something re-exported at the root would be a path of no room.
            wrong.extend(wrong_arrow(file, &target));
        }
    }
    assert!(seen > 20, "only {seen} arrows found: the reader is broken");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_in_the_table() {
    let (files, folders) = tree();
    for folder in folders {
        assert!(!rooms_of(&folder).is_empty(), "{folder} is in no room: add it to MAY_USE");
    }
    for file in files {
        assert!(!rooms_of(&file).is_empty(), "{file} is in no room: add it to MAY_USE");
    }
}

#[test]
fn every_folder_opens_with_its_door_sign() {
    let (_, folders) = tree();
    let mut missing = Vec::new();
    // Unit tests live inside the room they test.
    for folder in folders.into_iter().filter(|folder| !folder.ends_with("/tests")) {
        // A folder of assets has no module.
        let door = ["mod.rs", "lib.rs"].map(|name| fs::read_to_string(place(&folder).join(name)).ok());
        let Some(text) = door.into_iter().flatten().next() else { continue };
        let opening: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        for sign in DOOR_SIGN {
            if !opening.iter().any(|line| line.trim_start_matches("//!").trim_start().starts_with(sign)) {
                missing.push(format!("{folder} lacks `{sign}`"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn an_arrow_that_points_up_is_caught() {
    let refused =
        |file: &str, source: &str| arrows(file, source).iter().any(|target| wrong_arrow(file, target).is_some());
    assert!(refused("base/sum.rs", "use crate::model::Mdp;"));
    assert!(refused("model/mdp/mod.rs", "use crate::{base::Diag, solve::{Solver, Task}};"));
    assert!(refused("solve/pi.rs", "fn f() { crate::io::read() }"));
    assert!(refused("io/mod.rs", "use crate::solve::Solver;"));
    assert!(refused("analysis/mod.rs", "use crate::io::read;"));
    assert!(refused("analysis/canon/val.rs", "use crate::analysis::distance::Metric;"));
    assert!(refused("analysis/regret/dual.rs", "use crate::analysis::compare;"));
    assert!(refused("analysis/canon/val.rs", "use super::super::distance::Metric;"), "by way of super");
    assert!(refused("analysis/distance/mod.rs", "use super::{canon::Canon, regret::worst_case};"), "super in a folder");
    assert!(refused("base/mod.rs", "use super::model::Mdp;"), "super up to the crate");
    assert!(refused("verify/cert/check.rs", "use crate::solve::Solver;"));
    assert!(refused("verify/cert/check.rs", "use crate::model::Mdp;"));
    assert!(refused("show/plot/map.rs", "use truenorth::solve::Solver;"));
    assert!(refused("show/report/mod.rs", "use truenorth_cli::Style;"));
    assert!(refused("theorems/skalse/one.rs", "use truenorth::solve::Solver;"));
    assert!(refused("solve/pi.rs", "use truenorth_show::report;"));
    assert!(refused("attic/mod.rs", "use crate::base::Bounded;"), "a room that is not in the table");
    assert!(refused("base/sum.rs", "use crate::attic::Thing;"), "into a room that is not in the table");
}

#[test]
fn an_arrow_that_points_down_is_allowed() {
    let refused =
        |file: &str, source: &str| arrows(file, source).iter().any(|target| wrong_arrow(file, target).is_some());
    assert!(!refused("solve/pi.rs", "use crate::base::{Code, Diag};\nuse crate::model::{Mdp, reward::Reward};"));
    assert!(!refused("analysis/distance/range.rs", "use crate::analysis::canon::Canon;"));
    assert!(!refused("analysis/canon/val.rs", "use crate::analysis::canon::Canon;"));
    assert!(!refused("analysis/compare.rs", "use crate::analysis::{distance, regret::Regret};"));
    assert!(!refused("verify/cert/check.rs", "use crate::model::raw::RawModel;"));
    assert!(!refused("base/sum.rs", "// use crate::cli::Style;\n#[cfg(test)]\nmod tests { use crate::cli::Style; }"));
    assert!(!refused("show/plot/map.rs", "use truenorth::solve::Solution;"));
    assert!(!refused("analysis/canon/val.rs", "use super::{Canon, Context};"));
    assert!(!refused("cli/compare.rs", "use truenorth::{analysis, io, solve};\nuse truenorth_show::report;"));
    assert!(!refused("theorems/skalse/one.rs", "use crate::check::theorem;"));
}
