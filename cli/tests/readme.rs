//! The README says what the program does: its commands run, its output is real.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");
const BIN: &str = env!("CARGO_BIN_EXE_truenorth");

/// Contents of the fenced blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn the_printed_answer_is_the_real_one() {
    let out = Command::new(BIN)
        .args(["compare", "gallery:frozenlake-4x4", "goal", "goal - 0.05*step"])
        .env("COLUMNS", "100")
        .output()
        .expect("the program runs");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let real = words(&String::from_utf8(out.stdout).expect("text"));
    let quoted = blocks("text");
    assert_eq!(quoted.len(), 1);
    // Layout may differ, words may not; blank lines part the pieces.
    for piece in quoted[0].split("\n\n") {
        assert!(real.contains(&words(piece)), "not in the output: {piece}\n{real}");
    }
}

#[test]
fn every_command_line_runs() {
    let folder = tempfile::tempdir().expect("temporary directory");
    let models = blocks("toml");
    assert_eq!(models.len(), 1);
    std::fs::write(folder.path().join("my.mdp.toml"), models[0]).expect("writable");
    let in_blocks = blocks("sh").into_iter().flat_map(str::lines).map(str::to_owned);
    // The commands named in running text as well.
    let in_text = README.split('`').filter(|code| code.starts_with("truenorth compare my.")).map(str::to_owned);
    let lines: Vec<String> = in_blocks.chain(in_text).filter(|line| line.starts_with("truenorth ")).collect();
    assert!(lines.len() >= 6, "{lines:?}");
    for line in lines {
        let script = format!("truenorth() {{ '{BIN}' \"$@\"; }}\n{line}");
        let out = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().expect("a shell");
        assert!(out.status.success(), "{line}\n{}", String::from_utf8_lossy(&out.stderr));
        assert!(!out.stdout.is_empty() || line.contains("-o "), "{line} says nothing");
    }
    assert!(Path::exists(&folder.path().join("look.html")));
}

#[test]
fn links_and_pictures_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    for target in README.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !target.starts_with("http") {
            assert!(root.join(target).exists(), "{target}");
        }
    }
    let count = |folder: &str| {
        let files = std::fs::read_dir(root.join(folder)).expect("gallery").flatten();
        files.filter(|file| file.file_name().to_string_lossy().ends_with(".mdp.toml")).count()
    };
    let (models, failures) = (count("mdps"), count("mdps/failures"));
    let says = format!("# {models} models and {failures} published reward failures");
    assert!(README.contains(&says), "the gallery has {models} models and {failures} reward failures");
}
