//! The words of `regret`: what optimising one reward can cost under another.

use serde_json::{Map, Value, json};

use super::number::{number, percent, plain};
use super::{bounded, head, policy, spread};
use super::{parts, say};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use truenorth::analysis::compare::Regret;
use truenorth::analysis::regret::WorstCase;
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Bounded, Result};
use truenorth::model::{Mdp, Model};

/// The `regret` part of a result. `mdp` is the reachable part of `model`, `kept` its states there.
pub fn part(model: &Model, mdp: &Mdp, kept: &[usize], regret: &Regret) -> Value {
    let (w, p) = (&regret.worst_case, &regret.proxy_optimal);
    let n = model.mdp().n_states();
    let side = |pi, returns: (Bounded, Bounded)| {
        json!({
            "policy": spread(n, kept, policy(mdp, pi)),
            "paid": bounded(returns.0),
            "optimised": bounded(returns.1),
        })
    };
    let mut part = json!({
        "worst_case": bounded(w.value),
        "worst_case_normalised": bounded(w.normalised),
        "lambda": w.lambda,
        "proxy_optimal": {
            "best": bounded(p.best),
            "worst": bounded(p.worst),
            "best_normalised": bounded(p.best_normalised),
            "worst_normalised": bounded(p.worst_normalised),
            "best_return": bounded(p.best_return),
            "worst_return": bounded(p.worst_return),
        },
        "witness": {
            "better": side(&w.witness.better, w.witness.better_returns),
            "worse": side(&w.witness.worse, w.witness.worse_returns),
        },
    });
    part["proxy_optimal"]["tied_states"] = p.n_ties.into();
    if let Some(doubt) = &p.doubt {
        part["proxy_optimal"]["tied_states_why"] = format!("at most: {}", doubt.words()).into();
    }
    part
}

/// Regret of one reward under another, one way round.
pub struct Costs<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// True reward as asked for.
    pub truth: &'a str,
    /// Proxy as asked for.
    pub proxy: &'a str,
    /// Best and worst returns of the truth.
    pub truth_range: &'a ReturnRange,
    /// Best and worst returns of the proxy.
    pub proxy_range: &'a ReturnRange,
    /// What it costs.
    pub regret: &'a Regret,
    /// Worst-case regret by the linear program, if asked for.
    pub lp: Option<Result<f64>>,
}

/// The worst case in words that say no more than its bounds.
fn verdict(truth: &ReturnRange, w: &WorstCase) -> (Tone, String) {
    if truth.is_trivial() {
        let text = "Nothing: every policy earns the same under the truth, so there is nothing to lose.";
        return (Tone::Good, text.into());
    }
    if w.value.hi == 0.0 {
        return (Tone::Good, "Nothing: no policy the proxy ranks at least as high is worse in truth.".into());
    }
    let pair = "there are two policies such that the proxy does not prefer the first, and the truth loses that much by \
                moving from it to the second";
    let possible = plain(truth.rho.value);
    if w.normalised.hi <= say::HARDLY {
        let most = plain(w.value.hi);
        return (
            Tone::Unsure,
            format!("In the worst case at most {most} of a possible {possible}: that hardly matters."),
        );
    }
    if !say::is_close(w.value) || !say::is_close(w.normalised) {
        let (amount, share) = (say::amount(w.value, truth.rho.hi), say::share(w.normalised));
        let text = match w.value.lo > 0.0 {
            true => {
                format!("In the worst case {amount}, or {share} of what is possible, by its bounds: {pair}.")
            }
            false => {
                format!("In the worst case {amount}, by its bounds; that anything can be lost is not shown.")
            }
        };
        return (Tone::Unsure, text);
    }
    let share = w.normalised.value;
    let tone = match share {
        x if x <= 0.01 => Tone::Good,
        x if x < 0.5 => Tone::Warn,
        _ => Tone::Bad,
    };
    let text =
        format!("In the worst case {} of a possible {possible}, or {}: {pair}.", plain(w.value.value), percent(share));
    (tone, text)
}

impl Costs<'_> {
    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = head("regret", self.model);
        let ends = |range: &ReturnRange| json!({ "max": bounded(range.max), "min": bounded(range.min) });
        parts::extend(
            &mut map,
            [
                ("truth", self.truth.into()),
                ("proxy", self.proxy.into()),
                ("regret", part(self.model, self.mdp, self.kept, self.regret)),
                ("returns", json!({ "truth": ends(self.truth_range), "proxy": ends(self.proxy_range) })),
            ],
        );
        if let Some(lp) = &self.lp {
            map.insert("linear_program".into(), lp.as_ref().ok().copied().into());
            if let Err(why) = lp {
                map.insert("linear_program_why".into(), why.message.clone().into());
            }
        }
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let (w, p) = (&self.regret.worst_case, &self.regret.proxy_optimal);
        let (truth, proxy) = (self.truth_range, self.proxy_range);
        let mut document =
            parts::begin(format!("What optimising {} can cost under {}", self.proxy, self.truth), self.model)
                .fact("Truth", parts::code(self.truth))
                .fact("Proxy", parts::code(self.proxy));
        let (tone, verdict) = verdict(truth, w);
        document = document.block(Block::verdict(tone, verdict));
        let mut table = Table::new("Regret, in units of the true return")
            .column("", Align::Left)
            .column("regret", Align::Right)
            .column("share of the possible", Align::Right);
        table = table
            .row([Cell::from("worst case over all pairs"), number(w.value).into(), number(w.normalised).into()])
            .row([
                Cell::from("optimal for the proxy, unlucky"),
                number(p.worst).into(),
                number(p.worst_normalised).into(),
            ])
            .row([Cell::from("optimal for the proxy, lucky"), number(p.best).into(), number(p.best_normalised).into()]);
        if let Some(lp) = &self.lp {
            let found: [Cell; 2] = match lp {
                Ok(lp) if truth.is_trivial() => [plain(*lp).into(), Cell::Empty],
                Ok(lp) => [plain(*lp).into(), plain(lp / truth.rho.value).into()],
                Err(_) => ["not solved".into(), Cell::Empty],
            };
            let [value, share] = found;
            table = table.row([Cell::from("worst case, by the linear program"), value, share]);
        }
        let returns = Table::new("Discounted returns from the start")
            .column("policy", Align::Left)
            .column("truth", Align::Right)
            .column("proxy", Align::Right)
            .row([Cell::from("best for the truth"), number(truth.max).into(), Cell::Empty])
            .row([Cell::from("worst for the truth"), number(truth.min).into(), Cell::Empty])
            .row([Cell::from("best for the proxy, unlucky"), number(p.worst_return).into(), number(proxy.max).into()])
            .row([Cell::from("best for the proxy, lucky"), number(p.best_return).into(), number(proxy.max).into()])
            .row([
                Cell::from("worst case: the better one"),
                number(w.witness.better_returns.0).into(),
                number(w.witness.better_returns.1).into(),
            ])
            .row([
                Cell::from("worst case: the worse one"),
                number(w.witness.worse_returns.0).into(),
                number(w.witness.worse_returns.1).into(),
            ]);
        let ties = (p.n_ties > 0).then(|| {
            let states = parts::many(p.n_ties, "state");
            Block::paragraph(match &p.doubt {
                None => format!(
                    "The proxy leaves more than one action open in {states}, so what its optimum earns is a matter of luck."
                ),
                Some(doubt) => format!(
                    "The proxy may leave more than one action open in {states}, which is undecided ({}); what its optimum \
                     earns lies between what is shown.",
                    doubt.words()
                ),
            })
        });
        document.block(table).block(returns).blocks(ties).block(Block::paragraph(format!(
            "The worst case is the smallest return range of truth \u{2212} \u{3bb} proxy, found at \u{3bb} = {}; --json has the two \
             policies.",
            plain(w.lambda)
        )))
    }
}
