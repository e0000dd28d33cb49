//! Hears every connection of the server, and writes what the page's requests name into the page's account.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use feedbench_record::Transport;
use feedbench_record::ledger::Way;
use feedbench_record::trace::{Run, StepKind, What};
use feedbench_record::transport::Manner;
use feedbench_wire::io::transcript::{Hearer, Listener, Moment};
use feedbench_wire::ledger::{Explainer, Told};
use feedbench_wire::path;

use super::account::Said;
use super::accounts::{Accounts, ClientName};

/// Hears all connections.
#[derive(Debug)]
pub(super) struct Listening {
    accounts: Arc<Accounts>,
    connections: AtomicU64,
}

impl Listening {
    /// Writes into these accounts.
    pub(super) fn new(accounts: Arc<Accounts>) -> Listening {
        Listening { accounts, connections: AtomicU64::new(0) }
    }
}

impl Listener for Listening {
    fn connection(&self) -> Box<dyn Hearer> {
        let connection = self.connections.fetch_add(1, Relaxed) + 1;
        let place = Place { accounts: Arc::clone(&self.accounts), connection, whose: None };
        Box::new(Ear { explainer: Some(Box::default()), place })
    }
}

/// Hears one connection.
#[derive(Debug)]
struct Ear {
    /// `None` once nobody's page uses the connection: a program's stream is not explained event by event.
    explainer: Option<Box<Explainer>>,
    place: Place,
}

/// Where what is heard is written down.
#[derive(Debug)]
struct Place {
    accounts: Arc<Accounts>,
    connection: u64,
    /// Whose request was the last. A browser lends a connection to whoever asks next, but asks one thing at a time.
    whose: Option<(ClientName, Transport)>,
}

/// What a request says about itself.
enum Named {
    /// A page's, over a transport.
    Page(ClientName, Transport),
    /// Nobody's, and the connection is pushed to from here on.
    PushedToNobody,
    /// Nobody's.
    Nobody,
}

impl Hearer for Ear {
    fn hear(&mut self, at_us: u64, what: Moment<&[u8]>) {
        let (way, bytes) = match what {
            Moment::Read(bytes) => (Way::Up, bytes),
            Moment::Wrote(bytes) => (Way::Down, bytes),
            _ => return,
        };
        let Some(explainer) = &mut self.explainer else { return };
        let mut is_over = false;
        explainer.push(way, bytes, |told| is_over |= self.place.write(at_us, told));
        if is_over {
            self.explainer = None;
        }
    }
}

impl Place {
    /// Writes down what was said. True when the connection is of no interest any more.
    fn write(&mut self, at_us: u64, told: Told) -> bool {
        let step = match told {
            Told::Step(step) => step,
            Told::More { way, run } => {
                if let Some((client, transport)) = self.whose {
                    self.accounts.amend(client, transport, way, run);
                }
                return false;
            }
        };
        if step.way == Way::Up && step.kind == StepKind::Request {
            self.whose = match named(&step.runs) {
                Named::Page(client, transport) => Some((client, transport)),
                Named::Nobody => None,
                Named::PushedToNobody => return true,
            };
        }
        if let Some((client, transport)) = self.whose.filter(|_| !step.is_admin) {
            self.accounts.add(client, transport, Said { connection: self.connection, at_us, step });
        }
        false
    }
}

/// Reads a request's line.
fn named(runs: &[Run]) -> Named {
    let line = runs.first().filter(|run| run.what == What::RequestLine).map(|run| run.bytes.as_slice());
    let target = line.and_then(|line| std::str::from_utf8(line).ok()?.split(' ').nth(1));
    let (endpoint, query) = target.map_or(("", None), |target| match target.split_once('?') {
        Some((endpoint, query)) => (endpoint, Some(query)),
        None => (target, None),
    });
    let Some(transport) = path::transport(endpoint) else { return Named::Nobody };
    match path::parameter(query, path::CLIENT).and_then(ClientName::of) {
        Some(client) => Named::Page(client, transport),
        None if transport.manner() == Manner::Pushed => Named::PushedToNobody,
        None => Named::Nobody,
    }
}
