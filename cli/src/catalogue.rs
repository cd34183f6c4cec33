//! The catalogue of theorems as Markdown: a page each, an index, a bibliography.
//!
//! Formulas stand between dollar signs, as code hosts render them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::theorem_words::{doc_lines, expected, sentence};
use truenorth_theorems::check::{Expected, Kind, Paper, Theorem, Without};

/// File of a counterexample, without its folder: of a hypothesis dropped, or of a claim that is false as printed.
pub fn counterexample_file(theorem: &Theorem, dropped: Option<&str>) -> String {
    match dropped {
        Some(hypothesis) => format!("{}.{}.mdp.toml", theorem.id, hypothesis.replace('_', "-")),
        None => format!("{}.mdp.toml", theorem.id),
    }
}

/// The page of one theorem, with the verdict of the run the catalogue was made from.
pub fn page(theorem: &Theorem, paper: Option<&Paper>, verdict: &Value) -> String {
    let mut text = String::new();
    for line in doc_lines(theorem) {
        text.push_str(line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push_str("\n\n## Hypotheses\n\n");
    if theorem.hypotheses.is_empty() {
        text.push_str("None.\n");
    } else {
        text.push_str("| name | what it asks | without it |\n| --- | --- | --- |\n");
    }
    for h in theorem.hypotheses {
        let without = match h.without {
            Without::Redundant(reason) => format!("not needed: {}", sentence(reason)),
            Without::Broken(_) => {
                let mutants = verdict["mutants"].as_array().map_or(&[][..], Vec::as_slice);
                let why = mutants.iter().find(|m| m["hypothesis"] == h.name).map(|m| &m["counterexample"]["why"]);
                let why = why.and_then(Value::as_str).unwrap_or("false");
                format!("[false]({}): {}", link(theorem, Some(h.name)), cell(why))
            }
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| `{}` | {} | {without} |", h.name, cell(&sentence(h.text)));
    }
    text.push_str("\n## Source\n\n");
    let source = match paper {
        Some(p) => {
            format!("{}: *{}*. {} {}. [`{}`](README.md#bibliography)", p.authors, p.title, p.venue, p.year, p.key)
        }
        None => theorem.paper.to_owned(),
    };
    let _ = writeln!(text, "{source}. {}.\n", theorem.number.trim_end_matches('.'));
    text.push_str("## Verdict\n\n");
    let count = |key: &str| verdict[key].as_u64().unwrap_or(0);
    let (n, open) = (count("instances") - count("undecided"), count("undecided"));
    let how = if theorem.kind == Kind::Exact { "in fractions" } else { "on intervals with outward rounding" };
    match theorem.expected {
        Expected::Held => {
            let _ = write!(text, "Held on {n} instances, decided {how}.");
            if open > 0 {
                let _ = write!(text, " On {open} more the intervals were too wide to tell.");
            }
        }
        Expected::Refuted => {
            let why = verdict["counterexample"]["why"].as_str().unwrap_or("see the file");
            let _ = write!(text, "False, decided {how}: [counterexample]({}): {why}.", link(theorem, None));
        }
    }
    if theorem.is_sharp {
        text.push_str(" Its constants are sharp: divided by 1.01 they are refuted.");
    }
    let _ = writeln!(text, "\n\n```sh\ntruenorth theorem run {}\n```\n\nDeclared in `{}`.", theorem.id, file(theorem));
    text
}

fn link(theorem: &Theorem, dropped: Option<&str>) -> String {
    format!("../../mdps/counterexamples/{}", counterexample_file(theorem, dropped))
}

/// Text that stays inside a table cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn file(theorem: &Theorem) -> String {
    theorem.file.replace('\\', "/").replace("src/../", "")
}

/// What the words of a run mean.
const VERDICTS: &str = "\
`truenorth theorem run` says of a claim: *held* on so many instances, never *proved*; *refuted* by an instance; *vacuous*
where no instance met the hypotheses; *inconclusive* where bounds were too wide on every one. Of a claim without one of its
hypotheses: *broken* by an instance; *redundant* where its file says why the claim stays true or was false before;
*undecided* where neither was shown, because the instances or the time ran out; *survived* where the instance known to break
it no longer does. Known counterexamples are looked at first, so *broken* and *refuted* do not depend on seed, count or time.
Exit code 0: all as expected; 1: something is not, and an instance shows it; 4: too little was looked at to say, `ok` is
`null`.

";

/// The index: every theorem in a line, and the bibliography.
pub fn index(theorems: &[&Theorem], papers: &[Paper], verdicts: &[Value]) -> String {
    let mut text = String::from("# Theorems\n\n");
    let refuted = theorems.iter().filter(|t| t.expected == Expected::Refuted).count();
    let _ = writeln!(
        text,
        "{} claims of {} papers, each checked on generated instances, each of its hypotheses dropped to see the claim break.\n\
         {refuted} of them are false, as printed or as one would like them to be, and stand beside what is true instead. Made by `truenorth dev docs`.\n",
        theorems.len(),
        papers.len()
    );
    text.push_str(VERDICTS);
    text.push_str("| id | claim | paper | decided | expected | hypotheses | broken without |\n");
    text.push_str("| --- | --- | --- | --- | --- | ---: | ---: |\n");
    for (theorem, verdict) in theorems.iter().zip(verdicts) {
        let mutants = verdict["mutants"].as_array().map_or(&[][..], Vec::as_slice);
        let broken = mutants.iter().filter(|m| m["verdict"] == "broken").count();
        let kind = if theorem.kind == Kind::Exact { "exact" } else { "bounds" };
        let _ = writeln!(
            text,
            "| [`{0}`]({0}.md) | {1} | `{2}` | {kind} | {3} | {4} | {broken} |",
            theorem.id,
            cell(theorem.claim),
            theorem.paper,
            expected(theorem),
            theorem.hypotheses.len(),
        );
    }
    text.push_str("\n## Bibliography\n\n");
    for p in papers {
        let _ = writeln!(text, "* `{}` {}: *{}*. {} {}.", p.key, p.authors, p.title, p.venue, p.year);
    }
    text
}

/// The papers as a BibTeX file.
pub fn bibliography(papers: &[Paper]) -> String {
    let mut text = String::new();
    for p in papers {
        let authors = p.authors.replace(", ", " and ");
        let _ = writeln!(
            text,
            "@misc{{{},\n  author = {{{authors}}},\n  title = {{{}}},\n  howpublished = {{{}}},\n  year = {{{}}},\n}}\n",
            p.key, p.title, p.venue, p.year
        );
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
