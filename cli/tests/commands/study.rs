//! `study`: what it prints and writes, when it stops, what it refuses.

use serde_json::Value;

use crate::run::{folder, json, run, text};

/// Two environments: enough for intervals, a second of work.
const SMALL: [&str; 4] = ["study", "starc-table", "--environments", "2"];

fn with(more: &[&str]) -> Vec<String> {
    SMALL.iter().chain(more).map(|arg| (*arg).to_owned()).collect()
}

fn run_with(more: &[&str]) -> crate::run::Run {
    let all = with(more);
    run(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A correlation inside its interval.
fn correlation(b: &Value) -> f64 {
    let number = |key: &str| b[key].as_f64().unwrap_or_else(|| panic!("no {key} in {b}"));
    let (lo, value, hi) = (number("lo"), number("value"), number("hi"));
    assert!(-1.0 <= lo && lo < value && value < hi && hi <= 1.0, "{b}");
    assert_eq!(b["grade"], "statistical");
    value
}

#[test]
fn json_has_every_metric_with_intervals_and_csv_the_same_numbers() {
    let dir = folder();
    let csv = dir.path().join("table.csv");
    let value = json(&["study", "starc-table", "--environments", "2", "--threads", "1", "--csv", text(&csv)]);
    assert_eq!(value["command"], "study");
    assert_eq!(value["study"], "starc-table");
    assert_eq!((&value["environments"], &value["comparisons"]), (&2.into(), &256.into()));
    assert_eq!(value["is_complete"], true);
    assert_eq!(value["confidence"], 0.95);
    let all = value["correlations"].as_object().expect("by metric");
    assert_eq!(all.len(), 327);
    let csv = std::fs::read_to_string(csv).expect("written");
    let mut lines = csv.lines();
    let heads: Vec<&str> = lines.next().expect("heads").split(',').collect();
    let at = |name: &str| heads.iter().position(|head| *head == name).expect(name);
    let mut seen = 0;
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), heads.len(), "{line}");
        let entry = &all[fields[0]];
        assert_eq!(entry["comparisons"].as_u64(), fields[at("comparisons")].parse().ok());
        for key in ["optimal_policy_regret", "worst_case_regret"] {
            correlation(&entry[key]);
            for (part, suffix) in [("value", ""), ("lo", "_lo"), ("hi", "_hi")] {
                let field: f64 = fields[at(&format!("{key}{suffix}"))].parse().expect("a number");
                assert_eq!(entry[key][part].as_f64(), Some(field), "{}", fields[0]);
            }
        }
        if let Some(rest) = fields[0].strip_prefix("starc-")
            && rest != "range"
        {
            let (canon, by, in_norm) =
                (fields[at("canonicalisation")], fields[at("normalised_by")], fields[at("measured_in")]);
            let joined = if by == in_norm { format!("{canon}-{by}") } else { format!("{canon}-{by}-{in_norm}") };
            assert_eq!(rest, joined);
        }
        seen += 1;
    }
    assert_eq!(seen, all.len());
    assert_eq!(value["published"]["starc-val-l2"], 0.856);
}

#[test]
fn the_same_bytes_for_one_thread_and_two() {
    let (one, two) = (run_with(&["--threads", "1", "--json"]), run_with(&["--threads", "2", "--json"]));
    assert_eq!((one.code, two.code), (0, 0), "{}", one.err);
    assert_eq!(one.out, two.out);
    assert_ne!(one.out, run_with(&["--seed", "2", "--json"]).out);
    let by_pairs = run(&["study", "starc-table", "--pairs", "200", "--json"]);
    assert_eq!(by_pairs.out, one.out, "200 comparisons take two environments");
    assert!(by_pairs.err.contains("so there are 256"), "{}", by_pairs.err);
}

#[test]
fn reports_and_pictures_carry_every_correlation() {
    let dir = folder();
    let [page, latex, svg, png] = ["t.md", "t.tex", "t.svg", "t.png"].map(|name| dir.path().join(name));
    let files = ["--report", text(&page), "--report", text(&latex), "--plot", text(&svg)];
    let answer = run_with(&files);
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains("starc-val-l2") && answer.out.contains("0.856"), "{}", answer.out);
    assert!(!answer.out.contains("starc-val-l1-wlinf"), "the terminal is spared the long tables");
    let page = std::fs::read_to_string(page).expect("written");
    assert!(page.contains("starc-val-l1-wlinf") && page.contains("--plot") && page.contains(".svg"));
    let rows = page.lines().filter(|line| line.starts_with("| `starc-")).count();
    assert_eq!(rows, 10 + 324, "ten at L2, and every pair of norms");
    assert!(std::fs::read_to_string(latex).expect("written").contains("\\begin{longtable}"));
    let svg = std::fs::read_to_string(svg).expect("written");
    assert!(svg.contains("minimal-potential-weighted") && svg.contains("normalised by"));
    assert_eq!(run_with(&["--plot", text(&png)]).code, 0);
    assert_eq!(std::fs::read(png).expect("written")[..4], *b"\x89PNG");
}

#[test]
fn a_time_limit_leaves_the_first_environments() {
    let stopped = run(&["study", "starc-table", "--time", "0", "--json"]);
    assert_eq!(stopped.code, 4, "{}", stopped.err);
    let value: Value = serde_json::from_str(&stopped.out).expect("JSON");
    assert_eq!((&value["environments"], &value["environments_asked"]), (&0.into(), &384.into()));
    assert_eq!(value["correlations"]["starc-range"]["worst_case_regret"], Value::Null);
    let words = run(&["study", "starc-table", "--time", "0"]);
    assert_eq!(words.code, 4);
    assert!(words.out.contains("after the first 0 of 384 environments"), "{}", words.out);
}

#[test]
fn assertions_look_at_the_whole_interval() {
    let certain = run_with(&["--assert", "starc-range.worst_case_regret>=-1", "-q"]);
    assert_eq!(certain.code, 0, "{}", certain.err);
    // With two environments no interval is narrow enough to say this.
    let unsure = run_with(&["--assert", "starc-none-l2.optimal_policy_regret>=0.9", "-q"]);
    assert_eq!(unsure.code, 1, "{}", unsure.err);
}

#[test]
fn what_makes_no_sense_is_refused_before_any_work() {
    for (args, says) in [
        (&["study", "starc-tabel"][..], "did you mean `starc-table`"),
        (&["study"], "STUDY"),
        (&["study", "starc-table", "--environments", "0"], "--environments"),
        (&["study", "starc-table", "--environments", "20001"], "--environments"),
        (&["study", "starc-table", "--pairs", "18446744073709551615"], "at most 2560000"),
        (&["study", "starc-table", "--pairs", "128", "--environments", "1"], "cannot be used with"),
        (&["study", "starc-table", "--threads", "0"], "--threads"),
        (&["study", "starc-table", "--plot", "table.pdf"], ".svg or .png"),
        (&["study", "starc-table", "--report", "table.pdf"], ".html"),
    ] {
        let refused = run(args);
        assert_eq!(refused.code, 2, "{args:?}: {}", refused.err);
        assert!(refused.err.contains(says), "{args:?}: {}", refused.err);
        assert!(refused.out.is_empty());
    }
    let place = run_with(&["--csv", "/nowhere/at/all/table.csv", "-q"]);
    assert_eq!(place.code, 5, "{}", place.err);
}
