//! Every picture: both formats, its data, and what is refused.

use std::path::Path;

use crate::run::{folder, run, text};

const LAKE: &str = "gallery:frozenlake-4x4";
const HURRIED: &str = "goal - 0.05*step";

/// A subcommand with arguments, and the header its data begin with.
const JOBS: &[(&[&str], &str)] = &[
    (&["grid", LAKE, "goal"], "row,column,state,letter,value,best_actions,outlined,wall"),
    (&["grid", "gallery:forest", "income"], "column,state,value,best_actions,outlined"),
    (&["diff", LAKE, "goal", HURRIED], "map,row,column,state,letter,value,best_actions,outlined,wall"),
    (&["diff", "gallery:forest", "income", "timber"], "column,state,value,best_actions,outlined"),
    (&["polygon", "gallery:bandit-3", "x", "y"], "kind,truth,proxy"),
    (&["polygon", LAKE, "goal", HURRIED, "--reference", "uniform"], "kind,truth,proxy"),
    (&["polygon", LAKE, "goal", HURRIED, "--path", "steepest"], "kind,truth,proxy"),
    (&["occupancy", LAKE, "goal"], "row,column,state,letter,occupancy,wall"),
    (&["occupancy", LAKE, "goal", "--minus", HURRIED], "row,column,state,letter,occupancy,wall"),
    (&["occupancy", "gallery:forest", "income"], "state,occupancy"),
    (
        &["cliff", LAKE, "goal", "--vary", "goal - x*step", "0..0.1"],
        "piece,from,to,worst_from,worst_to,best_from,best_to,\"best_actions of start(0,0)\"",
    ),
    (&["radius", LAKE, "goal"], "row,column,state,radius,best_actions,takes_over,critical"),
    (&["radius", "gallery:forest", "income"], "state,radius,best_actions,takes_over,critical"),
    (&["goodhart", LAKE, "goal", HURRIED], "kind,x,proxy,truth"),
    (&["goodhart", LAKE, "goal", HURRIED, "--angle", "10", "--reference", "soft:0.1"], "kind,x,proxy,truth"),
    (&["goodhart", LAKE, "goal", HURRIED, "--path", "soft"], "kind,x,proxy,truth"),
    (&["gamma", "gallery:e6-discount-cliff", "--vary", "0..0.99"], "kind,state,from,to,gamma,best_actions"),
    (&["soft", LAKE, "goal", "--points", "5"], "temperature,policy_return,floor,optimum,local,worst"),
    (&["frontier", LAKE, "goal", HURRIED, "--points", "4"], "penalty,weight,chi2,proxy,truth,bound"),
    (&["matrix", LAKE, "goal", "shaped", HURRIED], "row,column,row_place,column_place,value"),
    (&["matrix", LAKE, "--of", "regret"], "row,column,row_place,column_place,value"),
];

/// Runs a picture into a file and returns its data.
fn drawn(job: &[&str], picture: &Path, data: &Path) -> String {
    let files = ["-q", "-o", text(picture), "--csv", text(data)];
    let drawn = run(&[&["plot"], job, &files].concat());
    assert_eq!((drawn.code, drawn.out.as_str()), (0, ""), "{job:?}: {}", drawn.err);
    std::fs::read_to_string(data).expect("data")
}

/// Lines of a file as fields; none of ours has a line break within a field.
fn table(csv: &str) -> Vec<Vec<String>> {
    let fields = |line: &str| {
        let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => all.push(std::mem::take(&mut field)),
                c => field.push(c),
            }
        }
        all.push(field);
        all
    };
    csv.split_terminator("\r\n").map(fields).collect()
}

/// Whether all elements are closed in order and no text holds a bare markup character.
fn is_well_formed(svg: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for piece in svg.split('<').skip(1) {
        let Some((tag, words)) = piece.split_once('>') else { return false };
        let name = |tag: &'_ str| tag.split([' ', '/', '\n']).next().map(str::len).unwrap_or(0);
        let escaped = words.split('&').skip(1).all(|rest| rest.split(' ').next().is_some_and(|w| w.contains(';')));
        if !escaped || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        match tag.strip_prefix('/') {
            Some(closed) if open.pop() != Some(closed) => return false,
            Some(_) => {}
            None if tag.ends_with('/') || tag.starts_with('?') => {}
            None => open.push(&tag[..name(tag)]),
        }
    }
    open.is_empty() && svg.matches("<svg").count() == 1
}

#[test]
fn every_picture_is_written_in_both_formats_with_its_data() {
    let folder = folder();
    let data = folder.path().join("data.csv");
    for (job, header) in JOBS {
        let [svg, png] = ["picture.svg", "picture.png"].map(|name| folder.path().join(name));
        let csv = drawn(job, &svg, &data);
        assert_eq!(drawn(job, &png, &data), csv, "{job:?}: the data depend on the format");
        let picture = std::fs::read_to_string(&svg).expect("picture");
        assert!(is_well_formed(&picture) && !picture.contains("NaN"), "{job:?}");
        assert!(picture.contains("<title>") && picture.matches("<text").count() > 2, "{job:?}");
        let bytes = std::fs::read(&png).expect("picture");
        assert!(bytes.starts_with(b"\x89PNG") && bytes.len() > 1000, "{job:?}");
        assert!(csv.replace('"', "").starts_with(&header.replace('"', "")), "{job:?}: {csv}");
        let lines = table(&csv);
        assert!(lines.len() > 1 && csv.ends_with("\r\n"), "{job:?}");
        assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{job:?}: {csv}");
    }
}

#[test]
fn data_have_a_line_for_everything_drawn() {
    let folder = folder();
    let [picture, data] = ["a.svg", "a.csv"].map(|name| folder.path().join(name));
    let lines = |job: &[&str]| table(&drawn(job, &picture, &data));
    assert_eq!(lines(&["grid", LAKE, "goal"]).len(), 17);
    assert_eq!(lines(&["diff", LAKE, "goal", HURRIED]).len(), 33);
    assert_eq!(lines(&["matrix", LAKE, "goal", "shaped", HURRIED]).len(), 10);
    assert_eq!(lines(&["soft", LAKE, "goal", "--points", "7"]).len(), 8);
    // The difference of two policies sums to what their visits differ by: nothing, over all states but the terminal ones.
    let less = lines(&["occupancy", LAKE, "goal", "--minus", "goal"]);
    assert!(less[1..].iter().all(|line| line[4].is_empty() || line[4] == "0"), "{less:?}");
}

#[test]
fn the_cliff_of_the_lake_has_its_breakpoints() {
    let folder = folder();
    let [picture, data] = ["a.svg", "a.csv"].map(|name| folder.path().join(name));
    let lines = table(&drawn(&["cliff", LAKE, "goal", "--vary", "goal - x*step", "0..0.1"], &picture, &data));
    let number = |line: &[String], k: usize| line[k].parse::<f64>().expect("a number");
    let pieces: Vec<&Vec<String>> = lines[1..].iter().filter(|line| line[0] != "breakpoint").collect();
    // Pieces join without gaps from one end of the range to the other.
    assert_eq!((number(pieces[0], 1), number(pieces[pieces.len() - 1], 2)), (0.0, 0.1));
    assert!(pieces.windows(2).all(|w| number(w[0], 2) == number(w[1], 1)));
    // What points earn lies on the pieces.
    for (x, earned) in [(0.01, 0.5325), (0.02, 0.0964), (0.05, 0.0439)] {
        let piece = pieces.iter().find(|p| number(p, 1) < x && x < number(p, 2)).expect("a piece");
        assert!((number(piece, 3) - earned).abs() < 5e-5, "{x}: {piece:?}");
    }
    let svg = std::fs::read_to_string(&picture).expect("picture");
    assert!(svg.contains("cliff at 0.01"), "the cliff is named");
}

#[test]
fn the_discount_cliff_is_drawn_at_its_root() {
    let folder = folder();
    let [picture, data] = ["a.svg", "a.csv"].map(|name| folder.path().join(name));
    let lines = table(&drawn(&["gamma", "gallery:e6-discount-cliff", "--vary", "0..0.99"], &picture, &data));
    let golden = (3.0 - 5f64.sqrt()) / 2.0;
    let switch = lines.iter().find(|line| line[0] == "switch").expect("a switch");
    assert!((switch[4].parse::<f64>().expect("a discount") - golden).abs() < 1e-12, "{switch:?}");
    assert!(std::fs::read_to_string(&picture).expect("picture").contains("0.381966"));
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let folder = folder();
    let picture = folder.path().join("a.svg");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["cliff", LAKE, "goal", "--vary", "goal - step", "0..1"], 2, "no `x`"),
        (&["cliff", LAKE, "goal", "--vary", "goal - x*step", "1..0"], 2, "A..B"),
        (&["cliff", LAKE, "goal"], 2, "--vary"),
        (&["gamma", LAKE, "goal", "--vary", "0..2"], 2, "0 <= A < B <= 1"),
        (&["soft", LAKE, "goal", "--temperature", "0..1"], 2, "above 0"),
        (&["soft", LAKE, "goal", "--tv", "0.1"], 2, "--error"),
        (&["soft", LAKE, "goal", "--tv", "2", "--error", "0.1"], 3, "at most 1"),
        (&["frontier", LAKE, "goal", "goal", "--reference", "soft:-1"], 2, "temperature"),
        (&["frontier", LAKE, "goal", "goal - goal"], 2, "same for all policies"),
        (&["goodhart", LAKE, "goal", "goal - goal"], 2, "no way up"),
        (&["goodhart", LAKE, "goal", "step", "--angle", "200"], 3, "0 to 180"),
        (&["occupancy", LAKE, "goal", "--minus", "gaol"], 2, "`goal`"),
        (&["occupancy", LAKE, "goal", "--minus", "step", "--log"], 2, "--log"),
        (&["matrix", LAKE, "goal"], 2, "two rewards"),
        (&["polygon", LAKE, "goal", "step", "--reference", "sotf:1"], 2, "soft:"),
    ];
    for (job, code, words) in cases {
        let refused = run(&[&["plot"], *job, &["-o", text(&picture)]].concat());
        assert_eq!(refused.code, *code, "{job:?}: {}", refused.err);
        assert!(refused.err.contains(words), "{job:?}: {}", refused.err);
        assert!(!picture.exists(), "{job:?}");
    }
    assert_eq!(run(&["plot", "grid", LAKE, "goal", "-o", "x.gif"]).code, 2);
    let twice = run(&["plot", "grid", LAKE, "goal", "-o", text(&picture), "--csv", text(&picture)]);
    assert!(twice.code == 2 && twice.err.contains("--csv"), "{}", twice.err);
    assert!(run(&["plot", "grid", LAKE, "goal"]).out.contains("</svg>"), "SVG goes to stdout");
}

#[test]
fn reports_carry_the_pictures_of_their_command() {
    let folder = folder();
    let page = folder.path().join("page.html");
    let jobs: &[(&[&str], &str)] = &[
        (&["hack", LAKE, "--proxy", HURRIED, "--truth", "goal", "--points", "4"], "distance from the reference"),
        (&["hack", LAKE, "--proxy", HURRIED, "--truth", "goal", "--goodhart"], "where to stop"),
        (&["stability", "gallery:e6-discount-cliff", "--vary", "gamma", "0..1"], "which discount"),
        (&["stability", LAKE, "goal", "--vary", "goal - x*step", "0..0.1", "--truth", "goal"], "earn in truth"),
        (&["stability", LAKE, "goal", "--temperature", "0.1", "--temperature", "0.01"], "each temperature"),
        (&["matrix", LAKE, "goal", "shaped", HURRIED], "in the order of their tree"),
        (&["stability", LAKE, "goal"], "cannot change the best action"),
        (&["solve", LAKE, "goal"], "Values and the actions"),
        (&["occupancy", LAKE, "goal"], "Discounted visits"),
    ];
    for (job, caption) in jobs {
        let run = run(&[*job, &["-q", "--report", text(&page)]].concat());
        assert_eq!(run.code, 0, "{job:?}: {}", run.err);
        let page = std::fs::read_to_string(&page).expect("report");
        assert!(page.contains("<svg") && page.contains(caption), "{job:?}");
    }
}
