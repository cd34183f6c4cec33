//! The words of `repair`: the smallest change of a proxy that mends it.
//!
//! Owns: the sentences, tables and JSON keys of `repair`.
//! May use: result types of `analysis`, and the rest of `show`.
//! Must not: compute a result, read files, print.
//! To add one: what is said of another kind of change is a file here.
//!
//! Keys of the JSON result, of which each decision `K` is true, false or null with `K_why` beside it: `truth`, `proxy`;
//! `truth_trivial`, `fine` (nothing to mend), `mends` (some change of the features does); `before`, a check; `single`, for each
//! feature `{ feature, trivial, mends, positive, negative }`, each side null or `{ mends, above B, below B or null, chosen,
//! some_from B or null, breakpoints, complete, check }`, where sizes of coefficients strictly between `above` and `below` mend
//! and `above` is null if none were found, with `may`, null or `{ above, below, chosen, check }`, of sizes that are undecided; an
//! upper bound of `below` that is null is infinite; `joint`, null or `{ features, mends, least: [{ norm, size B, edge, chosen,
//! check }], impossible, targets, all_targets, proofs: [{ target, holds, exact, mixture: [{ weight, policy }] }] }`, with what `target` and each policy earn under `returns`: `{ truth, proxy, features }`;
//! `nearest: [{ norm, distance B, reward [S][A], changed, targets, all_targets, check }]`, the last with nulls where no reward
//! was found that certainly mends. A check is `{ agreement: all, some, none or null, agreement_why, best B, worst B,
//! worst_normalised B }`: how many policies that are optimal for a reward are optimal for the truth, and the regret of the
//! luckiest and the unluckiest.

mod amounts;
mod json;

use dashu_ratio::RBig;

use super::number::{number, percent, plain};
use super::{parts, say};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use amounts::{amount, range, said, short};
use truenorth::analysis::family::Agreement;
use truenorth::analysis::repair::{Check, Infeasible, Interval, Joint, Nearest, Norm, Repair, Side, Single, Tried};
use truenorth::base::{Bounded, Decision, Doubt};
use truenorth::model::{Mdp, Model};

/// A repair, or the proof that there is none.
pub struct Mended<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// The model as named on the command line.
    pub argument: &'a str,
    /// True reward as asked for.
    pub truth: &'a str,
    /// Proxy as asked for.
    pub proxy: &'a str,
    /// Whether proxy and features can be written as one expression.
    pub is_expression: bool,
    /// What was found.
    pub found: &'a Repair,
}

fn double(x: &RBig) -> f64 {
    x.to_f64().value()
}

impl Mended<'_> {
    fn names(&self, joint: &Joint) -> Vec<&str> {
        joint.features.iter().map(|&k| self.found.single[k].feature.as_str()).collect()
    }

    /// For people.
    pub fn document(&self) -> Document {
        let found = self.found;
        let (tone, verdict) = self.verdict();
        let document = parts::begin(format!("Mending {} for {}", self.proxy, self.truth), self.model)
            .fact("Truth", parts::code(self.truth))
            .fact("Proxy", parts::code(self.proxy))
            .block(Block::verdict(tone, verdict));
        if found.is_fine() {
            return document;
        }
        document
            .block(Block::paragraph(before(&found.before)))
            .blocks(self.singles())
            .blocks(found.joint.iter().flat_map(|joint| self.joint(joint)))
            .blocks(nearest_blocks(&found.nearest))
            .blocks(self.hint())
    }

    fn verdict(&self) -> (Tone, String) {
        let found = self.found;
        if found.truth_is_trivial.is_yes() {
            return (Tone::Good, "Nothing to mend: every policy earns the same under the truth.".into());
        }
        if found.is_fine() {
            let text = "Nothing to mend: every policy that is optimal for the proxy is optimal for the truth.";
            return (Tone::Good, text.into());
        }
        let (tone, text) = self.change();
        match found.fine() {
            Decision::Undecided(Doubt::Limit) if !found.mends.is_yes() => {
                (Tone::Warn, "A limit was reached before it was known whether there is anything to mend.".into())
            }
            Decision::Undecided(doubt) => {
                (Tone::Unsure, format!("Whether there is anything to mend is undecided: {}. {text}", doubt.words()))
            }
            _ => (tone, text),
        }
    }

    /// What the features can do.
    fn change(&self) -> (Tone, String) {
        let found = self.found;
        if let Some((single, side, interval)) = self.shortest() {
            let verb = if side.sign > 0.0 { "Add" } else { "Take off" };
            let amount = amount(interval);
            let what = if single.feature == "1" { "at every step".into() } else { format!("of `{}`", single.feature) };
            let text = format!(
                "{verb} {amount} {what}: then every policy that is optimal for the proxy is optimal for the truth."
            );
            return (Tone::Good, text);
        }
        match (&found.mends, &found.joint) {
            (Decision::Yes(_), _) => {
                (Tone::Good, "No feature was found to mend the proxy on its own, but several together do.".into())
            }
            (Decision::No(_), _) if found.single.is_empty() => {
                (Tone::Bad, "There is no feature to mend the proxy.".into())
            }
            (Decision::No(_), _) if found.single.iter().all(|single| single.trivial.is_yes()) => {
                (Tone::Bad, "The features cannot mend the proxy: every policy earns the same of each.".into())
            }
            (Decision::No(_), Some(joint)) if joint.is_impossible() => {
                let names: Vec<String> = self.names(joint).iter().map(|name| format!("`{name}`")).collect();
                let text = match names.as_slice() {
                    [one] => format!("No coefficient of {one} mends the proxy. The proof is below."),
                    names => format!("No coefficients of {} mend the proxy. The proof is below.", names.join(", ")),
                };
                (Tone::Bad, text)
            }
            (Decision::No(_), _) => (Tone::Bad, "No coefficient of these features mends the proxy.".into()),
            (Decision::Undecided(Doubt::Limit), _) => {
                (Tone::Warn, "No repair was found before the limit was reached.".into())
            }
            (Decision::Undecided(doubt), _) => {
                let text = format!("Whether these features can mend the proxy is undecided: {}.", doubt.words());
                (Tone::Unsure, format!("{text}{}", self.perhaps()))
            }
        }
    }

    /// What may mend, and how much may be lost then.
    fn perhaps(&self) -> String {
        let sides = self.found.single.iter().flat_map(|single| single.sides.iter().map(move |side| (single, side)));
        let all = sides.filter_map(|(single, side)| Some((single, side, side.may.as_ref()?)));
        // The one with which least may be lost.
        let lost = |found: &Interval| found.check.worst_normalised.hi;
        let Some((single, side, found)) = all.min_by(|x, y| lost(x.2).total_cmp(&lost(y.2))) else {
            return String::new();
        };
        let verb = if side.sign > 0.0 { "added" } else { "taken off" };
        let amount = amount(found);
        let most = say::amount(found.check.worst_normalised, 1.0);
        format!(
            " With {amount} of `{}` {verb} it may be mended: at {} {most} of what there is to lose is lost.",
            single.feature,
            short(found.chosen)
        )
    }

    /// The feature of which the repaired proxy is nearest in size: coefficients of different features are compared as they
    /// are.
    fn shortest(&self) -> Option<(&Single, &Side, &Interval)> {
        let mending = self.found.single.iter().filter_map(|single| {
            let (side, interval) = single.best()?;
            Some((single, side, interval))
        });
        mending.min_by(|x, y| x.1.size().total_cmp(&y.1.size()))
    }

    fn singles(&self) -> Vec<Block> {
        let mut table = Table::new("One feature at a time: proxy + c \u{d7} feature")
            .column("feature", Align::Left)
            .column("c", Align::Left)
            .column("for example", Align::Right)
            .column("regret then", Align::Right);
        let mut ties = Vec::new();
        for single in &self.found.single {
            let name = || Cell::from(single.feature.clone());
            if single.trivial.is_yes() {
                table = table.row([name(), "a shaping: no policy earns more of it".into(), Cell::Empty, Cell::Empty]);
            }
            for side in &single.sides {
                let (what, minus) = if side.sign > 0.0 { ("positive", "") } else { ("negative", "\u{2212}") };
                table = match (&side.interval, &side.may) {
                    (Some(found), _) => table.row([
                        name(),
                        range(found, minus).into(),
                        short(found.chosen).into(),
                        number(found.check.worst).into(),
                    ]),
                    (None, Some(may)) => table.row([
                        name(),
                        format!("{}: undecided", range(may, minus)).into(),
                        short(may.chosen).into(),
                        number(may.check.worst).into(),
                    ]),
                    (None, None) if side.mends.is_no() => {
                        table.row([name(), format!("no {what} one").into(), Cell::Empty, Cell::Empty])
                    }
                    (None, None) => {
                        table.row([name(), format!("no {what} one found").into(), Cell::Empty, Cell::Empty])
                    }
                };
                if let Some(some) = side.some_from {
                    ties.push(format!(
                        "Already at {minus}{} of `{}` some of the optimal policies are optimal for the truth, but not all.",
                        said(some, None),
                        single.feature
                    ));
                }
            }
        }
        if self.found.single.iter().any(|single| single.best().is_some()) {
            ties.push(
                "At the ends of a range the proxy ties: some of its optimal policies are optimal for the truth, others are \
                 not. The ends do not mend."
                    .into(),
            );
        }
        std::iter::once(Block::from(table)).chain(ties.into_iter().map(Block::paragraph)).collect()
    }

    fn joint(&self, joint: &Joint) -> Vec<Block> {
        let names = self.names(joint);
        let mut blocks = Vec::new();
        if !joint.least.is_empty() {
            let mut table = Table::new("Several features together")
                .column("measured by", Align::Left)
                .column("more than", Align::Right)
                .column("for example", Align::Left)
                .column("regret then", Align::Right);
            for least in &joint.least {
                table = table.row([
                    Cell::from(norm_name(least.norm, "coefficient")),
                    said(least.size, least.size_exactly.as_ref()).into(),
                    sum_of(&names, &least.chosen).into(),
                    number(least.check.worst).into(),
                ]);
            }
            blocks.push(Block::from(table));
        }
        for proof in joint.proofs.iter().take(PROOFS) {
            blocks.extend(proof_blocks(&names, proof));
        }
        if joint.proofs.len() > PROOFS {
            let more =
                parts::many(joint.proofs.len() - PROOFS, "other truth-optimal policy").replace("policys", "policies");
            blocks.push(Block::paragraph(format!("There is such a proof for {more}; --json has all.")));
        }
        match &joint.tried {
            Tried::All => {}
            Tried::TooMany => blocks.push(Block::paragraph(format!(
                "The truth has too many optimal policies to try all; {} were, so smaller coefficients may do.",
                joint.n_targets
            ))),
            Tried::Cut(doubt) => blocks.push(Block::paragraph(format!(
                "Not every policy that is optimal for the truth was tried to the end, so {}: {}.",
                if joint.least.is_empty() { "some coefficients may do" } else { "smaller coefficients may do" },
                doubt.words()
            ))),
        }
        blocks
    }

    /// What to try next.
    fn hint(&self) -> Option<Block> {
        let (single, _, interval) = self.shortest().filter(|_| self.is_expression)?;
        let c = interval.chosen;
        let sign = if c < 0.0 { '-' } else { '+' };
        let term = |text: &str| match text.chars().all(|c| c.is_alphanumeric() || c == '_') {
            true => text.to_owned(),
            false => format!("({text})"),
        };
        let term = match single.feature.as_str() {
            "1" => c.abs().to_string(),
            text => format!("{}*{}", c.abs(), term(text)),
        };
        let command = format!("truenorth compare {} '{}' '{} {sign} {term}'", self.argument, self.truth, self.proxy);
        Some(Block::code(command))
    }
}

/// Proofs shown; `--json` has all.
const PROOFS: usize = 2;

/// What is wrong with the proxy, as far as it is known.
fn before(check: &Check) -> String {
    let lost = format!("the unluckiest loses {}", loss(check.worst));
    let share = format!("{} of what there is to lose", say::share(check.worst_normalised));
    match check.agreement() {
        Some(Agreement::None) => {
            format!("As it is, none of the proxy's optimal policies is optimal for the truth; {lost}, or {share}.")
        }
        Some(Agreement::Some) => {
            format!(
                "As it is, some but not all of the proxy's optimal policies are optimal for the truth; {lost}, or {share}."
            )
        }
        _ if check.all.is_no() => {
            format!("As it is, not all of the proxy's optimal policies are optimal for the truth; {lost}, or {share}.")
        }
        _ => format!("As it is, the proxy may or may not be fine; {lost}, or {share}."),
    }
}

fn loss(worst: Bounded) -> String {
    if worst.lo <= 0.0 && worst.hi.is_infinite() {
        "an unknown amount".into()
    } else {
        say::amount(worst, f64::INFINITY)
    }
}

fn norm_name(norm: Norm, what: &str) -> String {
    match norm {
        Norm::Linf => format!("largest {what}"),
        Norm::L2 => "root of the sum of squares".into(),
    }
}

/// `0.1*a - 0.2*b`.
fn sum_of(names: &[&str], theta: &[f64]) -> String {
    let mut text = String::new();
    for (name, &c) in names.iter().zip(theta).filter(|(_, c)| **c != 0.0) {
        let sign = match (text.is_empty(), c < 0.0) {
            (true, false) => "",
            (true, true) => "\u{2212}",
            (false, false) => " + ",
            (false, true) => " \u{2212} ",
        };
        text.push_str(&format!("{sign}{}\u{d7}{name}", plain(c.abs())));
    }
    text
}

fn proof_blocks(names: &[&str], proof: &Infeasible) -> [Block; 2] {
    let mut table = Table::new("What no coefficients can tell apart")
        .column("policy", Align::Left)
        .column("share", Align::Right)
        .column("truth", Align::Right)
        .column("proxy", Align::Right);
    for name in names {
        table = table.column(*name, Align::Right);
    }
    let returns = |x: &[RBig]| x.iter().map(|x| Cell::from(plain(double(x)))).collect::<Vec<_>>();
    let target = [Cell::from("optimal for the truth"), Cell::Empty];
    table = table.row(target.into_iter().chain(returns(&proof.target_returns)));
    for m in &proof.mixture {
        let first = [Cell::from("not optimal"), percent(double(&m.weight)).into()];
        table = table.row(first.into_iter().chain(returns(&m.returns)));
    }
    let how = if proof.is_exact { "in fractions" } else { "in rounded returns" };
    let text = format!(
        "Mixed in these shares, policies that are not optimal for the truth earn just as much of every feature as the one that \
         is, and no less of the proxy. Whatever the coefficients, one of them is at least as good ({how}; {}).",
        if proof.holds() { "checked" } else { "the check FAILED" }
    );
    [Block::from(table), Block::paragraph(text)]
}

fn nearest_blocks(all: &[Nearest]) -> Vec<Block> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new("The nearest reward that mends, if the reward of every action may change")
        .column("measured by", Align::Left)
        .column("more than", Align::Right)
        .column("actions changed", Align::Right)
        .column("regret then", Align::Right);
    for nearest in all {
        let (changed, regret) = match &nearest.mending {
            Some(found) => (found.n_changed.to_string().into(), number(found.check.worst).into()),
            None => ("none found".into(), Cell::Empty),
        };
        table = table.row([
            Cell::from(norm_name(nearest.norm, "change")),
            said(nearest.distance, None).into(),
            changed,
            regret,
        ]);
    }
    let cut = all.iter().find_map(|nearest| match &nearest.tried {
        Tried::All => None,
        Tried::TooMany => Some("The truth has too many optimal policies to try all, so a nearer reward may do.".into()),
        Tried::Cut(doubt) => Some(format!(
            "Not every policy that is optimal for the truth was tried, so a nearer reward may do: {}.",
            doubt.words()
        )),
    });
    std::iter::once(Block::from(table)).chain(cut.map(|text: String| Block::paragraph(text))).collect()
}
