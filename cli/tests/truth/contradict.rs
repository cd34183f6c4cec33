//! Two answers to one question, one of them cut short: what the cut one says and the finished one contradicts.

use serde_json::Value;

/// Keys that say how far the work went, not what is true.
const PROGRESS: [&str; 9] = [
    "complete",
    "is_complete",
    "polygon_truncated",
    "ties_are_proved",
    "finds_every_switch",
    "all_targets",
    "may_be_lower",
    "certified",
    "kept",
];

/// Lists of whatever was found: their places mean nothing between two runs.
const FOUND: [&str; 14] = [
    "polygon",
    "points",
    "frontier",
    "frontier_kl",
    "frontier_action_kl",
    "switches",
    "touches",
    "policies",
    "merges",
    "nearest",
    "steps",
    "endings",
    "critical",
    "witness",
];

/// Keys below which the numbers belong to whichever of several policies was found, not to the question.
const OF_A_POLICY: [&str; 9] =
    ["policy_value", "maximiser", "check", "stop", "chosen", "deterministic_witness", "look_ahead", "joint", "shaped"];

/// Ends of a bounded number; what is missing is infinite.
fn ends(x: &Value) -> Option<(f64, f64)> {
    let object = x.as_object()?;
    let is_bounded = object.contains_key("lo") && object.contains_key("hi") && object.contains_key("grade");
    let end = |key: &str, none: f64| object[key].as_f64().unwrap_or(none);
    is_bounded.then(|| (end("lo", f64::NEG_INFINITY), end("hi", f64::INFINITY)))
}

/// All that a cut answer says and a finished one contradicts.
pub fn contradictions(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let mut say = |what: String| found.push(format!("{path}: {what}"));
    // Nor is how far it still had to go.
    if path.ends_with(".left") {
        return;
    }
    if let (Some(a), Some(b)) = (ends(cut), ends(done)) {
        // Both hold, so they meet.
        if a.0 > b.1 || b.0 > a.1 {
            say(format!("{cut} and {done}"));
        }
        return;
    }
    match (cut, done) {
        // Whether a path was walked to its end is no statement about the model.
        (Value::Bool(_), Value::Bool(_)) if path.ends_with(".finished") => {}
        (Value::Bool(a), Value::Bool(b)) if a != b => say(format!("{a}, right is {b}")),
        (Value::Object(a), Value::Object(b)) => objects(path, a, b, found),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                contradictions(&format!("{path}.{i}"), a, b, found);
            }
        }
        _ => {}
    }
}

type Object = serde_json::Map<String, Value>;

fn objects(path: &str, cut: &Object, done: &Object, found: &mut Vec<String>) {
    // Where another policy is judged, and the answer says so, its numbers are its own.
    let other_policy = path.is_empty() && cut.get("divergence").is_some() && cut.get("policy") != done.get("policy");
    // Bounds of a whole list.
    if let (Some(a), Some(b)) = (lists(cut), lists(done)) {
        for i in 0..a.0.len().min(b.0.len()) {
            if a.0[i] > b.1[i] || b.0[i] > a.1[i] {
                found.push(format!("{path}.{i}: [{}, {}] and [{}, {}]", a.0[i], a.1[i], b.0[i], b.1[i]));
            }
        }
        return;
    }
    for (key, a) in cut {
        let Some(b) = done.get(key) else { continue };
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match key.as_str() {
            key if PROGRESS.contains(&key) || FOUND.contains(&key) || OF_A_POLICY.contains(&key) => {}
            "divergence" | "bound" | "flags" if other_policy => {}
            "returns" if other_policy => {
                contradictions(&format!("{path}.reference"), &a["reference"], &b["reference"], found)
            }
            // Certain members only: of a finished list, a part.
            "same_task" | "trivial" | "changed" => claims(&path, a, b, found),
            // Plain numbers with an error a row beside them.
            "distance" | "regret" if a.is_array() => {
                let errors = |of: &Object| of.get(&format!("{key}_error")).cloned().unwrap_or_default();
                tables(&path, (a, &errors(cut)), (b, &errors(done)), found);
            }
            // Every action that may be optimal.
            "policy" if path == "policy" => possible(&path, a, b, found),
            _ => contradictions(&path, a, b, found),
        }
    }
}

/// The ends of `{ lo: [..], hi: [..] }`, nested lists one after the other.
fn lists(of: &Object) -> Option<(Vec<f64>, Vec<f64>)> {
    fn flat(x: &Value, none: f64, into: &mut Vec<f64>) {
        match x {
            Value::Array(all) => all.iter().for_each(|x| flat(x, none, into)),
            x => into.push(x.as_f64().unwrap_or(none)),
        }
    }
    let (lo, hi) = (of.get("lo")?, of.get("hi")?);
    if !lo.is_array() || !hi.is_array() {
        return None;
    }
    let (mut a, mut b) = (Vec::new(), Vec::new());
    flat(lo, f64::NEG_INFINITY, &mut a);
    flat(hi, f64::INFINITY, &mut b);
    Some((a, b))
}

fn claims(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let (Some(cut), Some(done)) = (cut.as_array(), done.as_array()) else { return };
    let inside = |part: &Value, whole: &Value| match (part, whole) {
        (Value::Array(part), Value::Array(whole)) => part.iter().all(|x| whole.contains(x)),
        (part, whole) => part == whole,
    };
    for x in cut.iter().filter(|x| !done.iter().any(|y| inside(x, y))) {
        found.push(format!("{path}: {x} is claimed, right is {done:?}"));
    }
}

fn possible(path: &str, cut: &Value, done: &Value, found: &mut Vec<String>) {
    let (Some(cut), Some(done)) = (cut.as_array(), done.as_array()) else { return };
    for (s, (a, b)) in cut.iter().zip(done).enumerate() {
        let (Some(a), Some(b)) = (a.as_array(), b.as_array()) else { continue };
        for x in b.iter().filter(|x| !a.contains(x)) {
            found.push(format!("{path}.{s}: {x} is ruled out, and is optimal"));
        }
    }
}

fn tables(path: &str, (a, a_error): (&Value, &Value), (b, b_error): (&Value, &Value), found: &mut Vec<String>) {
    for i in 0..a.as_array().map_or(0, Vec::len) {
        let error = a_error[i].as_f64().unwrap_or(f64::INFINITY) + b_error[i].as_f64().unwrap_or(f64::INFINITY);
        for j in 0..a[i].as_array().map_or(0, Vec::len) {
            if let (Some(x), Some(y)) = (a[i][j].as_f64(), b[i][j].as_f64())
                && (x - y).abs() > error * (1.0 + 1e-9)
            {
                found.push(format!("{path}.{i}.{j}: {x} and {y}, off by more than {error}"));
            }
        }
    }
}
