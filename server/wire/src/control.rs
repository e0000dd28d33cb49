//! Orders and answers between the command and its children: one JSON object a line, orders on the child's standard
//! input, answers on its standard output. The child ends when its input does, so that it cannot outlive its parent.
//!
//! ```text
//! parent                                         child
//!   Serve / Load      ->                             binds, or opens its workers
//!                                    <-  Ready
//!   Connect           ->                             (load generator) the ramp
//!                                    <-  Progress …
//!                                    <-  Connected
//!   StartAt(timeline) ->                             idle second, warm-up, window, drain
//!   Publish …         ->                             (server, where the events are lines of standard input)
//!                                    <-  Progress …
//!                                    <-  Result
//!   end of input      ->                             exits
//! ```

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;

use feedbench_record::agreement::ConnectionBytes;
use feedbench_record::ledger::{IpBytes, Ledger};
use feedbench_record::run::{EndBytes, Polls, Second, SlowReaderCounts, Usage, Window};
use feedbench_record::{Histogram, Scenario, Transport};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::headers::Profile;
use crate::io::tls::{Identity, Trust};

/// What a client may add to the time that all of them take to be opened or closed (ms).
const CROWD_MS_PER_CLIENT: u64 = 1;

/// Orders to a server child.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerOrder {
    /// Bind and wait.
    Serve(Box<ServePlan>),
    /// Publish along this timeline.
    StartAt(Timeline),
    /// The timeline is now this one: its window ends early, or never began.
    Stop(Timeline),
    /// Publish a line of standard input on every topic.
    Publish {
        /// The intended instant: when the parent read the line.
        at_us: u64,
        /// The line, without its end.
        line: String,
    },
}

/// What a server child is to serve.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServePlan {
    /// Where to listen; port 0 for any.
    pub listen: SocketAddr,
    /// Fan-out, source, rate, payload, heartbeat, recycling.
    pub scenario: Scenario,
    /// How answers are headed.
    pub headers: Profile,
    /// The events of a replay: each line of the file, already checked.
    pub replay_file: Option<String>,
    /// The cores to keep to; empty for all.
    pub cores: Vec<usize>,
    /// Who the server is inside TLS; `None` in clear.
    pub tls: Option<Identity>,
}

/// Answers of a server child.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerAnswer {
    /// Listening.
    Ready {
        /// Where.
        address: SocketAddr,
    },
    /// The cell is over.
    Result(Box<ServerResult>),
    /// It cannot go on; the text is one line for people.
    Failed(String),
}

/// The server's side of a cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerResult {
    /// Events of the window, for each topic.
    pub published_in_window: Vec<u64>,
    /// Events of the whole cell, for each topic.
    pub published: Vec<u64>,
    /// How late the events of the window were published.
    pub publish_lag: Histogram,
    /// How late its runtime was in the window.
    pub loop_lag: Histogram,
    /// CPU and memory.
    pub usage: Usage,
    /// Every connection that is over.
    pub connections: Vec<ConnectionBytes>,
    /// The ledger of all of them.
    pub ledger: Ledger,
    /// What became of slow readers.
    pub slow_readers: SlowReaderCounts,
}

/// Orders to a load generator child.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadOrder {
    /// Prepare.
    Load(Box<LoadPlan>),
    /// Connect every client.
    Connect,
    /// Measure along this timeline.
    StartAt(Timeline),
    /// The timeline is now this one: its window ends early, or never began.
    Stop(Timeline),
}

/// What a load generator child is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadPlan {
    /// The server.
    pub target: SocketAddr,
    /// What the `Host` field says.
    pub host: String,
    /// The transport of every client.
    pub transport: Transport,
    /// Clients, fan-out, intervals, seed.
    pub scenario: Scenario,
    /// How requests are headed.
    pub headers: Profile,
    /// The cores to keep to; empty for all.
    pub cores: Vec<usize>,
    /// Why delivery latency cannot be measured; `None` when it can.
    pub latency_absent: Option<String>,
    /// How much the publisher's CLOCK_MONOTONIC is ahead of ours (us); 0 when both are the same.
    pub clock_ahead_us: i64,
    /// Does the server end the feed with the cell? Otherwise the clients leave at the timeline's end.
    pub server_ends_feed: bool,
    /// Whom the clients trust inside TLS; `None` in clear.
    pub tls: Option<Trust>,
}

/// Answers of a load generator child.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadAnswer {
    /// Prepared.
    Ready,
    /// How far it is.
    Progress {
        /// Clients that know their position in the feed.
        connected: u32,
        /// Events delivered so far.
        delivered: u64,
    },
    /// Every client knows its position in the feed.
    Connected,
    /// The cell is over.
    Result(Box<LoadResult>),
    /// It cannot go on; the text is one line for people.
    Failed(String),
}

/// The load generator's side of a cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadResult {
    /// The window as it was in the end.
    pub window: Window,
    /// Events of the window that reached their client, each once.
    pub delivered_in_window: u64,
    /// Events of the window that came again.
    pub duplicated_in_window: u64,
    /// Events of the window that came after a later one.
    pub reordered_in_window: u64,
    /// Events of the cell that reached their client, each once.
    pub delivered: u64,
    /// Sequence numbers that a client never saw although it saw a later one.
    pub skipped: u64,
    /// Events that came again.
    pub duplicated: u64,
    /// Events that came after a later one.
    pub reordered: u64,
    /// Texts that are no event, and bytes that are no framing.
    pub malformed: u64,
    /// Errors by kind.
    pub errors: BTreeMap<String, u64>,
    /// Connections opened after a client's first.
    pub reconnects: u64,
    /// Epochs seen after a client's first.
    pub restarts: u64,
    /// Streams ended by the server and taken up again.
    pub recycles: u64,
    /// Requests answered in the window, if the transport makes them.
    pub polls_in_window: Option<Polls>,
    /// Requests of the whole cell.
    pub polls: Option<Polls>,
    /// All bytes.
    pub bytes: EndBytes,
    /// The same on IP; `None` where the kernel does not tell of every connection.
    pub ip: Option<IpBytes>,
    /// Both directions between the window's start and its end; `None` when the window did not end.
    pub bytes_in_window: Option<u64>,
    /// The same on IP, of a silent feed whose connections were open through the window; `None` otherwise.
    pub ip_in_window: Option<u64>,
    /// Reads that brought at least one byte.
    pub reads: u64,
    /// Event text delivered.
    pub payload_down: u64,
    /// From `at` to delivery.
    pub delivery_latency: Option<Histogram>,
    /// From `connect()` to the connection.
    pub connect_time: Histogram,
    /// From the connection to the end of its TLS handshake; `None` without TLS.
    pub tls_handshake_time: Option<Histogram>,
    /// From the worker's wake-up to the read.
    pub worker_lag: Histogram,
    /// From a poll's planned instant to its start.
    pub poll_lateness: Option<Histogram>,
    /// How late the workers' runtimes were in the window.
    pub loop_lag: Histogram,
    /// How late the links were in the window; `None` without a distance.
    pub link_error: Option<Histogram>,
    /// Second by second.
    pub seconds: Vec<Second>,
    /// CPU and memory.
    pub usage: Usage,
    /// Every connection that is over.
    pub connections: Vec<ConnectionBytes>,
}

/// The phases of a cell after the ramp, in microseconds of CLOCK_MONOTONIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The idle second begins.
    pub idle_us: u64,
    /// The warm-up begins: the publisher's first gap starts here.
    pub start_us: u64,
    /// The measurement window; the publisher stops at its end.
    pub window: Window,
    /// The feed ends.
    pub end_us: u64,
}

impl Timeline {
    /// The phases of a scenario that begins at `now_us`.
    pub fn of(scenario: &Scenario, now_us: u64) -> Timeline {
        let start_us = now_us + scenario.idle_ms * 1_000;
        let window_start_us = start_us + scenario.warmup_ms * 1_000;
        let window = Window { start_us: window_start_us, end_us: window_start_us + scenario.window_ms * 1_000 };
        Timeline { idle_us: now_us, start_us, window, end_us: window.end_us + scenario.drain_ms() * 1_000 }
    }

    /// How much longer (ms) than by their own bounds all connections together may take to be opened, or to be closed at the
    /// end: a share for each client of the cell, because the pairs of processes share the machine.
    pub fn crowd_ms(scenario: &Scenario) -> u64 {
        u64::from(scenario.whole().clients) * CROWD_MS_PER_CLIENT
    }

    /// The same timeline, stopped at `now_us`: what comes later comes now, and the drain takes at most 2 s.
    pub fn stopped(self, now_us: u64) -> Timeline {
        let drain_us = self.end_us.saturating_sub(self.window.end_us).min(2_000_000);
        let end_us = self.end_us.min(now_us + drain_us);
        let window = Window { start_us: self.window.start_us.min(now_us), end_us: self.window.end_us.min(now_us) };
        Timeline { idle_us: self.idle_us.min(now_us), start_us: self.start_us.min(now_us), window, end_us }
    }
}

/// The orders on standard input, read by a thread of their own. When the input ends the process ends at once: the
/// parent is gone or wants no more.
pub fn orders<T: DeserializeOwned + Send + 'static>() -> mpsc::UnboundedReceiver<T> {
    let (sender, receiver) = mpsc::unbounded_channel();
    read_orders(move |order| sender.send(order).is_ok());
    receiver
}

/// The same, of which so many wait at most: who gives more, waits.
pub fn bounded_orders<T: DeserializeOwned + Send + 'static>(waiting: usize) -> mpsc::Receiver<T> {
    let (sender, receiver) = mpsc::channel(waiting);
    read_orders(move |order| sender.blocking_send(order).is_ok());
    receiver
}

fn read_orders<T: DeserializeOwned>(give: impl Fn(T) -> bool + Send + 'static) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let order = line.ok().and_then(|line| serde_json::from_str(&line).ok());
            let Some(order) = order else { break };
            if !give(order) {
                break;
            }
        }
        std::process::exit(0);
    });
}

/// Writes one answer to standard output. A parent that no longer listens is noticed at the end of the input.
pub fn answer<T: Serialize>(answer: &T) {
    let mut line = serde_json::to_vec(answer).expect("answers are plain data");
    line.push(b'\n');
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(&line).and_then(|()| stdout.flush());
}
