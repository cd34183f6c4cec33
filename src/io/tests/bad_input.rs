//! Every field broken in every way we could think of: code, line and column of each refusal.

use std::path::Path;

use super::{assert_helpful, format};
use crate::base::{Code, Diag};
use crate::io::{json, read_raw, read_raw_text, text, toml};
use crate::io::{policy_file, potential_file, reward_file};
use crate::model::{Model, Names};

/// A small model with every field; the tests break one place at a time.
pub(super) const MODEL: &str = r##"format = "truenorth-mdp/1"
name = "pair"
gamma = 0.95
states = ["left", "right", "end"]
actions = ["go", "stay"]
mu0 = "uniform"
terminal = ["end"]
transitions = [
  ["left", "go", "right", 0.5],
  ["left", "go", "left", 0.5],
  ["left", "stay", "left", 1],
  ["right", "go", "end", 1],
]

[rewards.goal]
s = [0, 0, 1]

[rewards.step]
entries = [["*", "*", "*", -1], ["right", "go", "end", 2]]
default = 0.5

[rewards.table]
sa = [[1, 2], [3, "null"], [0, 0]]

[grid]
rows = ["LR", "#E"]
cells = [[0, 1], [-1, "end"]]

[expected.goal]
value_at_start = 0
grade = "exact"
"##;

fn refusal(text: &str, id: &str) -> Box<Diag> {
    match read_raw_text("m", text, format(id)).and_then(Model::build) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(e) => e,
    }
}

/// Replaces one piece of [`MODEL`] and checks code and place of the refusal.
fn broken(from: &str, to: &str, code: Code, line: usize, column: usize) {
    assert_eq!(MODEL.matches(from).count(), 1, "{from}");
    let e = refusal(&MODEL.replace(from, to), "toml");
    let place = e.place.clone().expect("a place");
    assert_eq!((e.code, place.line, place.column), (code, line, column), "{from} -> {to}: {e}");
}

#[test]
fn the_model_itself_is_valid() {
    let raw = read_raw_text("m", MODEL, format("toml")).expect("valid");
    let model = Model::build(raw).expect("a model");
    assert_eq!((model.mdp().n_states(), model.rewards().len(), model.expected().len()), (3, 3, 1));
}

#[test]
fn the_version() {
    broken("format = \"truenorth-mdp/1\"", "", Code::FormatVersion, 1, 1);
    broken("truenorth-mdp/1", "truenorth-mdp/2", Code::FormatVersion, 1, 10);
    broken("\"truenorth-mdp/1\"", "1", Code::FormatVersion, 1, 10);
}

#[test]
fn missing_and_unknown_fields() {
    for field in [
        "gamma = 0.95\n",
        "states = [\"left\", \"right\", \"end\"]\n",
        "actions = [\"go\", \"stay\"]\n",
        "mu0 = \"uniform\"\n",
    ] {
        broken(field, "", Code::FieldMissing, 1, 1);
    }
    broken("transitions = [", "x = [", Code::FieldUnknown, 8, 1);
    broken("name = ", "nmae = ", Code::FieldUnknown, 2, 1);
    broken("rows = ", "row = ", Code::FieldUnknown, 26, 1);
    broken("[grid]", "[grid.x]", Code::FieldUnknown, 25, 7);
    broken("rows = [\"LR\", \"#E\"]\n", "", Code::FieldMissing, 25, 1);
    broken("grade =", "grades =", Code::FieldUnknown, 31, 1);
    broken("default = 0.5", "defualt = 0.5", Code::FieldUnknown, 20, 1);
    broken("s = [0, 0, 1]", "", Code::FieldMissing, 15, 1);
    broken("s = [0, 0, 1]", "default = 1", Code::FieldMissing, 15, 1);
    broken("s = [0, 0, 1]", "s = [0, 0, 1]\ndefault = 1", Code::FieldUnknown, 17, 1);
    broken("s = [0, 0, 1]", "s = [0, 0, 1]\nsa = []", Code::WrongType, 17, 1);
    broken("name = \"pair\"", "p = []", Code::WrongType, 8, 1);
    let e = refusal(&MODEL.replace("name =", "nmae ="), "toml");
    assert!(e.help.as_ref().is_some_and(|h| h.contains("`name`")), "{e}");
    let e = refusal(&MODEL.replace("gamma = 0.95\n", "").replace("[grid]", "[grid]\ngamma = 0.95"), "toml");
    assert!(e.code == Code::FieldMissing, "{e}");
    let e = refusal(&MODEL.replace("default = 0.5", "gamma = 0.95"), "toml");
    assert!(e.help.as_ref().is_some_and(|h| h.contains("above the first")), "{e}");
}

#[test]
fn wrong_types() {
    broken("name = \"pair\"", "name = 1", Code::WrongType, 2, 8);
    broken("name = \"pair\"", "description = []", Code::WrongType, 2, 15);
    broken("name = \"pair\"", "source = 1979-05-27", Code::WrongType, 2, 10);
    broken("gamma = 0.95", "gamma = true", Code::WrongType, 3, 9);
    broken("gamma = 0.95", "gamma = [0.95]", Code::WrongType, 3, 9);
    broken("states = [\"left\", \"right\", \"end\"]", "states = 3.0", Code::WrongType, 4, 10);
    broken("states = [\"left\", \"right\", \"end\"]", "states = -3", Code::WrongType, 4, 10);
    broken("[\"go\", \"stay\"]", "[\"go\", 1]", Code::WrongType, 5, 18);
    broken("\"uniform\"", "0.5", Code::WrongType, 6, 7);
    broken("\"uniform\"", "[1, 0, true]", Code::WrongType, 6, 14);
    broken("terminal = [\"end\"]", "terminal = \"end\"", Code::WrongType, 7, 12);
    broken("terminal = [\"end\"]", "terminal = [0.5]", Code::WrongType, 7, 13);
    broken("[\"left\", \"go\", \"right\", 0.5]", "1", Code::WrongType, 9, 3);
    broken("[\"left\", \"go\", \"right\", 0.5]", "[\"left\", true, \"right\", 0.5]", Code::WrongType, 9, 12);
    broken("[rewards.goal]\ns = [0, 0, 1]", "[rewards]\ngoal = [0, 0, 1]", Code::WrongType, 16, 8);
    broken("[rewards.goal]\ns = [0, 0, 1]", "[rewards]\ngamma = 1", Code::WrongType, 16, 1);
    broken("s = [0, 0, 1]", "s = 1", Code::WrongType, 16, 5);
    broken("[1, 2], [3", "1, [3", Code::WrongType, 23, 7);
    broken("rows = [\"LR\", \"#E\"]", "rows = \"LR\"", Code::WrongType, 26, 8);
    broken("cells = [[0, 1]", "cells = [0", Code::WrongType, 27, 10);
    broken("[expected.goal]\nvalue_at_start = 0\ngrade = \"exact\"", "[expected]\ngrade = 1", Code::WrongType, 30, 9);
    let e = refusal("[1]", "json");
    assert_eq!(e.code, Code::WrongType);
}

#[test]
fn bad_numbers() {
    for bad in ["nan", "inf", "-inf", "1e400", "\"1/0\"", "\"x\"", "\"\"", "\"nan\""] {
        broken("gamma = 0.95", &format!("gamma = {bad}"), Code::BadNumber, 3, 9);
        broken("right\", 0.5]", &format!("right\", {bad}]"), Code::BadNumber, 9, 27);
        broken("s = [0, 0, 1]", &format!("s = [0, {bad}, 1]"), Code::BadNumber, 16, 9);
        broken("default = 0.5", &format!("default = {bad}"), Code::BadNumber, 20, 11);
        broken("value_at_start = 0", &format!("value_at_start = {bad}"), Code::BadNumber, 30, 18);
    }
    broken("s = [0, 0, 1]", "s = [0, \"null\", 1]", Code::BadNumber, 16, 9);
}

#[test]
fn wrong_shapes() {
    broken("\"right\", 0.5]", "\"right\"]", Code::WrongShape, 9, 3);
    broken("\"*\", -1]", "\"*\", -1, 0]", Code::WrongShape, 19, 12);
    broken("\"left\", \"right\", \"end\"]\nactions", "]\nactions", Code::WrongShape, 4, 10);
    broken("s = [0, 0, 1]", "s = [0, 0]", Code::WrongShape, 16, 5);
    broken("\"uniform\"", "[0.5, 0.5]", Code::WrongShape, 6, 7);
}

#[test]
fn meaning() {
    broken("gamma = 0.95", "gamma = 1.5", Code::GammaRange, 3, 9);
    broken("gamma = 0.95", "gamma = -0.1", Code::GammaRange, 3, 9);
    broken("gamma = 0.95", "gamma = 1", Code::GammaOneEndless, 3, 9);
    broken("\"left\", \"right\", \"end\"]\nactions", "\"left\", \"left\", \"end\"]\nactions", Code::NameTwice, 4, 19);
    broken("\"left\", \"right\", \"end\"]\nactions", "\"left\", \"\", \"end\"]\nactions", Code::NameTwice, 4, 19);
    broken("\"left\", \"right\", \"end\"]\nactions", "\"left\", \"*\", \"end\"]\nactions", Code::NameTwice, 4, 19);
    broken("\"uniform\"", "\"lfet\"", Code::NameUnknown, 6, 7);
    broken("\"uniform\"", "7", Code::NameUnknown, 6, 7);
    broken("\"uniform\"", "-1", Code::NameUnknown, 6, 7);
    broken("\"uniform\"", "{ left = 0.5, rihgt = 0.5 }", Code::NameUnknown, 6, 21);
    broken("\"uniform\"", "{ left = 0.5, left = 0.5 }", Code::NameTwice, 6, 21);
    broken("\"uniform\"", "[0.5, 0.6, 0]", Code::RowSum, 6, 7);
    broken("\"uniform\"", "[1.5, -0.5, 0]", Code::ProbabilityRange, 6, 8);
    broken("terminal = [\"end\"]", "terminal = [\"End\"]", Code::NameUnknown, 7, 13);
    broken("\"right\", 0.5]", "\"wrong\", 0.5]", Code::NameUnknown, 9, 18);
    broken("\"right\", 0.5]", "\"right\", -0.5]", Code::ProbabilityRange, 9, 27);
    broken("\"right\", 0.5]", "\"right\", 0.51]", Code::RowSum, 9, 3);
    broken("\"right\", 0.5]", "\"*\", 0.5]", Code::NameUnknown, 9, 18);
    broken("  [\"right\", \"go\", \"end\", 1],\n", "", Code::StateWithoutAction, 8, 15);
    broken("[3, \"null\"]", "[3, 4]", Code::RewardUnavailable, 23, 19);
    broken("[3, \"null\"]", "[\"null\", \"null\"]", Code::WrongType, 23, 16);
    broken("[\"right\", \"go\", \"end\", 2]", "[\"right\", \"stay\", \"end\", 2]", Code::RewardUnavailable, 19, 33);
    broken("[expected.goal]", "[expected.gaol]", Code::NameUnknown, 29, 11);
}

#[test]
fn syntax_and_nesting() {
    broken("gamma = 0.95", "gamma = ", Code::Syntax, 3, 9);
    broken("gamma = 0.95", "gamma = 0.95\ngamma = 0.9", Code::NameTwice, 4, 1);
    broken("[rewards.step]", "[rewards.goal]", Code::NameTwice, 18, 10);
    for (id, text) in [("json", "[".repeat(100_000)), ("toml", format!("x = {}", "[".repeat(100_000)))] {
        let e = refusal(&text, id);
        assert_eq!(e.code, Code::TooDeep);
        assert_helpful(&e);
    }
    let e = refusal("{\n  \"format\": \"truenorth-mdp/1\",\n  // no\n}", "json");
    assert_eq!((e.code, e.place.map(|p| (p.line, p.column))), (Code::Syntax, Some((3, 3))));
}

fn file(dir: &Path, name: &str, bytes: &[u8]) -> Box<Diag> {
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("written");
    let e = read_raw(&path).expect_err(name);
    assert_helpful(&e);
    e
}

#[test]
fn files() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let dir = dir.path();
    for id in ["toml", "json", "npz"] {
        assert_eq!(file(dir, &format!("empty.{id}"), b"").code, Code::FileEmpty);
    }
    assert_eq!(file(dir, "blank.json", b" \n").code, Code::FileEmpty);
    let e = file(dir, "latin.toml", b"format = 1\n  # caf\xe9\n");
    assert_eq!((e.code, e.place.as_ref().map(|p| (p.line, p.column))), (Code::FileNotUtf8, Some((2, 8))));
    assert!(e.message.contains("byte 18"), "{e}");
    assert_eq!(file(dir, "zip.json", b"PK\x03\x04xx").code, Code::FileNotUtf8);
    assert!(file(dir, "wide.toml", b"\xff\xfef\0o\0").message.contains("UTF-16"));
    assert_eq!(file(dir, "model.yaml", b"gamma: 1").code, Code::FormatUnknown);
    assert_eq!(file(dir, "text.npz", b"gamma = 1").code, Code::Syntax);
    assert_eq!(file(dir, "half.npz", b"PK\x03\x04").code, Code::Syntax);
    let e = file(dir, "single.npz", b"\x93NUMPY\x01\x00");
    assert!(e.help.as_ref().is_some_and(|h| h.contains("savez")), "{e}");
    let missing = |name: &str| {
        let e = read_raw(&dir.join(name)).expect_err("missing");
        assert_eq!(e.code, Code::FileUnreadable);
        assert_helpful(&e);
        e.help.unwrap_or_default()
    };
    assert!(missing("latni.toml").contains("latin.toml"));
    assert!(missing("no/such/place.toml").contains("no directory"));
    assert_eq!(read_raw(dir).expect_err("directory").code, Code::FileUnreadable);
    let e = read_raw(Path::new("frozenlake-9x9")).expect_err("missing");
    assert!(e.help.as_ref().is_some_and(|h| h.contains("gallery:frozenlake-9x9")), "{e}");
    std::fs::write(dir.join("bom.toml"), format!("\u{feff}{MODEL}")).expect("written");
    let raw = read_raw(&dir.join("bom.toml")).expect("a byte order mark is no content");
    assert_eq!(raw.source_file.place(raw.gamma.at).line, 3);
}

#[test]
fn one_reward_in_a_file() {
    let read = |text: &str| reward_file::from_text(&text::Text::new("r", text), json::parse);
    assert!(read(r#"{"s": [0, "1/3", 1]}"#).is_ok());
    assert!(reward_file::from_text(&text::Text::new("r", "sa = [[1, 2]]"), toml::parse).is_ok());
    for (bad, code, column) in [
        ("[1]", Code::WrongType, 1),
        ("{}", Code::FieldMissing, 1),
        (r#"{"s": [1], "sa": [[1]]}"#, Code::WrongType, 12),
        (r#"{"x": [1]}"#, Code::FieldUnknown, 2),
        (r#"{"entries": [["*", "*", 1]]}"#, Code::WrongShape, 14),
    ] {
        let e = read(bad).expect_err(bad);
        assert_eq!((e.code, e.place.as_ref().map(|p| p.column)), (code, Some(column)), "{e}");
        assert_helpful(&e);
    }
}

#[test]
fn policies_and_potentials() {
    let names = |list: &[&str]| Names::list(list.iter().map(|s| (*s).to_owned()).collect(), 's').expect("unique");
    let (states, actions) = (names(&["a", "b"]), names(&["x", "y", "z"]));
    let policy = |text: &str| {
        policy_file::from_text(&text::Text::new("p", text), json::parse).and_then(|p| p.resolve(&states, &actions))
    };
    use policy_file::ResolvedPolicy::*;
    assert_eq!(policy(r#"["x", 2]"#).expect("valid"), Actions(vec![0, 2]));
    assert_eq!(
        policy(r#"{"policy": [[1, 0, 0], ["1/2", 0.25, 0.25]]}"#).expect("valid"),
        Probabilities(vec![1.0, 0.0, 0.0, 0.5, 0.25, 0.25])
    );
    for (bad, code, column) in [
        (r#"["x"]"#, Code::WrongShape, 1),
        (r#"["x", "w"]"#, Code::NameUnknown, 7),
        (r#"["x", 3]"#, Code::NameUnknown, 7),
        (r#"["x", 0.5]"#, Code::WrongType, 7),
        (r#"[[1, 0, 0], [1, 0]]"#, Code::WrongShape, 13),
        (r#"[[1, 0, 0], [1, 1, 0]]"#, Code::RowSum, 13),
        (r#"[[1, 0, 0], [2, -1, 0]]"#, Code::ProbabilityRange, 14),
        (r#"[[1, 0, 0], 1]"#, Code::WrongType, 13),
        (r#"{"actions": []}"#, Code::FieldUnknown, 2),
        (r#"{}"#, Code::FieldMissing, 1),
    ] {
        let e = policy(bad).expect_err(bad);
        assert_eq!((e.code, e.place.as_ref().map(|p| p.column)), (code, Some(column)), "{e}");
        assert_helpful(&e);
    }
    let phi = |text: &str| {
        potential_file::from_text(&text::Text::new("p", text), json::parse).and_then(|p| p.resolve(&states))
    };
    assert_eq!(phi(r#"[1, "1/2"]"#).expect("valid"), [1.0, 0.5]);
    assert_eq!(phi(r#"{"phi": {"b": 3}}"#).expect("valid"), [0.0, 3.0]);
    for (bad, code, column) in [
        ("[1]", Code::WrongShape, 1),
        (r#"{"phi": {"c": 3}}"#, Code::NameUnknown, 10),
        (r#"{"psi": [1, 2]}"#, Code::FieldUnknown, 2),
        ("[1, null]", Code::WrongType, 5),
        ("\"a\"", Code::WrongType, 1),
    ] {
        let e = phi(bad).expect_err(bad);
        assert_eq!((e.code, e.place.as_ref().map(|p| p.column)), (code, Some(column)), "{e}");
        assert_helpful(&e);
    }
}
