//! `stability --vary`: every switch of the best policy along the discount, or along a coefficient of the reward.

use super::Scene;
use crate::output::Output;
use crate::shared;
use truenorth::analysis::discount::ladder;
use truenorth::analysis::family::{Family, FamilySpec, Request};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::number::Number;
use truenorth::base::{Code, Diag, Result};
use truenorth_show::answer::figures;
use truenorth_show::answer::stability::Part;
use truenorth_show::answer::stability::vary::{AlongDiscount, AlongFamily};

/// What stands for the discount on the command line.
const GAMMA: &str = "gamma";

/// What to vary.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Along a parameter")]
pub struct VaryArgs {
    /// Find every switch of the best policy as something varies from A to B: the discount, as `gamma 0..1`, or a
    /// coefficient called x, as 'goal - x*step' 0..0.1
    #[arg(long, num_args = 2, value_names = ["WHAT", "A..B"], allow_hyphen_values = true)]
    vary: Option<Vec<String>>,
    /// Also follow what the best policies earn under this reward
    #[arg(long, value_name = "REWARD", requires = "vary", allow_hyphen_values = true)]
    truth: Option<String>,
}

impl VaryArgs {
    /// Refuses what cannot be meant, before anything is solved; then answers, and adds to the part.
    pub fn add(&self, scene: &Scene<'_>, part: &mut Part, out: &Output) -> Result<()> {
        let [what, range] = match self.vary.as_deref() {
            Some([what, range]) => [what, range],
            _ => return Ok(()),
        };
        match what == GAMMA {
            true => self.along_discount(range, scene, part, out),
            false => self.along_family(what, range, scene, part, out),
        }
    }

    fn along_discount(&self, range: &str, scene: &Scene<'_>, part: &mut Part, out: &Output) -> Result<()> {
        let range = discounts(range)?;
        let truth = self.truth.as_deref().map(|text| shared::reward(scene.model, text, out)).transpose()?;
        let mdp = &scene.part.mdp;
        let on_part = truth.as_ref().map(|truth| scene.part.reward(scene.model, &truth.reward));
        let found = ladder(mdp, scene.reward, on_part.as_ref(), range, *scene.solver.options())?;
        let kept = &scene.part.kept;
        let truth = truth.as_ref().map(|truth| truth.text.as_str());
        AlongDiscount { model: scene.model, mdp, kept, reward: &scene.query.text, truth, ladder: &found }.add_to(part);
        if out.wants_figures() {
            let caption = "Which action is best at which discount, for the states that change it";
            let picture = figures::gamma(mdp, &found, &scene.query.text);
            part.add_figure(shared::figure("discounts", &picture, caption)?);
        }
        Ok(())
    }

    fn along_family(&self, what: &str, range: &str, scene: &Scene<'_>, part: &mut Part, out: &Output) -> Result<()> {
        let spec = FamilySpec::parse(scene.model, what, range)?;
        let rewards = spec.rewards(scene.model, scene.part);
        let truth = self.truth.as_deref().map(|text| shared::reward(scene.model, text, out)).transpose()?;
        let mdp = &scene.part.mdp;
        let true_range = truth.as_ref().map(|truth| {
            let reward = scene.part.reward(scene.model, &truth.reward).expected(mdp);
            ReturnRange::of(scene.solver, reward)
        });
        let request = Request { truth: true_range.as_ref(), in_doubles: false };
        let found = Family::of(scene.solver, mdp, &rewards, spec.ends, &request);
        let truth = truth.as_ref().map(|truth| truth.text.as_str());
        AlongFamily { model: scene.model, kept: &scene.part.kept, expression: what, truth, family: &found }
            .add_to(part);
        if let (true, Some(truth)) = (out.wants_figures(), truth) {
            let picture = figures::cliff(&found, &spec.linear.text, truth);
            // A limit may have left nothing to draw.
            if !picture.pieces.is_empty() {
                let caption =
                    "What the policies that are best along the way earn in truth, and which actions they take";
                part.add_figure(shared::figure("cliff", &picture, caption)?);
            }
        }
        Ok(())
    }
}

/// Reads `A..B` with `0 <= A < B <= 1`.
fn discounts(text: &str) -> Result<(Number, Number)> {
    let refuse = |why: String| {
        Diag::new(Code::Usage, format!("cannot vary gamma over `{text}`{why}"))
            .expected("A..B with 0 <= A < B <= 1, such as 0.5..0.99")
            .help("0..1 finds every switch there is")
            .err()
    };
    let Some((from, to)) = text.split_once("..") else { return refuse(String::new()) };
    let (Some(from), Some(to)) = (Number::parse(from), Number::parse(to)) else {
        return refuse(": that is not a pair of numbers".into());
    };
    if !((0.0..=1.0).contains(&from.value) && (0.0..=1.0).contains(&to.value)) {
        return refuse(": a discount lies between 0 and 1".into());
    }
    if from.value >= to.value {
        return refuse(": it is empty".into());
    }
    Ok((from, to))
}
