//! The registry against the directory, the catalogue and the counterexamples against the commands that open them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use truenorth::io;
use truenorth::model::Model;
use truenorth::solve::{Options, Sense, Solver, Task};
use truenorth_theorems::check::{Expected, Without};
use truenorth_theorems::{THEOREMS, papers::PAPERS};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

/// Names of the files of a folder.
fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn every_file_is_in_the_list_and_every_line_has_its_file() {
    let mut on_disk = BTreeSet::new();
    for paper in files(&root().join("theorems"))
        .into_iter()
        .filter(|name| !name.contains('.') && name != "check" && name != "tests")
    {
        on_disk
            .extend(files(&root().join("theorems").join(&paper)).iter().map(|file| format!("theorems/{paper}/{file}")));
    }
    let listed: BTreeSet<String> = THEOREMS.iter().map(|t| t.file.replace('\\', "/").replace("src/../", "")).collect();
    assert_eq!(on_disk, listed);
    assert_eq!(listed.len(), THEOREMS.len(), "a file is listed twice");
}

#[test]
fn ids_are_claims_and_papers_are_known() {
    let ids: BTreeSet<&str> = THEOREMS.iter().map(|t| t.id).collect();
    assert_eq!(ids.len(), THEOREMS.len(), "two theorems share an id");
    let cited: BTreeSet<&str> = THEOREMS.iter().map(|t| t.paper).collect();
    let known: BTreeSet<&str> = PAPERS.iter().map(|p| p.key).collect();
    assert_eq!(cited, known);
    for theorem in THEOREMS {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(theorem.id.chars().all(is_plain) && theorem.id.contains('-'), "{}", theorem.id);
        let folder = theorem.file.replace('\\', "/");
        assert!(folder.contains(&format!("/{}/", theorem.paper)), "{} is in the folder of another paper", theorem.id);
    }
}

#[test]
fn every_theorem_says_what_it_states_and_how_it_is_checked() {
    for theorem in THEOREMS {
        for part in ["## Statement", "## How it is checked", "## Known limits"] {
            assert!(theorem.doc.contains(part), "{} has no `{part}`", theorem.id);
        }
        assert!(theorem.title() != theorem.id && !theorem.tags.is_empty() && !theorem.number.is_empty());
        for h in theorem.hypotheses {
            assert!(h.text.trim().len() > 10, "{}: hypothesis `{}` has no sentence", theorem.id, h.name);
        }
        if theorem.expected == Expected::Refuted {
            assert!(
                !theorem.by_hand.is_empty(),
                "{} is false as printed and has no counterexample by hand",
                theorem.id
            );
        }
    }
}

#[test]
fn there_are_as_many_as_the_toolkit_rests_on() {
    assert!(THEOREMS.len() >= 70, "{}", THEOREMS.len());
    let sharp = THEOREMS.iter().filter(|t| t.is_sharp).count();
    assert!(sharp >= 15, "{sharp} theorems claim that their constants are sharp");
    let broken = THEOREMS.iter().flat_map(|t| t.hypotheses).filter(|h| matches!(h.without, Without::Broken(_))).count();
    assert!(broken >= THEOREMS.len(), "{broken} hypotheses can be dropped and break something");
}

#[test]
fn counterexamples_are_small_and_every_command_opens_them() {
    let folder = root().join("mdps/counterexamples");
    let mut sizes = Vec::new();
    for file in files(&folder) {
        let model = Model::build(io::read_raw(&folder.join(&file)).unwrap()).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mdp = model.mdp();
        let solver = Solver::new(mdp, Options::default()).unwrap_or_else(|e| panic!("{file}: {e}"));
        for (name, reward) in model.rewards() {
            let solution = solver.optimise(&Task::new(&reward.expected(mdp), Sense::Max));
            assert!(solution.is_converged(), "{file}: {name}");
        }
        assert!(!model.rewards().is_empty(), "{file}: nothing to solve for");
        sizes.push(mdp.n_states());
    }
    let wanted = THEOREMS.iter().flat_map(|t| t.hypotheses).filter(|h| matches!(h.without, Without::Broken(_))).count();
    assert!(sizes.len() >= wanted, "{} files for {wanted} broken hypotheses", sizes.len());
    sizes.sort_unstable();
    assert!(sizes[sizes.len() / 2] <= 4, "the median counterexample has {} states", sizes[sizes.len() / 2]);
}
