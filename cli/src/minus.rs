//! Rewards that begin with a minus, told from flags before clap sees them.
//!
//! Clap has `allow_hyphen_values`, which is right for the value of an option. On a positional argument it takes a mistyped
//! flag for a value, and every flag behind the first of many values.

use std::ffi::OsString;

use clap::{Arg, Command, CommandFactory};

use super::Cli;
use super::study::RUNS;

/// Puts a space before each word that begins with one minus and is no flag, where a reward may stand: expressions ignore
/// it. A word that can be read as flags is flags: `-q`, `-old` (a file), but not `-quality`.
pub fn set_apart(mut args: Vec<OsString>) -> Vec<OsString> {
    let root = Cli::command();
    let is_asked = |word: &OsString| word.to_str().is_some_and(|word| RUNS.contains(&word) || word == "plot");
    let Some(mut command) = args.get(1).filter(|word| is_asked(word)).and_then(|word| root.find_subcommand(word))
    else {
        return args;
    };
    let mut takes_next = false;
    for arg in args.iter_mut().skip(2) {
        let Some(word) = arg.to_str() else { continue };
        if word == "--" {
            break;
        }
        if std::mem::take(&mut takes_next) {
            continue;
        }
        if let Some(long) = word.strip_prefix("--") {
            takes_next = find(&root, command, |arg| arg.get_long() == Some(long)).is_some_and(takes_value);
        } else if let Some(shorts) = word.strip_prefix('-').filter(|shorts| !shorts.is_empty()) {
            match as_flags(&root, command, shorts) {
                Some(open) => takes_next = open,
                None => *arg = format!(" {word}").into(),
            }
        } else if let Some(sub) = command.find_subcommand(word) {
            command = sub;
        }
    }
    args
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn find<'c>(root: &'c Command, command: &'c Command, is: impl Fn(&Arg) -> bool) -> Option<&'c Arg> {
    command.get_arguments().chain(root.get_arguments()).find(|arg| is(arg))
}

/// Whether the letters are flags, and if so, whether the last of them waits for a value in the next word.
fn as_flags(root: &Command, command: &Command, shorts: &str) -> Option<bool> {
    for (i, c) in shorts.char_indices() {
        match find(root, command, |arg| arg.get_short() == Some(c)) {
            // What is left is its value.
            Some(arg) if takes_value(arg) => return Some(i + c.len_utf8() == shorts.len()),
            Some(_) => {}
            // Clap adds the flag of the help page later.
            None if c == 'h' => {}
            None => return None,
        }
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(line: &str) -> String {
        let words = set_apart(line.split(' ').map(OsString::from).collect());
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn rewards_are_set_apart_and_flags_are_not() {
        for (line, read) in [
            ("truenorth solve m -goal -q", "truenorth|solve|m| -goal|-q"),
            ("truenorth solve m --q -1 --min", "truenorth|solve|m|--q| -1|--min"),
            ("truenorth matrix m -a -b --metric -x -c", "truenorth|matrix|m| -a| -b|--metric|-x| -c"),
            ("truenorth solve m -quality -qv -oout", "truenorth|solve|m| -quality|-qv|-oout"),
            ("truenorth solve m -o -x -h", "truenorth|solve|m|-o|-x|-h"),
            ("truenorth plot grid m -a -o p.svg", "truenorth|plot|grid|m| -a|-o|p.svg"),
            ("truenorth hack m --proxy -a --truth=-b", "truenorth|hack|m|--proxy|-a|--truth=-b"),
            ("truenorth solve m -- -a", "truenorth|solve|m|--|-a"),
            ("truenorth convert -a b", "truenorth|convert|-a|b"),
        ] {
            assert_eq!(apart(line), read);
        }
    }
}
