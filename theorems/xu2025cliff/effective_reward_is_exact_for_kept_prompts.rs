//! One reward stands for a mixture of tasks where the state keeps the prompt.

use crate::prelude::*;

theorem! {
    /// # One reward stands for a mixture of tasks where the state keeps the prompt
    ///
    /// ## Statement
    ///
    /// For every finite MDP with $\gamma < 1$ and tasks $k$ with weights $p_k$, start distributions $D_k$ and rewards $r_k$, let
    /// every state $s$ determine the start state $x(s)$ from which it was reached, $w_k(s) = p_k D_k(x(s)) / \sum_j p_j D_j(x(s))$
    /// and $r_{eff}(s,a) = \sum_k w_k(s) r_k(s,a)$. Then $\sum_k p_k \mathbb{E}_{D_k} V^\pi_{r_k} = \sum_x m(x)
    /// V^\pi_{r_{eff}}(x)$ with $m = \sum_k p_k D_k$, for every stationary $\pi$.
    ///
    /// ## How it is checked
    ///
    /// In fractions, for two tasks, all deterministic policies and a drawn stochastic one.
    ///
    /// ## Known limits
    ///
    /// Four states by generation, six by hand. The paper notes the case of equal start distributions.
    id: "effective-reward-is-exact-for-kept-prompts",
    claim: "a mixture of tasks is one reward with posterior weights where states remember the prompt",
    paper: "xu2025cliff", "Remark 4.1, generalised here to posterior weights",
    tags: ["stability", "mixture"],
    kind: Exact, expected: Held, sharp: false,
    instance: instance, predicate: predicate,
    by_hand: [two_prompts],
    hypotheses: {
        /// States remember from which start they were reached.
        prompt_kept: prompt_kept, Broken(without_prompt_kept);
        /// Weights are those of the tasks given the prompt.
        posterior_weights: posterior_weights, Broken(without_posterior_weights);
    }
}

struct Tasks {
    p: Q,
    start: [Vec<Q>; 2],
    prompt: Vec<usize>,
}

impl Tasks {
    fn m(&self) -> Vec<Q> {
        plus(&scaled(&self.p, &self.start[0]), &scaled(&(Q::ONE - &self.p), &self.start[1]))
    }

    /// Probability of the first task, given the prompt of each state; the weight of the task where there is no such prompt.
    fn posterior(&self) -> Vec<Q> {
        let m = self.m();
        let of = |&x: &usize| if m[x].is_zero() { self.p.clone() } else { &self.p * &self.start[0][x] / &m[x] };
        self.prompt.iter().map(of).collect()
    }

    fn case(self, world: World, r: [Vec<Q>; 2], pi: Vec<Q>, weight: Vec<Q>) -> Case {
        let prompt = self.prompt.iter().map(|&x| Q::from(x as u64)).collect();
        let world = world.starting(self.m());
        let ([first, second], [one, two]) = (self.start, r);
        Case::new(world)
            .reward("of task 1", one)
            .reward("of task 2", two)
            .policy("pi", pi)
            .vector("prompt", prompt)
            .vector("start of task 1", first)
            .vector("start of task 2", second)
            .vector("weight of task 1", weight)
            .number("probability of task 1", self.p)
    }
}

/// Tasks that start in the first two states; the prompt of a state is its parity.
fn tasks(draw: &mut Draw) -> Tasks {
    let start = |draw: &mut Draw, name: &'static str| [draw.distribution(name, (0, 0), 2, 0), vec![Q::ZERO; 2]].concat();
    let start = [start(draw, "start of task 1"), start(draw, "start of task 2")];
    Tasks { p: draw.number_of("probability of task 1", &["1/2", "1/3", "3/4"]), start, prompt: vec![0, 1, 0, 1] }
}

fn world(draw: &mut Draw) -> World {
    draw.world(Size::small().states(4, 4).actions(2, 2))
}

/// The same world with transitions inside parities.
fn remembering(draw: &mut Draw, world: &World) -> World {
    let inside = |draw: &mut Draw, s: usize, a: usize| {
        let (p, mut line) = (draw.distribution("inside", (s, a), 2, 0), vec![Q::ZERO; 4]);
        (line[s % 2], line[s % 2 + 2]) = (p[0].clone(), p[1].clone());
        line
    };
    world.moving(world.all_rows().iter().map(|row| inside(draw, row.s, row.a)).collect())
}

fn rest(draw: &mut Draw, world: World, tasks: Tasks, weight: Vec<Q>) -> Case {
    let r = [draw.reward("of task 1", &world), draw.reward("of task 2", &world)];
    let pi = draw.policy("pi", &world);
    tasks.case(world, r, pi, weight)
}

fn instance(draw: &mut Draw) -> Case {
    let (tasks, world) = (tasks(draw), world(draw));
    let (world, weight) = (remembering(draw, &world), tasks.posterior());
    rest(draw, world, tasks, weight)
}

fn two_prompts() -> Case {
    let moves = [
        ("x", "l", "xl"), ("x", "r", "xr"), ("y", "l", "yl"), ("y", "r", "yr"),
        ("xl", "end", "xl"), ("xr", "end", "xr"), ("yl", "end", "yl"), ("yr", "end", "yr"),
    ];
    let world = World::moves("9/10", &moves);
    let at = |name: &str| world.state(name);
    let prompt = (0..6).map(|s| if world.states[s].starts_with('x') { at("x") } else { at("y") }).collect();
    let start = [world.over_states(&[("x", "1/2"), ("y", "1/2")]), world.over_states(&[("y", "1")])];
    let r = [
        world.over_rows(&[("xl", "end", "1"), ("yl", "end", "1")]),
        world.over_rows(&[("xl", "end", "5"), ("yr", "end", "1")]),
    ];
    let (pi, tasks) = (world.uniform(), Tasks { p: number("1/2"), start, prompt });
    let weight = tasks.posterior();
    tasks.case(world, r, pi, weight)
}

fn read(case: &Case) -> Tasks {
    let prompt = case.x("prompt").iter().map(|x| x.to_f64().value() as usize).collect();
    let start = ["start of task 1", "start of task 2"].map(|name| case.x(name).to_vec());
    Tasks { p: case.n("probability of task 1").clone(), start, prompt }
}

fn prompt_kept(case: &Case) -> bool {
    let (world, tasks) = (&case.world, read(case));
    let keeps = |s: usize, t: usize| tasks.prompt[s] == tasks.prompt[t];
    let moves = world.all_rows().iter().all(|row| (0..row.p.len()).all(|t| row.p[t].is_zero() || keeps(row.s, t)));
    moves && tasks.m().iter().enumerate().all(|(s, m)| m.is_zero() || tasks.prompt[s] == s)
}

fn without_prompt_kept(draw: &mut Draw) -> Case {
    let (tasks, world) = (tasks(draw), world(draw));
    let weight = tasks.posterior();
    rest(draw, world, tasks, weight)
}

fn posterior_weights(case: &Case) -> bool {
    case.x("weight of task 1") == read(case).posterior()
}

fn without_posterior_weights(draw: &mut Draw) -> Case {
    let (tasks, world) = (tasks(draw), world(draw));
    let (world, weight) = (remembering(draw, &world), vec![tasks.p.clone(); 4]);
    rest(draw, world, tasks, weight)
}

fn predicate(case: &Case, _: Strength) -> Finding {
    let (world, tasks) = (&case.world, read(case));
    let (one, two, weight) = (case.r("of task 1"), case.r("of task 2"), case.x("weight of task 1"));
    let mixed = |row: usize| {
        let w = &weight[world.row(row).s];
        w * &one[row] + (Q::ONE - w) * &two[row]
    };
    let effective: Vec<Q> = (0..world.n_rows()).map(mixed).collect();
    let policies = world.policies().into_iter().chain([case.pi("pi").to_vec()]);
    Finding::all(policies.map(|pi| {
        let of = |k: usize, r: &[Q]| dot(&tasks.start[k], &world.evaluate(&pi, r));
        let mixture = &tasks.p * of(0, &one) + (Q::ONE - &tasks.p) * of(1, &two);
        Finding::equal("return of the mixture, and of the effective reward", &mixture, &world.j(&pi, &effective))
    }))
}
