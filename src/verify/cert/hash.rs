//! The hash of a model's meaning, and the checksum of a file.

use sha2::{Digest, Sha256};

use super::exact::Exact;

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of discount, start, terminal states, rows and expected rewards, as lines of reduced quotients. Names of
/// states and actions are left out, names of rewards are not.
pub(super) fn of_model(model: &Exact) -> String {
    let mut hash = Sha256::new();
    let mut line = |text: String| hash.update(text + "\n");
    line(format!("states {} actions {} gamma {}", model.n_states, model.n_actions, model.gamma));
    for (s, p) in &model.mu0 {
        line(format!("start {s} {p}"));
    }
    for s in 0..model.n_states {
        if model.terminal[s] {
            line(format!("end {s}"));
        }
        for row in model.rows(s) {
            line(format!("row {s} {}", model.action[row]));
            for t in model.transitions(row) {
                line(format!("{} {}", model.next(t), model.p(row, t)));
            }
        }
    }
    for (name, reward) in &model.rewards {
        line(format!("reward {name:?}"));
        for r in reward {
            line(r.to_string());
        }
    }
    hex(hash)
}

/// SHA-256 of a certificate without white space outside strings and with an empty checksum in the place of `written`.
pub(super) fn of_text(text: &str, written: &str) -> String {
    let mut hash = Sha256::new();
    let (mut in_string, mut escaped) = (false, false);
    let mut kept = Vec::with_capacity(text.len());
    for &byte in text.as_bytes() {
        if in_string {
            (in_string, escaped) = (escaped || byte != b'"', !escaped && byte == b'\\');
        } else {
            in_string = byte == b'"';
            if byte.is_ascii_whitespace() {
                continue;
            }
        }
        kept.push(byte);
    }
    // The checksum is the last string of a certificate; what comes before it is hashed, and what comes after it.
    let needle = format!("\"{written}\"");
    let place =
        (!written.is_empty()).then(|| kept.windows(needle.len()).rposition(|w| w == needle.as_bytes())).flatten();
    match place {
        Some(place) => {
            hash.update(&kept[..place]);
            hash.update(b"\"\"");
            hash.update(&kept[place + needle.len()..]);
        }
        None => hash.update(&kept),
    }
    hex(hash)
}
