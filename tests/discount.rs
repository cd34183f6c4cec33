//! Discounts at which the optimal policy changes: closed forms, a dense grid, and fractions.

mod common;

use common::exact::{Exact, q};
use truenorth::analysis::discount::{Ladder, Method, ladder};
use truenorth::io::gallery;
use truenorth::model::{Mdp, Model, Reward};
use truenorth::solve::Options;

fn model(name: &str) -> Model {
    Model::build(gallery::read(name).unwrap()).unwrap()
}

fn toml(text: &str) -> Model {
    let raw =
        truenorth::io::read_raw_text("test.mdp.toml", text, truenorth::io::format_by_id("toml").unwrap()).unwrap();
    Model::build(raw).unwrap()
}

fn of(model: &Model, reward: &str, range: (f64, f64)) -> Ladder {
    let reward = &model.rewards().iter().find(|(name, _)| name == reward).unwrap().1;
    ladder(model.mdp(), reward, None, range, Options::default()).unwrap()
}

#[test]
fn the_loop_gives_way_to_the_cycle_at_the_golden_discount() {
    let model = model("e6-discount-cliff");
    let found = of(&model, "reward", (0.0, 1.0));
    assert_eq!(found.method, Method::Pencil);
    assert!(found.is_complete);
    assert_eq!(found.switches.len(), 1);
    let gamma = found.switches[0].gamma;
    // The root of g^2 - 3 g + 1 lies between the bounds: the sign changes there in fractions.
    let sign = |x: f64| q(x) * q(x) - q(3.0) * q(x) + q(1.0);
    assert!(sign(gamma.lo) > q(0.0) && sign(gamma.hi) < q(0.0));
    assert!(gamma.hi <= gamma.lo.next_up() && (gamma.value - 0.381966).abs() < 1e-6);
    let blackwell = found.blackwell.unwrap();
    assert_eq!((blackwell.gamma, blackwell.certified_to), (gamma, 1.0));
    let radius = found.radius.unwrap();
    assert!((radius.radius.value - (0.4 - gamma.value)).abs() < 1e-15 && radius.above.is_none());
}

#[test]
fn the_far_end_of_the_corridor_wins_from_nine_tenths_on() {
    let found = of(&model("chain-discount"), "both", (0.5, 1.0));
    // 0.6561 is a double next to (9/10)^4, so the switch of the start is next to 9/10.
    let start = found.switches.iter().find(|x| x.state == 2).unwrap();
    assert!((start.gamma.value - 0.9).abs() < 1e-15, "{:?}", start.gamma);
    // Further from the near end the far one wins earlier: at 0.6561^(1/(6 - 2 k)) for k cells on.
    let cell = found.switches.iter().find(|x| x.state == 3).unwrap();
    assert!((cell.gamma.value - 0.6561f64.sqrt()).abs() < 1e-15);
    let cell = found.switches.iter().find(|x| x.state == 1).unwrap();
    assert!((cell.gamma.value - 0.6561f64.powf(1.0 / 6.0)).abs() < 1e-15);
    assert_eq!(found.blackwell.unwrap().gamma, cell.gamma);
}
