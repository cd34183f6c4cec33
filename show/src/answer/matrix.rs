//! What `matrix` says about all pairs of some rewards.

use serde_json::{Value, json};

use super::number::{number, percent, percents, plain};
use super::parts::{self, ROWS};
use super::{bounded, head};
use crate::report::{Align, Block, Cell, Document, Inline, Prose, Table, Tone};
use truenorth::analysis::matrix::{Ends, MOST_RANGES, Matrix, Merge, RegretKind, Regrets};
use truenorth::base::{Bounded, Grade};
use truenorth::model::Model;

/// Rewards up to which a terminal shows whole tables.
const WHOLE: usize = 10;
/// Pairs listed beyond.
const PAIRS: usize = 10;
/// Longest list of names in a sentence.
const NAMES: usize = 12;
/// Regrets below this share of what there is to lose are called none.
const NOTICEABLE: f64 = 1e-9;

/// First line of the CSV.
pub const CSV_HEAD: &str = "i,j,distance,regret_ij,regret_ji,regret_ij_normalised,regret_ji_normalised,distance_lo,\
distance_hi,regret_ij_lo,regret_ij_hi,regret_ji_lo,regret_ji_hi,reward_i,reward_j";

/// All pairs of one reward with later ones as lines of CSV; empty fields where a number is not defined.
pub fn csv_row(m: &Matrix, i: usize) -> String {
    let mut lines = String::new();
    for j in i + 1..m.len() {
        let regret = |truth, proxy| m.regret.as_ref().map(|regrets| regrets.worst(truth, proxy));
        let (d, ij, ji) = (m.distance(i, j), regret(i, j), regret(j, i));
        let value = |b: Option<Bounded>| b.map_or_else(String::new, |b| b.value.to_string());
        let ends = |b: Option<Bounded>| b.map_or_else(|| ",".into(), |b| format!("{},{}", b.lo, b.hi));
        let shares = [(i, ij), (j, ji)].map(|(truth, regret)| value(regret.map(|r| m.ends[truth].share(r))));
        lines += &format!(
            "{i},{j},{},{},{},{},{},{},{},{},{},{}\n",
            value(d),
            value(ij),
            value(ji),
            shares[0],
            shares[1],
            ends(d),
            ends(ij),
            ends(ji),
            field(&m.names[i]),
            field(&m.names[j]),
        );
    }
    lines
}

/// A text as a field of CSV.
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// One matrix of a result: values row after row, NaN where undefined.
fn values(n: usize, of: impl Fn(usize, usize) -> Option<f64>) -> Vec<f64> {
    (0..n * n).map(|k| of(k / n, k % n).unwrap_or(f64::NAN)).collect()
}

/// The contract's keys. Matrices hold plain numbers; how far the entries of a row can be off stands beside them.
pub fn json(model: &Model, m: &Matrix) -> Value {
    let n = m.len();
    let names = |list: &[usize]| -> Value { list.iter().map(|&i| Value::from(m.names[i].as_str())).collect() };
    let table = |of: &dyn Fn(usize, usize) -> Option<f64>| -> Value {
        (0..n).map(|i| (0..n).map(|j| of(i, j).map_or(Value::Null, Value::from)).collect::<Value>()).collect()
    };
    let errors = |of: &dyn Fn(usize, usize) -> Option<Bounded>| -> Value {
        let error = |b: Bounded| (b.hi - b.value).max(b.value - b.lo);
        (0..n).map(|i| (0..n).filter_map(|j| of(i, j)).map(error).fold(0.0, f64::max)).map(Value::from).collect()
    };
    let grade = |of: &dyn Fn(usize, usize) -> Option<Bounded>| -> Value {
        let grades = (0..n * n).filter(|k| k / n != k % n).filter_map(|k| of(k / n, k % n)).map(|b| b.grade);
        grades.min().unwrap_or(Grade::None).word().into()
    };
    let distance = |i, j| m.distance(i, j);
    let mut map = head("matrix", model);
    parts::extend(
        &mut map,
        [
            ("rewards", m.names.clone().into()),
            ("metric", m.metric.to_string().into()),
            ("metric_chosen", m.is_chosen.into()),
            ("distance", table(&|i, j| m.distance(i, j).map(|d| d.value))),
            ("distance_error", errors(&distance)),
            ("distance_grade", grade(&distance)),
            (
                "undefined",
                m.undefined.iter().map(|(i, why)| (m.names[*i].clone(), Value::from(why.as_str()))).collect(),
            ),
        ],
    );
    if let Some(regrets) = &m.regret {
        let worst = |i, j| Some(regrets.worst(i, j));
        parts::extend(
            &mut map,
            [
                ("regret_kind", kind_word(regrets.kind).into()),
                ("regret", table(&|i, j| Some(regrets.worst(i, j).value))),
                ("regret_normalised", table(&|i, j| Some(m.ends[i].share(regrets.worst(i, j)).value))),
                ("regret_error", errors(&worst)),
                ("regret_grade", grade(&worst)),
                ("tied", names(&regrets.tied)),
                ("ties_unresolved", names(&regrets.unresolved)),
            ],
        );
        if !regrets.tied.is_empty() {
            map.insert("regret_best".into(), table(&|i, j| Some(regrets.best(i, j).value)));
        }
    }
    let ends = |of: fn(&Ends) -> Bounded| -> Value { m.ends.iter().map(|e| bounded(of(e))).collect() };
    let nearest = |(i, found): (usize, Option<(usize, Bounded)>)| match found {
        Some((j, d)) => json!({ "reward": m.names[i], "nearest": m.names[j], "distance": bounded(d) }),
        None => json!({ "reward": m.names[i], "nearest": null, "distance": null }),
    };
    let merge =
        |merge: &Merge| json!({ "left": merge.left, "right": merge.right, "height": merge.height, "size": merge.size });
    let trivial: Vec<usize> = (0..n).filter(|&i| m.ends[i].trivial.is_yes()).collect();
    parts::extend(
        &mut map,
        [
            ("returns", json!({ "max": ends(|e| e.max), "min": ends(|e| e.min), "range": ends(|e| e.rho) })),
            ("trivial", names(&trivial)),
            ("trivial_undecided", names(&(0..n).filter(|&i| m.ends[i].trivial.is_undecided()).collect::<Vec<_>>())),
            ("same_task", m.same.groups.iter().map(|group| names(group)).collect()),
            ("same_task_undecided", m.same.undecided.iter().map(|&(i, j)| names(&[i, j])).collect()),
            ("same_task_undecided_why", m.same.doubt.as_ref().map(truenorth::base::Doubt::words).into()),
            ("nearest", m.nearest().into_iter().enumerate().map(nearest).collect()),
            ("leaves", names(&m.tree.leaves)),
            ("order", names(&m.tree.order)),
            ("merges", m.tree.merges.iter().map(merge).collect()),
        ],
    );
    map.into()
}

fn kind_word(kind: RegretKind) -> &'static str {
    match kind {
        RegretKind::ProxyOptimal => "proxy-optimal",
        RegretKind::WorstCase => "worst-case",
    }
}

/// For people. `command` is the model as it was named on the command line.
pub fn document(model: &Model, command: &str, m: &Matrix) -> Document {
    let n = m.len();
    let chosen = match (m.is_chosen, n <= MOST_RANGES) {
        (false, _) => String::new(),
        (true, true) => ", two solves a pair".into(),
        (true, false) => {
            format!(", no solve a pair; --metric starc-range is exact and slower beyond {MOST_RANGES} rewards")
        }
    };
    let mut document = parts::begin(format!("{n} rewards on {}, all pairs", model.name()), model)
        .fact("Rewards", n.to_string())
        .fact("Distance", Prose(vec![Inline::code(m.metric.to_string()), Inline::Text(chosen)]))
        .block(verdict(m))
        .blocks(undecided(m));
    document = match n <= WHOLE {
        true => document
            .block(distances(m))
            .blocks(m.regret.as_ref().map(|regrets| regret_table(m, regrets)).map(Block::from)),
        false => document.block(neighbours(m)).blocks(parts::rest(n, "reward")),
    };
    if n > WHOLE
        && let Some(regrets) = &m.regret
    {
        document = document.block(largest(m, regrets));
    }
    document.blocks(remarks(m)).blocks(hint(model, m, command))
}

/// Names in a sentence, the first few.
fn listed(m: &Matrix, list: &[usize]) -> String {
    let shown: Vec<&str> = list.iter().take(NAMES).map(|&i| m.names[i].as_str()).collect();
    match list.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn verdict(m: &Matrix) -> Block {
    let groups = &m.same.groups;
    let text = match groups.as_slice() {
        [] if !m.same.undecided.is_empty() => {
            let text = "No two of these rewards are certainly the same task; some may be.";
            return Block::verdict(Tone::Unsure, text);
        }
        [] => return Block::verdict(Tone::Neutral, "No two of these rewards are the same task."),
        [all] if all.len() == m.len() => {
            return Block::verdict(
                Tone::Good,
                "All of these rewards are the same task: they order all policies alike.",
            );
        }
        [group] => format!("{} are the same task.", listed(m, group)),
        many => {
            let shown: Vec<String> = many.iter().take(NAMES).map(|group| format!("({})", listed(m, group))).collect();
            let more = match many.len().saturating_sub(NAMES) {
                0 => String::new(),
                more => format!(" and {more} more groups"),
            };
            format!("{} groups are each the same task: {}{more}.", many.len(), shown.join(", "))
        }
    };
    Block::verdict(Tone::Good, text)
}

fn undecided(m: &Matrix) -> Option<Block> {
    let (i, j) = *m.same.undecided.first()?;
    let text = format!(
        "Whether {} the same task is undecided, such as {} and {}: {}.",
        match m.same.undecided.len() {
            1 => "one pair is".to_owned(),
            n => format!("{n} pairs are"),
        },
        m.names[i],
        m.names[j],
        m.same.doubt.as_ref().map(truenorth::base::Doubt::words).unwrap_or_default()
    );
    Some(Block::verdict(Tone::Unsure, text))
}

/// A table with a column for every reward.
fn square(m: &Matrix, caption: &str, cell: impl Fn(usize, usize) -> Cell) -> Table {
    let mut table = Table::new(caption).column("", Align::Left);
    for name in &m.names {
        table = table.column(name.as_str(), Align::Right);
    }
    for i in 0..m.len() {
        let cells = (0..m.len()).map(|j| if i == j { Cell::Empty } else { cell(i, j) });
        table = table.row(std::iter::once(Cell::from(m.names[i].as_str())).chain(cells));
    }
    table
}

fn distances(m: &Matrix) -> Table {
    square(m, "Distances", |i, j| m.distance(i, j).map_or("undefined".into(), |d| number(d).into()))
}

fn regret_words(kind: RegretKind) -> &'static str {
    match kind {
        RegretKind::ProxyOptimal => "optimising the column costs under the row",
        RegretKind::WorstCase => "accepting what the column prefers can cost under the row",
    }
}

fn regret_table(m: &Matrix, regrets: &Regrets) -> Table {
    let caption = format!("What {}, as a share of what there is to lose", regret_words(regrets.kind));
    square(m, &caption, |i, j| share(m, regrets, i, j).into())
}

/// A regret as a percentage; between the luckiest and the unluckiest optimal policy where that matters.
fn share(m: &Matrix, regrets: &Regrets, i: usize, j: usize) -> String {
    let [best, worst] = [regrets.best(i, j), regrets.worst(i, j)].map(|r| m.ends[i].share(r).value);
    let word = |share: f64| if share <= NOTICEABLE { "0".into() } else { percent(share) };
    match worst - best <= NOTICEABLE {
        true => word(worst),
        false if best > NOTICEABLE => percents(best, worst),
        false => format!("{} to {}", word(best), word(worst)),
    }
}

fn neighbours(m: &Matrix) -> Table {
    let mut table = Table::new("The closest other reward to each")
        .column("reward", Align::Left)
        .column("closest", Align::Left)
        .column("distance", Align::Right);
    for (i, found) in m.nearest().into_iter().enumerate().take(ROWS) {
        let (name, d) = match found {
            Some((j, d)) => (m.names[j].as_str(), number(d).into()),
            None => ("", Cell::from("undefined")),
        };
        table = table.row([m.names[i].as_str().into(), name.into(), d]);
    }
    table
}

/// The pairs that cost most.
fn largest(m: &Matrix, regrets: &Regrets) -> Table {
    let n = m.len();
    let mut all: Vec<(f64, usize, usize)> = (0..n * n)
        .map(|k| (k / n, k % n))
        .filter(|(i, j)| i != j)
        .map(|(i, j)| (m.ends[i].share(regrets.worst(i, j)).value, i, j))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut table = Table::new(format!("Where {} most", regret_words(regrets.kind)))
        .column("row: what is meant", Align::Left)
        .column("column: what is optimised", Align::Left)
        .column("share lost", Align::Right)
        .column("regret", Align::Right);
    for &(_, i, j) in all.iter().take(PAIRS) {
        let names = [i, j].map(|k| Cell::from(m.names[k].as_str()));
        table =
            table.row(names.into_iter().chain([share(m, regrets, i, j).into(), number(regrets.worst(i, j)).into()]));
    }
    table
}

fn remarks(m: &Matrix) -> Vec<Block> {
    let mut all = Vec::new();
    let trivial: Vec<usize> = (0..m.len()).filter(|&i| m.ends[i].trivial.is_yes()).collect();
    if !trivial.is_empty() {
        let text = format!("Under {} every policy earns the same, so there is nothing to lose.", listed(m, &trivial));
        all.push(Block::paragraph(text));
    }
    if let Some((i, why)) = m.undefined.first() {
        let others = match m.undefined.len() {
            1 => m.names[*i].clone(),
            n => format!("{n} rewards, such as {}", m.names[*i]),
        };
        all.push(Block::paragraph(format!("{} is not defined for {others}: {why}.", m.metric)));
    }
    if let Some(regrets) = &m.regret {
        if !regrets.unresolved.is_empty() {
            let text = format!(
                "{} leave more than one action open, and not all of their optimal policies were looked at: the regret of \
                 the unluckiest lies between what is shown and all there is to lose. --all-ties looks at them all.",
                parts::many(regrets.unresolved.len(), "reward")
            );
            all.push(Block::paragraph(text));
        } else if !regrets.tied.is_empty() {
            let text = format!(
                "More than one action is optimal somewhere under {}; what their optimum costs is a matter of luck where two \
                 numbers stand.",
                listed(m, &regrets.tied)
            );
            all.push(Block::paragraph(text));
        }
    }
    if m.n_missing > 0 {
        let text = format!("A limit came first: the distances of {} are not known.", parts::many(m.n_missing, "row"));
        all.push(Block::verdict(Tone::Neutral, text));
    }
    all
}

/// What to look at next: the pair that costs most.
fn hint(model: &Model, m: &Matrix, command: &str) -> Option<Block> {
    let regrets = m.regret.as_ref()?;
    let n = m.len();
    let lost = |k: &usize| m.ends[k / n].share(regrets.worst(k / n, k % n)).value;
    let k = (0..n * n).filter(|k| k / n != k % n).max_by(|a, b| lost(a).total_cmp(&lost(b)).then(b.cmp(a)))?;
    if lost(&k) <= NOTICEABLE {
        return None;
    }
    let text = format!(
        "Most is lost where {} is meant and {} optimised ({}).",
        m.names[k / n],
        m.names[k % n],
        plain(lost(&k))
    );
    // A name of a set says nothing to other commands.
    if [k / n, k % n].iter().any(|&i| model.expression(&m.names[i]).is_err()) {
        return Some(Block::paragraph(text));
    }
    let quoted =
        [k / n, k % n].map(|i| match m.names[i].chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) {
            true => m.names[i].clone(),
            false => format!("'{}'", m.names[i]),
        });
    let line = format!("truenorth compare {command} {} {}", quoted[0], quoted[1]);
    Some(Block::Paragraph(Prose(vec![Inline::Text(text + " To see where and why: "), Inline::code(line)])))
}

/// What the archive of `-o FILE.npz` holds beside the names: matrices of numbers, one after the other.
pub fn arrays(m: &Matrix) -> Vec<(&'static str, Vec<f64>)> {
    let n = m.len();
    let mut arrays = vec![
        ("distance", values(n, |i, j| m.distance(i, j).map(|d| d.value))),
        ("distance_lo", values(n, |i, j| m.distance(i, j).map(|d| d.lo))),
        ("distance_hi", values(n, |i, j| m.distance(i, j).map(|d| d.hi))),
    ];
    if let Some(regrets) = &m.regret {
        arrays.extend([
            ("regret", values(n, |i, j| Some(regrets.worst(i, j).value))),
            ("regret_lo", values(n, |i, j| Some(regrets.worst(i, j).lo))),
            ("regret_hi", values(n, |i, j| Some(regrets.worst(i, j).hi))),
        ]);
    }
    arrays
}
