//! A step is safe for every truth within an angle exactly while the proxy rises fast enough.

use crate::prelude::*;

theorem! {
    /// # When every truth within an angle of the proxy gains from a step
    ///
    /// ## Statement
    ///
    /// For every MDP, proxy $R_1$, $\theta \in [0, \pi/2]$ and all policies $A$, $B$ with $d = \eta_B - \eta_A \neq 0$
    /// the step between their occupancies: some $R_0$ with $\arg(R_0, R_1) \le \theta$ has $J_0(A) > J_0(B)$ if and
    /// only if $$\frac{J_1(B) - J_1(A)}{\|d\|} < \sin\theta\; \|M R_1\|,$$ $M$ being the orthogonal projection on
    /// directions of occupancies and $\arg$ the angle of the projected rewards.
    ///
    /// ## How it is checked
    ///
    /// In fractions, by squares, on angles whose sine and cosine are fractions. If the inequality holds, such an $R_0$
    /// is built; if not, drawn ones within the angle, and the proxy turned away from the step nearly as far as
    /// allowed, must all gain.
    ///
    /// ## Known limits
    ///
    /// Up to three states; "for all $R_0$" is checked on a few of them, the worst one up to rounding among them.
    id: "stopping-is-safe-iff",
    claim: "some truth within an angle of the proxy loses from a step exactly if the proxy rises less than the angle's sine",
    paper: "karwowski2024goodhart", "the early stopping criterion; derived here",
    tags: ["goodhart", "angle"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [],
    hypotheses: {
        /// The size of the proxy is that of its projection.
        projected: projected, Broken(without_projected);
        /// The length of the step is that of occupancies.
        of_occupancies: of_occupancies, Broken(without_of_occupancies);
        /// The angle is at most a right one.
        at_most_right: at_most_right, Broken(without_at_most_right);
        /// The occupancies differ.
        differ: differ, Redundant("no truth distinguishes policies of one occupancy, and there is no length to divide by");
    }
}

fn drawn(draw: &mut Draw, angles: &[[&str; 2]]) -> Case {
    let world = draw.world(Size::small().states(1, 3).whole());
    let (a, b) = (draw.policy("a", &world), draw.policy("b", &world));
    let [cos, sin] = draw.pick("angle", angles);
    // Mostly proxies near the border: the step itself, disturbed.
    let proxy = match draw.below("proxy kind", 2) {
        0 => combination(&draw.reward("proxy", &world), &Q::from(3u8), &minus(&world.occupancy(&b), &world.occupancy(&a))),
        _ => draw.reward("proxy", &world),
    };
    let truth = plus(&proxy, &draw.reward("disturbance", &world));
    let case = Case::new(world).policy("a", a).policy("b", b).reward("proxy", proxy).reward("truth", truth);
    case.number("cos", number(cos)).number("sin", number(sin))
}

const ACUTE: &[[&str; 2]] = &[["4/5", "3/5"], ["1", "0"], ["3/5", "4/5"], ["12/13", "5/13"], ["0", "1"]];

fn said(case: Case, size: &'static str, length: &'static str) -> Case {
    case.choice("size of proxy", size).choice("length of step", length)
}

fn instance(draw: &mut Draw) -> Case {
    said(drawn(draw, ACUTE), "projected", "of occupancies")
}

fn projected(case: &Case) -> bool {
    case.chosen("size of proxy") == "projected"
}

/// Much of the proxy's size is in its shaping, which no policy feels.
fn without_projected(draw: &mut Draw) -> Case {
    let mut case = drawn(draw, ACUTE);
    let drift = case.world.drift(&draw.potential("phi", &case.world));
    let (proxy, truth) = (combination(&case.r("proxy"), &Q::from(3u8), &drift), case.r("truth"));
    case.rewards.clear();
    said(case.reward("proxy", proxy).reward("truth", truth), "raw", "of occupancies")
}

fn of_occupancies(case: &Case) -> bool {
    case.chosen("length of step") == "of occupancies"
}

fn without_of_occupancies(draw: &mut Draw) -> Case {
    said(drawn(draw, ACUTE), "projected", "of action probabilities")
}

fn at_most_right(case: &Case) -> bool {
    *case.n("cos") >= Q::ZERO
}

fn without_at_most_right(draw: &mut Draw) -> Case {
    said(drawn(draw, &[["-1", "0"], ["-4/5", "3/5"]]), "projected", "of occupancies")
}

fn step(case: &Case) -> Vec<Q> {
    minus(&case.world.occupancy(case.pi("b")), &case.world.occupancy(case.pi("a")))
}

fn differ(case: &Case) -> bool {
    step(case).iter().any(|x| !x.is_zero())
}

/// Whether the angle of two projected rewards is at most that of the instance.
fn is_within(case: &Case, p: &[Q], q: &[Q]) -> bool {
    let (pp, qq) = (dot(p, p), dot(q, q));
    !pp.is_zero() && !qq.is_zero() && signed_square(&dot(p, q)) >= signed_square(case.n("cos")) * pp * qq
}

/// Projections of truths to try: the drawn one, the proxy, its opposite, and the proxy turned away from the step.
fn truths(case: &Case, p: &[Q], d: &[Q]) -> Vec<Vec<Q>> {
    let mut truths = vec![case.world.project(&case.r("truth")), p.to_vec(), scaled(&-Q::ONE, p)];
    let pp = dot(p, p);
    if pp.is_zero() {
        return truths;
    }
    let e = combination(d, &-(dot(p, d) / &pp), p);
    let (ee, cos, sin) = (dot(&e, &e), case.n("cos"), case.n("sin"));
    if !ee.is_zero() {
        let turn = match *cos > Q::ZERO {
            // The tangent, rounded down.
            true => {
                let square = sin * sin * &pp / (cos * cos * &ee);
                Q::try_from(real(&square).sqrt().lo).expect("a root is finite")
            }
            false => abs(&dot(p, d)) / &ee + Q::ONE,
        };
        truths.push(combination(p, &-turn, &e));
    }
    truths
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (proxy, d) = (case.r("proxy"), step(case));
    let p = case.world.project(&proxy);
    let size = if projected(case) { dot(&p, &p) } else { dot(&proxy, &proxy) };
    let length = match of_occupancies(case) {
        true => dot(&d, &d),
        false => {
            let change = minus(case.pi("b"), case.pi("a"));
            dot(&change, &change)
        }
    };
    if dot(&p, &p).is_zero() {
        return Finding::Vacuous;
    }
    let (rise, needed) = (signed_square(&dot(&proxy, &d)), case.n("sin") * case.n("sin") * length * size);
    let loses = |truth: &Vec<Q>| {
        let j = |name: &str| case.world.j(case.pi(name), truth);
        is_within(case, truth, &p) && j("a") > j("b")
    };
    let found = truths(case, &p, &d).iter().any(loses);
    Finding::is(found == (rise < needed), || {
        format!("a truth that loses: {found}; squared rise {}, squared bound {}", rise.shown(), needed.shown())
    })
}
