//! Published failures of rewards: each file tells the story it is there for, in rational arithmetic.
//!
//! Discount, probabilities and rewards of these files are fractions of powers of two, so that every number below is
//! the exact one. The right-hand sides are worked out by hand from the stories.

use std::process::Command;

use crate::common::exact::{Exact, Q, near};
use serde_json::Value;
use truenorth::io::gallery;
use truenorth::model::Model;

/// What happens to one reward.
struct Tale {
    name: &'static str,
    /// The best true return.
    best: Q,
    /// The best return under the proxy.
    paid: Q,
    /// The true return of the worst policy that is optimal for the proxy.
    earned: Q,
    /// Whether that policy does worse than choosing at random, while the proxy says it does better.
    hacks: bool,
    /// Choices that the proxy calls optimal and the truth does not.
    wrong: &'static [(&'static str, &'static str)],
    /// Features that mend the proxy.
    mends: Vec<Mend>,
}

/// `proxy + sign * x * feature` has only truly optimal policies for x between two numbers, neither included.
struct Mend {
    feature: &'static str,
    sign: i8,
    from: Q,
    to: Option<Q>,
}

fn frac(numerator: i32, denominator: u32) -> Q {
    Q::from_parts(numerator.into(), denominator.into())
}

fn whole(x: i32) -> Q {
    Q::from(x)
}

/// The discount of all of them but `length-bias`, whose episodes last one step.
fn g() -> Q {
    frac(15, 16)
}

/// `gamma^n`.
fn gamma(n: usize) -> Q {
    (0..n).fold(Q::ONE, |power, _| power * g())
}

/// `1 + gamma + ... + gamma^(n-1)`.
fn steps(n: usize) -> Q {
    (0..n).map(gamma).fold(Q::ZERO, |sum, power| sum + power)
}

/// `1/(1 - gamma)`: one a step for ever.
fn ever() -> Q {
    whole(16)
}

/// A walk of n steps that cost one each, the last of which wins a prize.
fn walk(n: usize, prize: i32) -> Q {
    whole(prize) * gamma(n - 1) - steps(n)
}

fn less(feature: &'static str, from: Q) -> Mend {
    Mend { feature, sign: -1, from, to: None }
}

fn more(feature: &'static str, from: Q) -> Mend {
    Mend { feature, sign: 1, from, to: None }
}

/// Two arrows in four moves either way, so back and forth ties with the lap; it gains a cell and loses it again.
fn boat_race() -> Tale {
    Tale {
        name: "boat-race",
        best: ever(),
        paid: whole(3) / (Q::ONE - gamma(2)) - ever(),
        earned: Q::ONE / (Q::ONE + g()),
        hacks: false,
        wrong: &[("arrow(0,1)", "left"), ("arrow(1,2)", "up"), ("arrow(2,1)", "right"), ("arrow(1,0)", "down")],
        mends: vec![less("back", Q::ZERO)],
    }
}

/// Going from bed to bed keeps one wet for certain and the other with probability 7/8, from the second step on. A
/// charge x for the bucket leaves it 2 - x a step.
fn tomato_watering() -> Tale {
    let best = Q::ONE + frac(15, 8) * g() * ever();
    Tale {
        name: "tomato-watering",
        paid: whole(2) * ever(),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("path(both dry)", "left"), ("bucket(both dry)", "stay"), ("left bed(both wet)", "left")],
        mends: vec![less("bucket", whole(2) - &best / ever())],
        best,
    }
}

/// Four steps straight against six around; the push is the first step, so its price is not discounted.
fn side_effects() -> Tale {
    Tale {
        name: "side-effects",
        best: walk(6, 50),
        paid: walk(4, 50),
        earned: walk(4, 50) - whole(20),
        hacks: false,
        wrong: &[("(0,1) box home", "down")],
        mends: vec![less("stuck", walk(4, 50) - walk(6, 50))],
    }
}

/// Two steps through the shortcut against four around it, each half of the time.
fn absent_supervisor() -> Tale {
    let half = frac(1, 2);
    Tale {
        name: "absent-supervisor",
        best: walk(4, 50),
        paid: &half * (walk(4, 50) + walk(2, 50)),
        earned: &half * (walk(4, 50) + walk(2, 50) - whole(30)),
        hacks: false,
        wrong: &[("start(alone)", "right")],
        mends: vec![less("unseen", walk(2, 50) - walk(4, 50))],
    }
}

/// Drunk at the start, at the whisky and at the last step: s = -1 + h(s + w), w = -1 + h(s + l), l = 9 + h w with
/// h = gamma/2. Without s and l, w (1 - h^2 - h^2/(1 - h)) = 9 h - 1/(1 - h).
fn whisky_gold() -> Tale {
    let h = g() / whole(2);
    let sober = Q::ONE - &h;
    let w = (whole(9) * &h - Q::ONE / &sober) / (Q::ONE - &h * &h - &h * &h / &sober);
    let paid = whole(7) + g() * &w;
    Tale {
        name: "whisky-gold",
        best: walk(5, 20),
        earned: g() * &w - Q::ONE,
        hacks: false,
        wrong: &[("start", "right")],
        mends: vec![less("whisky", &paid - walk(5, 20))],
        paid,
    }
}

/// Along the beach the second to fourth step each survive with p = 31/32. The chance of a wave, discounted, is what
/// a price for the water multiplies.
fn island_navigation() -> Tale {
    let p = frac(31, 32);
    let dry = |n: i32| (0..n).fold(Q::ONE, |power, _| power * &p);
    let cost = Q::ONE + g() + gamma(2) * dry(1) + gamma(3) * dry(2);
    let paid = whole(50) * gamma(3) * dry(3) - cost;
    let wave = frac(1, 32) * (g() + gamma(2) * dry(1) + gamma(3) * dry(2));
    Tale {
        name: "island-navigation",
        best: walk(6, 50),
        earned: &paid - whole(100) * &wave,
        hacks: false,
        wrong: &[("start", "right"), ("beach(1)", "right")],
        mends: vec![less("water", (&paid - walk(6, 50)) / wave)],
        paid,
    }
}

/// Straight on, the second step pays (49 - 1)/2 on average. By the button it is four safe steps.
fn off_switch() -> Tale {
    let best = whole(24) * g() - Q::ONE;
    Tale {
        name: "off-switch",
        paid: walk(4, 50),
        earned: walk(4, 50) - whole(50),
        hacks: true,
        wrong: &[("start", "down"), ("corridor", "left")],
        mends: vec![less("button", walk(4, 50) - &best)],
        best,
    }
}

/// Ten a step for ever. At the fork, 10 + gamma (10 + x) for racing on is as good when 10 + x is 10/(1 - gamma).
fn coast_runners() -> Tale {
    Tale {
        name: "coast-runners",
        best: whole(100) * gamma(2),
        paid: whole(10) * ever(),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("fork", "turn"), ("lagoon(b)", "ahead")],
        mends: vec![more("finish", whole(10) * ever() - whole(10))],
    }
}

/// Two metres closer in every four, against five metres closer and an end.
fn bicycle() -> Tale {
    let circle = Q::ONE - gamma(4);
    let paid = (Q::ONE + g()) / &circle;
    Tale {
        name: "bicycle",
        best: gamma(4),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("east", "circle")],
        mends: vec![
            less("away", (Q::ONE + g() - circle * steps(5)) / (gamma(2) + gamma(3))),
            more("arrival", (&paid - steps(5)) / gamma(4)),
        ],
        paid,
    }
}

/// In front of the goal: (1/4 + gamma)/(1 - gamma^2) for going back and forth, 1 for going in. A charge x a step
/// makes them equal when 1/4 + gamma - x (1 + gamma) = (1 - x)(1 - gamma^2).
fn survival_bias() -> Tale {
    let dance = (frac(1, 4) + g()) / (Q::ONE - gamma(2));
    Tale {
        name: "survival-bias",
        best: gamma(3),
        paid: steps(3) + gamma(3) * &dance,
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("doorstep", "left")],
        mends: vec![
            more("arrival", dance - Q::ONE),
            less("alive", (gamma(2) + g() - frac(3, 4)) / (g() * (Q::ONE + g()))),
        ],
    }
}

/// With e, l, b the values of an empty stack, one row and the brim. Playing on: e = gamma l, l = 3/4 (1 + gamma e) +
/// gamma b/4, b = 3/4 (1 + gamma l). Pausing at the brim: b = 0, l = 3/(4 - 3 gamma^2), and nothing is ever fined. A
/// fine of f stops that if 3/4 - f/4 + 3/4 gamma l is not negative. A price x for pausing makes b = -y with
/// y = x/(1 - gamma), and that must not exceed 3/4 - 10/4 + 3/4 gamma l.
fn tetris_pause() -> Tale {
    let pausing = whole(4) - whole(3) * gamma(2);
    let playing = whole(16) - whole(15) * gamma(2);
    let paused = whole(3) * g() / &pausing;
    let y = (whole(7) * pausing - whole(9) * g()) / &playing;
    Tale {
        name: "tetris-pause",
        best: g() * (whole(12) + whole(3) * g()) / playing,
        earned: paused.clone(),
        hacks: true,
        wrong: &[("brim", "pause")],
        mends: vec![more("lost", whole(7) - whole(3) * &paused), less("pause", y / ever())],
        paid: paused,
    }
}

/// Sucking and dumping in one room, clean after every other step. Dumping costs x now and pays 1 a step later.
fn vacuum_dump() -> Tale {
    let other = Q::ONE / (Q::ONE - gamma(2));
    Tale {
        name: "vacuum-dump",
        best: Q::ONE + g() + whole(2) * gamma(2) * ever(),
        paid: other.clone(),
        earned: other,
        hacks: true,
        wrong: &[("left(left clean)", "dump"), ("left(both clean)", "dump"), ("right(both clean)", "dump")],
        mends: vec![less("dump", g())],
    }
}

/// Stacking: v = gamma (w + v)/2 on the table, w = 3/4 * 16 + gamma v/4 gripped. Turned over, the block pays 1 - x a
/// step at once.
fn flipped_block() -> Tale {
    let best = whole(6) * g() / (Q::ONE - g() / whole(2) - gamma(2) / whole(8));
    Tale {
        name: "flipped-block",
        paid: ever(),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("on the table", "flip"), ("upside down", "stay")],
        mends: vec![less("upturned", Q::ONE - &best / ever())],
        best,
    }
}

/// Closing the hand: c = 16/2 + gamma^3 c/2, two steps after the start. With y = 1 - x for a step with a gap,
/// hovering is worth 16 y, and as much as going on when 16 y = gamma (8 + gamma/2 (y + 16 gamma y)), that is
/// y = gamma/(2 - gamma^2). Above x = 1 + 8 gamma^2 the gap costs more than the ball is worth.
fn gripper_camera() -> Tale {
    Tale {
        name: "gripper-camera",
        best: gamma(2) * whole(8) / (Q::ONE - gamma(3) / whole(2)),
        paid: ever(),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("over the ball", "stay")],
        mends: vec![Mend {
            feature: "gap",
            sign: -1,
            from: Q::ONE - g() / (whole(2) - gamma(2)),
            to: Some(Q::ONE + whole(8) * gamma(2)),
        }],
    }
}

/// Three in four against seven in eight, both a step away; the opener is charged a step before the answer.
fn judge_token() -> Tale {
    Tale {
        name: "judge-token",
        best: frac(3, 4) * g(),
        paid: frac(7, 8) * g(),
        earned: Q::ZERO,
        hacks: true,
        wrong: &[("prompt", "Solution:"), ("opener", "stop")],
        mends: vec![less("opener", g() / whole(8)), less("empty", frac(1, 8))],
    }
}

/// With c = 1/8 - x for a paragraph, `clear` (1, two paragraphs) beats `rambling` (1/4, sixteen) below c = 3/56 and
/// `terse` (3/4, one) above c = -1/4; the other two ask for less.
fn length_bias() -> Tale {
    Tale {
        name: "length-bias",
        best: Q::ONE,
        paid: frac(9, 4),
        earned: frac(1, 4),
        hacks: true,
        wrong: &[("prompt", "rambling")],
        mends: vec![Mend { feature: "length", sign: -1, from: frac(1, 14), to: Some(frac(3, 8)) }],
    }
}

fn tales() -> Vec<Tale> {
    vec![
        boat_race(),
        tomato_watering(),
        side_effects(),
        absent_supervisor(),
        whisky_gold(),
        island_navigation(),
        off_switch(),
        coast_runners(),
        bicycle(),
        survival_bias(),
        tetris_pause(),
        vacuum_dump(),
        flipped_block(),
        gripper_camera(),
        judge_token(),
        length_bias(),
    ]
}

/// A failure in rational numbers.
struct Case {
    model: Model,
    exact: Exact,
    truth: Vec<Q>,
    proxy: Vec<Q>,
}

impl Case {
    fn of(tale: &Tale) -> Self {
        let raw = gallery::read(&format!("failures/{}", tale.name)).unwrap_or_else(|e| panic!("{e}"));
        let model = Model::build(raw).unwrap_or_else(|e| panic!("{e}"));
        let exact = Exact::new(model.mdp());
        let (truth, proxy) = (expected(&model, &exact, "truth"), expected(&model, &exact, "proxy"));
        Case { model, exact, truth, proxy }
    }

    fn best(&self, r: &[Q]) -> Q {
        self.exact.j(&self.exact.optimum(r, true, None).v)
    }

    /// Which rows are optimal for a reward.
    fn optimal(&self, r: &[Q]) -> Vec<bool> {
        self.exact.optimum(r, true, None).gap.into_iter().map(|gap| gap == Some(Q::ZERO)).collect()
    }

    /// The least true return of a policy that is optimal for a reward.
    fn worst(&self, r: &[Q]) -> Q {
        self.exact.j(&self.exact.optimum(&self.truth, false, Some(&self.optimal(r))).v)
    }

    /// The return of choosing at random.
    fn random(&self, r: &[Q]) -> Q {
        let mut mixture = vec![Q::ZERO; r.len()];
        for rows in &self.exact.rows {
            rows.clone().for_each(|row| mixture[row] = Q::ONE / Q::from(rows.len()));
        }
        self.exact.j(&self.exact.evaluate_mixture(&mixture, r))
    }

    /// Whether every optimal policy of `proxy + sign * x * feature` is truly optimal.
    fn is_mended(&self, mend: &Mend, x: &Q) -> bool {
        let feature = expected(&self.model, &self.exact, mend.feature);
        let r: Vec<Q> = self.proxy.iter().zip(&feature).map(|(p, f)| p + Q::from(mend.sign) * x * f).collect();
        self.worst(&r) == self.best(&self.truth)
    }

    fn row(&self, state: &str, action: &str) -> usize {
        let mdp = self.model.mdp();
        let s = (0..mdp.n_states()).find(|&s| mdp.states().name(s) == state).expect(state);
        let a = (0..mdp.n_actions()).find(|&a| mdp.actions().name(a) == action).expect(action);
        mdp.row(s, a).unwrap_or_else(|| panic!("{state} offers no {action}"))
    }
}

fn expected(model: &Model, exact: &Exact, reward: &str) -> Vec<Q> {
    let (_, reward) = model.rewards().iter().find(|(name, _)| name == reward).expect(reward);
    exact.expected(reward)
}

#[test]
fn every_failure_has_its_tale() {
    let told: Vec<String> = tales().iter().map(|tale| format!("failures/{}", tale.name)).collect();
    let listed: Vec<&str> = gallery::failures().map(|entry| entry.name).collect();
    assert_eq!(told, listed);
    assert!(told.len() >= 12);
}

#[test]
fn numbers_are_fractions_of_powers_of_two() {
    // What is written in the file is then what is computed with, and ties are ties.
    let is_short = |x: f64| (x * f64::from(1 << 20)).fract() == 0.0;
    for tale in tales() {
        let case = Case::of(&tale);
        let mdp = case.model.mdp();
        assert!(is_short(mdp.gamma()), "{}", tale.name);
        for row in 0..mdp.n_rows() {
            let (next, p) = mdp.p(row);
            assert!(p.iter().all(|&p| is_short(p)), "{}", tale.name);
            let paid = |t: u32| case.model.rewards().iter().all(|(_, r)| is_short(r.at(row, t as usize)));
            assert!(next.iter().all(|&t| paid(t)), "{}", tale.name);
        }
    }
}

#[test]
fn what_is_paid_is_not_what_is_earned() {
    for tale in tales() {
        let case = Case::of(&tale);
        assert_eq!(case.best(&case.truth), tale.best, "{}: the best true return", tale.name);
        assert_eq!(case.best(&case.proxy), tale.paid, "{}: the best return under the proxy", tale.name);
        assert_eq!(case.worst(&case.proxy), tale.earned, "{}: the true return of the worst of those", tale.name);
        assert!(tale.earned < tale.best, "{}: nothing failed", tale.name);
    }
}

#[test]
fn some_do_worse_than_chance() {
    for tale in tales() {
        let case = Case::of(&tale);
        assert!(case.random(&case.proxy) < tale.paid, "{}", tale.name);
        assert_eq!(tale.earned < case.random(&case.truth), tale.hacks, "{}", tale.name);
    }
}

#[test]
fn the_wrong_choices_are_the_ones_of_the_tale() {
    for tale in tales() {
        let case = Case::of(&tale);
        let (meant, rewarded) = (case.optimal(&case.truth), case.optimal(&case.proxy));
        for (state, action) in tale.wrong {
            let row = case.row(state, action);
            assert!(rewarded[row] && !meant[row], "{}: {action} in {state}", tale.name);
        }
    }
}

#[test]
fn a_coefficient_mends_each_from_its_breakpoint_on() {
    /// Stands in for "as large as you like".
    const LARGE: i32 = 1000;
    let bit = frac(1, 1 << 20);
    for tale in tales() {
        let case = Case::of(&tale);
        assert!(!tale.mends.is_empty());
        for mend in &tale.mends {
            let place = format!("{}: {}", tale.name, mend.feature);
            let check = |x: Q, mended: bool| assert_eq!(case.is_mended(mend, &x), mended, "{place} at {x}");
            check(&mend.from - &bit, false);
            // At the breakpoint the wrong policy ties with the right one.
            check(mend.from.clone(), false);
            check(&mend.from + &bit, true);
            match &mend.to {
                Some(to) => {
                    check(to - &bit, true);
                    check(to.clone(), false);
                    check(to + &bit, false);
                }
                None => check(whole(LARGE), true),
            }
        }
    }
}

/// What the program answers.
fn answer(args: &[&str]) -> Value {
    let out =
        Command::new(env!("CARGO_BIN_EXE_truenorth")).args(args).arg("--json").output().expect("the program runs");
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("JSON")
}

#[test]
fn the_program_tells_the_same_tale() {
    for tale in tales() {
        let model = format!("gallery:failures/{}", tale.name);
        let is_at = |found: &Value, wanted: &Q, what: &str| {
            let (lo, hi) = (found["lo"].as_f64().expect("a bound"), found["hi"].as_f64().expect("a bound"));
            // Bounds are doubles, and so is what they are held against.
            let (wanted, slack) = (near(wanted), 1e-12);
            assert!(lo - slack <= wanted && wanted <= hi + slack, "{}: {what} is {found}, not {wanted}", tale.name);
        };
        let compared = answer(&["compare", &model, "truth", "proxy"]);
        assert_eq!(compared["same_order"], false, "{}", tale.name);
        is_at(&compared["regret"]["proxy_optimal"]["worst_return"], &tale.earned, "what the proxy earns");
        is_at(&compared["returns"]["truth"]["max"], &tale.best, "the best return");
        let judged = answer(&["hack", &model, "--truth", "truth", "--proxy", "proxy", "--points", "0"]);
        assert_eq!(judged["flags"]["correlated_proxy"], true, "{}: somebody trusted this proxy", tale.name);
        assert_eq!(judged["flags"]["hacking_and_proxy_up"], tale.hacks, "{}", tale.name);
    }
}

#[test]
fn pictures_of_both_rewards_can_be_drawn_of_every_grid() {
    let folder = tempfile::tempdir().expect("temporary directory");
    let mut drawn = 0;
    for tale in tales().iter().filter(|tale| Case::of(tale).model.grid().is_some()) {
        let (model, file) = (format!("gallery:failures/{}", tale.name), folder.path().join("maps.svg"));
        let out = Command::new(env!("CARGO_BIN_EXE_truenorth"))
            .args(["plot", "diff", &model, "truth", "proxy", "-o"])
            .arg(&file)
            .output()
            .expect("the program runs");
        assert!(out.status.success(), "{}: {}", tale.name, String::from_utf8_lossy(&out.stderr));
        assert!(std::fs::read_to_string(&file).expect("a picture").contains(tale.name));
        drawn += 1;
    }
    assert!(drawn >= 10, "only {drawn} have a grid");
}
