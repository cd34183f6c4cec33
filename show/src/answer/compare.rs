//! What `compare` says: every line is a number of the result; a line without certain evidence is left out.

use serde_json::{Map, Value, json};

use super::number::{distance, number, percent, percent1, percents, plain};
use super::{bounded, head, parts, regret, say, spread};
use crate::report::{Align, Block, Document, Figure, Inline, Prose, Table, Tone};
use truenorth::analysis::compare::{Along, Comparison, EndingShare, Regret};
use truenorth::analysis::distance::Distance;
use truenorth::analysis::family::Piece;
use truenorth::analysis::regret::WorstCase;
use truenorth::base::{Bounded, Decision};

/// Longest list of state names in a sentence, and of rows in a table.
const MAX_NAMES: usize = 12;
const MAX_ROWS: usize = 40;
/// Differences of returns below this fraction of the return range are rounding.
const NOTICEABLE: f64 = 1e-9;

/// The result as JSON, keys as in the contract.
pub fn json(c: &Comparison) -> Value {
    let mut map = head("compare", &c.model);
    map.insert("truth".into(), c.truth.text.clone().into());
    map.insert("proxy".into(), c.proxy.text.clone().into());
    say::decide(&mut map, "same_order", &c.recovery.order.same);
    say::decide(&mut map, "opposite_order", &c.recovery.order.opposite);
    say::decide(&mut map, "truth_trivial", &c.truth_range.trivial);
    say::decide(&mut map, "proxy_trivial", &c.proxy_range.trivial);
    let mut distances = Map::new();
    let mut undefined = Map::new();
    for (id, d) in &c.distances {
        distances.insert(id.clone(), defined(d));
    }
    let angle = ("angle_degrees".to_owned(), c.angle.clone());
    for (id, d) in c.distances.iter().chain([&angle]) {
        if let Distance::Undefined(why) = d {
            undefined.insert(id.clone(), why.clone().into());
        }
    }
    map.insert("distances".into(), distances.into());
    map.insert("undefined".into(), undefined.into());
    map.insert("reads_impossible".into(), c.reads_impossible.clone().into());
    map.insert("angle_degrees".into(), defined(&c.angle));
    map.insert("regret".into(), regret::part(&c.model, &c.mdp, &c.kept, &c.regret));
    map.insert("regret_reverse".into(), regret::part(&c.model, &c.mdp, &c.kept, &c.regret_reverse));
    let ends = |max, min| json!({ "max": bounded(max), "min": bounded(min) });
    map.insert(
        "returns".into(),
        json!({
            "truth": ends(c.truth_range.max, c.truth_range.min),
            "proxy": ends(c.proxy_range.max, c.proxy_range.min),
        }),
    );
    if let Some(polygon) = &c.polygon {
        map.insert("polygon".into(), json!(polygon.vertices));
        map.insert("polygon_truncated".into(), polygon.is_truncated.into());
    }
    map.insert("policy".into(), json!({ "live_states": c.live_states, "changed": changed_names(c) }));
    let n = c.model.mdp().n_states();
    let potential = c.recovery.potential.iter().map(|&x| Value::from(x));
    map.insert(
        "shaping".into(),
        json!({
            "recovered": c.recovery.order.same.answer(),
            "recovered_why": c.recovery.order.same.why(),
            "scale": c.recovery.scale,
            "potential": spread(n, &c.kept, potential),
            "remainder": bounded(c.recovery.remainder),
        }),
    );
    let endings = |shares: &[EndingShare]| -> Vec<Value> {
        shares.iter().map(|e| json!({ "kind": e.kind, "probability": e.probability })).collect()
    };
    map.insert("endings".into(), json!({ "truth": endings(&c.endings[0]), "proxy": endings(&c.endings[1]) }));
    if let Some(along) = &c.along {
        map.insert("along".into(), family(along));
    }
    let names = c.model.mdp().unreachable();
    let names: Vec<String> = names.iter().map(|&s| c.model.mdp().states().name(s).into_owned()).collect();
    map.insert("unreachable".into(), names.into());
    map.into()
}

fn defined(d: &Distance) -> Value {
    d.value().map_or(Value::Null, bounded)
}

fn changed_names(c: &Comparison) -> Vec<String> {
    c.changed.iter().map(|change| c.mdp.states().name(change.state).into_owned()).collect()
}

/// The result as a document. Figures go beside the words they belong to; the caller adds the facts of its own run.
pub fn document(c: &Comparison, figures: Vec<Figure>) -> Document {
    let (about_polygon, others): (Vec<Figure>, Vec<Figure>) =
        figures.into_iter().partition(|f| f.name == super::figures::POLYGON);
    let mdp = c.model.mdp();
    let (states, actions) = (parts::many(mdp.n_states(), "state"), parts::many(mdp.n_actions(), "action"));
    let size = format!("{} ({states}, {actions}, gamma {})", c.model.name(), mdp.gamma());
    let mut document = Document::new(format!("{} against {}", c.truth.text, c.proxy.text))
        .fact("Model", size)
        .fact("Truth", Inline::code(&c.truth.text))
        .fact("Proxy", Inline::code(&c.proxy.text))
        .block(verdict(c));
    if c.recovery.order.same.is_yes() {
        document = document.blocks(shaping(c));
    }
    document
        .block(Block::section("What optimising the proxy costs"))
        .block(Block::list(findings(c)))
        .blocks(others.into_iter().map(Block::Figure))
        .block(regret_table(c))
        .blocks(about_polygon.into_iter().map(Block::Figure))
        .block(Block::section("How far apart the rewards are"))
        .block(distance_table(c))
        .block(Block::section("Notes"))
        .block(Block::list(notes(c)))
}

fn verdict(c: &Comparison) -> Block {
    let order = &c.recovery.order;
    let [truth, proxy] = [&c.truth_range, &c.proxy_range].map(|range| range.is_trivial());
    // What accepting one reward's word for the other can cost, either way round.
    let most = c.regret.worst_case.normalised.hi.max(c.regret_reverse.worst_case.normalised.hi);
    let both =
        |text: &str| format!("{text}: accepting either for the other costs at most {} of a return range.", plain(most));
    let (tone, text) = match (&order.same, &order.opposite) {
        (Decision::Yes(_), _) if truth => {
            (Tone::Neutral, "Same task, and an empty one: under either reward all policies earn the same.".to_owned())
        }
        (Decision::Yes(_), _) => (Tone::Good, "Same task: both rewards put all policies in the same order.".to_owned()),
        (Decision::No(_), _) if truth => {
            (Tone::Bad, "Different tasks: the truth pays all policies the same, the proxy does not.".to_owned())
        }
        (Decision::No(_), _) if proxy => {
            (Tone::Bad, "Different tasks: the proxy pays all policies the same, so it can choose any.".to_owned())
        }
        (_, Decision::Yes(_)) => {
            (Tone::Bad, "Opposite tasks: the rewards put all policies in opposite orders.".to_owned())
        }
        (Decision::No(_), _) if most <= say::HARDLY => (Tone::Unsure, both("Different tasks, but hardly")),
        (Decision::No(_), _) => {
            (Tone::Bad, "Different tasks: the rewards do not put all policies in the same order.".to_owned())
        }
        (Decision::Undecided(doubt), _) => {
            let doubt = format!("Undecided whether they are the same task: {}", doubt.words());
            (Tone::Unsure, if most < 1.0 { both(&doubt) } else { format!("{doubt}.") })
        }
    };
    Block::verdict(tone, text)
}

fn code(text: &str) -> Inline {
    Inline::code(text)
}

fn prose(parts: impl IntoIterator<Item = Inline>) -> Prose {
    Prose(parts.into_iter().collect())
}

fn findings(c: &Comparison) -> Vec<Prose> {
    let mut lines = vec![earned(c)];
    lines.extend(ends(c));
    // Without live states there is nothing to say.
    lines.extend((c.live_states > 0).then(|| changes(c)).flatten());
    lines.extend(cliff(c));
    lines.push(worst(c, &c.regret.worst_case));
    lines
}

/// `earns 0.0439 of 0.5420, so 92 % of the optimum is lost`.
fn earned(c: &Comparison) -> Prose {
    let p = &c.regret.proxy_optimal;
    let range = &c.truth_range;
    let rho = range.rho.hi;
    // A truth that can also be negative has no natural zero, so the loss is a share of its range.
    let whole =
        if range.min.hi.abs().max(range.min.lo.abs()) <= NOTICEABLE * rho { "the optimum" } else { "the return range" };
    let mut parts = vec![Inline::text("Optimising "), code(&c.proxy.text)];
    let of = say::amount(range.max, f64::INFINITY);
    let [best, worst] = [p.best_return, p.worst_return].map(|x| say::amount(x, f64::INFINITY));
    let is_close =
        [p.best_return, p.worst_return, range.max].into_iter().all(|x| say::is_close(x) || x.width() <= 1e-6 * rho);
    if range.is_trivial() {
        parts.push(Inline::text(" costs nothing in a truth that pays every policy the same."));
    } else if p.worst.hi == 0.0 {
        parts.push(Inline::text(format!(" earns all of {of} in ")));
        parts.extend([code(&c.truth.text), Inline::text(": nothing is lost.")]);
    } else if p.worst.hi <= NOTICEABLE * range.rho.lo {
        let lost = plain(p.worst_normalised.hi);
        parts.push(Inline::text(format!(" earns {of}, all that is possible in ")));
        parts.extend([code(&c.truth.text), Inline::text(format!(", up to {lost} of its return range."))]);
    } else if !is_close {
        parts.push(Inline::text(" loses, by its bounds, "));
        let lost = Bounded { lo: p.best.lo, value: p.worst.value, hi: p.worst.hi, grade: p.worst.grade };
        parts.push(Inline::strong(say::amount(lost, rho)));
        parts.extend([Inline::text(" in "), code(&c.truth.text), Inline::text(".")]);
    } else if best == worst {
        parts.push(Inline::text(" earns "));
        parts.push(Inline::strong(format!("{worst} of {of}")));
        parts.extend([Inline::text(" possible in "), code(&c.truth.text), Inline::text(": ")]);
        parts.push(Inline::strong(format!("{} of {whole} is lost.", percent(p.worst_normalised.value))));
    } else {
        parts.push(Inline::text(" earns between "));
        parts.push(Inline::strong(format!("{worst} and {best} of {of}")));
        let how = if p.doubt.is_some() { "whatever ties there are: " } else { "as ties fall: " };
        parts.extend([Inline::text(" in "), code(&c.truth.text), Inline::text(format!(", {how}"))]);
        let (least, most) = (p.best_normalised.lo.max(0.0), p.worst_normalised.hi);
        parts.push(Inline::strong(match p.best.lo <= NOTICEABLE * rho {
            true => format!("up to {} of {whole} is lost.", percent(most)),
            false => format!("{} of {whole} is lost.", percents(least, most)),
        }));
    }
    Prose(parts)
}

fn share(e: &EndingShare) -> String {
    format!("{} {}", e.kind.as_deref().unwrap_or("never"), percent1(e.probability))
}

/// How episodes end, where the two policies differ in it.
fn ends(c: &Comparison) -> Option<Prose> {
    /// More kinds than this make no sentence.
    const MAX_KINDS: usize = 4;
    let [truth, proxy] = &c.endings;
    // Which policy is meant is known only once the solves have ended.
    if !c.is_converged() {
        return None;
    }
    let of = |shares: &[EndingShare], kind: &Option<String>| {
        shares.iter().find(|e| e.kind == *kind).map_or(0.0, |e| e.probability)
    };
    // Kinds that barely occur cannot be seen in one decimal of a percentage.
    let differ = truth.iter().chain(proxy).any(|e| (of(truth, &e.kind) - of(proxy, &e.kind)).abs() >= 5e-4);
    if !differ || truth.len() > MAX_KINDS || proxy.len() > MAX_KINDS {
        return None;
    }
    let list = |shares: &[EndingShare]| shares.iter().map(share).collect::<Vec<_>>().join(", ");
    let who = if c.regret.proxy_optimal.n_ties > 0 {
        "Under it (worst of its ties) episodes end: "
    } else {
        "Under it episodes end: "
    };
    Some(prose([
        Inline::text(who),
        Inline::strong(list(proxy)),
        Inline::text(format!("; under a truth-optimal policy: {}.", list(truth))),
    ]))
}

fn changes(c: &Comparison) -> Option<Prose> {
    let names = changed_names(c);
    let live = c.live_states;
    let states = if live == 1 { "live state" } else { "live states" };
    // Actions that only may be optimal hide changes; they invent none.
    let is_decided = c.truth_range.best.doubt.is_none() && c.proxy_range.best.doubt.is_none();
    if names.is_empty() {
        return is_decided.then(|| match live {
            1 => "In the one live state some action is best for both rewards.".into(),
            _ => format!("In each of the {live} live states some action is best for both rewards.").into(),
        });
    }
    let shown: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let more = if names.len() > MAX_NAMES { format!(" and {} more", names.len() - MAX_NAMES) } else { String::new() };
    let at_least = if is_decided { "" } else { "At least " };
    Some(prose([
        Inline::strong(format!("{at_least}{} of {live} {states}", names.len())),
        Inline::text(format!(" changed their best action: {}{more}.", shown.join(", "))),
    ]))
}

/// Where along the family between truth and proxy the true return falls off.
fn cliff(c: &Comparison) -> Option<Prose> {
    let along = c.along.as_ref()?;
    let cliff = along.cliff?;
    Some(prose([
        Inline::text("In "),
        code(&along.spec.linear.text),
        Inline::text(" the cliff is at "),
        Inline::strong(format!("x = {}", say::place(cliff.x))),
        Inline::text(format!(
            ": the true return falls from {} to {}.",
            say::amount(cliff.before, f64::INFINITY),
            say::amount(cliff.after, f64::INFINITY)
        )),
    ]))
}

fn family(along: &Along) -> Value {
    let piece = |p: &Piece| {
        let [worst, best] = [p.earned.map(|e| e.worst), p.earned.map(|e| e.best)].map(|x| x.map(bounded));
        json!({ "from": bounded(p.from), "to": bounded(p.to), "worst": worst, "best": best })
    };
    let pieces: Vec<Value> = along.family.pieces.iter().map(piece).collect();
    let cliff = along
        .cliff
        .map(|cliff| json!({ "x": bounded(cliff.x), "before": bounded(cliff.before), "after": bounded(cliff.after) }));
    json!({
        "expression": along.spec.linear.text,
        "range": [along.spec.range.0, along.spec.range.1],
        "complete": along.family.is_complete,
        "pieces": pieces,
        "cliff": cliff,
    })
}

fn worst(c: &Comparison, w: &WorstCase) -> Prose {
    if w.value.hi == 0.0 {
        return "Worst case: no policy the proxy ranks at least as high can be worse in truth.".into();
    }
    let close = say::is_close(w.value) && say::is_close(w.normalised);
    let can = match w.value.lo > 0.0 || w.normalised.hi <= say::HARDLY {
        true => "can cost ",
        false => "costs, by its bounds, ",
    };
    let amount = match close {
        true => plain(w.value.value),
        false => say::amount(w.value, c.truth_range.rho.hi),
    };
    let share = match w.normalised {
        share if share.hi <= say::HARDLY => format!("at most {}", plain(share.hi)),
        share if close => percent(share.value),
        share => say::share(share),
    };
    prose([
        Inline::text(format!("Worst case: accepting a policy because the proxy ranks it no lower {can}")),
        Inline::strong(amount),
        Inline::text(format!(" in truth, {share} of its return range.")),
    ])
}

fn regret_table(c: &Comparison) -> Table {
    let mut table = Table::new("Returns and regret")
        .column("", Align::Left)
        .column("in truth", Align::Right)
        .column("the other way round", Align::Right);
    let mut row = |name: &str, there: Bounded, back: Bounded| {
        table = std::mem::take(&mut table).row([name.into(), number(there).into(), number(back).into()]);
    };
    row("best return", c.truth_range.max, c.proxy_range.max);
    row("worst return", c.truth_range.min, c.proxy_range.min);
    let (r, b) = (&c.regret, &c.regret_reverse);
    row("regret of optimising the other", r.proxy_optimal.worst, b.proxy_optimal.worst);
    if r.proxy_optimal.n_ties + b.proxy_optimal.n_ties > 0 {
        row("the same, ties falling well", r.proxy_optimal.best, b.proxy_optimal.best);
    }
    row("worst-case regret", r.worst_case.value, b.worst_case.value);
    row("worst-case regret, normalised", r.worst_case.normalised, b.worst_case.normalised);
    table
}

fn distance_table(c: &Comparison) -> Table {
    let mut table = Table::new("Distances (0: same task; starc-range is at most 2)")
        .column("metric", Align::Left)
        .column("distance", Align::Right);
    // Every pair of norms has an id; a page shows those with one norm, JSON all of them.
    let one_norm = |id: &str| c.distances.len() <= MAX_ROWS || norms_of(id) <= 1;
    for (id, d) in c.distances.iter().filter(|(id, _)| one_norm(id)) {
        table = table.row([code(id).into(), distance(d)]);
    }
    table.row(["angle in degrees".into(), distance(&c.angle)])
}

/// Number of norms an id names.
fn norms_of(id: &str) -> usize {
    let is_norm = |part: &&str| truenorth::analysis::distance::NORMS.iter().any(|n| n.id == *part);
    id.rsplit('-').take_while(|part| is_norm(part)).count()
}

fn shaping(c: &Comparison) -> Vec<Block> {
    let r = &c.recovery;
    let scale = if (r.scale - 1.0).abs() < 1e-9 { String::new() } else { format!("{} x ", plain(r.scale)) };
    let sentence = prose([
        code(&c.proxy.text),
        Inline::text(" pays what "),
        code(&format!("{scale}{}", c.truth.text)),
        Inline::text(" pays plus "),
        Inline::math(r"\gamma\,\Phi(s') - \Phi(s)", "gamma Phi(s') - Phi(s)"),
        Inline::text(" with this potential:"),
    ]);
    let largest = r.potential.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest <= NOTICEABLE * c.truth_range.rho.value {
        return vec![Block::Paragraph(prose([
            code(&c.proxy.text),
            Inline::text(format!(" is {scale}")),
            code(&c.truth.text),
            Inline::text(" in expectation."),
        ]))];
    }
    let mut table = Table::new("Recovered potential").column("state", Align::Left).column("Phi", Align::Right);
    // States by potential, so that equal ones share a row.
    let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
    for (s, &phi) in r.potential.iter().enumerate() {
        match groups.iter_mut().find(|(x, _)| (x - phi).abs() <= 1e-9 * largest) {
            Some((_, states)) => states.push(s),
            None => groups.push((phi, vec![s])),
        }
    }
    groups.sort_by(|a, b| b.0.total_cmp(&a.0));
    let hidden = groups.len().saturating_sub(MAX_ROWS);
    for (phi, states) in groups.into_iter().take(MAX_ROWS) {
        let names: Vec<String> = states.iter().take(MAX_NAMES).map(|&s| c.mdp.states().name(s).into_owned()).collect();
        let more =
            if states.len() > MAX_NAMES { format!(" and {} more", states.len() - MAX_NAMES) } else { String::new() };
        let phi = if phi.abs() <= 1e-12 * largest { 0.0 } else { phi };
        table = table.row([format!("{}{more}", names.join(", ")).into(), plain(phi).into()]);
    }
    let mut blocks = vec![Block::Paragraph(sentence), table.into()];
    if hidden > 0 {
        blocks.push(Block::paragraph(format!("{hidden} more values are in --json.")));
    }
    blocks
}

/// Largest distance of a printed number from its own bounds, in the number's units.
fn largest_error(c: &Comparison) -> f64 {
    let regret =
        |r: &Regret| [r.worst_case.value, r.worst_case.normalised, r.proxy_optimal.best, r.proxy_optimal.worst];
    let returns = [c.truth_range.max, c.truth_range.min, c.proxy_range.max, c.proxy_range.min];
    let distances = c.distances.iter().filter_map(|(_, d)| d.value()).chain(c.angle.value());
    let all = returns.into_iter().chain(regret(&c.regret)).chain(regret(&c.regret_reverse)).chain(distances);
    all.fold(0.0, |m, b| f64::max(m, (b.hi - b.value).max(b.value - b.lo)))
}

fn notes(c: &Comparison) -> Vec<Prose> {
    let mut notes: Vec<Prose> = Vec::new();
    let mdp = c.model.mdp();
    let unreachable = mdp.unreachable();
    if !unreachable.is_empty() {
        let names: Vec<_> = unreachable.iter().take(5).map(|&s| mdp.states().name(s).into_owned()).collect();
        let more = if unreachable.len() > 5 { format!(" and {} more", unreachable.len() - 5) } else { String::new() };
        notes.push(
            format!(
                "{} {}{more}; {} left out.",
                if mdp.gamma() > 0.0 { "No policy reaches" } else { "No return feels, without a discount above 0," },
                names.join(", "),
                if unreachable.len() == 1 { "it was" } else { "they were" }
            )
            .into(),
        );
    }
    if !c.reads_impossible.is_empty() {
        let ids = &c.reads_impossible;
        let more = if ids.len() > 3 { format!(" and {} more", ids.len() - 3) } else { String::new() };
        let (read, shown) = (if ids.len() == 1 { "reads" } else { "read" }, ids[..ids.len().min(3)].join(", "));
        notes.push(
            format!(
                "{shown}{more} {read} rewards of transitions that cannot happen: there the entry of the reward's table \
                 counts, or its default where no entry matches."
            )
            .into(),
        );
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    let angle = ("angle", &c.angle);
    for (id, d) in c.distances.iter().map(|(id, d)| (id.as_str(), d)).chain([angle]) {
        if let Distance::Undefined(why) = d {
            match reasons.iter_mut().find(|(known, _)| known == why) {
                Some((_, ids)) => ids.push(id),
                None => reasons.push((why, vec![id])),
            }
        }
    }
    for (why, ids) in reasons {
        let more = if ids.len() > 3 { format!(" and {} more", ids.len() - 3) } else { String::new() };
        notes.push(format!("Undefined: {}{more} ({why}).", ids[..ids.len().min(3)].join(", ")).into());
    }
    notes.push(
        format!("No number above is off by more than {:.0e}; --json has the bounds of each.", largest_error(c)).into(),
    );
    if c.is_out_of_time {
        notes.push("The time limit was reached; the bounds hold, and more time would make them closer.".into());
    }
    if c.polygon.as_ref().is_some_and(|p| p.is_truncated) {
        notes.push("The return polygon has more corners than were looked for.".into());
    }
    notes
}
