//! The account of one page's transport: the sums by layer, and the last steps with their bytes.

use std::collections::VecDeque;

use feedbench_record::ledger::{Ledger, Way};
use feedbench_record::trace::{Run, StepKind, What};
use feedbench_wire::ledger::Explained;
use serde_json::{Value, json};

/// Steps that are kept.
const STEPS_MAX: usize = 256;
/// What is kept of all steps (bytes).
const STEPS_MAX_BYTES: usize = 64 << 10;

/// One thing that was said on one of the page's connections.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// Which connection, counted over all of the server's.
    pub(super) connection: u64,
    /// When it was read or written here (us).
    pub(super) at_us: u64,
    /// What it was.
    pub(super) step: Explained,
}

/// An account.
#[derive(Debug, Default)]
pub(super) struct Account {
    ledger: Ledger,
    requests: u64,
    connections: u64,
    last_connection: Option<u64>,
    events: u64,
    /// Fields that are there only because the page lives on another port, of the last request and answer (bytes).
    cors_up: u64,
    cors_down: u64,
    steps: VecDeque<Kept>,
    kept_bytes: usize,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    said: Said,
    bytes: usize,
}

impl Account {
    /// Writes a step down, under its number.
    pub(super) fn add(&mut self, number: u64, said: Said) {
        *self.ledger.layers_mut(said.step.way) += said.step.layers;
        if self.last_connection != Some(said.connection) {
            self.last_connection = Some(said.connection);
            self.connections += 1;
        }
        self.count(&said);
        let bytes = said.step.runs.iter().map(|run| run.bytes.len()).sum();
        self.kept_bytes += bytes;
        self.steps.push_back(Kept { number, said, bytes });
        while self.steps.len() > STEPS_MAX || (self.kept_bytes > STEPS_MAX_BYTES && self.steps.len() > 1) {
            self.kept_bytes -= self.steps.pop_front().map_or(0, |kept| kept.bytes);
        }
    }

    /// The last step of a direction has one run more.
    pub(super) fn amend(&mut self, way: Way, run: Run) {
        *self.ledger.layers_mut(way).get_mut(run.layer) += run.bytes.len() as u64;
        if let Some(kept) = self.steps.iter_mut().rfind(|kept| kept.said.step.way == way) {
            kept.bytes += run.bytes.len();
            self.kept_bytes += run.bytes.len();
            kept.said.step.runs.push(run);
        }
    }

    /// The sums.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn count(&mut self, said: &Said) {
        let Explained { way, kind, runs, events, .. } = &said.step;
        let delivered = if *way == Way::Down { *events } else { 0 };
        self.events += delivered;
        match kind {
            StepKind::Request => {
                self.requests += 1;
                self.cors_up = cors_up(runs);
            }
            StepKind::Answer | StepKind::AnswerHead => self.cors_down = cors_down(runs),
            _ => {}
        }
        // A refusal is no poll that was answered, and an event stream no poll at all.
        if *kind == StepKind::Answer && runs.iter().any(|run| run.what == What::JsonArray) {
            self.ledger.polls.count += 1;
            self.ledger.empty_polls.count += u64::from(delivered == 0);
        }
    }

    /// What the page is told: the sums, and the steps after a number.
    pub(super) fn tell(&self, after: u64) -> Value {
        json!({
            "bytes": { "up": self.ledger.up, "down": self.ledger.down },
            "requests": self.requests,
            "connections": self.connections,
            "polls": self.ledger.polls.count,
            "empty_polls": self.ledger.empty_polls.count,
            "events": self.events,
            "cors_bytes": { "up": self.cors_up, "down": self.cors_down },
            "steps": self.steps.iter().filter(|kept| kept.number > after).map(Kept::tell).collect::<Vec<_>>(),
        })
    }
}

impl Kept {
    fn tell(&self) -> Value {
        json!({
            "n": self.number,
            "connection": self.said.connection,
            "way": self.said.step.way,
            "kind": self.said.step.kind,
            "at_us": self.said.at_us,
            "cut": self.said.step.cut,
            "runs": self.said.step.runs.iter().map(tell_run).collect::<Vec<_>>(),
        })
    }
}

/// A run as text where it is one, otherwise in hexadecimal digits.
fn tell_run(run: &Run) -> Value {
    let is_plain = |text: &&str| text.chars().all(|c| !c.is_control() || matches!(c, '\r' | '\n' | '\t'));
    let (key, bytes) = match std::str::from_utf8(&run.bytes).ok().filter(is_plain) {
        Some(text) => ("text", text.to_owned()),
        None => ("hex", run.bytes.iter().map(|b| format!("{b:02x}")).collect()),
    };
    json!({ "layer": run.layer, "what": run.what, key: bytes })
}

/// A browser says `Origin` only because the request goes to another port; a WebSocket's handshake has it always.
/// `Sec-Fetch-Site` gets shorter: `same-site` in place of `same-origin`.
fn cors_up(runs: &[Run]) -> u64 {
    const SHORTER: u64 = ("same-origin".len() - "same-site".len()) as u64;
    if runs.iter().any(|run| is_field(run, "sec-websocket-key")) {
        return 0;
    }
    let origin = runs.iter().find(|run| is_field(run, "origin")).map_or(0, |run| run.bytes.len() as u64);
    let is_shorter = runs.iter().any(|run| is_field(run, "sec-fetch-site") && run.bytes.ends_with(b"same-site\r\n"));
    origin.saturating_sub(if is_shorter { SHORTER } else { 0 })
}

fn cors_down(runs: &[Run]) -> u64 {
    let is_there_for_it = |run: &&Run| super::cors::FIELDS.iter().any(|name| is_field(run, name.as_str()));
    runs.iter().filter(is_there_for_it).map(|run| run.bytes.len() as u64).sum()
}

fn is_field(run: &Run, name: &str) -> bool {
    let is_it = |line: &[u8]| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()));
    run.what == What::Field && is_it(&run.bytes) && run.bytes.get(name.len()) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedbench_record::ledger::{Layer, LayerBytes};

    fn said(way: Way, kind: StepKind, runs: &[(Layer, What, &str)]) -> Said {
        let mut layers = LayerBytes::default();
        runs.iter().for_each(|(layer, _, text)| *layers.get_mut(*layer) += text.len() as u64);
        let events = runs.iter().filter(|(_, what, _)| *what == What::EventText).count() as u64;
        let run = |&(layer, what, text): &(Layer, What, &str)| Run { layer, what, bytes: text.into() };
        let runs = runs.iter().map(run).collect();
        let step = Explained { way, kind, runs, cut: false, layers, events, is_admin: false, from: 0, to: 0 };
        Said { connection: 1, at_us: 5, step }
    }

    #[test]
    fn a_poll_without_an_event_is_an_empty_one() {
        let mut account = Account::default();
        let request = [(Layer::RequestHeaders, What::RequestLine, "GET /polling HTTP/1.1\r\n")];
        let array = |text| [(Layer::EventFraming, What::JsonArray, "["), (Layer::Payload, What::EventText, text)];
        account.add(1, said(Way::Up, StepKind::Request, &request));
        account.add(2, said(Way::Down, StepKind::Answer, &array("{}")));
        account.add(3, said(Way::Up, StepKind::Request, &request));
        account.add(4, said(Way::Down, StepKind::Answer, &array("")[..1]));
        let told = account.tell(2);
        assert_eq!((&told["polls"], &told["empty_polls"], &told["events"]), (&json!(2), &json!(1), &json!(1)));
        assert_eq!(
            (&told["bytes"]["up"]["request_headers"], &told["bytes"]["down"]["payload"]),
            (&json!(46), &json!(2))
        );
        assert_eq!(told["steps"].as_array().map(Vec::len), Some(2));
        assert_eq!((&told["connections"], &told["requests"]), (&json!(1), &json!(2)));
    }

    #[test]
    fn what_is_kept_is_bounded_and_the_sums_are_not() {
        let mut account = Account::default();
        let long = "x".repeat(10_000);
        for number in 1..=100 {
            account.add(number, said(Way::Down, StepKind::Event, &[(Layer::Payload, What::EventText, &long)]));
            account.amend(Way::Down, Run { layer: Layer::BodyFraming, what: What::ChunkEnd, bytes: "\r\n".into() });
        }
        assert_eq!((account.ledger().down.payload, account.ledger().down.body_framing), (1_000_000, 200));
        assert!(account.kept_bytes <= STEPS_MAX_BYTES + "\r\n".len());
        assert_eq!(account.kept_bytes, account.steps.iter().map(|kept| kept.bytes).sum::<usize>());
        for number in 101..=1_000 {
            account.add(number, said(Way::Down, StepKind::Event, &[(Layer::Payload, What::EventText, "{}")]));
        }
        assert_eq!(account.steps.len(), STEPS_MAX);
    }

    #[test]
    fn the_price_of_the_other_port_is_what_the_browser_adds_for_it() {
        let field = |text: &str| Run { layer: Layer::RequestHeaders, what: What::Field, bytes: text.into() };
        let other = [field("Origin: http://127.0.0.1:8080\r\n"), field("Sec-Fetch-Site: same-site\r\n")];
        assert_eq!(cors_up(&other), 29);
        assert_eq!(cors_up(&other[1..]), 0);
        assert_eq!(cors_up(&[other[0].clone(), field("Sec-WebSocket-Key: x\r\n")]), 0);
        assert_eq!(cors_down(&[field("vary: origin\r\n"), field("date: x\r\n")]), 14);
    }
}
