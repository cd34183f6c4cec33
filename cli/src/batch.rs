//! `compare --batch`: one pair a line, lines worked on side by side, answers in order.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::control::STOP;
use super::output::{Exit, Output};
use super::{diagnose, progress, shared};
use truenorth::analysis::compare::{Query, Request, compare};
use truenorth::base::{Code, Diag, Result, Source};
use truenorth::io;
use truenorth::model::Model;
use truenorth_show::answer;

/// Lines read ahead of the first one not yet answered, a thread: enough to keep all threads busy behind a slow line, and
/// few enough that memory does not grow with the file.
const LOOK_AHEAD: usize = 4;
/// Bytes that one of those lines may have; a longer one takes the places of several, so that memory stays bounded.
const PLACE: usize = 1 << 20;
/// Time between two looks at whether to stop, when nothing else happens.
const POLL: Duration = Duration::from_millis(50);

/// One line of a batch.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    model: &'a RawValue,
    #[serde(borrow)]
    truth: Option<&'a RawValue>,
    #[serde(borrow)]
    proxy: Option<&'a RawValue>,
}

/// What happens while a batch runs.
enum Event {
    /// A line that is not blank: its number from 1, the places it takes, and its text.
    Line { number: usize, weight: usize, text: Result<String> },
    /// There are no more lines.
    End,
    /// The answer to the line with this place in the order of answers.
    Done(usize, std::thread::Result<Answered>),
}

/// An answer.
struct Answered {
    /// Number of the line, from 1.
    line: usize,
    /// Places of lines read ahead that are free again.
    weight: usize,
    /// JSON in one line, and whether every limit was kept.
    result: Result<(String, bool)>,
}

/// What every line has in common.
struct Common {
    /// The file, for messages.
    name: String,
    reference: Option<String>,
    exact_inputs: bool,
    request: Request,
}

/// Answers a file of pairs. A line that is refused gets an object with its error, and the program ends with that
/// error's exit code after the last line. A request to stop ends it after the lines begun.
pub fn run(
    path: &Path,
    (reference, exact_inputs): (Option<&str>, bool),
    request: &Request,
    out: &mut Output,
) -> Result<Exit> {
    let name = path.display().to_string();
    let file = match name.as_str() {
        "-" => None,
        _ => Some(io::text::open(path)?),
    };
    let common =
        Arc::new(Common { name, reference: reference.map(str::to_owned), exact_inputs, request: request.clone() });
    let (events, happening) = channel();
    let (room, places) = channel();
    let n_places = LOOK_AHEAD * rayon::current_num_threads();
    {
        // Reading may wait for ever for a line; the thread is left behind when the program ends.
        let (events, common) = (events.clone(), Arc::clone(&common));
        std::thread::spawn(move || match file {
            Some(file) => read_lines(BufReader::with_capacity(1 << 20, file), &common.name, &places, n_places, &events),
            None => read_lines(std::io::stdin().lock(), &common.name, &places, n_places, &events),
        });
    }
    let free = |n: usize| {
        // The reader may have ended already.
        for _ in 0..n {
            let _ = room.send(());
        }
    };
    free(n_places);
    let mut stream = out.stream();
    let mut exit = Exit::Answered;
    let mut first_refusal: Option<Box<Diag>> = None;
    let (mut begun, mut printed, mut is_read) = (0, 0, false);
    let mut waiting: BTreeMap<usize, Answered> = BTreeMap::new();
    progress::lines(0);
    'all: while !is_read || printed < begun {
        let event = match happening.recv_timeout(POLL) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            // This function holds a sender.
            Err(RecvTimeoutError::Disconnected) => break,
        };
        is_read |= STOP.asked().is_some();
        match event {
            Some(Event::Line { number, weight, text }) if !is_read => {
                begin(begun, (number, weight), text, &common, &events);
                begun += 1;
            }
            Some(Event::End) => is_read = true,
            Some(Event::Done(place, Ok(answered))) => {
                waiting.insert(place, answered);
            }
            Some(Event::Done(_, Err(panic))) => resume_unwind(panic),
            Some(Event::Line { .. }) | None => {}
        }
        while let Some(answered) = waiting.remove(&printed) {
            printed += 1;
            free(answered.weight);
            let text = match answered.result {
                Ok((text, is_complete)) => {
                    if !is_complete {
                        exit = Exit::LimitReached;
                    }
                    text
                }
                Err(diag) => {
                    let mut value = diagnose::object(&diag);
                    if let Value::Object(map) = &mut value {
                        map.insert("input_line".into(), json!(answered.line));
                    }
                    first_refusal.get_or_insert(diag);
                    value.to_string()
                }
            };
            if !stream.line(&text)? {
                break 'all;
            }
            progress::lines(printed);
        }
    }
    stream.finish()?;
    if STOP.asked().is_some() {
        exit = Exit::LimitReached;
    }
    out.say_if_stopped();
    match first_refusal {
        None => Ok(exit),
        Some(diag) => Err(diag),
    }
}

/// Sends every line that is not blank, each as soon as there is room for it.
fn read_lines(reader: impl BufRead, name: &str, room: &Receiver<()>, n_places: usize, events: &Sender<Event>) {
    let is_blank = |line: &Result<String>| line.as_ref().is_ok_and(|text| text.trim().is_empty());
    for (number, text) in io::Lines::new(reader, name).filter(|(_, line)| !is_blank(line)) {
        let bytes = text.as_ref().map_or(0, String::len);
        let weight = (1 + bytes / PLACE).min(n_places);
        let is_closed = (0..weight).any(|_| room.recv().is_err());
        if is_closed || events.send(Event::Line { number, weight, text }).is_err() {
            return;
        }
    }
    // If nobody listens any more, nobody waits either.
    let _ = events.send(Event::End);
}

/// Puts a line into the queue of the threads.
fn begin(
    place: usize,
    (line, weight): (usize, usize),
    text: Result<String>,
    common: &Arc<Common>,
    events: &Sender<Event>,
) {
    let (common, events) = (Arc::clone(common), events.clone());
    rayon::spawn_fifo(move || {
        let answer = || Answered { line, weight, result: text.and_then(|text| common.answer(line, &text)) };
        let done = catch_unwind(AssertUnwindSafe(answer));
        // The other end is gone when nobody reads the answers any more.
        let _ = events.send(Event::Done(place, done));
    });
}

impl Common {
    /// The answer to one line, and whether every limit was kept.
    fn answer(&self, line: usize, text: &str) -> Result<(String, bool)> {
        let place = format!("{}:{line}", self.name);
        let refuse = |e: serde_json::Error| {
            // The parser sees one line and would call it the first.
            let said = e.to_string();
            let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
            Diag::new(Code::Syntax, format!("{place}:{}: {what}", e.column()))
                .expected(r#"{"model": {...} or "gallery:NAME", "truth": "...", "proxy": "..."}"#)
                .help("compact every model to one line")
        };
        let line: Line<'_> = serde_json::from_str(text).map_err(|e| Box::new(refuse(e)))?;
        let raw = match serde_json::from_str::<String>(line.model.get()) {
            Ok(name) => shared::read_raw(&name, None)?,
            Err(_) => io::read_raw_text(&place, line.model.get(), io::format_by_id("json")?)?,
        };
        let model = shared::at_their_word(Model::build(raw)?, self.exact_inputs);
        let reward = |raw: Option<&RawValue>, default: &str| -> Result<Query> {
            let Some(raw) = raw else { return Query::of(&model, default) };
            if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
                return Query::of(&model, &text);
            }
            let text = io::Text::new(&format!("{place}, {default}"), raw.get());
            let file = io::reward_file::from_json(&text)?;
            let source: &Source = &file.source;
            let (reward, _) = model.reward_from(source, default, &file.reward)?;
            Ok(Query { text: default.to_owned(), linear: None, reward })
        };
        let (truth, proxy) = (reward(line.truth, "truth")?, reward(line.proxy, "proxy")?);
        let reference = self.reference.as_deref().map(|text| shared::fixed_policy(&model, text)).transpose()?;
        let comparison = compare(&model, truth, proxy, &Request { reference, ..self.request.clone() })?;
        Ok((answer::compare::json(&comparison).to_string(), comparison.is_converged()))
    }
}
