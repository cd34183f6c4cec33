//! The words of `stability --temperature` and `--metric`: soft policies, and smooth values.

use serde_json::{Value, json};

use super::Part;
use crate::answer::number::{number, plain};
use crate::answer::{bounded, policy, spread};
use crate::report::{Align, Block, Cell, Table, Tone};
use truenorth::analysis::smooth::{Constant, Promise, Smooth};
use truenorth::analysis::soft::{Limit, LocalConstant, Softened, TradeOff};
use truenorth::base::{Bounded, Decision};
use truenorth::model::{Mdp, Model};

/// Soft policies of one reward.
pub struct SoftPolicies<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// Optimal return from the start.
    pub best: Bounded,
    /// One entry a temperature.
    pub soft: &'a [Softened],
    /// Their limit.
    pub limit: &'a Limit,
    /// Error of the reward that was asked about.
    pub error: Option<f64>,
    /// The temperature of a promise.
    pub promise: Option<TradeOff>,
}

impl SoftPolicies<'_> {
    fn spread(&self, values: impl IntoIterator<Item = Value>) -> Value {
        spread(self.model.mdp().n_states(), self.kept, values)
    }

    fn vector(&self, x: &[f64]) -> Value {
        self.spread(x.iter().map(|&x| x.into()))
    }

    /// Adds keys and blocks.
    pub fn add_to(&self, part: &mut Part) {
        part.json.insert("soft".into(), self.soft.iter().map(|soft| self.json(soft)).collect());
        let limit = json!({
            "policy": self.spread(policy(self.mdp, &self.limit.policy)),
            "entropy": self.vector(&self.limit.entropy),
            "differs_from_uniform": self.limit.differs_from_uniform.answer(),
            "differs_from_uniform_why": self.limit.differs_from_uniform.why(),
        });
        part.json.insert("soft_limit".into(), limit);
        if let Some(promise) = self.promise {
            let promise = json!({
                "error": promise.error,
                "tv": promise.tv,
                "temperature": bounded(promise.temperature),
                "cost": bounded(promise.cost),
            });
            part.json.insert("soft_promise".into(), promise);
        }
        part.document.blocks.extend(self.blocks());
        part.is_complete &= self.soft.iter().all(|soft| soft.is_complete);
    }

    fn json(&self, soft: &Softened) -> Value {
        let (local, left_out, state) = match &soft.lipschitz_local {
            LocalConstant::Value { constant, state, .. } => {
                (bounded(*constant), Value::Null, self.mdp.states().name(*state).into())
            }
            LocalConstant::LeftOut(why) => (Value::Null, why.as_str().into(), Value::Null),
        };
        let tv = self.error.map_or(Value::Null, |error| soft.tv_bound(error).into());
        json!({
            "temperature": soft.temperature,
            "value_at_start": bounded(soft.value_at_start),
            "v": self.vector(&soft.soft.v),
            "v_bounds": { "lo": self.vector(&soft.soft.lo), "hi": self.vector(&soft.soft.hi) },
            "policy": self.spread(policy(self.mdp, &soft.soft.policy)),
            "return": bounded(soft.policy_return),
            "loss": bounded(soft.loss),
            "loss_bound": bounded(soft.loss_bound),
            "lipschitz_local": local,
            "lipschitz_local_left_out": left_out,
            "lipschitz_state": state,
            "lipschitz_worst": bounded(soft.lipschitz_worst),
            "tv_bound": tv,
        })
    }

    fn blocks(&self) -> Vec<Block> {
        let mut table = Table::new("Policies paid for entropy")
            .column("temperature", Align::Right)
            .column("soft value", Align::Right)
            .column("return", Align::Right)
            .column("given away", Align::Right)
            .column("at most", Align::Right)
            .column("moves here", Align::Right)
            .column("at worst", Align::Right);
        if let Some(error) = self.error {
            table = table.column(format!("TV for {}", plain(error)), Align::Right);
        }
        for soft in self.soft {
            let local = match &soft.lipschitz_local {
                LocalConstant::Value { constant, .. } => number(*constant).into(),
                LocalConstant::LeftOut(_) => Cell::from("left out"),
            };
            let mut cells = vec![
                Cell::from(plain(soft.temperature)),
                number(soft.value_at_start).into(),
                number(soft.policy_return).into(),
                number(soft.loss).into(),
                number(soft.loss_bound).into(),
                local,
                number(soft.lipschitz_worst).into(),
            ];
            cells.extend(self.error.map(|error| Cell::from(plain(soft.tv_bound(error)))));
            table = table.row(cells);
        }
        let mut blocks = vec![Block::section("Soft policies")];
        blocks.extend(self.promise.map(|promise| Block::verdict(Tone::Neutral, words(&promise))));
        blocks.push(table.into());
        blocks.push(Block::paragraph(format!(
            "The best return is {}. Moves are sums of |\u{394} probability| at the state that moves most, for each unit \
             that any entry of the reward moves; half of that is total variation.",
            plain(self.best.value)
        )));
        let left_out = self.soft.iter().find_map(|soft| match &soft.lipschitz_local {
            LocalConstant::LeftOut(why) => Some(why),
            LocalConstant::Value { .. } => None,
        });
        blocks.extend(left_out.map(|why| Block::paragraph(format!("The constant of this reward is left out: {why}."))));
        if let Decision::Undecided(doubt) = &self.limit.differs_from_uniform {
            blocks.push(Block::paragraph(format!(
                "? Whether these policies play tied actions alike as the temperature goes to 0 is undecided: {}.",
                doubt.words()
            )));
        }
        if self.limit.differs_from_uniform.is_yes() {
            blocks.push(Block::paragraph(
                "As the temperature goes to 0 these policies do not play tied actions alike: they favour those that keep \
                 more choices open. --json has the limit.",
            ));
        }
        blocks
    }
}

fn words(promise: &TradeOff) -> String {
    format!(
        "At temperature {} no decision moves by more than {} in total variation if the reward is off by up to {}; that \
         costs at most {} in return.",
        plain(promise.temperature.value),
        plain(promise.tv),
        plain(promise.error),
        plain(promise.cost.value)
    )
}

/// Lipschitz constants for a metric.
pub struct SmoothValues<'a> {
    /// The model the constants are of.
    pub mdp: &'a Mdp,
    /// The metric in words.
    pub metric: &'a str,
    /// The constants; `None` if a limit was reached.
    pub smooth: Option<&'a Smooth>,
}

impl SmoothValues<'_> {
    /// Adds keys and blocks.
    pub fn add_to(&self, part: &mut Part) {
        let (json, blocks) = match self.smooth {
            Some(smooth) => (self.json(smooth), self.blocks(smooth)),
            None => (Value::Null, vec![Block::paragraph("The constants of the metric took longer than the limit.")]),
        };
        part.json.insert("smooth".into(), json);
        part.document.blocks.push(Block::section("How fast values change from state to state"));
        part.document.blocks.extend(blocks);
        part.is_complete &= self.smooth.is_some();
    }

    fn name(&self, s: usize) -> String {
        self.mdp.states().name(s).into_owned()
    }

    fn constant(&self, constant: &Constant) -> Value {
        let pair = constant.pair.map_or(Value::Null, |pair| {
            let action = pair.action.map(|a| self.mdp.actions().name(a).into_owned());
            json!({ "states": [self.name(pair.s), self.name(pair.t)], "action": action })
        });
        json!({ "constant": bounded(constant.value), "attained": pair })
    }

    fn why_not(&self, promise: &Promise) -> Option<String> {
        match promise {
            Promise::Bound(_) => None,
            Promise::Expanding => Some(
                "There is no bound: gamma times the constant of the transitions is not below 1, so differences between \
                 states may grow faster than the discount forgets them."
                    .into(),
            ),
            Promise::Undecided => Some(
                "? Whether there is a bound is undecided: gamma times the constant of the transitions is 1 up to rounding."
                    .into(),
            ),
            Promise::ActionsDiffer(s, t) => Some(format!(
                "There is no bound: {} and {} offer different actions.",
                self.name(*s),
                self.name(*t)
            )),
        }
    }

    fn json(&self, smooth: &Smooth) -> Value {
        let bound = match &smooth.promise {
            Promise::Bound(bound) => bounded(*bound),
            _ => Value::Null,
        };
        json!({
            "metric": self.metric,
            "reward": self.constant(&smooth.reward),
            "kernel": self.constant(&smooth.kernel),
            "gamma_kernel": bounded(smooth.gamma_kernel),
            "value_bound": bound,
            "no_bound_because": self.why_not(&smooth.promise),
            "value": self.constant(&smooth.value),
        })
    }

    fn blocks(&self, smooth: &Smooth) -> Vec<Block> {
        let pair = |constant: &Constant| {
            let words = constant.pair.map(|pair| {
                let action = pair.action.map_or(String::new(), |a| format!(", {}", self.mdp.actions().name(a)));
                format!("{} and {}{action}", self.name(pair.s), self.name(pair.t))
            });
            words.map_or(Cell::Empty, Cell::from)
        };
        let mut table = Table::new(format!("Lipschitz constants for {}", self.metric))
            .column("of", Align::Left)
            .column("constant", Align::Right)
            .column("attained between", Align::Left)
            .row([Cell::from("reward"), number(smooth.reward.value).into(), pair(&smooth.reward)])
            .row([Cell::from("transitions"), number(smooth.kernel.value).into(), pair(&smooth.kernel)])
            .row([Cell::from("optimal value"), number(smooth.value.value).into(), pair(&smooth.value)]);
        if let Promise::Bound(bound) = smooth.promise {
            table = table.row([Cell::from("bound on any optimal value"), number(bound).into(), Cell::Empty]);
        }
        let mut blocks = vec![table.into()];
        blocks.extend(self.why_not(&smooth.promise).map(Block::paragraph));
        blocks
    }
}
