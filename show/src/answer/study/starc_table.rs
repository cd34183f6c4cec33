//! The words of `study starc-table`: correlations with their intervals as tables, CSV, JSON and a picture.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::answer::parts::{self, many};
use crate::answer::{SCHEMA, bounded};
use crate::plot::{ColumnGroup, HeatCells, HeatTable, Options, Picture, Placement, PlotError};
use crate::report::{Align, Block, Cell, Document, Figure, Number, Table, Tone};
use truenorth::analysis::canon::CANONS;
use truenorth::analysis::distance::{Metric, NORMS};
use truenorth::analysis::study::{CONFIDENCE, Line, PUBLISHED, StarcTable, TARGETS, Target};
use truenorth::base::Bounded;

/// Width at which every cell of [`picture`] has room for its number.
pub const PICTURE_WIDTH: f64 = 1280.0;

/// How the intervals are made, for a reader who wants to make them again.
const METHOD: &str = "jackknife over environments in Fisher's z, Student's quantile";

/// The key of a target in JSON and CSV.
fn key(target: Target) -> &'static str {
    match target {
        Target::OptimalPolicy => "optimal_policy_regret",
        Target::WorstCase => "worst_case_regret",
    }
}

/// The name of a target in tables.
fn name(target: Target) -> &'static str {
    match target {
        Target::OptimalPolicy => "regret of optimal policies",
        Target::WorstCase => "worst-case regret",
    }
}

/// The contract's keys.
pub fn json(table: &StarcTable) -> Map<String, Value> {
    let spec = &table.spec;
    let correlations: Map<String, Value> = table
        .lines
        .iter()
        .map(|line| {
            let mut value = Map::new();
            for (target, correlation) in TARGETS.iter().zip(line.correlation) {
                value.insert(key(*target).into(), correlation.map_or(Value::Null, bounded));
            }
            value.insert("comparisons".into(), line.defined.into());
            (line.metric.to_string(), value.into())
        })
        .collect();
    let published: Map<String, Value> = PUBLISHED.iter().map(|&(id, r)| (id.to_owned(), r.into())).collect();
    let counts = table.counts;
    let mut map = Map::new();
    parts::extend(
        &mut map,
        [
            ("schema", SCHEMA.into()),
            ("command", "study".into()),
            ("study", "starc-table".into()),
            (
                "model",
                json!({
                    "name": "starc-paper",
                    "n_states": spec.n_states,
                    "n_actions": spec.n_actions,
                    "gamma": spec.gamma,
                    "hash": table.digest,
                }),
            ),
            ("seed", spec.seed.into()),
            ("environments", table.environments.into()),
            ("environments_asked", spec.environments.into()),
            ("pairs_per_environment", spec.pairs.into()),
            ("interpolants_per_pair", spec.interpolants.into()),
            ("comparisons", counts.comparisons.into()),
            ("is_complete", table.is_complete().into()),
            (
                "counts",
                json!({
                    "rewards": counts.rewards,
                    "sparse_rewards": counts.sparse,
                    "trivial_comparisons": counts.trivial,
                    "tied_comparisons": counts.tied,
                    "complete_worst_case": counts.complete,
                }),
            ),
            ("confidence", CONFIDENCE.into()),
            ("interval", METHOD.into()),
            ("correlations", correlations.into()),
            ("published", published.into()),
        ],
    );
    map
}

/// One line a metric; an empty field where a correlation is undefined or a metric has no such part.
pub fn csv(table: &StarcTable) -> String {
    let mut out = String::from("metric,canonicalisation,normalised_by,measured_in,comparisons");
    for target in TARGETS {
        let key = key(target);
        let _ = write!(out, ",{key},{key}_lo,{key}_hi");
    }
    out.push_str(",grade,confidence\n");
    for line in &table.lines {
        let [canon, by, in_norm] = match line.metric {
            Metric::Starc { canon, by, in_norm } => [canon.id, by.id, in_norm.id],
            Metric::Range | Metric::Epic | Metric::Dard => [""; 3],
        };
        let _ = write!(out, "{},{canon},{by},{in_norm},{}", line.metric, line.defined);
        for correlation in line.correlation {
            let _ = match correlation {
                Some(r) => write!(out, ",{},{},{}", r.value, r.lo, r.hi),
                None => write!(out, ",,,"),
            };
        }
        let grade = line.correlation.iter().flatten().next().map_or("", |r| r.grade.word());
        let _ = writeln!(out, ",{grade},{CONFIDENCE}");
    }
    out
}

/// Three digits, as in the paper, and the interval; the grade, the same for all, is among the facts.
fn cell(correlation: Option<Bounded>) -> Cell {
    let show = |x: f64| format!("{x:.3}").replace('-', "\u{2212}");
    match correlation {
        None => "undefined".into(),
        Some(r) => Number::new(show(r.value)).between(show(r.lo), show(r.hi)).into(),
    }
}

fn id(line: &Line) -> Cell {
    parts::code(line.metric.to_string()).into()
}

/// For the terminal: the paper's comparison, and the best norms of each canonicalisation.
pub fn document(table: &StarcTable) -> Document {
    let spec = &table.spec;
    let size = format!(
        "{}: {} x {} x {}",
        table.counts.comparisons,
        many(table.environments, "environment"),
        many(spec.pairs, "pair"),
        many(spec.interpolants, "interpolant")
    );
    let models = format!(
        "{}, {}, discount {}, drawn as in the paper",
        many(spec.n_states, "state"),
        many(spec.n_actions, "action"),
        spec.gamma
    );
    let digest: String = table.digest.chars().take(12).collect();
    let percent = 100.0 * CONFIDENCE;
    let mut document = Document::new("Which distances tell regret: the table of the STARC paper")
        .fact("Comparisons", size)
        .fact("Models", models)
        .fact("Seed", spec.seed.to_string())
        .fact("Hash of all draws", parts::code(digest))
        .fact("Intervals", format!("{percent} %, each by itself (grade: statistical); {METHOD}"));
    if !table.is_complete() {
        let of = format!("{} of {}", table.environments, many(spec.environments, "environment"));
        let words = format!("A limit was reached after the first {of}; everything below is about those.");
        document = document.block(Block::verdict(Tone::Neutral, words));
    }
    if let Some(lede) = lede(table) {
        document = document.lede(lede);
    }
    document.block(at_l2(table)).block(best(table)).block(Block::list(remarks(table)))
}

/// Whether a line is in the table at L2.
fn is_at_l2(line: &Line) -> bool {
    match line.metric {
        Metric::Starc { by, in_norm, .. } => by.id == "l2" && in_norm.id == "l2",
        Metric::Range | Metric::Epic | Metric::Dard => true,
    }
}

/// The leader for each regret among the distances of the first table.
fn lede(table: &StarcTable) -> Option<String> {
    let leader = |target: usize| {
        let lines = table.lines.iter().filter(|line| is_at_l2(line));
        let all = lines.filter_map(|line| Some((&line.metric, line.correlation[target]?)));
        let (metric, r) = all.max_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
        Some(format!("{metric} ({:.3}, between {:.3} and {:.3})", r.value, r.lo, r.hi))
    };
    let (first, second) = (leader(0)?, leader(1)?);
    Some(format!(
        "At L2 and without a choice of norms, the {} is told best by {first}, the {} by {second}.",
        name(TARGETS[0]),
        name(TARGETS[1])
    ))
}

/// Every canonicalisation normalised and measured by L2, and the three distances without a choice of norms.
fn at_l2(table: &StarcTable) -> Table {
    let mut out = Table::new("Pearson correlation with regret; forms normalised and measured by L2")
        .column("distance", Align::Left)
        .column(name(TARGETS[0]), Align::Right)
        .column(name(TARGETS[1]), Align::Right)
        .column("published", Align::Right);
    for line in table.lines.iter().filter(|line| is_at_l2(line)) {
        let metric = line.metric.to_string();
        let published = PUBLISHED.iter().find(|(id, _)| *id == metric);
        let published = published.map_or(Cell::Empty, |(_, r)| Number::new(format!("{r:.3}")).into());
        out = out.row([id(line), cell(line.correlation[0]), cell(line.correlation[1]), published]);
    }
    out
}

/// The norms with which each canonicalisation does best.
fn best(table: &StarcTable) -> Table {
    let mut out = Table::new("The norms with the largest correlation, for each canonicalisation and each regret")
        .column("canonicalisation", Align::Left);
    for target in TARGETS {
        out = out.column("norms", Align::Left).column(name(target), Align::Right);
    }
    for canon in CANONS {
        let mut cells: Vec<Cell> = vec![parts::code(canon.id).into()];
        for target in 0..TARGETS.len() {
            let value = |line: &&Line| line.correlation[target].map_or(f64::NEG_INFINITY, |r| r.value);
            let best = lines_of(table, canon.id).max_by(|a, b| value(a).total_cmp(&value(b)));
            let norms = best.and_then(|line| match line.metric {
                Metric::Starc { by, in_norm, .. } => Some(format!("{}, {}", by.id, in_norm.id)),
                Metric::Range | Metric::Epic | Metric::Dard => None,
            });
            cells.push(norms.map_or(Cell::Empty, |norms| parts::code(norms).into()));
            cells.push(cell(best.and_then(|line| line.correlation[target])));
        }
        out = out.row(cells);
    }
    out
}

fn lines_of<'a>(table: &'a StarcTable, id: &'a str) -> impl Iterator<Item = &'a Line> {
    table.lines.iter().filter(move |line| matches!(line.metric, Metric::Starc { canon, .. } if canon.id == id))
}

fn remarks(table: &StarcTable) -> Vec<String> {
    let counts = table.counts;
    let of = |n: usize| format!("{n} of {} comparisons", counts.comparisons);
    let mut remarks = vec![
        format!("In {} the worst case loses all there is to lose, in at least one direction.", of(counts.complete)),
        format!(
            "In {} a reward has more than one optimal policy, up to rounding; its regret is then half-way between the \
             luckiest and the unluckiest of them.",
            of(counts.tied)
        ),
        "A norm picked as the best of 36 is flattered a little by the picking.".into(),
    ];
    let undefined = table.lines.iter().map(|line| counts.comparisons - line.defined).max().unwrap_or(0);
    if undefined > 0 {
        remarks.push(format!(
            "Where a distance is undefined the comparison is left out of its correlation, at most {}.",
            of(undefined)
        ));
    }
    remarks
}

/// For report files: the above with the picture, every correlation, what was done and how it differs from the paper.
pub fn report(table: &StarcTable, command: &str, figure: Figure) -> Document {
    let mut document = document(table)
        .fact("Made by", format!("truenorth {}", env!("CARGO_PKG_VERSION")))
        .fact("Command", parts::code(command))
        .block(Block::section("All norms"))
        .block(figure)
        .block(Block::section("What was done"))
        .block(Block::list(set_up(table)))
        .block(Block::section("Where it differs from the paper"))
        .blocks(beside_published(table))
        .block(Block::list(DIFFERENCES.iter().copied()))
        .block(Block::section("Every correlation"));
    for canon in CANONS {
        let mut all = Table::new(format!("{}: {}", canon.id, canon.summary))
            .column("distance", Align::Left)
            .column(name(TARGETS[0]), Align::Right)
            .column(name(TARGETS[1]), Align::Right);
        for line in lines_of(table, canon.id) {
            all = all.row([id(line), cell(line.correlation[0]), cell(line.correlation[1])]);
        }
        document = document.block(Block::details(canon.id, vec![all.into()]));
    }
    document
}

fn set_up(table: &StarcTable) -> Vec<String> {
    let spec = &table.spec;
    vec![
        "Transitions: independent standard normal logits, those of at most 1 set to \u{2212}20, softmax over the next \
         state; start uniform."
            .into(),
        "Rewards R(s,a,s'): independent standard normal; then, each independently, with probability 0.2 entries of at \
         most 3 set to 0, with 0.7 all multiplied by 10 U(0,1), with 0.3 10 U(0,1) added, with 0.5 shaped by \
         10 U(0,1) N + U(0,1), N standard normal for each state."
            .into(),
        format!(
            "Pairs: R1 and R2 drawn alike; R1 is compared with R1 + k/{0} (R2 \u{2212} R1) for k from 1 to {0}.",
            spec.interpolants
        ),
        "Regret of optimal policies: what a policy optimal for one reward loses under the other, divided by the range of \
         returns; mean of both directions. Worst-case regret: the largest loss over all pairs of policies that the \
         other reward does not rank rightly, exact, divided by the same range; mean of both directions."
            .into(),
        "VAL's reference policy and the coverage of EPIC and DARD are uniform. Names of distances: canonicalisation, \
         norm that normalises, norm that measures; one norm stands for both. The rows epic and dard are those papers' \
         own Pearson distances."
            .into(),
        "Intervals count environments as independent, not comparisons, and are approximate: over 24 seeds with 16 \
         environments each they held the value of 384 environments in 93 % of all cases. Forms that keep \
         redistribution can nearly vanish under a P-weighted norm; divided by it they are huge, and a few comparisons \
         decide the correlation, as wide intervals show."
            .into(),
        "Every environment has its own stream of random numbers, so the result depends on seed and size alone, not on \
         threads."
            .into(),
    ]
}

/// Which published values lie in the intervals found.
fn beside_published(table: &StarcTable) -> Option<Block> {
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for (id, published) in PUBLISHED {
        let found = table.line(id)?.correlation[0]?;
        let list = if found.contains(*published) { &mut inside } else { &mut outside };
        list.push(format!("{id} ({published:.3})"));
    }
    let join = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    Some(Block::paragraph(format!(
        "Published values in the intervals found: {}. Outside: {}. The intervals hold what other draws of this size \
         would move, not what the points below do, and the published values have an error of their own: with 16 \
         environments, intervals at L2 reach 0.03 to 0.14 to a side. Which of the points below moves a value, \
         and how far, was not taken apart.",
        join(inside),
        join(outside)
    )))
}

/// What a reader should know before holding a number against the published one.
const DIFFERENCES: &[&str] = &[
    "Other draws. The code published with the paper seeds one generator before it starts its processes, so processes \
     may draw the same environments; here no two share a draw. The published table has no intervals.",
    "Returns and policies are exact here. There, value iteration stops at a change of 1e-5 and returns are means over \
     simulated episodes, whose noise lowers correlations; with sparse rewards, of which four in ten pay nothing on \
     any likely transition, a simulation sees no reward at all, unless they \
     are shifted or shaped, and regret is counted as 0.",
    "A form that may be 0 within the bound on its error is taken for 0 here and has distance 1 from others by the same \
     norm; there it is divided by its own rounding.",
    "The minimal forms solve their least-squares problems; there they are found by gradient descent, and the one that \
     also removes redistribution was left out.",
    "The published table also has rows without normalisation; here every form is normalised.",
];

/// Every canonicalisation by every pair of norms, one table a regret.
pub fn picture(table: &StarcTable) -> HeatTable {
    let ids: Vec<String> = NORMS.iter().map(|norm| norm.id.to_owned()).collect();
    let single = |target: usize| {
        let words = ["starc-range", "epic", "dard"].iter().filter_map(|id| {
            let r = table.line(id)?.correlation[target]?;
            Some(format!("{id} {:.2} [{:.2}, {:.2}]", r.value, r.lo, r.hi))
        });
        words.collect::<Vec<_>>().join(", ")
    };
    let cells = |target: usize| {
        let of =
            |canon: &'static str| lines_of(table, canon).map(move |line| line.correlation[target].map(|r| r.value));
        CANONS.iter().flat_map(|canon| of(canon.id)).collect()
    };
    let tables = TARGETS.iter().enumerate().map(|(target, which)| HeatCells {
        title: format!("With the {} (beside these norms: {})", name(*which), single(target)),
        cells: cells(target),
    });
    HeatTable {
        title: format!(
            "Correlation of distances between rewards with regret, {} comparisons in {}; {}",
            table.counts.comparisons,
            many(table.environments, "random model"),
            reach(table)
        ),
        value_label: "Pearson correlation".into(),
        rows: CANONS.iter().map(|canon| canon.id.to_owned()).collect(),
        head_labels: ["normalised by".into(), "measured in".into()],
        groups: ids.iter().map(|id| ColumnGroup { name: id.clone(), columns: ids.clone() }).collect(),
        tables: tables.collect(),
    }
}

/// How far the intervals reach to a side: half of them no further than this, and which reaches furthest.
fn reach(table: &StarcTable) -> String {
    let side = |r: &Bounded| (r.hi - r.value).max(r.value - r.lo);
    let of = |line: &Line| line.correlation.iter().flatten().map(side).fold(0.0, f64::max);
    let mut all: Vec<f64> = table.lines.iter().flat_map(|line| line.correlation).flatten().map(|r| side(&r)).collect();
    all.sort_by(f64::total_cmp);
    let widest = table.lines.iter().max_by(|a, b| of(a).total_cmp(&of(b)));
    match (all.get(all.len() / 2), widest) {
        (Some(median), Some(widest)) => {
            let (percent, most) = (100.0 * CONFIDENCE, of(widest));
            format!(
                "half of the {percent} % intervals reach {median:.3} to a side or less, the widest {most:.2} ({})",
                widest.metric
            )
        }
        _ => "no intervals".into(),
    }
}

/// The picture as a figure of a report.
pub fn figure(table: &StarcTable) -> Result<Figure, PlotError> {
    let options = Options { width: PICTURE_WIDTH, placement: Placement::Inline, ..Options::default() };
    let svg = picture(table).svg(&options)?;
    let caption = "Rows are canonicalisations; columns the norm that normalises, and within it the norm that measures. The \
                   tables below have every interval.";
    Ok(Figure::new("correlations", svg, "Heat map of correlations by canonicalisation and norms", caption))
}
