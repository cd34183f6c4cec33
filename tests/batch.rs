//! Many rewards at once against rational arithmetic, against each of them alone, and against another number of threads.

use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of, reward};
use crate::common::exact::{Exact, Optimum, Q, largest, near, q};
use proptest::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use truenorth::io::gallery;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model};
use truenorth::solve::{Limits, Options, Outcome, Sense, Solution, Solver, Stop, Task};

const SENSES: [Sense; 2] = [Sense::Max, Sense::Min];

/// With discount `1 - 2^-20` sweeping takes millions; bounds must hold when it is cut.
const SWEEPS: usize = 3_000;

const GAMMAS: &[f64] = &[0.0, 0.5, 0.99, 1.0 - 1.0 / 1024.0, 1.0 - 1.0 / (1 << 20) as f64];

/// Gaps above this part of the largest possible value are clear: they must be told from ties by everyone.
const CLEAR: f64 = 1e-8;

/// Each reward of a case is asked for in these sizes.
const SIZES: [f64; 3] = [1.0, -1e-8, 1e8];

const SMALL: Kind = Kind { max_states: 5, max_actions: 3, gammas: GAMMAS, n_rewards: 3, ..Kind::ANY };

fn solver<'a>(mdp: &'a Mdp, method: Option<&'static str>) -> Solver<'a> {
    let options = Options { method, max_sweeps: SWEEPS, ..Options::default() };
    Solver::new(mdp, options).unwrap_or_else(|d| panic!("{method:?} refuses: {d:?}"))
}

/// Pools of one and of two threads.
static POOLS: LazyLock<[ThreadPool; 2]> =
    LazyLock::new(|| [1, 2].map(|n| ThreadPoolBuilder::new().num_threads(n).build().expect("threads")));

/// Everything a solution says, to the last bit.
fn bytes(solution: &Solution) -> String {
    let bits = |xs: &[f64]| xs.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    let numbers = [&solution.v, &solution.lo, &solution.hi].map(|xs| bits(xs));
    let sets = (&solution.policy, &solution.optimal, solution.n_ties);
    format!("{numbers:?} {sets:?} {} {} {:?}", solution.method, solution.sweeps, solution.outcome)
}

/// The same answers, to the last bit, from one thread and from two.
fn on_any_threads(solver: &Solver<'_>, tasks: &[Task<'_>]) -> Result<Vec<Solution>, String> {
    let [one, two] = POOLS.each_ref().map(|pool| pool.install(|| solver.optimise_all(tasks)));
    require!(one.len() == tasks.len(), "{} answers to {} tasks", one.len(), tasks.len());
    for (i, (x, y)) in one.iter().zip(&two).enumerate() {
        require!(bytes(x) == bytes(y), "task {i}: another number of threads, another answer");
    }
    Ok(one)
}

/// One problem with its exact answer.
struct Problem {
    r: ExpectedReward,
    sense: Sense,
    allowed: Option<Vec<bool>>,
    optimum: Optimum,
    horizon: f64,
    /// Largest possible value.
    scale: f64,
}

impl Problem {
    fn task(&self) -> Task<'_> {
        Task { allowed: self.allowed.as_deref(), ..Task::new(&self.r, self.sense) }
    }

    fn check(&self, found: &Solution) -> Result<(), String> {
        for (s, x) in self.optimum.v.iter().enumerate() {
            let (lo, hi) = (found.lo[s], found.hi[s]);
            require!(q(lo) <= *x && *x <= q(hi), "state {s}: {:e} is not in [{lo:e}, {hi:e}]", near(x));
        }
        for (row, gap) in self.optimum.gap.iter().enumerate() {
            let is_optimal = gap.as_ref().is_some_and(Q::is_zero);
            require!(found.optimal[row] || !is_optimal, "the optimal row {row} is missing");
            require!(gap.is_some() || !found.optimal[row], "row {row} is not allowed and called optimal");
        }
        for (s, &row) in found.policy.iter().enumerate() {
            require!(found.optimal[row], "the greedy row of state {s} is not among the optimal ones");
        }
        let width = found.lo.iter().zip(&found.hi).fold(0.0, |m, (l, h)| f64::max(m, h - l));
        // As close as asked, or as rounding allows when it is amplified by the horizon.
        let is_narrow = width <= (4e-10 + 1e-13 * self.horizon) * self.scale + 1e-300;
        require!(is_narrow || found.outcome != Outcome::Converged, "{width:e} apart for {:e}", self.scale);
        Ok(())
    }

    /// Rows whose gap is none or clear are told apart alike.
    fn agree(&self, x: &Solution, y: &Solution) -> Result<(), String> {
        for s in 0..x.v.len() {
            require!(x.lo[s] <= y.hi[s] && y.lo[s] <= x.hi[s], "{} and {} disagree at {s}", x.method, y.method);
        }
        if x.outcome != Outcome::Converged || y.outcome != Outcome::Converged {
            return Ok(());
        }
        // Values known to `width` tell a gap from none only beyond twice that.
        let width = |found: &Solution| found.lo.iter().zip(&found.hi).fold(0.0, |m, (l, h)| f64::max(m, h - l));
        let told = CLEAR * self.scale + 2.0 * width(x).max(width(y));
        for (row, gap) in self.optimum.gap.iter().enumerate().filter_map(|(row, gap)| Some((row, gap.as_ref()?))) {
            let is_clear = gap.is_zero() || near(gap).abs() > told;
            require!(
                !is_clear || x.optimal[row] == y.optimal[row],
                "{} and {} differ in row {row}",
                x.method,
                y.method
            );
        }
        Ok(())
    }
}

/// All rewards of a case in several sizes, both senses, with and without a restriction.
fn problems(case: &mut Case, mdp: &Mdp, model: &Model) -> Vec<Problem> {
    let exact = Exact::new(mdp);
    let horizon = solver(mdp, Some("pi")).horizon().longest();
    let mut problems = Vec::new();
    for i in 0..case.rewards.len() {
        let r = reward(model, i);
        let (expected, rational) = (r.expected(mdp), exact.expected(r));
        let mut allowed: Vec<bool> = (0..mdp.n_rows()).map(|_| case.tape.below(2) == 0).collect();
        case.policy(mdp).into_iter().for_each(|row| allowed[row] = true);
        for (size, sense) in SIZES.iter().flat_map(|&size| SENSES.map(|sense| (size, sense))) {
            // A product of doubles is not one: its error is known, and its exact value too.
            let (r, exact_r): (_, Vec<Q>) = (expected.scaled(size), rational.iter().map(|x| x * q(size)).collect());
            let allowed = (size == 1.0).then(|| allowed.clone());
            let optimum = exact.optimum(&exact_r, sense == Sense::Max, allowed.as_deref());
            let scale = near(&largest(&exact_r)) * horizon;
            problems.push(Problem { r, sense, allowed, optimum, horizon, scale });
        }
    }
    problems
}

fn check(mut case: Case) -> Result<(), String> {
    let model = case.model();
    let mdp = model.mdp();
    let problems = problems(&mut case, mdp, &model);
    let tasks: Vec<Task<'_>> = problems.iter().map(Problem::task).collect();
    let (batch, alone) = (solver(mdp, Some("batch")), solver(mdp, Some("pi")));
    let found = on_any_threads(&batch, &tasks)?;
    let chosen = on_any_threads(&solver(mdp, None), &tasks)?;
    let values = batch.values_all(&tasks);
    for (i, (problem, found)) in problems.iter().zip(&found).enumerate() {
        let name = |e: String| format!("task {i}, {:?}: {e}", problem.sense);
        problem.check(found).map_err(name)?;
        problem.check(&chosen[i]).map_err(name)?;
        let task = problem.task();
        problem.agree(found, &alone.optimise(&task)).map_err(name)?;
        problem.agree(found, &batch.optimise_all(&[task])[0]).map_err(name)?;
        require!(values[i].lo == found.lo && values[i].hi == found.hi, "task {i}: other bounds without ties");
    }
    Ok(())
}

/// Rewards of sixteen orders of magnitude side by side in one table.
fn wild(mut case: Case) -> Case {
    let mut tape = case.tape.clone();
    let mut scale = |r: &mut f64| *r *= tape.pick(&[1.0, 1e-8, 1e8, 1e-4, 1e4]);
    for table in &mut case.rewards {
        match table {
            Table::S(r) => r.iter_mut().for_each(&mut scale),
            Table::Sa(r) => r.iter_mut().flatten().for_each(&mut scale),
            Table::Sas(r) => r.iter_mut().flatten().flatten().for_each(&mut scale),
        }
    }
    case
}

fn hold(result: Result<(), String>) -> Result<(), TestCaseError> {
    result.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(crate::common::cases(64))]

    #[test]
    fn every_answer_of_a_batch_holds_and_is_that_of_the_reward_alone(case in cases_of(SMALL)) {
        hold(check(case))?;
    }

    #[test]
    fn rewards_of_sixteen_orders_of_magnitude(case in cases_of(SMALL)) {
        hold(check(wild(case)))?;
    }

    #[test]
    fn certain_steps_and_whole_rewards_tie_often(case in cases_of(Kind { certain: true, scales: &[1.0], ..SMALL })) {
        hold(check(case))?;
    }

    #[test]
    fn sizes_at_the_ends_of_what_is_accepted(case in cases_of(Kind { scales: &[1e-90, 1e90], max_states: 3, ..SMALL })) {
        hold(check(case))?;
    }

    #[test]
    fn without_discount_each_goes_its_own_way(case in cases_of(Kind { max_states: 4, n_rewards: 2, ..Kind::EPISODIC })) {
        hold(check(case))?;
    }
}

/// One state after the other, each with the given next states, probabilities and rewards per action.
fn table(gamma: f64, p: Vec<Vec<Option<Vec<f64>>>>, r: Vec<Vec<f64>>, terminal: Vec<usize>) -> Case {
    Case { gamma, p, mu0: Start::Uniform, terminal, rewards: vec![Table::Sa(r)], tape: Tape::new(vec![0]) }
}

fn unit(n: usize, s: usize) -> Option<Vec<f64>> {
    Some((0..n).map(|t| f64::from(u8::from(t == s))).collect())
}

#[test]
fn periods_and_single_states() {
    for &gamma in GAMMAS {
        for n in [1, 2, 3, 7] {
            let p = (0..n).map(|s| vec![unit(n, (s + 1) % n), unit(n, s)]).collect();
            let r = (0..n).map(|s| vec![[1.0, -1.0, 0.0, 5.0][s % 4], 0.5]).collect();
            check(table(gamma, p, r, Vec::new())).unwrap_or_else(|e| panic!("{n} states, gamma {gamma}: {e}"));
        }
        check(table(gamma, vec![vec![unit(1, 0)]], vec![vec![0.0]], Vec::new())).unwrap();
        check(table(gamma, vec![vec![unit(1, 0)]], vec![vec![0.0]], vec![0])).unwrap();
    }
}

/// Rewards over the rows of a model, the same on every run.
fn rewards(mdp: &Mdp, n: usize) -> Vec<ExpectedReward> {
    let one = |i: usize, row: usize| ((i * 7919 + row * 104_729 + 13) as f64).sin();
    (0..n).map(|i| ExpectedReward::exact((0..mdp.n_rows()).map(|row| one(i, row)).collect())).collect()
}

fn gallery_model(spec: &str) -> Model {
    Model::build(gallery::read(spec).unwrap()).unwrap()
}

#[test]
fn models_of_several_blocks_sparse_and_full() {
    for spec in [
        "garnet?states=700&gamma=0.9",
        "garnet?states=300&branching=300&actions=3&gamma=0.95",
        "garnet?states=5000&gamma=0.5",
    ] {
        let model = gallery_model(spec);
        let mdp = model.mdp();
        let rewards = rewards(mdp, 37);
        let mut tasks: Vec<Task<'_>> = rewards.iter().map(|r| Task::new(r, Sense::Max)).collect();
        tasks.iter_mut().step_by(3).for_each(|task| task.sense = Sense::Min);
        let found = on_any_threads(&solver(mdp, Some("batch")), &tasks).unwrap();
        let other = solver(mdp, Some("mpi"));
        for (task, found) in tasks.iter().zip(&found).step_by(5) {
            assert_eq!((found.method, found.outcome), ("batch", Outcome::Converged), "{spec}");
            let alone = other.optimise(task);
            for s in 0..mdp.n_states() {
                assert!(found.lo[s] <= alone.hi[s] && alone.lo[s] <= found.hi[s], "{spec}: state {s}");
            }
            assert_eq!(found.policy, alone.policy, "{spec}");
        }
    }
}

/// With most rewards done early, what is left of several groups is put together and goes on.
#[test]
fn rewards_that_take_their_time_are_put_together() {
    // Two parts that do not meet: one mixes at once, the other goes round.
    let n = 8;
    let even = || Some((0..n).map(|t| if t < 4 { 0.25 } else { 0.0 }).collect());
    let p = (0..n)
        .map(|s| if s < 4 { vec![even(), even()] } else { vec![unit(n, 4 + (s - 3) % 4), unit(n, 4 + (s - 3) % 4)] })
        .collect();
    let case = table(0.98, p, vec![vec![0.0; 2]; n], Vec::new());
    let model = case.model();
    let mdp = model.mdp();
    let all = rewards(mdp, 100);
    let mixed: Vec<ExpectedReward> = all
        .into_iter()
        .enumerate()
        .map(|(i, mut r)| {
            if i % 4 != 0 {
                // The same everywhere in the part that goes round, so that nothing has to mix there.
                r.r[8..].fill(0.25);
            }
            r
        })
        .collect();
    let tasks: Vec<Task<'_>> = mixed.iter().map(|r| Task::new(r, Sense::Max)).collect();
    let found = on_any_threads(&solver(mdp, Some("batch")), &tasks).unwrap();
    let pi = solver(mdp, Some("pi"));
    for (i, (task, found)) in tasks.iter().zip(&found).enumerate() {
        let alone = pi.optimise(task);
        for s in 0..n {
            assert!(found.lo[s] <= alone.hi[s] && alone.lo[s] <= found.hi[s], "reward {i}, state {s}");
        }
    }
    assert!(found.iter().all(Solution::is_converged));
    assert!(found[1].sweeps < found[0].sweeps, "{} {}", found[1].sweeps, found[0].sweeps);
}

/// Left to itself, a batch hands on what sweeping would take too long for.
#[test]
fn what_mixes_too_slowly_is_handed_on() {
    let n = 60;
    let p = (0..n).map(|s| vec![unit(n, (s + 1) % n), unit(n, (s + 7) % n)]).collect();
    let case = table(1.0 - 1.0 / (1 << 20) as f64, p, vec![vec![0.0; 2]; n], Vec::new());
    let model = case.model();
    let rewards = rewards(model.mdp(), 20);
    let tasks: Vec<Task<'_>> = rewards.iter().map(|r| Task::new(r, Sense::Max)).collect();
    let found = on_any_threads(&Solver::new(model.mdp(), Options::default()).unwrap(), &tasks).unwrap();
    assert!(found.iter().all(|found| found.method == "pi" && found.is_converged()));
}

/// Dense models are swept, unless a task says how it is to be solved.
#[test]
fn the_road_is_chosen_by_the_model_and_the_task() {
    let model = gallery_model("garnet?states=120&branching=120&actions=4&gamma=0.99");
    let mdp = model.mdp();
    let rewards = rewards(mdp, 20);
    let mut tasks: Vec<Task<'_>> = rewards.iter().map(|r| Task::new(r, Sense::Max)).collect();
    let methods = |method, tasks: &[Task<'_>]| -> Vec<&str> {
        solver(mdp, method).optimise_all(tasks).iter().map(|found| found.method).collect()
    };
    assert!(methods(None, &tasks).iter().all(|&method| method == "batch"));
    assert!(methods(Some("pi"), &tasks).iter().all(|&method| method == "pi"));
    assert_eq!(methods(None, &tasks[..2]), ["pi", "pi"], "few rewards are solved as ever");
    let first = solver(mdp, None).optimise(&tasks[0]).policy;
    tasks[0].warm = Some(&first);
    assert_eq!(methods(None, &tasks)[..2], ["pi", "batch"]);
    assert!(methods(None, &[]).is_empty());
}

#[test]
fn limits_leave_bounds_that_hold() {
    static STOP: Stop = Stop::new();
    STOP.interrupt();
    let model = gallery_model("garnet?states=60&branching=60&actions=3&gamma=0.9");
    let mdp = model.mdp();
    let rewards = rewards(mdp, 40);
    let tasks: Vec<Task<'_>> = rewards.iter().map(|r| Task::new(r, Sense::Min)).collect();
    let sharp = solver(mdp, Some("pi"));
    let best: OnceLock<Vec<Solution>> = OnceLock::new();
    let past = Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or_else(Instant::now);
    let limits = [
        (Options { max_sweeps: 1, ..Options::default() }, Outcome::SweepLimit),
        (Options { max_sweeps: 4, ..Options::default() }, Outcome::SweepLimit),
        (
            Options { limits: Limits { deadline: Some(past), ..Limits::default() }, ..Options::default() },
            Outcome::TimeLimit,
        ),
        (
            Options { limits: Limits { stop: Some(&STOP), ..Limits::default() }, ..Options::default() },
            Outcome::Interrupted,
        ),
    ];
    for (options, outcome) in limits {
        let limited = Solver::new(mdp, Options { method: Some("batch"), ..options }).unwrap();
        let found = on_any_threads(&limited, &tasks).unwrap();
        let best = best.get_or_init(|| sharp.optimise_all(&tasks));
        for (found, best) in found.iter().zip(best) {
            assert_eq!(found.outcome, outcome);
            for s in 0..mdp.n_states() {
                assert!(found.lo[s] <= best.hi[s] && best.lo[s] <= found.hi[s], "{outcome:?}, state {s}");
            }
            let kept = (0..mdp.n_rows()).all(|row| found.optimal[row] || !best.optimal[row]);
            assert!(kept, "{outcome:?} loses an optimal row");
        }
    }
}
