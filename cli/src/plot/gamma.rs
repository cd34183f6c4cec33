//! `plot gamma`: how the best actions change with the discount.

use super::Drawing;
use crate::output::{Exit, Output};
use crate::shared::{self, ModelArgs};
use truenorth::analysis::discount::ladder;
use truenorth::base::Result;
use truenorth::model::Reachable;
use truenorth_show::answer::figures;

/// Best actions over the discount: exact switches, touch points, and the Blackwell discount
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// An expression over the model's rewards, or a file with a reward table; the first reward if left out
    reward: Option<String>,
    /// Lowest and highest discount, A..B
    #[arg(long, value_name = "RANGE", default_value = "0..0.999", value_parser = discounts)]
    vary: (f64, f64),
    #[command(flatten)]
    pub(super) drawing: Drawing,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let part = Reachable::of(&model);
    let reward = part.reward(&model, &query.reward);
    let found = ladder(&part.mdp, &reward, None, args.vary, args.drawing.solving.options())?;
    args.drawing.draw(&figures::gamma(&part.mdp, &found, &query.text), found.is_complete, out)
}

/// Reads `A..B` with `0 <= A < B <= 1`.
fn discounts(text: &str) -> Result<(f64, f64), String> {
    shared::range(text)
        .filter(|(a, b)| *a >= 0.0 && *b <= 1.0)
        .ok_or_else(|| "discounts are A..B with 0 <= A < B <= 1, such as 0..0.999".into())
}
