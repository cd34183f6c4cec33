//! From the analyses of a study file to command lines: names replaced, lists multiplied out.

use std::path::{Path, PathBuf};

use clap::{ArgAction, CommandFactory};

use crate::{Cli, diagnose, output};
use truenorth::base::{Code, Diag, Result, Source};
use truenorth::io::study_file::{Analysis, Member, Named, StudyFile, StudyModel, Word};

/// Commands a study may run: those that answer with a result.
pub const RUNS: &[&str] =
    &["compare", "regret", "solve", "occupancy", "canon", "shape", "stability", "hack", "matrix", "repair"];
/// Flags that say where an answer goes, which is the study's to say.
const RESERVED: &[&str] = &["json", "quiet", "verbose", "output", "report", "batch", "threads"];
/// Most analyses of one study.
const MAX_STEPS: usize = 10_000;

/// One analysis with every name replaced.
#[derive(Clone, Debug)]
pub struct Step {
    /// Heading in the report.
    pub title: String,
    /// Words below the heading.
    pub note: Option<String>,
    /// Arguments of the program, without its name.
    pub args: Vec<String>,
    /// Files among the arguments.
    pub files: Vec<PathBuf>,
    /// Where the analysis stands in the file.
    pub at: truenorth::base::Offset,
}

impl Step {
    /// The command line as one would type it.
    pub fn line(&self) -> String {
        output::command_line(&self.args)
    }
}

/// One of the values that an argument takes in turn.
#[derive(Clone, Debug, Default)]
struct Choice {
    /// What tells it from the others in a heading.
    label: String,
    /// Words for the place of the argument.
    words: Vec<String>,
    /// Flags that come with it.
    flags: Vec<String>,
}

/// How an argument takes words.
enum Takes {
    Flag,
    One,
    /// All at once, so many for each time the flag is written.
    Many(usize),
}

/// Every step of a study, in order. Each command line is checked against the program's own arguments.
pub fn steps(study: &StudyFile, directory: &Path) -> Result<Vec<Step>> {
    let plan = Plan { study, directory };
    let mut steps = Vec::new();
    for analysis in &study.analyses {
        plan.expand(analysis, &mut steps)?;
    }
    Ok(steps)
}

struct Plan<'a> {
    study: &'a StudyFile,
    directory: &'a Path,
}

impl Plan<'_> {
    fn source(&self) -> &Source {
        &self.study.source
    }

    fn expand(&self, analysis: &Analysis, steps: &mut Vec<Step>) -> Result<()> {
        let run = analysis.run.value.as_str();
        if !RUNS.contains(&run) {
            return Diag::new(Code::StudyCommand, format!("a study cannot run `{run}`"))
                .at(self.source(), analysis.run.at)
                .expected(RUNS.join(", "))
                .nearest(run, RUNS.iter().copied())
                .err();
        }
        let mut cli = Cli::command();
        cli.build();
        let Some(command) = cli.find_subcommand(run) else {
            return Diag::new(Code::Usage, format!("there is no command `{run}`")).err();
        };
        // Positional arguments stand in the order of the command, flags in the order of the file.
        let mut places: Vec<Option<Vec<Choice>>> = vec![None; command.get_positionals().count()];
        let mut flags: Vec<Vec<Choice>> = Vec::new();
        for field in &analysis.fields {
            let (arg, position) = self.argument(command, run, field)?;
            let choices = self.choices(arg, field, position.is_some())?;
            match position {
                Some(position) => places[position] = Some(choices),
                None => flags.push(choices),
            }
        }
        let n_places = places.iter().flatten().count();
        let axes: Vec<Vec<Choice>> = places.into_iter().flatten().chain(flags).collect();
        let count = axes.iter().try_fold(1usize, |n, axis| n.checked_mul(axis.len())).unwrap_or(usize::MAX);
        if count.saturating_add(steps.len()) > MAX_STEPS {
            return Diag::new(Code::TooLarge, "the lists of this analysis multiply out to too many command lines")
                .at(self.source(), analysis.run.at)
                .expected(format!("at most {MAX_STEPS} in a study"))
                .err();
        }
        for mut index in 0..count {
            // The last list runs fastest.
            let mut chosen: Vec<&Choice> = Vec::new();
            let mut labels: Vec<&str> = Vec::new();
            for axis in axes.iter().rev() {
                let choice = &axis[index % axis.len()];
                index /= axis.len();
                chosen.push(choice);
                labels.extend((axis.len() > 1).then_some(choice.label.as_str()));
            }
            chosen.reverse();
            labels.reverse();
            let step = self.step(analysis, &chosen, n_places, &labels);
            self.check(&step)?;
            steps.push(step);
        }
        Ok(())
    }

    /// The argument a key names, and its position if it is not a flag.
    fn argument<'c>(
        &self,
        command: &'c clap::Command,
        run: &str,
        field: &Named<Vec<Word>>,
    ) -> Result<(&'c clap::Arg, Option<usize>)> {
        let key = field.name.value.replace('_', "-");
        let is_reserved = |name: &str| RESERVED.contains(&name) || matches!(name, "help" | "version");
        let name_of = |arg: &clap::Arg| match arg.is_positional() {
            true => arg.get_id().as_str().replace('_', "-"),
            false => arg.get_long().unwrap_or_default().to_owned(),
        };
        let found = command.get_arguments().find(|arg| name_of(arg) == key && !is_reserved(&key));
        let Some(arg) = found else {
            let known: Vec<String> = command.get_arguments().map(name_of).filter(|name| !is_reserved(name)).collect();
            let diag = match is_reserved(&key) {
                true => Diag::new(Code::FieldUnknown, format!("`{key}` is for the study to say, not for an analysis")),
                false => Diag::new(Code::FieldUnknown, format!("`{run}` has no argument `{key}`")),
            };
            return diag
                .at(self.source(), field.name.at)
                .nearest(&key, known.iter().map(String::as_str).filter(|name| !name.is_empty()))
                .err();
        };
        Ok((arg, command.get_positionals().position(|other| other.get_id() == arg.get_id())))
    }

    /// What an argument is in turn.
    fn choices(&self, arg: &clap::Arg, field: &Named<Vec<Word>>, is_positional: bool) -> Result<Vec<Choice>> {
        let takes = takes(arg);
        let wrong = |message: String, expected: &str| {
            Diag::new(Code::WrongType, message).at(self.source(), field.name.at).expected(expected).err()
        };
        let key = &field.name.value;
        let flag = format!("--{}", arg.get_long().unwrap_or_default());
        let mut words: Vec<&str> = Vec::new();
        for word in &field.value {
            match (word, &takes) {
                (Word::Flag(is_on), Takes::Flag) => {
                    let flags = if *is_on { vec![flag] } else { Vec::new() };
                    return Ok(vec![Choice { flags, ..Choice::default() }]);
                }
                (Word::Flag(_), _) => return wrong(format!("`{key}` is true or false"), "a text or a number"),
                (Word::Text(_), Takes::Flag) => return wrong(format!("`{key}` has a value"), "true or false"),
                (Word::Text(text), _) => words.push(text),
            }
        }
        if words.is_empty() {
            return wrong(format!("`{key}` is an empty list"), "at least one value");
        }
        let is_model = is_positional && arg.get_id() == "model";
        Ok(match takes {
            Takes::Many(at_once) => {
                let all: Vec<String> = words.iter().flat_map(|word| self.reward(word)).map(|m| m.expression).collect();
                match is_positional {
                    true => vec![Choice { words: all, ..Choice::default() }],
                    false => {
                        let one =
                            |part: &[String]| std::iter::once(flag.clone()).chain(part.to_vec()).collect::<Vec<_>>();
                        vec![Choice { flags: all.chunks(at_once).flat_map(one).collect(), ..Choice::default() }]
                    }
                }
            }
            _ if is_model => words.iter().flat_map(|word| self.model(word)).collect(),
            _ => {
                let place = (!is_positional).then_some(flag.as_str());
                words.iter().flat_map(|word| self.single(word, words.len() > 1, place)).collect()
            }
        })
    }

    /// What one word stands for where one value is taken: a member of a family each. `flag` is none for a positional
    /// argument.
    fn single(&self, word: &str, is_of_several: bool, flag: Option<&str>) -> Vec<Choice> {
        let one = |member: Member| {
            let label = match member.label.is_empty() {
                false => member.label,
                true if is_of_several => word.to_owned(),
                true => String::new(),
            };
            match flag {
                None => Choice { label, words: vec![member.expression], flags: Vec::new() },
                // One word, so that a value that begins with a minus is a value.
                Some(flag) => Choice { label, words: Vec::new(), flags: vec![format!("{flag}={}", member.expression)] },
            }
        };
        self.reward(word).into_iter().map(one).collect()
    }

    /// The members of a reward of the study, or the word itself; a file beside the study file is that file.
    fn reward(&self, word: &str) -> Vec<Member> {
        match self.study.rewards.iter().find(|r| r.name.value == word) {
            Some(reward) => reward
                .value
                .iter()
                .map(|m| Member { label: m.label.clone(), expression: self.beside(&m.expression) })
                .collect(),
            None => vec![Member { label: String::new(), expression: self.beside(word) }],
        }
    }

    /// A model of the study with its changes, or the word itself.
    fn model(&self, word: &str) -> Vec<Choice> {
        let own;
        let model = match self.study.models.iter().find(|m| m.name.value == word) {
            Some(model) => &model.value,
            None => {
                own = StudyModel { model: word.to_owned(), ..StudyModel::default() };
                &own
            }
        };
        let mut flags = Vec::new();
        flags.extend(model.gamma.iter().map(|g| format!("--gamma={g}")));
        flags.extend(model.mu0.iter().map(|s| format!("--mu0={s}")));
        let words = vec![self.beside(&model.model)];
        if model.seeds.is_empty() {
            return vec![Choice { label: word.to_owned(), words, flags }];
        }
        let one = |seed: &String| {
            let flags = flags.iter().cloned().chain([format!("--seed={seed}")]).collect();
            Choice { label: format!("{word}, seed {seed}"), words: words.clone(), flags }
        };
        model.seeds.iter().map(one).collect()
    }

    /// The word, or the path of a file of that name beside the study file.
    fn beside(&self, word: &str) -> String {
        let path = self.directory.join(word);
        match !self.directory.as_os_str().is_empty() && path.is_file() {
            true => path.to_string_lossy().into_owned(),
            false => word.to_owned(),
        }
    }

    fn step(&self, analysis: &Analysis, chosen: &[&Choice], n_places: usize, labels: &[&str]) -> Step {
        let positional: Vec<String> = chosen[..n_places].iter().flat_map(|c| c.words.clone()).collect();
        let mut args = vec![analysis.run.value.clone()];
        args.extend(chosen.iter().flat_map(|c| c.flags.clone()));
        if positional.iter().any(|word| word.starts_with('-')) {
            args.push("--".into());
        }
        args.extend(positional.iter().cloned());
        let title =
            analysis.title.clone().unwrap_or_else(|| format!("{} {}", analysis.run.value, positional.join(", ")));
        let title = if labels.is_empty() { title } else { format!("{title} ({})", labels.join(", ")) };
        let path = |word: &String| PathBuf::from(word.split_once('=').map_or(word.as_str(), |(_, value)| value));
        let files = args.iter().map(path).filter(|path| path.is_file()).collect();
        Step { title, note: analysis.note.clone(), args, files, at: analysis.run.at }
    }

    fn check(&self, step: &Step) -> Result<()> {
        let program = std::iter::once("truenorth".to_owned());
        match Cli::read(program.chain(step.args.iter().cloned())) {
            Ok(_) => Ok(()),
            Err(error) => {
                let diag = diagnose::diag_of(&error);
                let message = format!("`{}`: {}", step.line(), diag.message);
                Err(Box::new(Diag { code: Code::StudyCommand, message, ..diag }.at(self.source(), step.at)))
            }
        }
    }
}

fn takes(arg: &clap::Arg) -> Takes {
    let most = arg.get_num_args().map_or(1, |range| range.max_values());
    match arg.get_action() {
        ArgAction::SetTrue | ArgAction::SetFalse | ArgAction::Count => Takes::Flag,
        ArgAction::Append => Takes::Many(most.max(1)),
        _ if most > 1 => Takes::Many(most),
        _ => Takes::One,
    }
}
